/** The call journal, rule by rule (docs/design/shop-gate.md), with the real journal in SQLite and a model of Shopify. */
import { describe, expect, it } from "vitest";
import { fromStore } from "../../../../src/domain/ids.ts";
import { itemOf, push, pushKey, read, row, skuId } from "../../../support/shop-gate/builders.ts";
import { GateWorld, START_MS } from "../../../support/shop-gate/gate-world.ts";
import type { Fault } from "../../../support/shop-gate/model-shopify.ts";

const HOUR_MS = 3_600_000;
const stateOf = (world: GateWorld, name: string) => world.journal.push(pushKey(name))?.state;
const heard = (world: GateWorld, name: string) => world.counter(skuId(name)).pushes.get(pushKey(name));
const keys = (world: GateWorld) => world.shopify.requests.map(({ key }) => key);
const levelOf = (world: GateWorld, name: string) => world.shopify.level(itemOf(name), "1");

/** Submit, and let it happen: the token, the call, the report. */
async function sent(world: GateWorld, ...names: string[]): Promise<void> {
  world.submit({ pushes: names.map((name) => push(name)) });
  await world.settle();
}

const tainting: readonly Fault[] = [
  "request_lost",
  "request_late",
  "reply_lost",
  "reply_timeout",
  "http_500_unapplied",
  "http_503_applied",
  "internal_error_applied",
  "service_unavailable",
  "concurrent",
];

describe("journal rule 1: a push has the counter's key, a call one of its own", () => {
  it("Shopify sees call keys alone, one per call of exact variables", async () => {
    const world = new GateWorld();
    await sent(world, "a", "b");
    expect(keys(world)).toEqual(["call-1"]);
    expect(world.shopify.requests[0]?.variables).not.toContain("push-");
    await world.advance(200);
    await sent(world, "c");
    expect(keys(world)).toEqual(["call-1", "call-2"]);
  });
});

describe("journal rule 2: a push that the counter hands out again is the same push", () => {
  it.each(["queued", "sending", "done"])("submitted again while %s, it is applied once", async (state) => {
    const world = new GateWorld();
    if (state === "queued") world.gate.configure({ readOnly: true });
    if (state === "sending") world.latencyMs = 300;
    await sent(world, "a");
    await world.advance(400); // the token is there, and the call may be under way
    expect(world.submit({ pushes: [push("a")] })).toEqual([{ pushKey: "push-a", state }]);
    world.gate.configure({ readOnly: false });
    await world.advance(5_000);
    expect(levelOf(world, "a")).toBe(-1);
    expect(keys(world)).toEqual(["call-1"]);
  });
});

describe("journal rule 3: submit inserts, or tells the state", () => {
  it("tells queued, sending, done, failed and expired", async () => {
    const world = new GateWorld();
    const state = (name: string) => world.submit({ pushes: [push(name)] })[0]?.state;
    world.latencyMs = 400;
    expect(state("a")).toBe("queued");
    await world.advance(500);
    expect(state("a")).toBe("sending");
    await world.advance(500);
    expect(state("a")).toBe("done");
    world.latencyMs = 0;
    world.shopify.badRows.set(`${itemOf("b")}@1`, "INVALID_INVENTORY_ITEM");
    await sent(world, "b");
    expect(state("b")).toBe("failed");
    world.shopify.faults = Array.from({ length: 5_000 }, () => "request_lost");
    await sent(world, "c");
    await world.advance(23 * HOUR_MS + 60_000);
    expect(state("c")).toBe("expired");
  });

  it("stores nothing under a known key with other rows, and raises an alert", async () => {
    const world = new GateWorld();
    world.gate.configure({ readOnly: true });
    world.submit({ pushes: [push("a")] });
    expect(world.submit({ pushes: [push("a", [row(-2, itemOf("a"))]), push("b")] })).toEqual([
      { pushKey: "push-a", state: "conflict" },
      { pushKey: "push-b", state: "queued" },
    ]);
    expect(world.journal.push(pushKey("a"))?.rows).toEqual([row(-1, itemOf("a"))]);
    expect(world.logs).toContainEqual({ level: "error", event: "gate.push_conflict" });
    expect(world.life.operator.status().alerts.conflicts).toBe(1);
  });

  it("is durable when it returns: a life that ends right after it loses nothing", async () => {
    const world = new GateWorld();
    world.submit({ pushes: [push("a")], reads: [read("b")] });
    world.shopify.levels.set(`${itemOf("b")}@1`, 4);
    world.restart();
    await world.advance(60_000);
    expect(levelOf(world, "a")).toBe(-1);
    expect(heard(world, "a")).toMatchObject({ kind: "applied" });
    expect(world.counter(skuId("b")).reads).toMatchObject([{ kind: "answered", levels: [{ available: 4 }] }]);
  });

  it("refuses rows that Shopify could never take, alone and at once", async () => {
    const world = new GateWorld();
    const states = world.submit({ pushes: [push("a", [row(0.5, "7", "1"), row(1, "7", "2")]), push("b")] });
    expect(states.map(({ state }) => state)).toEqual(["failed", "queued"]);
    await world.advance(1_000);
    expect(heard(world, "a")).toMatchObject({ kind: "failed", code: "BAD_ROWS", park: ["1", "2"] });
    expect(heard(world, "b")).toMatchObject({ kind: "applied" });
  });
});

