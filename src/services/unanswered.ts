/** What becomes of an event that must ask Shopify something, and was not answered. */
import type { SourceReply } from "./import-catalogue.ts";
import type { RetryCode } from "./take-in-events.ts";

/** Its shop's gate does not ask now (an open breaker, no points, a stop): it waits, and no try is spent on that. */
export type LaterVerdict = { readonly kind: "later"; readonly afterMs: number; readonly reason: string };

export type UnansweredVerdict =
  | LaterVerdict
  | { readonly kind: "retry"; readonly reason: string; readonly code: RetryCode };

export const unanswered = (reply: Exclude<SourceReply<never>, { kind: "ok" }>): UnansweredVerdict =>
  reply.kind === "later"
    ? { kind: "later", afterMs: reply.afterMs, reason: `Shopify: ${reply.reason}` }
    : { kind: "retry", reason: `Shopify: ${reply.code}: ${reply.message}`, code: "shopify" };
