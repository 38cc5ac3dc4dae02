/** A shop's circuit breaker as its gate carries it: what waits meanwhile, who is told, what an operator may do. */
import { describe, expect, it } from "vitest";
import type { SkuId } from "../../../../src/domain/ids.ts";
import { type ConsumeShopifySyncDeps, consumeShopifySync } from "../../../../src/queues/consume-shopify-sync.ts";
import { specOf } from "../../../../src/queues/queue-table.ts";
import type { Counters } from "../../../../src/services/counter-contract.ts";
import { fakeBatch, settleDeps } from "../../../support/queues/fake-queue.ts";
import { push, pushKey, read, skuId } from "../../../support/shop-gate/builders.ts";
import { GateWorld, START_MS } from "../../../support/shop-gate/gate-world.ts";

const status = (world: GateWorld) => world.life.operator.status();
const stateOf = (world: GateWorld) => status(world).breaker?.state;
const heard = (world: GateWorld, name: string) => world.counter(skuId(name)).pushes.get(pushKey(name))?.kind;
const DOWN = ["reply_lost", "reply_lost", "reply_lost"] as const;

/** Three calls fail: the breaker is open. */
async function outage(world: GateWorld): Promise<void> {
  world.shopify.faults = [...DOWN];
  world.submit({ pushes: [push("a")] });
  await world.advance(200);
  world.submit({ pushes: [push("b")] });
  await world.advance(200);
  world.submit({ pushes: [push("c")] });
  await world.advance(200);
}

/** The queue's signals of some SKUs, each on its last delivery, answered by the real gate. */
async function signals(world: GateWorld, names: readonly string[]) {
  const spec = specOf("onhand-shopify-sync");
  if (spec === undefined) throw new Error("no such queue");
  const settle = settleDeps();
  const takeWork = (id: SkuId) => async () => ({ pushes: [push(id.replace("sku-", ""))], reads: [] });
  const deps: ConsumeShopifySyncDeps = {
    ...settle.deps,
    counters: { of: (id: SkuId) => ({ takeWork: takeWork(id) }) } as unknown as Counters,
    gateOf: () => ({ submit: async (request) => world.gate.submit(request) }),
  };
  const body = (name: string) => ({
    ...{ v: 1, kind: "dirty", skuId: skuId(name), shop: "shop-a.myshopify.com", correlationId: "c", sentAt: 0 },
  });
  const given = names.map((name) => ({ id: name, body: body(name), attempts: 9 }));
  const { batch, settled } = fakeBatch("onhand-shopify-sync", given);
  await consumeShopifySync(batch, spec, deps);
  return { settled: settled.map(({ how }) => how), buried: settle.buried };
}

describe("while the breaker is open", () => {
  it("nothing is called and no signal spends a try: it is answered 'kept', and goes out when the breaker closes", async () => {
    const world = new GateWorld();
    await outage(world);
    expect(stateOf(world)).toBe("open");
    const sent = world.shopify.requests.length;
    expect(await signals(world, ["d", "e", "f"])).toEqual({ settled: ["acked", "acked", "acked"], buried: [] });
    await world.advance(300);
    expect([world.shopify.requests.length, status(world).queued]).toEqual([sent, 3]);
    await world.advance(10_000);
    expect(["a", "b", "c", "d", "e", "f"].map((name) => heard(world, name))).toEqual(Array(6).fill("applied"));
    expect(stateOf(world)).toBe("closed");
  });

  it("an operator's isolation is the same, for as long as he likes, through every end of the object", async () => {
    const world = new GateWorld();
    world.gate.isolate("admin", "their deploy");
    expect(await signals(world, ["a", "b"])).toEqual({ settled: ["acked", "acked"], buried: [] });
    world.submit({ reads: [read("c")] });
    world.restart();
    await world.advance(3 * 3_600_000);
    expect([world.shopify.requests.length, world.shopify.reads.length, world.shopify.probes]).toEqual([0, 0, 0]);
    expect(status(world)).toMatchObject({ pausedReason: "isolated", queued: 2, breaker: { by: "admin" } });
    world.gate.resume();
    expect(stateOf(world)).toBe("isolated");
    world.gate.release();
    await world.advance(1_000);
    expect([heard(world, "a"), heard(world, "b"), stateOf(world)]).toEqual(["applied", "applied", "closed"]);
  });

  it("imports and the like are told when to come again", async () => {
    const world = new GateWorld();
    const ask = () =>
      world.gate.others.graphql({ document: "{ shop { name } }", variables: {}, cost: 2, kind: "other" });
    world.gate.isolate("admin", "their deploy");
    expect(await ask()).toEqual({ kind: "later", afterMs: 60_000, reason: "isolated" });
    world.gate.release();
    await outage(world);
    expect(await ask()).toMatchObject({ kind: "later", reason: "NETWORK" });
  });
});