describe("journal rule 4: packed whole, stored before it is sent", () => {
  it("packs whole pushes up to 250 rows, oldest first, and no level twice", async () => {
    const world = new GateWorld();
    const rows = (item: string, count: number) =>
      Array.from({ length: count }, (_, index) => row(1, item, String(index)));
    world.gate.configure({ readOnly: true });
    world.submit({
      pushes: [push("a", rows("1", 240)), push("b", rows("2", 20)), push("c", rows("3", 10)), push("d", rows("1", 1))],
    });
    world.gate.configure({ readOnly: false });
    await world.advance(1_000);
    const sizes = world.shopify.requests.map(({ variables }) => JSON.parse(variables).input.changes.length);
    expect(sizes).toEqual([250, 21]); // a + c, then b + d
    expect(["a", "b", "c", "d"].map((name) => stateOf(world, name))).toEqual(["done", "done", "done", "done"]);
  });

  it("stores the call, its variables and its first attempt before the request leaves", async () => {
    const world = new GateWorld();
    world.submit({ pushes: [push("a")] });
    world.steps = [];
    await world.settle();
    const calls = world.steps.filter((step) => step.startsWith("adjust") || step === "journal.startCall");
    expect(calls).toEqual(["journal.startCall", "adjust: about to leave", "adjust: arrived"]);
  });

  it("stores every further attempt before it leaves, too", async () => {
    const world = new GateWorld();
    world.shopify.faults = ["request_lost"];
    await sent(world, "a");
    world.steps = [];
    await world.advance(1_000);
    const steps = world.steps.filter((step) => step.startsWith("adjust") || step === "journal.startAttempt");
    expect(steps).toEqual(["journal.startAttempt", "adjust: about to leave", "adjust: arrived"]);
  });

  it.each(["adjust: about to leave", "adjust: arrived"])(
    "an attempt that was cut off taints its call: %s",
    async (where) => {
      const world = new GateWorld();
      world.killOn = where;
      await sent(world, "a");
      expect(world.life.isAlive).toBe(false);
      await world.advance(20_000);
      expect(keys(world)).toEqual(where === "adjust: arrived" ? ["call-1", "call-1"] : ["call-1"]);
      expect(world.logs).toContainEqual({ level: "warn", event: "gate.calls_tainted" });
      expect(levelOf(world, "a")).toBe(-1);
    },
  );
});

