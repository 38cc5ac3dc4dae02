/** Calls of the API as its users make them. */
import { env, exports } from "cloudflare:workers";
import { TEST_ENV } from "./test-env.ts";

export type Answer = { readonly status: number; readonly headers: Headers; readonly body: Record<string, unknown> };

export async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return answerOf(await exports.default.fetch(`https://onhand.test${path}`, requestOf(method, body, headers)));
}

/** The Worker itself, with a part of its environment broken. */
export async function callWith(broken: object, method: string, path: string, body?: unknown): Promise<Answer> {
  const { default: worker } = await import("../../../src/index.ts");
  const request = new Request(`https://onhand.test${path}`, requestOf(method, body, {}));
  const ctx = { waitUntil: () => {}, passThroughOnException: () => {}, props: {} } as unknown as ExecutionContext;
  const given = { ...env, ...broken } as unknown as Env;
  return answerOf(await worker.fetch(request as Parameters<typeof worker.fetch>[0], given, ctx));
}

const requestOf = (method: string, body: unknown, headers: Readonly<Record<string, string>>) => ({
  method,
  headers: { authorization: `Bearer ${TEST_ENV.ADMIN_TOKEN}`, "content-type": "application/json", ...headers },
  ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
});

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>),
  };
}

let keys = 0;
export const adjust = (sku: string, body: object, key = `key-${++keys}`) =>
  call(
    "POST",
    `/v1/inventory/${encodeURIComponent(sku)}/adjustments`,
    { reason: "sale", ...body },
    { "idempotency-key": key },
  );
