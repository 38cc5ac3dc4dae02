/** Onhand's API as the command line and the local stack call it. Problems become one readable line. */
export type OnhandClient = {
  readonly url: string;
  /** A body that is no JSON. */
  send<Answer>(path: string, text: string, contentType: string): Promise<Answer>;
  /** The answer as it streams; a path, or the whole address of a link. */
  stream(path: string): Promise<Response>;
  call<Answer>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
};

/** What the API answered instead; `retryAfterSeconds` when it said so. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfterSeconds: number | null;

  constructor(status: number, code: string, detail: string, retryAfterSeconds: number | null) {
    super(detail);
    this.name = "ApiProblem";
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

const TIMEOUT_MS = 60_000; // a page of an import waits for Shopify

export function onhandClient(url: string, token: string): OnhandClient {
  const origin = new URL(url).origin;
  const authorization = `Bearer ${token}`;
  const ask = async <Answer>(path: string, given: RequestInit): Promise<Answer> => {
    const response = await fetch(`${origin}${path}`, { ...given, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await response.text();
    if (!response.ok) throw problemOf(response, text);
    return JSON.parse(text) as Answer;
  };
  return {
    url: origin,
    call: <Answer>(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) =>
      ask<Answer>(path, {
        method,
        headers: { authorization, "content-type": "application/json", ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    send: <Answer>(path: string, text: string, contentType: string) =>
      ask<Answer>(path, { method: "POST", headers: { authorization, "content-type": contentType }, body: text }),
    async stream(path) {
      const response = await fetch(`${origin}${path}`, { headers: { authorization } });
      if (!response.ok) throw problemOf(response, await response.text());
      return response;
    },
  };
}

function problemOf(response: Response, text: string): ApiProblem {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  const retryAfterSeconds = Number.isFinite(seconds) ? seconds : null;
  try {
    const { code, title, detail } = JSON.parse(text) as { code?: string; title?: string; detail?: string };
    return new ApiProblem(
      response.status,
      code ?? "unknown",
      [title, detail].filter(Boolean).join(": "),
      retryAfterSeconds,
    );
  } catch {
    return new ApiProblem(
      response.status,
      "unknown",
      `HTTP ${response.status}: ${text.slice(0, 200)}`,
      retryAfterSeconds,
    );
  }
}
