/** A shop's gate and the calls that it makes: its life ends, a row is bad, an item cannot be answered for, an echo comes. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Calm, calmWorld } from "./support/calm.ts";
import { GateView } from "./support/gates.ts";
import { type Letter, lettersBy } from "./support/letters.ts";
import { endLife } from "./support/objects.ts";
import { waitUntil } from "./support/wait-until.ts";

// A counter gives a read up sooner than here otherwise, and asks anew.
const world = calmWorld({ seed: 73, timing: { readTimeoutMs: 4_000 } });

const PATIENCE_MS = 60_000;

const itemOf = ({ simulator }: Calm, sku: string): string => simulator.levelsBySku(sku)[0]?.itemId ?? "";

/** What we changed of it at Shopify since, by the key of each call. */
const pushedSince = (calm: Calm, seq: number, sku: string): readonly string[] =>
  calm.simulator
    .changes(seq)
    .filter(({ cause, itemId }) => cause === "api" && itemId === itemOf(calm, sku))
    .map(({ reference }) => reference ?? "");

/** All takes of `trade` share one call: the gate holds what comes until they are there. */
async function inOneCall(calm: Calm, pushes: number, trade: () => Promise<void>): Promise<void> {
  const gate = new GateView(calm);
  await gate.configure({ readOnly: true });
  onTestFinished(async () => void (await gate.configure({ readOnly: false })));
  await trade();
  expect(await gate.untilQueued(pushes)).toBe(true);
  await gate.configure({ readOnly: false });
}

/** Those of which units are taken by orders that no level has shown yet. */
async function anticipated({ stack }: Calm, skus: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    skus.map(async (sku) => {
      const levels = await stack.client.call<{ locations: readonly { anticipated: number }[] }>(
        "GET",
        `/v1/inventory/${encodeURIComponent(sku)}`,
      );
      return levels.locations.some((each) => each.anticipated > 0) ? [sku] : [];
    }),
  );
  return found.flat();
}

const lettersAbout = ({ stack }: Calm, sku: string): Promise<readonly Letter[]> =>
  lettersBy(stack.client, `status=waiting&sku=${encodeURIComponent(sku)}`);

describe("the life of a gate", () => {
  it("ends with a request under way: the next one sends it again as it was, and it counts once", async () => {
    const calm = world();
    const { simulator, stack } = calm;
    const sku = calm.sku();
    const [tainted, seq] = [calm.logged("gate.calls_tainted"), simulator.stats().lastChangeSeq];
    const silences = simulator.stats().graphql.fates.timeout_after_apply;
    simulator.planNextMutations({ kind: "timeout_after_apply" });
    expect(await calm.take(sku, 2)).toBe(true);
    const isUnderWay = (): boolean => simulator.stats().graphql.fates.timeout_after_apply > silences;
    expect(await waitUntil(isUnderWay, PATIENCE_MS)).toBe(true);
    await endLife(stack, "SHOP_GATE", simulator.shop);
    // Trade goes on, and wakes the next life.
    calm.buy([sku, 1]);
    expect(await calm.take(calm.sku(), 1)).toBe(true);
    await calm.nothingIsLost();
    expect(calm.logged("gate.calls_tainted")).toBe(tainted + 1);
    expect(pushedSince(calm, seq, sku)).toHaveLength(1);
  });
});

