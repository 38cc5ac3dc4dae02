import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { CounterEvent } from "../../src/domain/counter/counter-event.ts";
import { fromStore } from "../../src/domain/ids.ts";
import type { Counter } from "../../src/services/counter-contract.ts";
import type { CounterForGate, GatePush } from "../../src/services/gate-contract.ts";
import {
  connected,
  HERE,
  LISTING,
  level,
  movement,
  OPENED_MS,
  order,
  SHOP,
  snapshot,
  stubOf,
  THERE,
} from "./support/counters.ts";

type TestCounter = Counter & CounterForGate;
type Run = { readonly counter: TestCounter; readonly name: string; pushes: readonly GatePush[] };
type Step = (run: Run) => Promise<unknown>;

const AT_MS = OPENED_MS + 60_000;
const apply =
  (...events: readonly CounterEvent[]): Step =>
  ({ counter }) =>
    counter.apply(events);

/** One of each: our movements, orders, levels, a push and its answer, a read and its answer, alarms in between. */
const STEPS: readonly Step[] = [
  apply(movement({ key: "till-1", delta: -2 })),
  async (run) => {
    run.pushes = (await run.counter.takeWork(SHOP)).pushes;
  },
  apply(order("1/1", 3, AT_MS), movement({ key: "till-2", delta: -1, locationId: THERE })),
  // Asked again, the same open push is handed out, under the same key.
  async (run) => {
    const again = await run.counter.takeWork(SHOP);
    const repeated = again.pushes.filter(({ pushKey }) => run.pushes.some((open) => open.pushKey === pushKey));
    expect(repeated.map(({ rows }) => JSON.stringify(rows))).toEqual(
      run.pushes.map(({ rows }) => JSON.stringify(rows)),
    );
    run.pushes = again.pushes; // and what the other location is owed since
  },
  ({ counter, pushes }) =>
    counter.gateResults({
      pushes: pushes.map(({ pushKey }) => ({
        pushKey,
        listingId: LISTING,
        kind: "applied",
        atMs: AT_MS - 1_000,
        after: [],
      })),
      reads: [],
    }),
  apply(snapshot(HERE, 5, AT_MS)),
  ({ name }) => runDurableObjectAlarm(stubOf(name)),
  async (run) => {
    const { pushes } = await run.counter.takeWork(SHOP);
    await run.counter.gateResults({
      pushes: pushes.map(({ pushKey }) => ({
        pushKey,
        listingId: LISTING,
        kind: "applied",
        atMs: AT_MS + 5_000,
        after: [],
      })),
      reads: [],
    });
  },
  ({ counter }) => counter.audit(LISTING),
  async ({ counter }) => {
    const { reads } = await counter.takeWork(SHOP);
    await counter.gateResults({
      pushes: [],
      reads: reads.map(({ readKey }) => ({
        readKey,
        listingId: LISTING,
        kind: "answered",
        levels: [
          { location: fromStore(HERE), available: 5, committed: 3, atMs: AT_MS + 9_000 },
          { location: fromStore(THERE), available: 3, committed: 0, atMs: AT_MS + 9_000 },
        ],
      })),
    });
  },
  apply(movement({ key: "till-1", delta: -2 }), order("1/1", 3, AT_MS)),
];

type Shown = { readonly locations: readonly { readonly locationId: string; readonly ledger: number }[] };

/** @param evictAfter  the step after which the object loses its memory; null: never; Infinity: after every one */
async function play(name: string, evictAfter: number | null) {
  const run: Run = { counter: await connected(name, level(HERE, 10), level(THERE, 4)), name, pushes: [] };
  for (const [i, step] of STEPS.entries()) {
    await step(run);
    if (evictAfter === i || evictAfter === Number.POSITIVE_INFINITY) await evictDurableObject(stubOf(name));
  }
  const levels = await run.counter.levels();
  const { movements } = await run.counter.movements({ beforeSeq: null, limit: 100 });
  // Plain copies: what RPC returns holds more than its data, and a failing comparison of that never ends.
  const shown = JSON.parse(JSON.stringify({ ...levels, sku: null, skuId: null, asOf: null })) as Shown;
  const told = movements.map(({ kind, locationId, delta, before, after, explainedBy }) =>
    JSON.stringify({ kind, locationId, delta, before, after, explainedBy }),
  );
  return { shown, movements: told };
}

