/** A shop's gate as its callers see it: pace, pauses, catches, reads, other calls, the operator's view. */
import { describe, expect, it, vi } from "vitest";
import type { GraphqlReply } from "../../../../src/services/gate-contract.ts";
import { itemOf, push, pushKey, read, readKey, row, skuId } from "../../../support/shop-gate/builders.ts";
import { GateWorld, START_MS } from "../../../support/shop-gate/gate-world.ts";

const heard = (world: GateWorld, name: string) => world.counter(skuId(name)).pushes.get(pushKey(name));
const readsOf = (world: GateWorld, name: string) => world.counter(skuId(name)).reads;
const status = (world: GateWorld) => world.life.operator.status();
const names = (count: number) => Array.from({ length: count }, (_, index) => String(1_000 + index));
const sizes = (world: GateWorld) =>
  world.shopify.requests.map(({ variables }) => JSON.parse(variables).input.changes.length);

describe("pace", () => {
  it("sends the first push at once", async () => {
    const world = new GateWorld();
    world.submit({ pushes: [push("a")] });
    await world.settle();
    expect(world.shopify.requests[0]?.atMs).toBe(START_MS);
  });

  it("gathers what comes while it waits: 50 pushes, one each 10 ms, are a handful of calls", async () => {
    const world = new GateWorld();
    world.latencyMs = 100;
    for (const name of names(50)) {
      world.submit({ pushes: [push(name)] });
      await world.advance(10);
    }
    await world.advance(1_000);
    expect(sizes(world).reduce((sum, size) => sum + size, 0)).toBe(50);
    expect(sizes(world).length).toBeLessThanOrEqual(6);
    const times = world.shopify.requests.map(({ atMs }) => atMs);
    for (const [index, atMs] of times.slice(1).entries())
      expect(atMs - (times[index] ?? 0)).toBeGreaterThanOrEqual(130);
  });

  it("sends 5,000 rows in 20 calls, within three seconds of a Standard shop's rate", async () => {
    const world = new GateWorld();
    world.submit({ pushes: names(5_000).map((name) => push(name)) });
    await world.advance(3_000);
    expect(sizes(world)).toEqual(Array.from({ length: 20 }, () => 250));
    expect(status(world)).toMatchObject({
      queued: 0,
      sending: 0,
      unreported: 0,
      rowsSent: 5_000,
      calls: { mutations: 20 },
    });
  });

  it("has at most three pushes' calls under way", async () => {
    const world = new GateWorld();
    world.shopify.grant();
    world.fixedToken = world.shopify.validToken;
    world.restart();
    world.latencyMs = 5_000;
    for (const name of names(10)) {
      world.submit({ pushes: [push(name)] });
      await world.advance(300);
    }
    expect(world.shopify.requests).toHaveLength(3);
    expect(status(world)).toMatchObject({ sending: 3, queued: 7 });
  });

  it("waits for the bucket, as Shopify tells it", async () => {
    const world = new GateWorld();
    world.shopify.available = 0;
    world.submit({ pushes: [push("a")] });
    await world.settle();
    world.submit({ pushes: [push("b")] });
    await world.advance(129);
    expect(world.shopify.requests).toHaveLength(1);
    await world.advance(1);
    expect(world.shopify.requests).toHaveLength(2);
    expect(status(world).bucket).toMatchObject({ available: 0, maximum: 2_000, restorePerSecond: 100 });
  });
});