describe("a call", () => {
  it("has one bad row: the level that owns it stops and is named, the others go, and a replay makes it good", async () => {
    const calm = world();
    const { simulator } = calm;
    const [bad, ...others] = [calm.sku(), calm.sku(), calm.sku()];
    const closed = calm.place(1);
    // Nobody tells us that the location is closed.
    simulator.patchFaults({ webhooks: { dropRate: { "locations/deactivate": 1, "locations/activate": 1 } } });
    simulator.setLocationActive(closed, false);
    const open = (): void => simulator.setLocationActive(closed, true);
    onTestFinished(() => simulator.patchFaults({ webhooks: { dropRate: 0 } }));
    onTestFinished(open);
    const seq = simulator.stats().lastChangeSeq;
    await inOneCall(calm, 3, async () => {
      expect(await calm.take(bad, 1, closed)).toBe(true);
      for (const sku of others) expect(await calm.take(sku, 1, calm.place(0))).toBe(true);
    });
    const isNamed = async (): Promise<boolean> => (await lettersAbout(calm, bad)).length > 0;
    expect(await waitUntil(isNamed, PATIENCE_MS)).toBe(true);
    const letters = await lettersAbout(calm, bad);
    expect(letters).toMatchObject([{ code: "INVALID_LOCATION" }]);
    // It owns what it could not take: another sale of it goes elsewhere, and to Shopify.
    expect(await calm.take(bad, 1, calm.place(0))).toBe(true);
    await calm.nothingIsLost({ skus: [bad], waiting: letters.map(({ eventId }) => eventId) });
    for (const sku of others) expect(pushedSince(calm, seq, sku)).toHaveLength(1);
    expect(pushedSince(calm, seq, bad)).toHaveLength(1);
    open();
    for (const { id } of letters) await calm.stack.client.call("POST", `/v1/dead-letters/${id}/replay`);
    await calm.nothingIsLost();
    expect(pushedSince(calm, seq, bad)).toHaveLength(2);
  });
});

describe("one item for which Shopify answers no query", () => {
  it("keeps no other from being read: failed queries are halved until it stands alone, and the shop is not paused", async () => {
    const calm = world();
    const { simulator } = calm;
    const skus = Array.from({ length: 16 }, () => calm.sku());
    const [odd = "", ...others] = skus;
    // What the order took is told by no level: each counter has to read.
    simulator.patchFaults({
      webhooks: { dropRate: { "inventory_levels/update": 1 } },
      graphql: { failsAbout: `InventoryItem/${itemOf(calm, odd)}` },
    });
    const mend = (): void => simulator.patchFaults({ webhooks: { dropRate: 0 }, graphql: { failsAbout: null } });
    onTestFinished(mend);
    const failed = calm.logged("gate.read_failed");
    // A shop that sells: what it answers meanwhile says that it is not away.
    let isOver = false;
    const sold = calm.sku();
    const tills = (async () => {
      for (; !isOver; await sleep(250)) await calm.take(sold, 1);
    })();
    onTestFinished(() => {
      isOver = true;
    });
    calm.buy(...skus.map((sku) => [sku, 2] as const));
    expect(await waitUntil(async () => (await anticipated(calm, skus)).length === skus.length, PATIENCE_MS)).toBe(true);
    expect(await waitUntil(async () => (await anticipated(calm, others)).length === 0, PATIENCE_MS)).toBe(true);
    expect(await anticipated(calm, skus)).toEqual([odd]);
    // Sixteen, eight, four, two, and it alone.
    expect(await waitUntil(() => calm.logged("gate.read_failed") >= failed + 4, PATIENCE_MS)).toBe(true);
    expect((await new GateView(calm).status()).pausedReason).toBeNull();
    isOver = true;
    await tills;
    mend();
    calm.buy([odd, 1]);
    await calm.nothingIsLost();
    expect(await anticipated(calm, skus)).toEqual([]);
  });
});

describe("what our push changed", () => {
  it("comes back as news, twice and out of order: nothing follows from it", async () => {
    const calm = world();
    const { simulator } = calm;
    const sku = calm.sku();
    const seq = simulator.stats().lastChangeSeq;
    simulator.patchFaults({ webhooks: { duplicateRate: 1, reorderRate: 0.5, reorderHoldMs: 500 } });
    onTestFinished(() => simulator.patchFaults({ webhooks: { duplicateRate: 0, reorderRate: 0 } }));
    const before = await calm.available(sku);
    expect(await calm.take(sku, 3)).toBe(true);
    await calm.nothingIsLost();
    expect(await calm.available(sku)).toBe(before - 3);
    expect(pushedSince(calm, seq, sku)).toHaveLength(1);
  });
});
