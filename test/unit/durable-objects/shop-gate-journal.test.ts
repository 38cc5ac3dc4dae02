/** The journal's tables: what its rules do not show, that a deep queue stays cheap and that rows come back as they went in. */
import { describe, expect, it } from "vitest";
import { ShopGateJournal } from "../../../durable-objects/shop-gate-journal.ts";
import { SHOP_GATE_SCHEMA } from "../../../durable-objects/shop-gate-schema.ts";
import { type CallKey, fromStore } from "../../../src/domain/ids.ts";
import { newMemory } from "../../../src/domain/shop-gate/gate-memory.ts";
import { orderOf } from "../../../src/domain/shop-gate/lane.ts";
import type { GatePush } from "../../../src/services/gate-contract.ts";
import { push, pushKey, read, row } from "../../support/shop-gate/builders.ts";
import { SqliteObjectStorage } from "../../support/sqlite/object-storage.ts";

const NOW_MS = 1_800_000_000_000;
const callKey = fromStore<CallKey>("call-1");
const journalWith = (...pushes: readonly GatePush[]) => {
  const storage = new SqliteObjectStorage(SHOP_GATE_SCHEMA);
  const journal = new ShopGateJournal(storage);
  for (const [index, one] of pushes.entries()) journal.submit([{ push: one, refusal: null }], [], NOW_MS + index);
  return { storage, journal };
};
const waiting = (journal: ShopGateJournal, nowMs = NOW_MS + 1_000) =>
  journal.waiting({ deltaMax: 1_000, nowMs, limit: 250 }, orderOf("urgent"));

it("gives a push back as it came, ids of 18 digits and all", () => {
  const rows = [row(-3, "271878346596884015", "24826418"), row(2_000_000_000, "1", "2")];
  const { journal } = journalWith(push("a", rows));
  expect(journal.push(pushKey("a"))).toEqual({
    ...push("a", rows),
    state: "queued",
    submittedAtMs: NOW_MS,
    callKey: null,
    isApproved: false,
  });
});

it("gives a read back as it came, and stores a known key once", () => {
  const { journal } = journalWith();
  journal.submit([], [read("a", ["1", "2"])], NOW_MS);
  journal.submit([], [read("a", ["9"])], NOW_MS + 1);
  expect(journal.reads()).toEqual([{ ...read("a", ["1", "2"]), submittedAtMs: NOW_MS }]);
});

describe("a call", () => {
  it("carries its pushes in its own order, which numbers its rows", () => {
    const { journal } = journalWith(push("a"), push("b"), push("c"));
    journal.startCall(
      { callKey, kind: "adjust", variables: "{}", pushKeys: [pushKey("c"), pushKey("a"), pushKey("b")] },
      NOW_MS,
    );
    expect(journal.call(callKey)?.pushes.map((each) => each.pushKey)).toEqual(["push-c", "push-a", "push-b"]);
  });

  it("counts the calls that each push has been in", () => {
    const { journal } = journalWith(push("a"));
    expect(waiting(journal)).toMatchObject([{ tries: 1 }]);
    journal.startCall({ callKey, kind: "adjust", variables: "{}", pushKeys: [pushKey("a")] }, NOW_MS);
    const [carried] = journal.call(callKey)?.pushes ?? [];
    if (carried === undefined) throw new Error("the call lost its push");
    const queued = [{ push: carried, isAlone: true, notBeforeMs: NOW_MS + 5_000 }];
    journal.settleCall(callKey, { kind: "released", failed: [], queued, code: "" }, newMemory(NOW_MS), NOW_MS);
    expect(waiting(journal)).toEqual([]);
    expect(journal.nextDueMs(1_000)).toBe(NOW_MS + 5_000);
    expect(waiting(journal, NOW_MS + 5_000)).toMatchObject([{ tries: 2, isAlone: true }]);
  });

  it("that is released at once leaves its pushes their place in the queue", () => {
    const { journal } = journalWith(push("a"), push("b"));
    journal.startCall({ callKey, kind: "adjust", variables: "{}", pushKeys: [pushKey("a")] }, NOW_MS);
    const queued = (journal.call(callKey)?.pushes ?? []).map((each) => ({
      push: each,
      isAlone: false,
      notBeforeMs: NOW_MS + 500,
    }));
    journal.settleCall(callKey, { kind: "released", failed: [], queued, code: "" }, newMemory(NOW_MS), NOW_MS + 500);
    expect(waiting(journal).map((each) => each.pushKey)).toEqual(["push-a", "push-b"]);
  });

  it("is forgotten when the last of its expired pushes is settled", () => {
    const { journal } = journalWith(push("a"), push("b"));
    journal.startCall({ callKey, kind: "adjust", variables: "{}", pushKeys: [pushKey("a"), pushKey("b")] }, NOW_MS);
    journal.expireCall(callKey, newMemory(NOW_MS));
    const { listingId } = push("a");
    journal.settlePush({ kind: "applied", pushKey: pushKey("a"), listingId, atMs: null, after: [] }, NOW_MS);
    expect(journal.call(callKey)).not.toBeNull();
    journal.settlePush({ kind: "applied", pushKey: pushKey("b"), listingId, atMs: null, after: [] }, NOW_MS);
    expect(journal.call(callKey)).toBeNull();
  });
});