describe("an outage of Shopify", () => {
  it("pauses the shop after three failures in a row, probes it with one call at a time, and recovers within a minute", async () => {
    const world = new GateWorld();
    world.shopify.faults = Array.from({ length: 8 }, () => "http_500_unapplied");
    for (const name of names(6)) {
      world.submit({ pushes: [push(name)] });
      await world.advance(200);
    }
    expect(status(world)).toMatchObject({ pausedReason: "HTTP_500" });
    const before = world.shopify.requests.length;
    await world.advance(120_000);
    const probes = world.shopify.requests.slice(before, 8).map(({ atMs }) => atMs);
    for (const [index, atMs] of probes.slice(1).entries())
      expect(atMs - (probes[index] ?? 0)).toBeGreaterThanOrEqual(1_000);
    expect(status(world)).toMatchObject({ pausedReason: null, queued: 0, sending: 0, frozen: 0 });
    for (const name of names(6)) expect(world.shopify.level(name, "1")).toBe(-1);
  });

  it("sends frozen calls at once when Shopify is back, without sitting out their pauses", async () => {
    const world = new GateWorld();
    world.shopify.faults = Array.from({ length: 5 }, () => "concurrent");
    world.submit({ pushes: [push("a")] });
    await world.advance(15_000); // its fifth try; the sixth is due 16 s later
    world.shopify.faults = ["request_lost", "request_lost", "request_lost"];
    for (const name of ["b", "c", "d"]) {
      world.submit({ pushes: [push(name)] });
      await world.advance(200);
    }
    expect(status(world)).toMatchObject({ pausedReason: "NETWORK", frozen: 4 });
    await world.advance(2_000);
    expect(status(world)).toMatchObject({ pausedReason: null, frozen: 0 });
    expect(heard(world, "a")).toMatchObject({ kind: "applied" });
  });

  it("goes on with the other calls while one alone is frozen", async () => {
    const world = new GateWorld();
    world.shopify.faults = ["reply_lost"];
    world.submit({ pushes: [push("a")] });
    await world.settle();
    world.submit({ pushes: [push("b")] });
    await world.advance(200);
    expect(heard(world, "b")).toMatchObject({ kind: "applied" });
    expect(heard(world, "a")).toBeUndefined();
  });

  it("ends the pause of a frozen call, too, when an operator says so", async () => {
    const world = new GateWorld();
    world.shopify.faults = Array.from({ length: 5 }, () => "concurrent");
    world.submit({ pushes: [push("a")] });
    await world.advance(15_000);
    world.gate.resume();
    await world.advance(200); // only the pace
    expect(heard(world, "a")).toMatchObject({ kind: "applied" });
  });

  it("ends every pause when an operator says so", async () => {
    const world = new GateWorld();
    world.shopify.faults = ["http_402"];
    world.submit({ pushes: [push("a")] });
    await world.settle();
    expect(status(world)).toMatchObject({ pausedReason: "shop_frozen", pausedUntilMs: START_MS + 60_000 });
    await world.advance(200);
    world.gate.resume();
    await world.settle();
    expect(heard(world, "a")).toMatchObject({ kind: "applied" });
    expect(status(world).pausedReason).toBeNull();
  });
});

describe("the token", () => {
  it("is fetched once, however many wait for it", async () => {
    const world = new GateWorld();
    world.latencyMs = 300;
    world.submit({ pushes: [push("a")], reads: [read("b")] });
    const other = world.gate.others.graphql({ document: "{ shop { name } }", variables: {}, cost: 5, kind: "other" });
    await world.advance(2_000);
    expect(await other).toMatchObject({ kind: "ok" });
    expect(world.shopify.tokensGranted).toBe(1);
  });

  it("outlives the object, and is renewed five minutes before its end while calls go on", async () => {
    const world = new GateWorld();
    world.submit({ pushes: [push("a")] });
    await world.settle();
    world.restart();
    await world.advanceTo(START_MS + 86_399_000 - 300_000);
    expect(world.shopify.tokensGranted).toBe(1);
    world.latencyMs = 200;
    world.submit({ pushes: [push("b")] });
    await world.advance(100);
    expect(world.shopify.requests.at(-1)).toMatchObject({ token: "token-1", key: "call-2" });
    await world.advance(2_000);
    expect(world.shopify.tokensGranted).toBe(2);
    expect(heard(world, "b")).toMatchObject({ kind: "applied" });
  });

  it("that is refused pauses the shop, its journal kept", async () => {
    const world = new GateWorld();
    world.shopify.tokenFaults = ["refused"];
    world.submit({ pushes: [push("a")] });
    await world.settle();
    expect(status(world)).toMatchObject({
      pausedReason: "token_HTTP_400",
      pausedUntilMs: START_MS + 60_000,
      queued: 1,
    });
    expect(world.logs).toContainEqual({ level: "error", event: "gate.token_refused", code: "HTTP_400" });
    await world.advance(61_000);
    expect(heard(world, "a")).toMatchObject({ kind: "applied" });
  });

  it("that never came is asked for again: at once twice, then after 1, 2 … s", async () => {
    const world = new GateWorld();
    world.shopify.tokenFaults = ["lost", "lost", "lost", "lost"];
    world.submit({ pushes: [push("a")] });
    await world.advance(2_999);
    expect(world.shopify.requests).toHaveLength(0);
    await world.advance(1);
    expect(heard(world, "a")).toMatchObject({ kind: "applied" });
  });

  it("of an old app is fixed: never asked for, and its refusal pauses at once", async () => {
    const world = new GateWorld();
    world.shopify.validToken = "shpat_other";
    world.fixedToken = "shpat_fixed";
    world.restart();
    world.submit({ pushes: [push("a")] });
    await world.settle();
    expect(status(world)).toMatchObject({ pausedReason: "unauthorized" });
    expect(world.shopify.tokensGranted).toBe(0);
    world.shopify.validToken = "shpat_fixed";
    await world.advance(61_000);
    expect(heard(world, "a")).toMatchObject({ kind: "applied" });
  });
});