describe("a half-open breaker", () => {
  it("lets one probe go at a time, and all that waited after the second", async () => {
    const world = new GateWorld();
    await outage(world);
    world.latencyMs = 100;
    const before = world.shopify.requests.length;
    await world.advanceTo(START_MS + 400 + 1_050);
    expect([stateOf(world), world.shopify.requests.length - before]).toEqual(["half_open", 1]);
    await world.advance(2_000);
    expect(stateOf(world)).toBe("closed");
    expect(["a", "b", "c"].map((name) => heard(world, name))).toEqual(Array(3).fill("applied"));
  });

  it("of a shop that is asked for nothing closes by two queries of one point", async () => {
    const world = new GateWorld();
    world.shopify.readFaults = ["lost", "lost", "lost"];
    world.shopify.probeFaults = ["lost", "lost"];
    world.submit({ reads: [read("a")] });
    await world.advance(60_000);
    expect(stateOf(world)).toBe("closed");
    expect(world.shopify.probes).toBeLessThanOrEqual(4);
    const probes = world.shopify.probes;
    await world.advance(3_600_000);
    expect(world.shopify.probes).toBe(probes);
  });

  it("is half-open still in the next life, with the probe that succeeded", async () => {
    const world = new GateWorld();
    await outage(world);
    world.shopify.probeFaults = [];
    world.killOn = "journal.settleCall";
    await world.advance(20_000);
    await world.advance(60_000);
    expect([stateOf(world), heard(world, "a"), heard(world, "c")]).toEqual(["closed", "applied", "applied"]);
  });
});

describe("changes of the breaker", () => {
  const STORY = ["closed open", "open half_open", "half_open closed"];

  it("are told to the queue in order, each once", async () => {
    const world = new GateWorld();
    await outage(world);
    await world.advance(30_000);
    expect([world.breakerChanges, world.announced]).toEqual([STORY, STORY]);
  });

  it("wait for a queue that is away, through the end of the object, and are told when it is back", async () => {
    const world = new GateWorld();
    world.queueIsAway = true;
    await outage(world);
    await world.advance(30_000);
    expect(world.announced).toEqual([]);
    world.crash();
    world.queueIsAway = false;
    await world.advance(90_000);
    expect(world.announced).toEqual(STORY);
  });

  it.each(["announce: about to leave", "announce: arrived"])(
    "are told at least once when the object ends at '%s'",
    async (step) => {
      const world = new GateWorld();
      world.killOn = step;
      await outage(world);
      await world.advance(60_000);
      expect(new Set(world.announced)).toEqual(new Set(STORY));
      expect(world.announced.at(-1)).toBe("half_open closed");
      expect(stateOf(world)).toBe("closed");
    },
  );
});

it("a shop with many calls of which half fail is paused, though never three in a row", async () => {
  const world = new GateWorld();
  world.shopify.faults = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? "http_500_unapplied" : "ok"));
  // Each call of its own: a frozen call goes again by its own pauses.
  for (let i = 0; i < 24 && stateOf(world) === "closed"; i += 1) {
    world.submit({ pushes: [push(String(2_000 + i))] });
    await world.advance(500);
  }
  expect(status(world).breaker).toMatchObject({ state: "open", reason: "HTTP_500" });
});