describe("all or nothing", () => {
  it("a submit that fails half-way stores nothing of itself", () => {
    const { journal } = journalWith();
    const broken = { ...push("b"), correlationId: undefined as never };
    const refusal = null;
    expect(() =>
      journal.submit(
        [
          { push: push("a"), refusal },
          { push: broken, refusal },
        ],
        [read("r")],
        NOW_MS,
      ),
    ).toThrow();
    expect([journal.push(pushKey("a")), journal.reads()]).toEqual([null, []]);
  });
});

describe("tombstones", () => {
  it("are removed 500 at a time, the oldest first, and only once acknowledged", () => {
    const names = Array.from({ length: 601 }, (_, index) => String(1_000 + index));
    const { journal } = journalWith(...names.map((name) => push(name)));
    for (const [index, name] of names.entries()) {
      const { listingId } = push(name);
      journal.settlePush({ kind: "applied", pushKey: pushKey(name), listingId, atMs: 1, after: [] }, NOW_MS + index);
    }
    journal.acknowledge(names.slice(0, 600).map(pushKey));
    const laterMs = NOW_MS + 48 * 3_600_000 + 1_000;
    expect(journal.prune(laterMs)).toBe(laterMs); // there are more
    expect(journal.prune(laterMs)).toBeNull();
    expect(journal.push(pushKey("1600"))).toMatchObject({ state: "done" });
    expect(journal.push(pushKey("1599"))).toBeNull();
  });
});

describe("a deep queue", () => {
  const plan = (storage: SqliteObjectStorage, query: string): string =>
    storage.sql
      .exec<{ detail: string }>(`EXPLAIN QUERY PLAN ${query}`)
      .toArray()
      .map(({ detail }) => detail)
      .join("; ");

  it("is looked at by its index, never read whole", () => {
    const { storage } = journalWith();
    const due =
      "SELECT due_ms FROM push WHERE state = 'queued' AND (is_approved = 1 OR largest_delta <= 5) ORDER BY due_ms LIMIT 1";
    expect(plan(storage, due)).toBe("SCAN push USING INDEX push_queue");
    const unreported = "SELECT sku_id, result FROM push WHERE reported = 0 ORDER BY settled_ms LIMIT 5";
    expect(plan(storage, unreported)).toBe("SCAN push USING INDEX push_unreported");
    const oldest = "SELECT MIN(settled_ms) AS ms FROM push WHERE reported = 1";
    expect(plan(storage, oldest)).toContain("push_tombstone");
  });
});

describe("a move", () => {
  it("is kept as such, in its push and in its call", () => {
    const { journal } = journalWith(push("a", [row(-1)], "move"));
    expect(journal.push(pushKey("a"))?.kind).toBe("move");
    journal.startCall({ callKey, kind: "move", variables: "{}", pushKeys: [pushKey("a")] }, NOW_MS);
    expect(journal.call(callKey)).toMatchObject({ kind: "move", pushes: [{ kind: "move" }] });
  });

  it("under the key of an adjust is a conflict: the same rows mean something else", () => {
    const { journal } = journalWith(push("a", [row(-1)]));
    const [answer] = journal.submit([{ push: push("a", [row(-1)], "move"), refusal: null }], [], NOW_MS);
    expect(answer?.state).toBe("conflict");
  });

  it("that withholds units overtakes everything that waits; one that gives back waits its turn", () => {
    const { journal } = journalWith(
      push("a"),
      push("b", [row(2, "200")], "move"),
      push("c", [row(-2, "300"), row(2, "300", "2")], "move"),
    );
    expect(waiting(journal).map((each) => each.pushKey)).toEqual(["push-c", "push-a", "push-b"]);
  });

  it("is not held by the largest delta: stop-sell waits for nobody's approval", () => {
    const { journal } = journalWith(push("a", [row(-5_000)], "move"), push("b", [row(-5_000, "200")]));
    expect(waiting(journal).map((each) => each.pushKey)).toEqual(["push-a"]);
  });
});
