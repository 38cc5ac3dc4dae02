/** The verdict is total, and what it says of a level adds up; with the real merge, a read leaves nothing to Shopify. */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { CounterState } from "../../../src/domain/counter/counter-state.ts";
import { newCounter } from "../../../src/domain/counter/counter-state.ts";
import { fromStore, type LocationId } from "../../../src/domain/ids.ts";
import { decideAfterLook } from "../../../src/domain/reconcile/after-look.ts";
import { classifyLevel, goalOf, type LevelCause } from "../../../src/domain/reconcile/classify-level.ts";
import { expectationOf, type LevelExpectation } from "../../../src/domain/reconcile/expectation.ts";
import { shopId, stampMs } from "../../unit/domain/replica/desk.ts";
import { history, newDesk, playStep, RUNS } from "../replica/history.ts";

const units = fc.integer({ min: -9, max: 9 });
const stamp = fc.integer({ min: 0, max: 400_000 });
const expected = fc.option(
  fc.record<LevelExpectation>({
    locationId: fc.constant(fromStore<LocationId>("1")),
    shopLocationId: fc.constant(fromStore("1")),
    shown: units,
    inFlight: units,
    owed: units,
    toBuffer: units,
    anticipated: fc.nat(9),
    doubt: fc.nat(9),
    committed: units,
    parked: fc.constantFrom(null, "refused", "missing"),
    atMs: stamp,
  }),
);
const found = fc.option(fc.record({ available: units, committed: fc.option(units), atMs: stamp }));
const context = fc.record({ nowMs: stamp, webhookWindowMs: fc.constant(60_000), isHeld: fc.boolean() });

it("says of every level what it is, and its numbers add up", () => {
  fc.assert(
    fc.property(expected, found, context, fc.nat(5), (level, told, at, looks) => {
      const verdict = classifyLevel(level, told, at);
      const after = decideAfterLook(verdict, looks, at.nowMs, { looksMax: 3, webhookWindowMs: 60_000 });
      if (verdict.kind !== "difference") {
        if (level !== null && told !== null) expect(told.available).toBe(goalOf(level));
        expect(after.kind).not.toBe("report");
        return;
      }
      expect(verdict.expected).toBe(level === null ? null : goalOf(level));
      expect(verdict.found).toBe(told?.available ?? null);
      if (level === null || told === null) return;
      expect(verdict.difference).toBe(told.available - goalOf(level));
      expect(verdict.difference).not.toBe(0);
      // The rest of the difference is what we have not sent, or what has not arrived.
      const ours = (verdict.difference ?? 0) - verdict.byShopify;
      const unsent = -level.owed - level.toBuffer;
      expect([unsent, unsent - level.inFlight]).toContain(ours);
    }),
    RUNS,
  );
});

/** Causes that say: Shopify shows something that we did not make and do not know. */
const AT_SHOPIFY: ReadonlySet<LevelCause> = new Set<LevelCause>([
  "missed_webhook",
  "change_in_shopify",
  "unexplained",
  "in_doubt",
]);

it("finds nothing of Shopify's own in a level that was just read, whatever happened before", () => {
  fc.assert(
    fc.property(history, units, (steps, available) => {
      const desk = newDesk();
      for (const step of steps) playStep(desk, step);
      desk.wait(120_000);
      const key = desk.read("S1");
      if (key === null) return; // a push is open: a read would not say what it contains
      desk.answered("S1", key, { L1: [available, 20], L2: [available, 20] });
      const state: CounterState = { ...newCounter(fromStore("sku"), fromStore("A")), merge: desk.state, books: BOOKS };
      const [listing] = expectationOf(state, shopId("S1")).listings;
      for (const level of listing?.levels ?? []) {
        const told = { available, committed: null, atMs: stampMs(20) };
        const verdict = classifyLevel(level, told, { nowMs: stampMs(500), webhookWindowMs: 60_000, isHeld: false });
        if (verdict.kind === "difference" && level.anticipated === 0) expect(AT_SHOPIFY).not.toContain(verdict.cause);
        expect(level.shown).toBe(available);
      }
    }),
    RUNS,
  );
});

const book = (name: string) =>
  [fromStore<LocationId>(name), { shopLocationId: fromStore<never>(name), committed: 0 }] as const;
const BOOKS: CounterState["books"] = new Map(
  ["S1", "S2"].map((shop) => [shopId(shop), new Map([book("L1"), book("L2")])]),
);