describe("journal rule 5: a tainted call is frozen", () => {
  const afterwards: readonly Fault[] = [
    "throttled",
    "http_429",
    "http_401",
    "http_402",
    "http_403",
    "http_423",
    "denied",
    "refused",
    "failed_whole",
    "too_large",
  ];
  it.each(afterwards)("same key and same variables, whatever follows: %s", async (fault) => {
    const world = new GateWorld();
    world.shopify.faults = ["request_lost", fault];
    await sent(world, "a");
    await world.advance(1_000);
    await sent(world, "b"); // may not join the frozen call, nor change it
    await world.advance(5 * 60_000);
    const [first, ...others] = world.shopify.requests.filter(({ key }) => key === "call-1");
    expect(others.length).toBeGreaterThanOrEqual(2);
    for (const other of others) expect(other.variables).toBe(first?.variables);
    expect(levelOf(world, "b")).toBe(-1);
    // `failed_whole` was remembered by Shopify under the key: that failure is definite (rule 10), a new key brings it.
    expect(levelOf(world, "a")).toBe(-1);
    expect(heard(world, "a")).toMatchObject({ kind: "applied" });
  });

  it("is sent again after 1, 2, 4, 8 … s", async () => {
    const world = new GateWorld();
    world.shopify.faults = Array.from({ length: 4 }, () => "concurrent");
    await sent(world, "a");
    await world.advance(60_000);
    expect(world.shopify.requests.map(({ atMs }) => (atMs - START_MS) / 1_000)).toEqual([0, 1, 3, 7, 15]);
  });

  it("#6 of the merge's scenarios: request 1 is late, the retry is throttled, request 1 arrives after all", async () => {
    const world = new GateWorld();
    world.shopify.faults = ["request_late", "throttled"];
    await sent(world, "a");
    await world.advance(1_500);
    expect(keys(world)).toEqual(["call-1", "call-1"]);
    world.shopify.arriveLate();
    expect(levelOf(world, "a")).toBe(-1);
    await world.advance(60_000);
    expect(keys(world)).toEqual(["call-1", "call-1", "call-1"]);
    expect(levelOf(world, "a")).toBe(-1);
  });
});

describe("journal rule 6: success", () => {
  it("settles each push at the group's time", async () => {
    const world = new GateWorld();
    await sent(world, "a", "b");
    expect(heard(world, "a")).toEqual({
      kind: "applied",
      pushKey: "push-a",
      listingId: `shop-a.myshopify.com/${itemOf("a")}`,
      correlationId: "correlation-a",
      atMs: START_MS,
      after: [],
    });
    expect(heard(world, "b")).toMatchObject({ kind: "applied", atMs: START_MS });
  });

  it("takes quantityAfterChange from a first attempt", async () => {
    const world = new GateWorld();
    world.shopify.quantityAfter = true;
    world.shopify.levels.set(`${itemOf("a")}@1`, 10);
    await sent(world, "a");
    expect(heard(world, "a")).toMatchObject({ after: [{ location: "1", quantity: 9 }] });
  });

  it("takes the original time from a replay, and no quantity", async () => {
    const world = new GateWorld();
    world.shopify.quantityAfter = true;
    world.shopify.faults = ["reply_lost"];
    await sent(world, "a");
    await world.advance(10_000);
    expect(heard(world, "a")).toMatchObject({ kind: "applied", atMs: START_MS, after: [] });
  });

  it("frees the key at an unknown time when Shopify tells none", async () => {
    const world = new GateWorld();
    world.shopify.faults = ["no_created_at"];
    await sent(world, "a");
    expect(heard(world, "a")).toMatchObject({ kind: "applied", atMs: null, after: [] });
    expect(keys(world)).toHaveLength(1);
  });
});

describe("journal rule 7: what taints", () => {
  it.each(tainting)("%s: the same call again, until its outcome is known", async (fault) => {
    const world = new GateWorld();
    world.shopify.faults = [fault];
    await sent(world, "a");
    world.shopify.arriveLate();
    expect(world.journal.frozenCalls()).toHaveLength(1);
    expect(stateOf(world, "a")).toBe("sending");
    expect(heard(world, "a")).toBeUndefined();
    await world.advance(30_000);
    expect(keys(world)).toEqual(["call-1", "call-1"]);
    expect(levelOf(world, "a")).toBe(-1);
    expect(heard(world, "a")).toMatchObject({ kind: "applied" });
  });

  it("an error that nobody knows taints, too", async () => {
    const world = new GateWorld();
    world.shopify.faults = ["unknown_user_error"];
    await sent(world, "a");
    expect(world.journal.frozenCalls()).toHaveLength(1);
  });
});

