/** Shopify fails under load: what is owed to it waits, nothing is sent twice, and it is told all of it when it is well again. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { untilClosed, untilOpen } from "./support/breakers.ts";
import { underLoad, type World } from "./support/world.ts";

type Faults = Parameters<World["simulator"]["patchFaults"]>[0];

/** Shopify is one: whatever ails it, all shops have. */
function ail({ shops }: World, faults: Faults): void {
  for (const shop of shops) shop.patchFaults(faults);
}

describe("Shopify", () => {
  it("is down: its breaker opens, work waits, and all of it goes out when the breaker closes", async () => {
    await underLoad({
      seed: 41,
      isMirrorWhole: true,
      alert: "breaker_open",
      async disturb(world) {
        const { stack, simulator } = world;
        await sleep(3_000);
        ail(world, { graphql: { outageStatus: 503 } });
        await untilOpen(stack.client, simulator.shop);
        await sleep(12_000);
        ail(world, { graphql: { outageStatus: null } });
      },
      after: ({ stack, simulator }) => untilClosed(stack.client, simulator.shop),
    });
  });

  it("is slow: events reach it late, none is lost, and the latency alert says so", async () => {
    await underLoad({
      seed: 42,
      isMirrorWhole: true,
      alert: "sync_latency",
      async disturb(world) {
        await sleep(3_000);
        ail(world, { graphql: { latencyMs: [3_000, 6_000] } });
        await sleep(14_000);
        ail(world, { graphql: { latencyMs: [0, 0] } });
      },
    });
  });

  it("throttles: a bucket of a tenth, THROTTLED and 429 pause the gate, and nothing is lost", async () => {
    await underLoad({
      seed: 43,
      isMirrorWhole: true,
      isThrottled: true,
      alert: "rate_limited",
      async disturb(world) {
        const { simulator } = world;
        await sleep(2_000);
        for (const shop of world.shops) shop.changePlan({ maximumPoints: 200, restorePerSecond: 20 });
        ail(world, { graphql: { throttledRate: 0.4, rateLimitedRate: 0.4 } });
        // However few calls the gate dares to make: these two are refused.
        simulator.planNextMutations(
          { kind: "throttled" },
          { kind: "http_error", status: 429, isApplied: false },
          { kind: "throttled" },
        );
        await sleep(15_000);
        ail(world, { graphql: { throttledRate: 0, rateLimitedRate: 0 } });
        for (const shop of world.shops) shop.changePlan({ maximumPoints: 2_000, restorePerSecond: 100 });
        const { throttled, http_error } = simulator.stats().graphql.fates;
        expect(throttled).toBeGreaterThan(0);
        expect(http_error).toBeGreaterThan(0);
      },
    });
  });

  it("applies calls and says nothing: they are asked again with their key, and count once", async () => {
    await underLoad({
      seed: 44,
      isMirrorWhole: true,
      alert: "sync_latency",
      async disturb(world) {
        const { simulator } = world;
        await sleep(3_000);
        // Ten seconds of silence, then broken connections: applied, all of them.
        simulator.planNextMutations({ kind: "timeout_after_apply" }, { kind: "lost_response" });
        ail(world, { graphql: { target: "mutations", lostResponseRate: 0.5, timeoutAfterApplyRate: 0.1 } });
        await sleep(15_000);
        ail(world, { graphql: { target: "all", lostResponseRate: 0, timeoutAfterApplyRate: 0 } });
        const { timeout_after_apply, lost_response } = simulator.stats().graphql.fates;
        expect(timeout_after_apply).toBeGreaterThan(0);
        expect(lost_response).toBeGreaterThan(0);
      },
    });
  });

  it("half works: calls fail in every way, some of them applied, and its tokens are revoked; each push counts once", async () => {
    await underLoad({
      seed: 51,
      isMirrorWhole: true,
      alert: "breaker_open",
      async disturb(world) {
        await sleep(2_000);
        ail(world, {
          graphql: {
            latencyMs: [10, 300],
            serverErrorRate: 0.2,
            internalErrorRate: 0.1,
            failedButAppliedRate: 0.5,
            lostRequestRate: 0.1,
            lateRequestRate: 0.1,
            lateRequestMs: [200, 3_000],
            lostResponseRate: 0.1,
          },
        });
        for (let i = 0; i < 4; i += 1) {
          await sleep(4_000);
          for (const shop of world.shops) shop.revokeTokens();
        }
      },
      async after({ simulator }) {
        const { fates } = simulator.stats().graphql;
        const failed = (["lost_request", "late_request", "lost_response", "http_error"] as const).filter(
          (each) => fates[each] > 0,
        );
        expect(failed.length, JSON.stringify(fates)).toBeGreaterThan(2);
      },
    });
  });

  it("tells nothing: a third of all webhooks is lost, most of the others late; what they told is found by reconciliation", async () => {
    await underLoad({
      seed: 52,
      isMirrorWhole: true,
      news: { duplicateRate: 0.2, dropRate: 0.34, delayMs: [0, 3_000] },
      // The mismatch rate is of sixty minutes: here of thirty seconds.
      timing: { reconcileChangedEveryMs: 15_000, alertMinuteMs: 500 },
      alert: "mismatch_rate",
      disturb: async () => {},
      async after({ simulator }) {
        expect(simulator.stats().webhooks.dropped).toBeGreaterThan(200);
      },
    });
  });
});
