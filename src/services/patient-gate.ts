/**
 * A gate for those who have time: what it would answer with "come again in a moment", for want of points or of its turn, is
 * waited for here. Whole seconds of Retry-After, and a round trip of the caller's, are many times what a page of an import costs.
 */
import type { GraphqlReply, GraphqlRequest } from "./gate-contract.ts";

export type GraphqlGate = { graphql(request: GraphqlRequest): Promise<GraphqlReply> };

/** Reasons that pass by themselves. Any other is Shopify's trouble, and the caller's to know. */
const PASSING = new Set(["pacing", "busy", "probing", "THROTTLED"]);
/** Waited for one call in all: with the call itself well below the minute after which clients give up. */
const PATIENCE_MS = 20_000;
/** A wait that is always over at once would be a loop. */
const WAIT_MS_MIN = 10;

export function patientGate(gate: GraphqlGate, wait: (ms: number) => Promise<unknown>): GraphqlGate {
  return {
    async graphql(request) {
      let leftMs = PATIENCE_MS;
      for (;;) {
        const reply = await gate.graphql(request);
        if (reply.kind !== "later" || !PASSING.has(reply.reason)) return reply;
        const waitMs = Math.max(WAIT_MS_MIN, reply.afterMs);
        if (waitMs > leftMs) return reply;
        leftMs -= waitMs;
        await wait(waitMs);
      }
    },
  };
}
