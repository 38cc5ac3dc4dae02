/** News of stock overtake each other, come twice or never: each unit counts once all the same. */
import { describe, expect, it } from "vitest";
import { readJournal } from "../../dev/demo/read-journal.ts";
import { untilClosed, untilOpen } from "./support/breakers.ts";
import { type Calm, calmWorld } from "./support/calm.ts";
import { waitingLetters } from "./support/letters.ts";
import { waitUntil } from "./support/wait-until.ts";

/** Nothing is compared by the clock here: what heals must be what each test is about. */
const world = calmWorld({
  seed: 63,
  timing: { reconcileChangedEveryMs: 3_600_000, reconcileAllEveryMs: 3_600_000 },
});

/** A read follows within six seconds here, and a busy machine takes its time. */
const READ_MS_MAX = 60_000;
const HELD_MS = 2_000;

type Faults = Parameters<Calm["simulator"]["patchFaults"]>[0];

/** @returns what `act` did while these faults held, its levels' news included */
async function under<Done>(calm: Calm, faults: Faults, act: () => Done | Promise<Done>): Promise<Done> {
  const { simulator } = calm;
  simulator.patchFaults(faults);
  try {
    const done = await act();
    await simulator.idle();
    return done;
  } finally {
    simulator.faults = {};
  }
}

/** Units that are sold and not shipped, as Onhand has them. */
const committed = async ({ stack }: Calm, sku: string): Promise<number> =>
  (await stack.client.call<{ committed: number }>("GET", `/v1/inventory/${sku}`)).committed;

const untilCommitted = (calm: Calm, sku: string, units: number): Promise<boolean> =>
  waitUntil(async () => (await committed(calm, sku)) === units, READ_MS_MAX);

/** How many shipments of it were booked. */
async function shipments({ stack }: Calm, sku: string): Promise<number> {
  type Page = { readonly movements: readonly { readonly kind: string }[] };
  const page = await stack.client.call<Page>("GET", `/v1/inventory/${sku}/movements?limit=100`);
  return page.movements.filter(({ kind }) => kind === "shipment").length;
}

describe("news of an order", () => {
  it("is overtaken by its cancellation and its refund: units come back once, and none is invented", async () => {
    const calm = world();
    const { simulator } = calm;
    const [cancelled, refunded] = [calm.sku(), calm.sku()];
    const before = [await calm.available(cancelled), await calm.available(refunded)];
    simulator.patchFaults({ webhooks: { reorderRate: 1, reorderHoldMs: HELD_MS } });
    const first = calm.buy([cancelled, 3]);
    const second = calm.buy([refunded, 3]);
    simulator.faults = {};
    simulator.cancelOrder(first.id, { restock: true });
    const [line] = second.lines;
    const restock = { lineId: line?.id ?? "", quantity: 1, restockType: "cancel" } as const;
    expect(simulator.refundOrder(second.id, { lines: [restock] }).kind).toBe("done");
    expect(simulator.stats().webhooks.reordered).toBeGreaterThanOrEqual(2);
    expect(await calm.take(cancelled, 1)).toBe(true);
    await calm.nothingIsLost();
    expect([await calm.available(cancelled), await calm.available(refunded)]).toEqual([
      (before[0] ?? 0) - 1,
      (before[1] ?? 0) - 2,
    ]);
  });

  it("comes without its level's: its units are reserved at once, and a read settles them", async () => {
    const calm = world();
    const sku = calm.sku();
    const before = await calm.available(sku);
    const { webhooks, graphql } = calm.simulator.stats();
    const [lost, asked] = [webhooks.levelsDropped, graphql.queries];
    await under(calm, { webhooks: { dropRate: { "inventory_levels/update": 1 } } }, () => calm.buy([sku, 4]));
    expect(calm.simulator.stats().webhooks.levelsDropped).toBe(lost + 1);
    expect(await waitUntil(async () => (await calm.available(sku)) === before - 4, READ_MS_MAX)).toBe(true);
    expect(await waitUntil(() => calm.simulator.stats().graphql.queries > asked, READ_MS_MAX)).toBe(true);
    expect(await calm.take(sku, 2)).toBe(true);
    await calm.nothingIsLost();
    expect(await calm.available(sku)).toBe(before - 6);
  });
});

describe("news of a shipment", () => {
  it("comes twice by both routes, and late: it counts once", async () => {
    const calm = world();
    const sku = calm.sku();
    const { id, lines } = calm.buy([sku, 3]);
    expect(await untilCommitted(calm, sku, 3)).toBe(true);
    const late = { webhooks: { duplicateRate: 1, reorderRate: 0.5, reorderHoldMs: HELD_MS } };
    await under(calm, late, () => {
      calm.simulator.fulfilOrder(id, { lines: [{ lineId: lines[0]?.id ?? "", quantity: 1 }] });
      calm.simulator.fulfilOrder(id);
    });
    expect(await untilCommitted(calm, sku, 0)).toBe(true);
    await calm.nothingIsLost();
    expect(await shipments(calm, sku)).toBe(2);
  });

  it("is lost: what is committed is right with the next read", async () => {
    const calm = world();
    const sku = calm.sku();
    const { id } = calm.buy([sku, 3]);
    expect(await untilCommitted(calm, sku, 3)).toBe(true);
    await under(calm, { webhooks: { dropRate: 1 } }, () => calm.simulator.fulfilOrder(id));
    expect(await untilCommitted(calm, sku, 0)).toBe(true);
    await calm.nothingIsLost();
    expect(await shipments(calm, sku)).toBe(0);
  });
});

describe("news of an order's edit", () => {
  it("waits while Shopify does not answer, without spending a try; sales beside it count at once", async () => {
    const calm = world();
    const { simulator, stack } = calm;
    const [kept, added, beside] = [calm.sku(), calm.sku(), calm.sku()];
    const order = calm.buy([kept, 1]);
    await calm.nothingIsLost();
    const before = await calm.available(beside);
    const edited = await under(calm, { graphql: { outageStatus: 503 } }, async () => {
      // A till's sale is owed to Shopify: its calls fail, and the breaker opens.
      expect(await calm.take(beside, 1)).toBe(true);
      await untilOpen(stack.client, simulator.shop);
      expect(simulator.editOrder(order.id, { add: [{ sku: added, quantity: 2 }] }).kind).toBe("done");
      calm.buy([beside, 1]);
      expect(await waitUntil(async () => (await calm.available(beside)) === before - 2, READ_MS_MAX)).toBe(true);
      await simulator.idle();
      const eventId = calm.accepted.all().find(({ topic }) => topic === "orders/edited")?.eventId;
      const outcomes = async () =>
        (await readJournal(stack)).filter((row) => row.eventId === eventId).map(({ outcome }) => outcome);
      expect(await waitUntil(async () => (await outcomes()).includes("postponed"), READ_MS_MAX)).toBe(true);
      expect((await outcomes()).filter((outcome) => outcome === "retried" || outcome === "dead")).toEqual([]);
      return outcomes;
    });
    await untilClosed(stack.client, simulator.shop);
    await calm.nothingIsLost();
    expect(await edited()).toContain("counted");
    expect(await waitingLetters(stack.client)).toEqual([]);
  });
});
