/** Reading a request and writing an answer, with a bound on the first. */
import type { IncomingMessage, ServerResponse } from "node:http";

const BODY_BYTES_MAX = 8 * 1024 * 1024;

/** The body as text. Rejects when it is larger than 8 MB. */
export function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > BODY_BYTES_MAX) request.destroy(new Error("body too large"));
      else chunks.push(chunk);
    });
    request.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    request.on("error", reject);
  });
}

export type HttpAnswer = {
  readonly status: number;
  /** An object is sent as JSON, a string as HTML. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

export function sendAnswer(response: ServerResponse, answer: HttpAnswer): void {
  if (response.destroyed) return;
  const isText = typeof answer.body === "string";
  const payload = isText ? answer.body : JSON.stringify(answer.body);
  response.writeHead(answer.status, {
    "Content-Type": isText ? "text/html; charset=utf-8" : "application/json; charset=utf-8",
    "Content-Length": Buffer.byteLength(payload),
    ...answer.headers,
  });
  response.end(payload);
}
