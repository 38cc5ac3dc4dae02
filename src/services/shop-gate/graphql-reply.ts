/** The public face of a call's outcome, for imports, subscriptions and checks. A new kind of trouble needs one to compile. */
import type { GateMemory } from "../../domain/shop-gate/gate-memory.ts";
import type { Trouble } from "../../domain/shop-gate/judge-reply.ts";
import type { ShopifyReply } from "../../domain/shop-gate/reply.ts";
import type { GraphqlReply } from "../gate-contract.ts";

/** @param memory  after the reply: it knows for how long the gate pauses */
export function toGraphqlReply(
  reply: ShopifyReply<unknown>,
  trouble: Trouble | null,
  memory: GateMemory,
  nowMs: number,
): GraphqlReply {
  if (trouble === null) {
    return reply.kind === "graphql"
      ? { kind: "ok", data: reply.data, cost: reply.cost?.actual ?? null }
      : { kind: "later", afterMs: 1_000, reason: "no answer" };
  }
  const { code, message } = trouble;
  const pausedUntilMs = memory.breaker.kind === "open" ? memory.breaker.untilMs : nowMs + 1_000;
  const later = (untilMs: number): GraphqlReply => ({
    kind: "later",
    afterMs: Math.max(1_000, untilMs - nowMs),
    reason: code,
  });
  switch (trouble.kind) {
    case "throttled":
      return later(memory.budget.blockedUntilMs);
    case "unclear":
    case "rate_limited":
    case "shut":
      return later(pausedUntilMs);
    case "unauthorized":
      // The first refusal drops the token, and the next call brings a new one.
      return memory.breaker.kind === "open" ? { kind: "refused", code, message } : later(nowMs);
    case "denied":
    case "refused":
    case "too_large":
      return { kind: "refused", code, message };
  }
}
