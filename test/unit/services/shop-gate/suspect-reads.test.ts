/** One item for which Shopify answers no query at all: who suffers from it. */
import { describe, expect, it } from "vitest";
import { itemOf, push, read, skuId } from "../../../support/shop-gate/builders.ts";
import { GateWorld } from "../../../support/shop-gate/gate-world.ts";

const names = (from: number, count: number) => Array.from({ length: count }, (_, index) => String(from + index));
const heard = (world: GateWorld, name: string) => world.counter(skuId(name)).reads.map(({ kind }) => kind);
const POISONED = "1020";

/** A shop whose queries break off whenever they ask for that item. */
function poisonedWorld(fails: () => ReturnType<GateWorld["shopify"]["readLevels"]> = lost): GateWorld {
  const world = new GateWorld();
  const readLevels = world.shopify.readLevels.bind(world.shopify);
  world.shopify.readLevels = (token, items, locations) => {
    const answer = readLevels(token, items, locations);
    return items.some((item) => item === POISONED) ? fails() : answer;
  };
  for (const name of names(1_000, 200)) world.shopify.levels.set(`${itemOf(name)}@1`, 5);
  return world;
}
const lost = () => ({ kind: "status", status: 500, retryAfterSeconds: null, message: "" }) as const;

describe("a read that makes its query fail", () => {
  it("ends up alone: the others are answered within seconds, it alone is given up, and the shop is not paused", async () => {
    const world = poisonedWorld();
    world.submit({ reads: names(1_000, 60).map((name) => read(name)) });
    await world.advance(8_000);
    expect(names(1_000, 60).filter((name) => heard(world, name)[0] !== "answered")).toEqual([POISONED]);
    const queries = world.shopify.reads.length;
    expect(queries).toBeLessThanOrEqual(13); // two for each halving
    await world.advance(20_000);
    expect(world.shopify.reads).toHaveLength(queries);
    expect(heard(world, POISONED)).toEqual(["failed"]);
    expect(world.logs.filter(({ event }) => event === "gate.paused")).toEqual([]);
  });

  it("is known by its item afterwards: its next read starts alone, and costs nobody a failed query", async () => {
    const world = poisonedWorld();
    world.submit({ reads: names(1_000, 60).map((name) => read(name)) });
    await world.advance(30_000);
    const before = world.shopify.reads.length;
    const again = names(1_000, 60).map((name) => ({ ...read(name), readKey: read(`again-${name}`).readKey }));
    world.submit({ reads: again });
    await world.advance(3_000);
    expect(world.shopify.reads.slice(before).map(({ items }) => items.length)).toEqual([59, 1]);
  });

  it("is found as well when Shopify's answer lacks the levels altogether", async () => {
    const world = poisonedWorld(() => ({ kind: "graphql", data: null, errors: [], cost: null }));
    world.submit({ reads: names(1_000, 60).map((name) => read(name)) });
    await world.advance(10_000);
    expect(names(1_000, 60).filter((name) => heard(world, name)[0] !== "answered")).toEqual([POISONED]);
  });

  it("holds up nothing that comes meanwhile: suspects and newcomers go in turn, and never together", async () => {
    const world = poisonedWorld();
    world.latencyMs = 500;
    world.submit({ reads: names(1_000, 60).map((name) => read(name)) });
    await world.advance(600);
    world.submit({ reads: names(1_100, 50).map((name) => read(name)) });
    await world.advance(6_000);
    expect(heard(world, "1149")).toEqual(["answered"]);
  });

  it("is a reader like any other again when Shopify answers for its item", async () => {
    let isPoisoned = true;
    const world = new GateWorld();
    const readLevels = world.shopify.readLevels.bind(world.shopify);
    world.shopify.readLevels = (token, items, locations) => {
      const answer = readLevels(token, items, locations);
      return isPoisoned && items.some((item) => item === POISONED) ? lost() : answer;
    };
    world.submit({ reads: names(1_000, 40).map((name) => read(name)) });
    await world.advance(30_000);
    isPoisoned = false;
    world.submit({ reads: [{ ...read(POISONED), readKey: read("second").readKey }] });
    await world.advance(60_000);
    const third = names(1_000, 40).map((name) => ({ ...read(name), readKey: read(`third-${name}`).readKey }));
    world.submit({ reads: third });
    await world.advance(500);
    expect(world.shopify.reads.at(-1)?.items).toHaveLength(40);
  });
});

describe("an outage", () => {
  it("makes suspects of all reads for its time, and they are answered soon after it", async () => {
    const world = new GateWorld();
    world.shopify.readFaults = Array.from({ length: 6 }, () => "lost");
    world.submit({ reads: names(1_000, 64).map((name) => read(name)) });
    await world.advance(20_000);
    expect(names(1_000, 64).filter((name) => heard(world, name)[0] !== "answered")).toEqual([]);
    world.submit({ pushes: [push("a")] });
    await world.settle();
    expect(world.shopify.level(itemOf("a"), "1")).toBe(-1);
  });
});