describe("an operator's catches", () => {
  it("read-only: everything runs, nothing is sent, and the preview shows what would be", async () => {
    const world = new GateWorld();
    world.gate.configure({ readOnly: true });
    world.shopify.levels.set(`${itemOf("b")}@1`, 3);
    world.submit({ pushes: [push("a")], reads: [read("b")] });
    await world.advance(5_000);
    expect(world.shopify.requests).toEqual([]);
    expect(readsOf(world, "b")).toMatchObject([{ kind: "answered" }]);
    const { receivedAtMs: _, ...asHeld } = push("a");
    expect(world.life.operator.held(10)).toEqual([
      { ...asHeld, state: "queued", reason: "read_only", submittedAtMs: START_MS },
    ]);
    expect(status(world)).toMatchObject({ pausedReason: "read_only", queued: 1 });
    world.gate.configure({ readOnly: false });
    await world.advance(1_000);
    expect(heard(world, "a")).toMatchObject({ kind: "applied" });
  });

  it("read-only holds frozen calls, too: a re-send might be the first that arrives", async () => {
    const world = new GateWorld();
    world.shopify.faults = ["request_lost"];
    world.submit({ pushes: [push("a")] });
    await world.settle();
    world.gate.configure({ readOnly: true });
    await world.advance(600_000);
    expect(world.shopify.requests).toHaveLength(1);
    expect(world.life.operator.held(10)).toMatchObject([{ pushKey: "push-a", state: "sending", reason: "frozen" }]);
  });

  it("stopped: no call at all, not even a read, and reads are given up in time", async () => {
    const world = new GateWorld();
    world.gate.configure({ stopped: true });
    world.submit({ pushes: [push("a")], reads: [read("b")] });
    await world.advance(25_000);
    expect([world.shopify.requests.length, world.shopify.reads.length, world.shopify.tokensGranted]).toEqual([0, 0, 0]);
    expect(readsOf(world, "b")).toMatchObject([{ kind: "failed", reason: "not answered in time" }]);
    expect(world.life.operator.held(10)).toMatchObject([{ reason: "stopped" }]);
    const reply = await world.gate.others.graphql({ document: "{ a }", variables: {}, cost: 1, kind: "other" });
    expect(reply).toMatchObject({ kind: "later", reason: "stopped" });
  });

  it("a delta above the maximum waits for approval, and holds nobody else up", async () => {
    const world = new GateWorld();
    world.gate.configure({ deltaMax: 100 });
    const large = push("a", [row(1, "7", "1"), row(-101, "7", "2")]);
    world.submit({ pushes: [large, push("b", [row(100, "8")])] });
    await world.advance(5_000);
    expect(heard(world, "b")).toMatchObject({ kind: "applied" });
    expect(world.life.operator.held(10)).toMatchObject([{ pushKey: "push-a", reason: "delta_above_max" }]);
    expect(world.life.operator.approve(pushKey("a"))).toEqual({ kind: "done" });
    await world.advance(1_000);
    expect(world.shopify.level("7", "2")).toBe(-101);
  });

  it("10,000 units of one row need no approval, 10,001 do, until somebody says otherwise", async () => {
    const world = new GateWorld();
    world.submit({ pushes: [push("a", [row(10_000, "7")]), push("b", [row(-10_001, "8")])] });
    await world.advance(1_000);
    expect([world.shopify.level("7", "1"), world.shopify.level("8", "1")]).toEqual([10_000, 0]);
  });

  it("cancels what was certainly not sent: its counter hears that it failed, and parks it", async () => {
    const world = new GateWorld();
    world.gate.configure({ deltaMax: 0 });
    world.submit({ pushes: [push("a", [row(1, "7", "1"), row(1, "7", "2")])] });
    expect(world.life.operator.cancel(pushKey("a"))).toEqual({ kind: "done" });
    world.gate.configure({ deltaMax: 100 });
    await world.advance(5_000);
    expect(heard(world, "a")).toMatchObject({ kind: "failed", code: "CANCELLED", park: ["1", "2"] });
    expect(world.shopify.requests).toEqual([]);
  });

  it("survive the object", async () => {
    const world = new GateWorld();
    world.gate.configure({ readOnly: true, deltaMax: 7 });
    world.restart();
    expect(status(world).settings).toEqual({ readOnly: true, stopped: false, deltaMax: 7 });
  });
});