describe("journal rule 8: refused at the door, untainted: not applied", () => {
  it.each<[Fault, number]>([
    ["throttled", 1_000],
    ["http_429", 2_000],
    ["http_401", 0],
    ["http_402", 60_000],
    ["http_403", 60_000],
    ["http_423", 60_000],
  ])("%s: queued again, and sent under a new key after %i ms", async (fault, waitMs) => {
    const world = new GateWorld();
    world.shopify.faults = [fault];
    world.shopify.available = 13;
    await sent(world, "a");
    if (waitMs > 0) {
      expect(stateOf(world, "a")).toBe("queued");
      await world.advance(waitMs - 1);
      expect(keys(world)).toEqual(["call-1"]);
      await world.advance(1);
    } else await world.advance(200); // only the pace
    expect(keys(world)).toEqual(["call-1", "call-2"]);
    expect(levelOf(world, "a")).toBe(-1);
    expect(heard(world, "a")).toMatchObject({ kind: "applied" });
  });

  it("makes a new token once after 401, and pauses after a second", async () => {
    const world = new GateWorld();
    world.shopify.faults = ["http_401", "http_401"];
    await sent(world, "a");
    await world.advance(200);
    expect(world.shopify.tokensGranted).toBe(2);
    expect(world.life.operator.status()).toMatchObject({
      pausedReason: "unauthorized",
      pausedUntilMs: START_MS + 60_150,
    });
    await world.advance(61_000);
    expect(levelOf(world, "a")).toBe(-1);
  });
});

describe("journal rule 9: row errors, untainted: nothing was applied", () => {
  it("fails the push that owns the row; the others go again, same deltas, new key, and their counters hear nothing of it", async () => {
    const world = new GateWorld();
    world.shopify.badRows.set(`${itemOf("b")}@1`, "NON_MUTABLE_INVENTORY_ITEM");
    await sent(world, "a", "b", "c");
    expect(heard(world, "b")).toMatchObject({ kind: "failed", code: "NON_MUTABLE_INVENTORY_ITEM", park: ["1"] });
    expect(heard(world, "a")).toBeUndefined();
    await world.advance(200);
    expect(keys(world)).toEqual(["call-1", "call-2"]);
    expect([levelOf(world, "a"), levelOf(world, "b"), levelOf(world, "c")]).toEqual([-1, 0, -1]);
    expect(world.counter(skuId("a")).heard).toBe(1);
  });

  it("parks just the named location of a push of several", async () => {
    const world = new GateWorld();
    world.shopify.badRows.set("7@2", "INVALID_LOCATION");
    world.submit({ pushes: [push("a", [row(1, "7", "1"), row(2, "7", "2")])] });
    await world.settle();
    expect(heard(world, "a")).toMatchObject({ kind: "failed", park: ["2"] });
    expect(world.shopify.applications).toEqual([]);
  });

  it("finds the bad push by itself when the error names no row", async () => {
    const world = new GateWorld();
    world.shopify.badRows.set(`${itemOf("b")}@1`, "INVALID_LOCATION");
    world.shopify.namesRows = false;
    await sent(world, "a", "b", "c");
    await world.advance(2_000);
    expect(heard(world, "b")).toMatchObject({ kind: "failed", park: ["1"] });
    expect([levelOf(world, "a"), levelOf(world, "c")]).toEqual([-1, -1]);
  });

  it("sends all of a call again that failed as a whole, under a new key, after a pause", async () => {
    const world = new GateWorld();
    world.shopify.faults = ["failed_whole", "failed_whole"];
    await sent(world, "a", "b");
    expect(stateOf(world, "a")).toBe("queued");
    await world.advance(999);
    expect(keys(world)).toEqual(["call-1"]);
    await world.advance(1);
    expect(keys(world)).toEqual(["call-1", "call-2"]);
    await world.advance(2_000);
    expect(keys(world)).toEqual(["call-1", "call-2", "call-3"]);
    expect([levelOf(world, "a"), levelOf(world, "b")]).toEqual([-1, -1]);
  });

  it("asks for less when Shopify finds a call too large", async () => {
    const world = new GateWorld();
    world.shopify.faults = ["too_large"];
    const names = Array.from({ length: 200 }, (_, index) => String(1_000 + index));
    await sent(world, ...names);
    await world.advance(2_000);
    const sizes = world.shopify.requests.map(({ variables }) => JSON.parse(variables).input.changes.length);
    expect(sizes).toEqual([200, 125, 75]);
  });
});

