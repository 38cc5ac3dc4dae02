/** Calls of the API as its users make them. */
import { exports } from "cloudflare:workers";
import { TEST_ENV } from "./test-env.ts";

export type Answer = { readonly status: number; readonly headers: Headers; readonly body: Record<string, unknown> };

export async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await exports.default.fetch(`https://onhand.test${path}`, {
    method,
    headers: { authorization: `Bearer ${TEST_ENV.ADMIN_TOKEN}`, "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
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