describe("reads", () => {
  it("are gathered for 50 ms, and asked for in one query over all their listings", async () => {
    const world = new GateWorld();
    world.shopify.levels.set(`${itemOf("a")}@1`, 5);
    world.shopify.levels.set(`${itemOf("b")}@2`, 6);
    world.submit({ reads: [read("a", ["1", "2"])] });
    await world.advance(40);
    world.submit({ reads: [read("b", ["2"])] });
    await world.advance(10);
    expect(world.shopify.reads).toEqual([
      { items: [itemOf("a"), itemOf("b")], locations: ["1", "2"], atMs: START_MS + 50 },
    ]);
    await world.settle();
    expect(readsOf(world, "a")).toEqual([
      {
        kind: "answered",
        readKey: "read-a",
        listingId: `shop-a.myshopify.com/${itemOf("a")}`,
        levels: [{ location: "1", available: 5, committed: 0, atMs: START_MS + 50 }], // not stocked at 2: left out
      },
    ]);
    expect(readsOf(world, "b")).toMatchObject([{ levels: [{ location: "2", available: 6 }] }]);
    expect(status(world)).toMatchObject({ levelsRead: 2, readsWaiting: 0, calls: { reads: 1 } });
  });

  it("give way to pushes: a fifth of the restore rate while pushes wait", async () => {
    const world = new GateWorld();
    const rows = (item: string) => Array.from({ length: 250 }, (_, index) => row(1, item, String(index)));
    world.submit({ pushes: names(100).map((name) => push(name, rows(name))) });
    world.submit({ reads: names(1_000).map((name) => read(name)) });
    await world.advance(9_900);
    expect(status(world).queued).toBeGreaterThan(0);
    expect(world.shopify.requests.length).toBeGreaterThanOrEqual(60); // 9.9 s × 80 points ÷ 13: the other fifth is the reads
    const points = world.shopify.reads.reduce((sum, { items }) => sum + items.length * 3, 0);
    expect(points).toBe(198); // one query of a tenth of the bucket; the next is due when 20 points a second have paid for it
    await world.advance(100);
    expect(world.shopify.reads).toHaveLength(2);
  });

  it("learn what they cost: if 250 items cost as much as one, 250 go in one query", async () => {
    const world = new GateWorld();
    world.shopify.readCost = (_, locations) => 1 + 2 * locations;
    world.submit({ reads: names(600).map((name) => read(name)) });
    await world.advance(3_000);
    expect(world.shopify.reads.map(({ items }) => items.length)).toEqual([66, 250, 250, 34]);
    world.submit({ reads: [read("1")] });
    await world.advance(1_000);
    world.submit({
      reads: names(1_200)
        .slice(600)
        .map((name) => read(name)),
    });
    await world.advance(3_000);
    expect(world.shopify.reads.slice(4).map(({ items }) => items.length)).toEqual([1, 250, 250, 100]);
  });

  it("are tried again within their time, and given up after 25 s, before the counter's 30", async () => {
    const world = new GateWorld();
    world.shopify.levels.set(`${itemOf("a")}@1`, 5);
    world.shopify.readFaults = ["lost", "throttled", "too_large"];
    world.submit({ reads: [read("a")] });
    await world.advance(5_000);
    expect(readsOf(world, "a")).toMatchObject([{ kind: "answered" }]);
    world.shopify.readFaults = Array.from({ length: 100 }, () => "lost");
    const submittedMs = world.nowMs;
    world.submit({ reads: [read("b")] });
    await world.advanceTo(submittedMs + 24_999);
    expect(readsOf(world, "b")).toEqual([]);
    await world.advance(1);
    expect(readsOf(world, "b")).toMatchObject([
      { kind: "failed", readKey: readKey("b"), reason: "not answered in time" },
    ]);
  });

  // Found by simulation: the wake for a read past its deadline lay in the past, so the gate woke every millisecond for up
  // to ten seconds, until the reply came.
  it("that are too old while their reply is under way wake nobody: the reply will", async () => {
    const world = new GateWorld();
    world.submit({ reads: [read("a")] });
    await world.advance(1_000);
    world.latencyMs = 30_000;
    world.submit({ reads: [read("b")] });
    const look = world.gate.look.bind(world.gate);
    let looks = 0;
    vi.spyOn(world.gate, "look").mockImplementation(() => {
      looks += 1;
      if (looks > 100) throw new Error("the gate spins");
      look();
    });
    await world.advance(29_000);
    expect(looks).toBeLessThan(10);
    await world.advance(2_000);
    expect(readsOf(world, "b")).toHaveLength(1);
  });

  it("that Shopify refuses stop reads alone, and pushes go on", async () => {
    const world = new GateWorld();
    world.shopify.readFaults = ["denied"];
    world.submit({ reads: [read("a")] });
    await world.advance(1_000);
    world.submit({ pushes: [push("b")], reads: [read("c")] });
    await world.advance(20_000);
    expect(world.shopify.reads).toHaveLength(1);
    expect(heard(world, "b")).toMatchObject({ kind: "applied" });
  });

  it("are repeated by the next life, with what Shopify says then", async () => {
    const world = new GateWorld();
    world.shopify.levels.set(`${itemOf("a")}@1`, 5);
    world.killOn = "levels: arrived";
    world.submit({ reads: [read("a")] });
    await world.advance(100);
    expect(world.life.isAlive).toBe(false);
    world.shopify.levels.set(`${itemOf("a")}@1`, 4);
    await world.advance(16_000);
    expect(readsOf(world, "a")).toMatchObject([{ kind: "answered", levels: [{ available: 4 }] }]);
  });

  it("that nobody acknowledges are forgotten after a minute: their counter gave them up long ago", async () => {
    const world = new GateWorld();
    world.reportFaults = Array.from({ length: 100 }, () => "unreachable");
    world.submit({ reads: [read("a")] });
    await world.advance(61_000);
    world.restart();
    expect(world.journal.reads()).toEqual([]);
    await world.advance(60_000);
    expect(world.shopify.reads).toHaveLength(1);
  });
});