describe("journal rule 10: row errors on a tainted call", () => {
  it("re-sends exactly, until Shopify says that the earlier attempt failed: a definite failure", async () => {
    const world = new GateWorld();
    world.shopify.faults = ["request_lost"];
    world.shopify.badRows.set(`${itemOf("b")}@1`, "INVALID_LOCATION");
    await sent(world, "a", "b");
    await world.advance(1_000); // refused by row: but request 1 might still be on its way
    expect(keys(world)).toEqual(["call-1", "call-1"]);
    expect(heard(world, "b")).toBeUndefined();
    await world.advance(60_000); // IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED; then a new key, refused by row, untainted
    expect(keys(world)).toEqual(["call-1", "call-1", "call-1", "call-2", "call-3"]);
    expect(heard(world, "b")).toMatchObject({ kind: "failed", park: ["1"] });
    expect([levelOf(world, "a"), levelOf(world, "b")]).toEqual([-1, 0]);
  });

  it("freezes a call whose key Shopify knows with other variables, sends nothing more, and raises an alert", async () => {
    const world = new GateWorld();
    world.shopify.faults = ["mismatch"];
    await sent(world, "a");
    await world.advance(HOUR_MS);
    expect(keys(world)).toEqual(["call-1"]);
    expect(stateOf(world, "a")).toBe("sending");
    expect(world.life.operator.status()).toMatchObject({ frozen: 1, alerts: { mismatches: 1 } });
    expect(world.logs).toContainEqual({
      level: "error",
      event: "gate.call_mismatch",
      code: "IDEMPOTENCY_KEY_PARAMETER_MISMATCH",
    });
    await sent(world, "b");
    expect(levelOf(world, "b")).toBe(-1);
  });
});

describe("journal rule 11: failed is told to the counter, with what to park", () => {
  it("tells code, message and locations, once it is certain", async () => {
    const world = new GateWorld();
    world.shopify.badRows.set(`${itemOf("a")}@1`, "INVALID_INVENTORY_ITEM");
    await sent(world, "a");
    expect(heard(world, "a")).toEqual({
      kind: "failed",
      pushKey: "push-a",
      listingId: `shop-a.myshopify.com/${itemOf("a")}`,
      correlationId: "correlation-a",
      code: "INVALID_INVENTORY_ITEM",
      message: "bad row",
      park: ["1"],
    });
  });
});

describe("journal rule 12: outcomes are stored, and repeated until acknowledged", () => {
  it.each(["unreachable", "ack_lost"] as const)("repeats a report after 1, 2, 4 s: %s", async (fault) => {
    const world = new GateWorld();
    world.reportFaults = [fault, fault, fault];
    await sent(world, "a");
    expect(world.life.operator.status().unreported).toBe(1);
    await world.advance(7_000);
    expect(world.steps.filter((step) => step === "report: about to leave")).toHaveLength(4);
    expect(heard(world, "a")).toMatchObject({ kind: "applied" });
    expect(world.life.operator.status().unreported).toBe(0);
  });

  it("does not make other counters wait for one that does not answer", async () => {
    const world = new GateWorld();
    world.reportFaults = ["unreachable"];
    await sent(world, "a", "b", "c");
    expect([heard(world, "a"), heard(world, "b")?.kind, heard(world, "c")?.kind]).toEqual([
      undefined,
      "applied",
      "applied",
    ]);
  });

  it("reports again after a crash, if nobody had acknowledged", async () => {
    const world = new GateWorld();
    world.reportFaults = Array.from({ length: 9 }, () => "unreachable");
    await sent(world, "a");
    world.restart();
    world.reportFaults = [];
    await world.advance(20_000);
    expect(heard(world, "a")).toMatchObject({ kind: "applied", atMs: START_MS });
  });

  it("keeps a tombstone for 48 h, and drops it then", async () => {
    const world = new GateWorld();
    await sent(world, "a");
    await world.advance(48 * HOUR_MS - 1);
    expect(world.submit({ pushes: [push("a")] })).toEqual([{ pushKey: "push-a", state: "done" }]);
    await world.settle();
    await world.advance(2 * HOUR_MS);
    expect(stateOf(world, "a")).toBeUndefined();
    expect(keys(world)).toHaveLength(1);
  });

  it("keeps what nobody has acknowledged for as long as it takes", async () => {
    const world = new GateWorld();
    world.reportFaults = Array.from({ length: 100_000 }, () => "unreachable");
    await sent(world, "a");
    await world.advance(50 * HOUR_MS);
    expect(stateOf(world, "a")).toBe("done");
    world.reportFaults = [];
    await world.advance(120_000);
    expect(heard(world, "a")).toMatchObject({ kind: "applied" });
  });

  it("tells again whoever submits a push that is settled", async () => {
    const world = new GateWorld();
    await sent(world, "a");
    world.counters.clear();
    expect(world.submit({ pushes: [push("a")] })).toEqual([{ pushKey: "push-a", state: "done" }]);
    await world.settle();
    expect(heard(world, "a")).toMatchObject({ kind: "applied", atMs: START_MS });
    expect(levelOf(world, "a")).toBe(-1);
  });
});

