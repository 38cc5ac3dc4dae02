/**
 * The id that follows a request through queue, counter, mirror, gate, notifications, logs and dead letters: that of the
 * first header that gives a plain one, else a new one. Shopify's event id comes before what proxies add, because all
 * webhooks of one thing that somebody did bear it.
 */
import { type CorrelationId, fromStore } from "./ids.ts";

const HEADERS = [
  "x-correlation-id",
  ...["x-shopify-event-id", "shopify-event-id", "x-shopify-webhook-id", "shopify-webhook-id"],
  "x-request-id",
] as const;

/** Untrusted: a header's id is kept only if it is short and plain. */
const PLAIN = /^[A-Za-z0-9_.:=-]{8,128}$/;

/** `version-traceid-parentid-flags` (W3C Trace Context). A trace id of zeros is none. */
const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/;

/** @param header  what a request says under a name */
export function correlationIdFrom(
  header: (name: string) => string | null | undefined,
  mint: () => string,
): CorrelationId {
  const given = HEADERS.map((name) => header(name)?.trim() ?? "").find((id) => PLAIN.test(id));
  const traceId = TRACEPARENT.exec(header("traceparent")?.trim() ?? "")?.[1];
  return fromStore<CorrelationId>(given ?? traceId ?? mint());
}

/** As a path names one. */
export const isPlainCorrelationId = (text: string): boolean => PLAIN.test(text);