describe("any other call", () => {
  const ask = async (world: GateWorld, cost = 10): Promise<GraphqlReply> => {
    const reply = world.gate.others.graphql({ document: "{ shop { name } }", variables: {}, cost, kind: "other" });
    await world.settle();
    return reply;
  };

  it("gets Shopify's data, and what it cost", async () => {
    const world = new GateWorld();
    expect(await ask(world)).toEqual({ kind: "ok", data: { shop: { name: "A" } }, cost: 2 });
    expect(status(world).calls).toMatchObject({ other: 1, mutations: 0, reads: 0 });
  });

  it("leaves half of the bucket to pushes, and is told when to come again", async () => {
    const world = new GateWorld();
    world.shopify.available = 1_000;
    await ask(world);
    expect(await ask(world, 100)).toEqual({ kind: "later", afterMs: 1_000, reason: "pacing" });
    await world.advance(1_000);
    expect(await ask(world, 100)).toMatchObject({ kind: "ok" });
  });

  it("has one connection", async () => {
    const world = new GateWorld();
    await ask(world);
    world.latencyMs = 1_000;
    const first = world.gate.others.graphql({ document: "{ a }", variables: {}, cost: 1, kind: "other" });
    expect(await ask(world)).toEqual({ kind: "later", afterMs: 250, reason: "busy" });
    await world.advance(1_000);
    expect(await first).toMatchObject({ kind: "ok" });
  });

  it("that is bad is the caller's own affair", async () => {
    const world = new GateWorld();
    world.shopify.plainFaults = ["refused"];
    expect(await ask(world)).toEqual({ kind: "refused", code: "undefinedField", message: "no such field" });
    world.submit({ pushes: [push("a")] });
    await world.settle();
    expect(heard(world, "a")).toMatchObject({ kind: "applied" });
  });

  it.each([
    ["throttled", "THROTTLED", 1_000],
    ["lost", "NETWORK", 1_000],
    ["http_402", "HTTP_402", 60_000],
  ] as const)("is told to come again: %s", async (fault, reason, afterMs) => {
    const world = new GateWorld();
    world.shopify.plainFaults = [fault];
    expect(await ask(world)).toEqual({ kind: "later", afterMs, reason });
  });

  it("waits while the shop is paused", async () => {
    const world = new GateWorld();
    world.shopify.faults = ["http_402"];
    world.submit({ pushes: [push("a")] });
    await world.settle();
    expect(await ask(world)).toEqual({ kind: "later", afterMs: 60_000, reason: "shop_frozen" });
  });

  it("gets a new token after a 401, and a refusal after a second", async () => {
    const world = new GateWorld();
    await ask(world);
    world.shopify.validToken = "revoked";
    expect(await ask(world)).toEqual({ kind: "later", afterMs: 1_000, reason: "HTTP_401" });
    expect(await ask(world)).toMatchObject({ kind: "ok" });
    world.shopify.validToken = "revoked";
    await ask(world);
    world.shopify.grant = () => ({ kind: "granted", accessToken: "useless", expiresInSeconds: 86_399 });
    expect(await ask(world)).toMatchObject({ kind: "refused", code: "HTTP_401" });
  });
});