describe("a counter that is evicted", () => {
  it("ends as it would have without, whichever step it was evicted after", async () => {
    const undisturbed = await play("evict-never", null);
    expect(undisturbed.shown).toMatchObject({ available: 8, floor: 8, committed: 3, onHand: 11 });
    for (const [i] of STEPS.entries()) expect(await play(`evict-${i}`, i)).toEqual(undisturbed);
    expect(await play("evict-always", Number.POSITIVE_INFINITY)).toEqual(undisturbed);
  });

  it("keeps Σ movements equal to the ledger of every location", async () => {
    const { shown, movements } = await play("sum", null);
    const moved = movements.map((text) => JSON.parse(text) as { locationId: string; delta: number });
    for (const { locationId, ledger } of shown.locations) {
      const sum = moved.filter((m) => m.locationId === locationId).reduce((total, { delta }) => total + delta, 0);
      expect([locationId, sum]).toEqual([locationId, ledger]);
    }
  });

  it("signals again by its alarm when a signal was lost, and stops when its work is answered", async () => {
    const counter = await connected("signal", level(HERE, 10));
    await counter.apply([movement({ key: "s", delta: -1 })]);
    const outbox = () =>
      runInDurableObject(stubOf("signal"), (_, { storage }) =>
        storage.sql.exec("SELECT phase, tries FROM outbox").toArray(),
      );
    // However the signal fared, it is outstanding until the answer comes: late by then, it is sent again.
    await runInDurableObject(stubOf("signal"), (_, { storage }) =>
      storage.sql.exec("UPDATE outbox SET phase = 'signalled', tries = 1, again_ms = 0"),
    );
    await evictDurableObject(stubOf("signal"));
    await runDurableObjectAlarm(stubOf("signal"));
    expect(await outbox()).toEqual([{ phase: "signalled", tries: 2 }]);
    const { pushes } = await counter.takeWork(SHOP);
    await counter.gateResults({
      pushes: pushes.map(({ pushKey }) => ({ pushKey, listingId: LISTING, kind: "applied", atMs: AT_MS, after: [] })),
      reads: [],
    });
    expect(await outbox()).toEqual([]);
  });
});

describe("a counter's history", () => {
  it("is folded into daily balances beyond 30 days, so that Σ still equals the ledger, and keys are forgotten", async () => {
    const counter = await connected("prune", level(HERE, 100));
    await counter.apply(Array.from({ length: 20 }, (_, i) => movement({ key: `old-${i}`, delta: -1 })));
    const oldMs = Date.now() - 31 * 24 * 60 * 60 * 1_000;
    await runInDurableObject(stubOf("prune"), (_, { storage }) => {
      storage.sql.exec("UPDATE movements SET recorded_at_ms = ? WHERE seq <= 15", oldMs);
      storage.sql.exec("UPDATE timers SET at_ms = 0 WHERE name = 'prune'");
    });
    await evictDurableObject(stubOf("prune"));
    await runDurableObjectAlarm(stubOf("prune"));
    const kept = await runInDurableObject(stubOf("prune"), (_, { storage }) => ({
      movements: storage.sql.exec("SELECT COUNT(*) AS n, SUM(delta) AS sum FROM movements").one(),
      balances: storage.sql.exec("SELECT day, kind, delta, movements FROM balances ORDER BY kind").toArray(),
    }));
    expect(kept.movements).toEqual({ n: 6, sum: -6 });
    const day = new Date(oldMs).toISOString().slice(0, 10);
    expect(kept.balances).toEqual([
      { day, kind: "adjustment", delta: -14, movements: 14 },
      { day, kind: "shopify", delta: 100, movements: 1 },
    ]);
    expect(await counter.levels()).toMatchObject({ available: 80 });
  });

  it("refuses what happened before the horizon, because nobody can tell any more whether it was counted", async () => {
    const counter = await connected("horizon", level(HERE, 5));
    const reply = await counter.apply([
      movement({ key: "ancient", delta: -1, occurredAtMs: Date.now() - 31 * 24 * 60 * 60 * 1_000 }),
    ]);
    expect(reply).toMatchObject({ outcomes: [{ kind: "too_old" }] });
  });
});

describe("a counter's SKU", () => {
  it("is an alias of its immutable id: connected under a new name, it keeps its history", async () => {
    const counter = await connected("renamed", level(HERE, 5));
    await counter.apply([movement({ key: "a", delta: -1 })]);
    await counter.connectListing({
      sku: fromStore("NEW-NAME"),
      listingId: LISTING,
      levels: [level(HERE, 5)],
      correlationId: fromStore("rename"),
    });
    expect(await counter.levels()).toMatchObject({ sku: "NEW-NAME", skuId: "renamed", available: 4 });
  });
});
