/** Messages that no version can read, that come twice, and that are all about one SKU. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { FLASH_SKU } from "../../dev/demo/demo-shop.ts";
import { QUEUES } from "../../src/queues/queue-table.ts";
import { waitUntil } from "./support/wait-until.ts";
import { underLoad, type World } from "./support/world.ts";

/** An object of no shape that we know, and no object at all. */
const POISON = [{ poison: true }, "poison"] as const;
/** A message on a dead-letter queue may have waited for D1. */
const BURIED_MS_MAX = 60_000;

type Letter = { readonly id: string; readonly queue: string; readonly code: string };
type Letters = { readonly deadLetters: readonly Letter[]; readonly waiting: number };

async function poison({ stack }: World): Promise<readonly Letter[]> {
  for (const { binding } of QUEUES) {
    const queue = await stack.worker.queue(binding);
    for (const body of POISON) await queue.send(body);
  }
  const read = (): Promise<Letters> => stack.client.call("GET", "/v1/dead-letters?limit=100");
  await waitUntil(async () => (await read()).waiting >= QUEUES.length * POISON.length, BURIED_MS_MAX);
  return (await read()).deadLetters;
}

describe("messages", () => {
  it("are poison in every queue: one dead letter each, with its reason, and nobody else is held up", async () => {
    await underLoad({
      seed: 48,
      isMirrorWhole: true,
      alert: "dead_letter_growth",
      async disturb(world) {
        await sleep(4_000);
        const letters = await poison(world);
        const found = letters.map(({ queue, code }) => `${queue} ${code}`).sort();
        const queues = ["onhand-channel-sync", "onhand-events", "onhand-notifications", "onhand-shopify-sync"];
        const expected = queues.flatMap((queue) => [
          // From its dead-letter queue, where a bare message has come by the platform's own move; and from itself.
          ...[`${queue} no_answer`, `${queue} no_answer`],
          ...[`${queue} unreadable`, `${queue} unreadable`],
        ]);
        expect(found).toEqual(expected);
        for (const { id } of letters)
          await world.stack.client.call("POST", `/v1/dead-letters/${id}/discard`, {
            reason: "poison of the chaos suite",
          });
      },
    });
  });

  it("come twice, all of them: the second one is no news", async () => {
    await underLoad({
      seed: 49,
      isMirrorWhole: true,
      news: { duplicateRate: 1 },
      told: { channels: { duplicateRate: 1 }, square: { duplicateRate: 1 } },
      alert: null,
      disturb: async () => {},
      async after(_, { fates }) {
        expect(fates.deliveries).toBeGreaterThan(1.9 * fates.accepted);
        expect(fates.ends.duplicate).toBeGreaterThan(0);
      },
    });
  });

  it("are of one SKU, as fast as they are taken in: it counts every unit, and Shopify hears of few calls", async () => {
    let orders = 0;
    await underLoad({
      seed: 50,
      isMirrorWhole: true,
      prepare(simulator) {
        for (const { id } of simulator.store.locations)
          simulator.editLevel({ sku: FLASH_SKU }, id, { available: HOT_STOCK });
      },
      alert: null,
      async disturb({ simulator }) {
        const endMs = performance.now() + HOT_MS;
        while (performance.now() < endMs) {
          while (simulator.stats().webhooks.pending > UNDER_WAY_MAX) await sleep(2);
          simulator.createOrder({ lines: [{ sku: FLASH_SKU, quantity: 1 }] });
          orders += 1;
          if (orders % TURN === 0) await sleep(0); // the simulator delivers in this very thread
        }
      },
      async after({ simulator }) {
        const { mutations } = simulator.stats().graphql;
        expect(orders).toBeGreaterThan(500);
        expect(mutations).toBeLessThan(orders / 2);
      },
    });
  });
});

/** Ample: the sale is about rate, and every unit of it must be found again. */
const HOT_STOCK = 100_000;
const HOT_MS = 15_000;
/** Enough to keep the receiver busy, too few to pile up at the sender. */
const UNDER_WAY_MAX = 300;
const TURN = 20;