describe("journal rule 13: a crash anywhere is made good", () => {
  it("after the call was stored: the alarm of the next life re-sends it", async () => {
    const world = new GateWorld();
    world.latencyMs = 5_000;
    await sent(world, "a");
    await world.advance(5_100); // the token came, the call is under way
    expect(stateOf(world, "a")).toBe("sending");
    world.crash();
    world.latencyMs = 0;
    await world.advance(60_000);
    expect(keys(world)).toEqual(["call-1", "call-1"]);
    expect(levelOf(world, "a")).toBe(-1);
    expect(heard(world, "a")).toMatchObject({ kind: "applied" });
  });
});

describe("journal rule 14: after 23 h without a known outcome", () => {
  /** A call whose reply was lost, in a shop that was stopped until it had expired. */
  async function expired(): Promise<GateWorld> {
    const world = new GateWorld();
    world.shopify.levels.set(`${itemOf("a")}@1`, 10);
    world.shopify.faults = ["reply_lost"];
    await sent(world, "a");
    world.gate.configure({ stopped: true });
    await world.advance(23 * HOUR_MS);
    world.gate.configure({ stopped: false });
    return world;
  }

  it("sends the call until then, and never after", async () => {
    const world = new GateWorld();
    world.shopify.faults = Array.from({ length: 4_000 }, () => "reply_lost");
    await sent(world, "a");
    await world.advance(23 * HOUR_MS);
    expect(stateOf(world, "a")).toBe("expired");
    const count = keys(world).length;
    expect(world.shopify.requests.at(-1)?.atMs).toBeGreaterThan(START_MS + 23 * HOUR_MS - 31_000);
    await world.advance(HOUR_MS);
    expect(keys(world)).toHaveLength(count);
    expect(heard(world, "a")).toBeUndefined();
    expect(world.life.operator.status()).toMatchObject({ expired: 1, frozen: 0, alerts: { expiredCalls: 1 } });
    expect(world.logs).toContainEqual({ level: "error", event: "gate.call_expired" });
  });

  it("does not expire under an attempt that is under way: its reply may still settle it", async () => {
    const world = new GateWorld();
    world.shopify.faults = ["request_lost"];
    await sent(world, "a");
    world.gate.configure({ stopped: true });
    await world.advance(23 * HOUR_MS - 1_000);
    world.latencyMs = 5_000;
    world.gate.configure({ stopped: false });
    await world.advance(3_000);
    expect(stateOf(world, "a")).toBe("sending");
    await world.advance(3_000);
    expect(heard(world, "a")).toMatchObject({ kind: "applied" });
  });

  it("expires even if the object slept through it, before anything is sent", async () => {
    const world = new GateWorld();
    world.shopify.faults = ["request_lost"];
    await sent(world, "a");
    world.crash();
    world.nowMs += 25 * HOUR_MS; // nobody woke it
    await world.advance(60_000);
    expect(keys(world)).toHaveLength(1);
    expect(stateOf(world, "a")).toBe("expired");
  });

  it("never expires a call that was not tainted, however long its shop is shut", async () => {
    const world = new GateWorld();
    world.shopify.faults = Array.from({ length: 400 }, () => "http_402");
    await sent(world, "a");
    await world.advance(50 * HOUR_MS);
    expect(stateOf(world, "a")).toBe("queued");
    world.shopify.faults = [];
    await world.advance(HOUR_MS);
    expect(levelOf(world, "a")).toBe(-1);
  });

  it("shows the evidence, which no counter is fed with", async () => {
    const world = await expired();
    await world.advance(60_000);
    const looking = world.life.operator.evidence(pushKey("a"));
    await world.settle();
    expect(await looking).toMatchObject({
      push: { pushKey: "push-a" },
      state: "expired",
      call: {
        callKey: "call-1",
        referenceDocumentUri: "gid://onhand/Push/call-1",
        firstAtMs: START_MS,
        code: "NETWORK",
      },
      levels: [{ location: "1", available: 9, committed: 0 }],
    });
    expect(world.counter(skuId("a")).reads).toEqual([]);
  });

  it("resolved as applied: freed at an unknown time, so that the counter reads", async () => {
    const world = await expired();
    expect(world.life.operator.resolve(pushKey("a"), true)).toEqual({ kind: "done" });
    await world.settle();
    expect(heard(world, "a")).toMatchObject({ kind: "applied", atMs: null, after: [] });
    expect(world.journal.call(fromStore("call-1"))).toBeNull();
  });

  it("resolved as not applied: failed, nothing parked, and the counter is asked to read", async () => {
    const world = await expired();
    expect(world.life.operator.resolve(pushKey("a"), false)).toEqual({ kind: "done" });
    await world.settle();
    expect(heard(world, "a")).toMatchObject({ kind: "failed", code: "EXPIRED_NOT_APPLIED", park: [], readBack: true });
  });

  it("is for an operator alone: nothing else may settle it, and nothing but it may be resolved", async () => {
    const world = await expired();
    expect(world.life.operator.cancel(pushKey("a"))).toMatchObject({ kind: "not_allowed", state: "expired" });
    expect(world.life.operator.approve(pushKey("a"))).toMatchObject({ kind: "not_allowed" });
    await sent(world, "b");
    expect(world.life.operator.resolve(pushKey("b"), true)).toMatchObject({ kind: "not_allowed", state: "done" });
    expect(world.life.operator.resolve(pushKey("c"), true)).toEqual({ kind: "unknown_push" });
  });
});

