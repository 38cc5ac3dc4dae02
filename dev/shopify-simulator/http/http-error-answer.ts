/** How Shopify, or a proxy in front of it, says that it does not answer. */
import type { HttpAnswer } from "./http-io.ts";

const ERROR_TEXTS: Readonly<Record<number, string>> = {
  402: "Unavailable Shop",
  403: "[API] This action requires merchant approval.",
  404: "Not Found",
  423: "Unavailable Shop",
  429: "Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service.",
  500: "Internal Server Error",
};

export function httpErrorAnswer(status: number): HttpAnswer {
  const headers: Record<string, string> = status === 429 || status === 503 ? { "Retry-After": "1.0" } : {};
  const text = ERROR_TEXTS[status];
  if (text !== undefined) return { status, body: { errors: text }, headers };
  // A proxy answers these, and it answers HTML.
  return { status, body: `<html><head><title>${status}</title></head><body>${status}</body></html>`, headers };
}
