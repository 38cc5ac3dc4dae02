/**
 * The runtime dies with all its memory, and the local queues live in memory: events that had their 2xx are gone, and Shopify
 * does not send those again. They are listed as forgotten, never as accounted for; what they told is healed by fetching
 * missed orders and reading levels. Tills got no answer: they ask again under the same key. Warehouse, marketplace and till hear
 * of it, and tell all their events once more, as new messages: what counted before is known by its documents.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { ordinarySkus } from "../../dev/demo/demo-shop.ts";
import type { ShopifySimulator } from "../../dev/shopify-simulator/simulator.ts";
import { lockD1 } from "./support/lock-d1.ts";
import { waitUntil } from "./support/wait-until.ts";
import { tellAllAgain, underLoad, type World } from "./support/world.ts";

/** Orders that are accepted at once just before the end: more than a consumer takes in meanwhile. */
const BURST = 150;
const ACCEPTED_MS_MAX = 30_000;

function burst(simulator: ShopifySimulator): void {
  for (const sku of ordinarySkus(simulator).slice(0, BURST)) simulator.createOrder({ lines: [{ sku, quantity: 1 }] });
}

/** Orders wait in the queue; their levels are not sent yet. */
async function crashUnderBurst({ stack, simulator, accepted }: World): Promise<void> {
  const before = accepted.size;
  burst(simulator);
  await waitUntil(() => accepted.size >= before + BURST / 2, ACCEPTED_MS_MAX);
  await stack.crashWorker();
}

/** A new life that D1 does not answer takes in whatever comes, and counts nothing: all of it dies with it. */
async function crashTwiceWithoutD1({ stack, simulator, accepted }: World): Promise<void> {
  const unlock = lockD1(stack);
  try {
    await stack.crashWorker();
    const before = accepted.size;
    burst(simulator);
    await waitUntil(() => accepted.size >= before + 2 * BURST, ACCEPTED_MS_MAX);
    await stack.crashWorker();
  } finally {
    unlock();
  }
}

describe("workerd", () => {
  it("is killed under load: what its queues forgot is named, and healed by reconciliation", async () => {
    await underLoad({
      seed: 46,
      isMirrorWhole: false,
      forgets: true,
      // The mismatch rate is of sixty minutes: here of thirty seconds.
      timing: { reconcileChangedEveryMs: 15_000, alertMinuteMs: 500 },
      alert: "mismatch_rate",
      async disturb(world) {
        await sleep(5_000);
        await crashUnderBurst(world);
        await sleep(5_000);
        await crashTwiceWithoutD1(world);
        // What the tills do next waits until the marketplace's sales are counted.
        await tellAllAgain(world.day);
      },
      async after(_, { fates }) {
        expect(fates.forgotten.length).toBeGreaterThan(BURST);
        const topics = Map.groupBy(fates.forgotten, ({ topic }) => topic);
        const named = Array.from(topics, ([topic, events]) => `${events.length} ${topic}`).join(", ");
        console.log(`accepted, and nothing says what became of them: ${named}`);
      },
    });
  });
});
