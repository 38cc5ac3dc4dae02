import { evictDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { fromStore } from "../../src/domain/ids.ts";
import {
  connected,
  counterOf,
  HERE,
  LISTING,
  level,
  movement,
  order,
  SHOP,
  snapshot,
  stubOf,
  THERE,
} from "./support/counters.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const applied = async (reply: Promise<unknown>) =>
  (await reply) as { outcomes: { kind: string }[]; view: { available: number; version: number } };

describe("SkuCounter", () => {
  it("answers that it is not connected before an import, and stores nothing for it", async () => {
    expect(await counterOf("nobody").levels()).toBeNull();
    expect(await counterOf("nobody").apply([movement({ key: "a", delta: -1 })])).toEqual({ kind: "not_connected" });
  });

  it("adopts Shopify's levels as opening stock, each with a movement", async () => {
    const counter = await connected("opening", level(HERE, 7), level(THERE, 3));
    expect(await counter.levels()).toMatchObject({
      sku: "opening",
      available: 10,
      floor: 10,
      reserved: 0,
      committed: 0,
      onHand: 10,
    });
    const { movements } = await counter.movements({ beforeSeq: null, limit: 10 });
    expect(movements.map(({ kind, locationId, before, after }) => [kind, locationId, before, after])).toEqual([
      ["shopify", THERE, 0, 3],
      ["shopify", HERE, 0, 7],
    ]);
  });

  it("counts a movement once, however often it comes, and says so", async () => {
    const counter = await connected("once", level(HERE, 5));
    const sale = movement({ key: "sale-1", delta: -2 });
    const replies = [await applied(counter.apply([sale])), await applied(counter.apply([sale, sale]))];
    expect(replies.flatMap(({ outcomes }) => outcomes.map(({ kind }) => kind))).toEqual([
      "applied",
      "duplicate",
      "duplicate",
    ]);
    expect(await counter.levels()).toMatchObject({ available: 3 });
  });

  it("refuses the same key for another movement", async () => {
    const counter = await connected("reused", level(HERE, 5));
    await counter.apply([movement({ key: "k", delta: -1 })]);
    expect((await applied(counter.apply([movement({ key: "k", delta: -2 })]))).outcomes).toMatchObject([
      { kind: "key_reused" },
    ]);
    expect(await counter.levels()).toMatchObject({ available: 4 });
  });

  it("takes at the first location that has enough, and never more than is certainly there", async () => {
    const counter = await connected("guard", level(HERE, 2), level(THERE, 5));
    const reply = await applied(counter.apply([movement({ key: "a", delta: -4 }), movement({ key: "b", delta: -4 })]));
    expect(reply.outcomes).toMatchObject([
      { kind: "applied", movement: { locationId: THERE, before: 5, after: 1 } },
      {
        kind: "insufficient",
        shortage: {
          wanted: 4,
          floor: 3,
          locations: [
            { locationId: HERE, floor: 2 },
            { locationId: THERE, floor: 1 },
          ],
        },
      },
    ]);
  });

  it("reserves an order at once, and takes the level that contains it as its explanation", async () => {
    const counter = await connected("order", level(HERE, 9));
    const atMs = Math.floor(Date.now() / 1000) * 1000;
    expect(await applied(counter.apply([order("1/1", 2, atMs)]))).toMatchObject({
      view: { available: 7, floor: 7, committed: 2, onHand: 9 },
    });
    expect(await applied(counter.apply([snapshot(HERE, 7, atMs)]))).toMatchObject({
      view: { available: 7, floor: 7, committed: 2, onHand: 9 },
    });
    const { movements } = await counter.movements({ beforeSeq: null, limit: 1 });
    expect(movements).toMatchObject([
      { kind: "shopify", delta: -2, before: 9, after: 7, explainedBy: [{ cause: "order/1/1", quantity: -2 }] },
    ]);
  });

  it("lets an order that comes late explain the level that showed it, once, also after the object was evicted", async () => {
    const counter = await connected("late", level(HERE, 9));
    const atMs = Math.floor(Date.now() / 1000) * 1000 - 60_000;
    for (const [i, available] of [8, 7, 6, 5].entries())
      await counter.apply([snapshot(HERE, available, atMs + i * 1_000)]);
    await counter.apply([snapshot(HERE, 4, atMs + 30_000)]);
    await counter.apply([order("late/1", 1, atMs + 1_000)]);
    await evictDurableObject(stubOf("late"));
    await counterOf("late").apply([order("late/1", 1, atMs + 1_000)]);
    const { movements } = await counterOf("late").movements({ beforeSeq: null, limit: 9 });
    expect(movements.flatMap(({ explainedBy }) => explainedBy)).toEqual([{ cause: "order/late/1", quantity: -1 }]);
    expect(await counterOf("late").levels()).toMatchObject({ available: 4, committed: 1 });
  });

  it("raises the version with every change of what is shown, and with nothing else", async () => {
    const counter = await connected("version", level(HERE, 4));
    const before = (await counter.levels())?.version ?? 0;
    const sale = movement({ key: "v", delta: -1 });
    expect((await applied(counter.apply([sale]))).view.version).toBe(before + 1);
    expect((await applied(counter.apply([sale]))).view.version).toBe(before + 1);
  });

  it("pages movements, newest first", async () => {
    const counter = await connected("pages", level(HERE, 100));
    await counter.apply(Array.from({ length: 5 }, (_, i) => movement({ key: `m${i}`, delta: -1 })));
    const first = await counter.movements({ beforeSeq: null, limit: 4 });
    const second = await counter.movements({ beforeSeq: first.nextBeforeSeq, limit: 4 });
    expect([...first.movements, ...second.movements].map(({ seq }) => seq)).toEqual([6, 5, 4, 3, 2, 1]);
    expect(second.nextBeforeSeq).toBeNull();
  });

  it("asks for a push back that stands in the way of a read, and reads when the gate has returned it", async () => {
    const counter = await connected("recalled", level(HERE, 10));
    await counter.apply([movement({ key: "till", delta: -3 })]);
    const [push] = (await counter.takeWork(SHOP)).pushes;
    await counter.audit(LISTING);
    expect((await counter.takeWork(SHOP)).recalls).toEqual([]);
    const nowMs = Date.now();
    vi.spyOn(Date, "now").mockReturnValue(nowMs + 6_000);
    const { pushes, reads, recalls } = await counter.takeWork(SHOP);
    expect([pushes, reads, recalls]).toEqual([[push], [], [push?.pushKey]]);
    await counter.gateResults({
      pushes: [
        {
          pushKey: fromStore(push?.pushKey ?? ""),
          listingId: LISTING,
          kind: "failed",
          code: "RETURNED",
          message: "held (read_only)",
          park: [],
          returned: "read_only",
        },
      ],
      reads: [],
    });
    expect(await counter.takeWork(SHOP)).toMatchObject({ pushes: [], reads: [{ listingId: LISTING }], recalls: [] });
  });
});
