/** The public face of a call's outcome, for imports, subscriptions and checks. A new kind of trouble needs one to compile. */
import type { GateMemory } from "../../domain/shop-gate/gate-memory.ts";
import { judgeReply } from "../../domain/shop-gate/judge-reply.ts";
import type { ShopifyReply } from "../../domain/shop-gate/reply.ts";
import type { GraphqlReply } from "../gate-contract.ts";

export type LaterReply = GraphqlReply & { readonly kind: "later" };

/** Nothing left: not now, or not before a person has mended something. */
export type NotSent = Exclude<GraphqlReply, { readonly kind: "ok" }>;

/** @param memory  after the reply: it knows for how long the gate pauses */
export function toGraphqlReply(reply: ShopifyReply<unknown>, memory: GateMemory, nowMs: number): GraphqlReply {
  const trouble = judgeReply(reply);
  if (trouble === null) {
    const { data, cost } = reply.kind === "graphql" ? reply : { data: null, cost: null };
    return { kind: "ok", data, cost: cost?.actual ?? null };
  }
  const { code, message } = trouble;
  const { breaker, budget } = memory;
  const later = (untilMs: number): LaterReply => ({
    kind: "later",
    afterMs: Math.max(1_000, untilMs - nowMs),
    reason: code,
  });
  switch (trouble.kind) {
    case "throttled":
    case "rate_limited":
      return later(budget.blockedUntilMs);
    case "unclear":
    case "shut":
      return later(breaker.kind === "open" ? breaker.untilMs : nowMs);
    case "unauthorized":
      // The first refusal drops the token, and the next call brings a new one.
      return breaker.kind === "open" ? { kind: "refused", code, message } : later(nowMs);
    case "denied":
    case "refused":
    case "too_large":
      return { kind: "refused", code, message };
  }
}
