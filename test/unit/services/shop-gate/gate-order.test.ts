/** Who goes first at a shop's gate, and that everybody goes: urgent, hot and other pushes, reads, imports. */
import { describe, expect, it } from "vitest";
import type { GatePush } from "../../../../src/services/gate-contract.ts";
import { itemOf, push, pushKey, read, row, skuId } from "../../../support/shop-gate/builders.ts";
import { GateWorld, START_MS } from "../../../support/shop-gate/gate-world.ts";

const names = (count: number, from = 1_000) => Array.from({ length: count }, (_, index) => String(from + index));
const bulk = (count: number, from = 10_000) => names(count, from).map((name) => push(name));
const urgent = (name: string): GatePush => ({ ...push(name), urgent: true });
/** Calls that Shopify got, by the items that each carried. */
const calls = (world: GateWorld): readonly (readonly string[])[] =>
  world.shopify.requests.map(({ variables }) =>
    (JSON.parse(variables).input.changes as { inventoryItemId: string }[]).map(
      ({ inventoryItemId }) => inventoryItemId.split("/").at(-1) ?? "",
    ),
  );
const sentMs = (world: GateWorld, item: string): number => {
  const index = calls(world).findIndex((items) => items.includes(item));
  return (world.shopify.requests[index]?.atMs ?? Number.POSITIVE_INFINITY) - START_MS;
};

describe("what takes units off sale that are sold already", () => {
  it("goes before everything that waits, with the next call", async () => {
    const world = new GateWorld();
    world.submit({ pushes: bulk(5_000) });
    await world.advance(200);
    const before = calls(world).length;
    world.submit({ pushes: [urgent("7")] });
    await world.advance(140);
    expect(calls(world)[before]?.[0]).toBe(itemOf("7"));
  });

  it("is not urgent where it gives units back, whatever its counter says", async () => {
    const world = new GateWorld();
    world.submit({ pushes: bulk(1_000) });
    world.submit({ pushes: [{ ...push("7", [row(4, itemOf("7"))]), urgent: true }] });
    await world.advance(1_000);
    expect(calls(world).findIndex((items) => items.includes(itemOf("7")))).toBe(4);
  });

  it("becomes urgent when its SKU is oversold while it waits", async () => {
    const world = new GateWorld();
    world.submit({ pushes: [...bulk(5_000), push("7")] });
    world.submit({ pushes: [urgent("7")] });
    await world.advance(400);
    expect(sentMs(world, itemOf("7"))).toBeLessThanOrEqual(300);
  });

  it("overtakes a call of unknown outcome, whose turn comes all the same", async () => {
    const world = new GateWorld();
    world.shopify.faults = ["reply_lost"];
    world.submit({ pushes: [push("1")] });
    await world.advance(500);
    world.gate.configure({ readOnly: true });
    await world.advance(2_000);
    world.submit({ pushes: [urgent("7")] });
    world.gate.configure({ readOnly: false });
    await world.advance(1_000);
    expect(calls(world).map(([item]) => item)).toEqual(["1", "7", "1"].map(itemOf));
  });
});

describe("a SKU that sells now", () => {
  it("does not wait for a stocktake of 5,000: its pushes leave with the next call but one", async () => {
    const world = new GateWorld();
    world.latencyMs = 50;
    world.submit({ pushes: [push("7")] });
    await world.advance(1_000);
    world.submit({ pushes: bulk(5_000) });
    const waits: number[] = [];
    for (let n = 1; n <= 5; n += 1) {
      const submittedMs = world.nowMs - START_MS;
      const before = calls(world).length;
      world.submit({ pushes: [{ ...push("7"), pushKey: pushKey(`7-${n}`) }] });
      await world.advance(500);
      const index = calls(world).findIndex((items, i) => i >= before && items.includes(itemOf("7")));
      waits.push((world.shopify.requests[index]?.atMs ?? Number.POSITIVE_INFINITY) - START_MS - submittedMs);
      expect(calls(world)[index]?.length).toBeLessThanOrEqual(50);
    }
    // 13 points at 100 a second are 130 ms; behind the stocktake it would be 2,600.
    expect(Math.max(...waits)).toBeLessThanOrEqual(280);
    await world.advance(4_000);
    expect(world.life.operator.status()).toMatchObject({ queued: 0, rowsSent: 5_006 });
  });

  it("is a full call's when nothing is hot: 5,000 rows are 20 calls", async () => {
    const world = new GateWorld();
    world.submit({ pushes: bulk(5_000) });
    await world.advance(3_000);
    expect(calls(world).map((items) => items.length)).toEqual(Array(20).fill(250));
  });
});

describe("nothing starves", () => {
  it("an old push of the rest, under urgent ones without end", async () => {
    const world = new GateWorld();
    world.submit({ pushes: [...bulk(1_000, 50_000).map((one) => ({ ...one, urgent: true })), push("7")] });
    let from = 60_000;
    for (let tenth = 0; tenth < 30; tenth += 1) {
      world.submit({ pushes: bulk(300, from).map((one) => ({ ...one, urgent: true })) });
      from += 300;
      await world.advance(100);
    }
    expect(sentMs(world, itemOf("7"))).toBeLessThanOrEqual(1_000);
  });

  it("reads and an import, under pushes without end, from a bucket that is nearly empty; and nothing is THROTTLED", async () => {
    const world = new GateWorld();
    world.shopify.meter = true;
    world.shopify.available = 120;
    world.shopify.cost = { requested: 100, actual: 100 }; // dear calls, so that a hundred of them last
    for (const name of names(20)) world.shopify.levels.set(`${itemOf(name)}@1`, 3);
    // No two of them fit into one call: as many calls as pushes.
    const rows = (item: string) => Array.from({ length: 126 }, (_, index) => row(1, item, String(index)));
    world.submit({ pushes: names(150, 10_000).map((name) => push(name, rows(name))) });
    await world.advance(1_000);
    const askedMs = world.nowMs;
    world.submit({ reads: names(20).map((name) => read(name)) });
    let importedMs = Number.POSITIVE_INFINITY;
    for (let second = 0; second < 120 && importedMs === Number.POSITIVE_INFINITY; second += 1) {
      const asked = world.gate.others.graphql({ document: "{}", variables: {}, cost: 2, kind: "other" });
      void asked.then(({ kind }) => {
        if (kind === "ok") importedMs = Math.min(importedMs, world.nowMs);
      });
      await world.advance(1_000);
    }
    expect(names(20).map((name) => world.counter(skuId(name)).reads[0]?.kind)).toEqual(Array(20).fill("answered"));
    expect(importedMs - askedMs).toBeLessThanOrEqual(110_000);
    const { queued, calls: told } = world.life.operator.status();
    expect([queued > 0, told.rateLimited]).toEqual([true, 0]);
  });
});