describe("journal rule 15: what a catch holds is given back when its counter asks", () => {
  const recall = (world: GateWorld, name: string) =>
    world.gate.submit({ pushes: [], reads: [], recalls: [pushKey(name)] });

  it.each([
    ["read_only", { readOnly: true }],
    ["stopped", { stopped: true }],
    ["delta_above_max", { deltaMax: 0 }],
  ] as const)("held by %s: never sent, told until acknowledged, no longer shown", async (returned, settings) => {
    const world = new GateWorld();
    world.gate.configure(settings);
    await sent(world, "a", "b");
    world.reportFaults = ["unreachable", "ack_lost"];
    recall(world, "a");
    await world.advance(10_000);
    expect(heard(world, "a")).toMatchObject({ kind: "failed", code: "RETURNED", park: [], returned });
    expect(world.counter(skuId("a")).heard).toBe(2);
    expect(world.life.operator.held(9).map((held) => held.pushKey)).toEqual(["push-b"]);
    world.gate.configure({ readOnly: false, stopped: false, deltaMax: 10_000 });
    await world.advance(10_000);
    expect([levelOf(world, "a"), levelOf(world, "b")]).toEqual([0, -1]);
  });

  it("tells it again to a counter that hands the push out once more", async () => {
    const world = new GateWorld();
    world.gate.configure({ readOnly: true });
    await sent(world, "a");
    recall(world, "a");
    await world.settle();
    expect(world.submit({ pushes: [push("a")] })).toEqual([{ pushKey: "push-a", state: "failed" }]);
    await world.settle();
    expect(world.counter(skuId("a")).heard).toBe(2);
  });

  it("leaves alone what is not held: what waits for its pace, was approved, is under way, or is unknown", async () => {
    const world = new GateWorld();
    world.gate.configure({ deltaMax: 0 });
    world.shopify.faults = ["request_lost"];
    await sent(world, "a");
    world.life.operator.approve(pushKey("a"));
    await world.settle();
    expect(stateOf(world, "a")).toBe("sending");
    world.gate.configure({ deltaMax: 10_000 });
    world.submit({ pushes: [push("b")] });
    for (const name of ["a", "b", "nobody"]) recall(world, name);
    await world.advance(60_000);
    expect([heard(world, "a"), heard(world, "b")]).toMatchObject([{ kind: "applied" }, { kind: "applied" }]);
  });

  it("leaves a frozen call alone, whatever catch has closed since: its request may still arrive", async () => {
    const world = new GateWorld();
    world.shopify.faults = ["request_late"];
    await sent(world, "a");
    world.gate.configure({ readOnly: true });
    recall(world, "a");
    await world.advance(60_000);
    expect([stateOf(world, "a"), heard(world, "a")]).toEqual(["sending", undefined]);
  });
});