describe("drain", () => {
  it("answers when all has been sent and told, pace and gathering included", async () => {
    const world = new GateWorld();
    world.latencyMs = 100;
    world.submit({ pushes: names(600).map((name) => push(name)), reads: [read("a")] });
    let isDrained = false;
    const drained = world.gate.drain().then(() => {
      isDrained = true;
    });
    await world.advance(300);
    expect(isDrained).toBe(false);
    await world.advance(2_000);
    await drained;
    expect(status(world)).toMatchObject({ queued: 0, sending: 0, unreported: 0, readsWaiting: 0 });
  });

  it("does not wait for a shop that is paused", async () => {
    const world = new GateWorld();
    world.shopify.faults = ["http_402"];
    world.submit({ pushes: [push("a")] });
    const drained = world.gate.drain();
    await world.settle();
    await drained;
    expect(status(world).queued).toBe(1);
  });
});

describe("reports", () => {
  it("go to at most sixteen counters at once, one parcel per counter", async () => {
    const world = new GateWorld();
    const skus = names(40);
    world.submit({ pushes: skus.map((name) => push(name)) });
    await world.advance(1_000);
    for (const name of skus) expect(world.counter(skuId(name)).heard).toBe(1);
    const reports = world.steps.filter((step) => step.startsWith("report"));
    let open = 0;
    let most = 0;
    for (const step of world.steps) {
      if (step === "report: about to leave") open += 1;
      if (step === "journal.acknowledge") open -= 1;
      most = Math.max(most, open);
    }
    expect(reports).toHaveLength(80);
    expect(most).toBe(16);
  });

  it("ask the journal for results once per batch, not once per report", async () => {
    const world = new GateWorld();
    let queries = 0;
    const unreported = world.journal.unreported.bind(world.journal);
    world.journal.unreported = (limit) => {
      queries += 1;
      return unreported(limit);
    };
    world.submit({ pushes: names(250).map((name) => push(name)) });
    await world.advance(1_000);
    expect(queries).toBeLessThanOrEqual(5);
    expect(status(world).unreported).toBe(0);
  });
});

describe("conflicts of evidence", () => {
  it("nobody's push has no evidence", async () => {
    expect(await new GateWorld().life.operator.evidence(pushKey("a"))).toBeNull();
  });
});
