import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextTickMs } from "../../../src/domain/replica/next-tick.ts";
import { wants } from "../../../src/domain/replica/start.ts";
import type { MergeState } from "../../../src/domain/replica/state.ts";
import { truthOf } from "../../../src/domain/replica/truth.ts";
import { Books } from "../../simulation/replica/books.ts";
import { throughStore } from "../../simulation/replica/stored.ts";
import { Desk, placeId, shopId, snapshotOf } from "../../unit/domain/replica/desk.ts";
import { hintEvent, history, newDesk, PLACES, playStep, RUNS, SHOPS, snapshotEvent } from "./history.ts";

/** The ledger's part of every level: what only evidence may change. */
function measured(state: MergeState): unknown {
  return Array.from(state.listings, ([id, { levels }]) => [
    id,
    Array.from(levels, ([where, { settled, effective, lowest }]) => [where, settled, effective, lowest]),
  ]);
}

describe("after any history", () => {
  it("the truth is X and what counts of every shop, less what orders take (I1), and doubt only lowers (I3)", () => {
    fc.assert(
      fc.property(history, (steps) => {
        const desk = newDesk();
        const own = new Map<string, number>(PLACES.map((where) => [where, 0]));
        for (const next of steps) {
          playStep(desk, next);
          if (next.kind === "event" && next.event.kind === "own") {
            own.set(next.event.locationId, (own.get(next.event.locationId) ?? 0) + next.event.delta);
          }
          for (const { locationId, available, floor } of truthOf(desk.state)) {
            let expected = own.get(locationId) ?? 0;
            for (const { levels, hints } of desk.state.listings.values()) {
              const { settled = 0, effective = 0, lowest = 0 } = levels.get(locationId) ?? {};
              expect(lowest).toBeLessThanOrEqual(effective);
              expect(effective).toBeLessThanOrEqual(settled);
              expected += effective;
              for (const hint of hints.values()) if (hint.predicted === locationId) expected += Math.min(0, hint.left);
            }
            expect(available).toBe(expected);
            expect(floor).toBeLessThanOrEqual(available);
          }
        }
      }),
      RUNS,
    );
  });

  it("a hint changes neither the ledger nor what counts of any shop", () => {
    fc.assert(
      fc.property(history, hintEvent, (steps, hint) => {
        const desk = newDesk();
        for (const next of steps) playStep(desk, next);
        const before = desk.state;
        desk.apply(hint);
        expect(measured(desk.state)).toEqual(measured(before));
        expect(desk.state.own).toBe(before.own);
      }),
      RUNS,
    );
  });

  it("an event that comes twice in a row leaves the very same state as once", () => {
    fc.assert(
      fc.property(history, fc.oneof(snapshotEvent, hintEvent), (steps, event) => {
        const desk = newDesk();
        for (const next of steps) playStep(desk, next);
        desk.apply(event);
        const { state } = desk;
        desk.apply(event);
        expect(desk.state).toBe(state);
        for (const shop of SHOPS) {
          const key = Object.keys(desk.open(shop))[0] ?? desk.listing(shop).read?.key ?? "stranger";
          const twice = [
            (): void => desk.applied(shop, key, 3, { L1: 4 }),
            (): void => desk.answered(shop, key, { L1: [4, 3], L2: [4, 3] }),
            (): void => desk.failed(shop, key, []),
          ];
          for (const once of twice) {
            once();
            const after = desk.state;
            once();
            expect(desk.state).toBe(after);
          }
        }
      }),
      RUNS,
    );
  });

  it("an event touches its own listing alone, and of that only the levels it concerns", () => {
    fc.assert(
      fc.property(history, snapshotEvent, (steps, event) => {
        if (event.kind !== "snapshot") return;
        const desk = newDesk();
        for (const next of steps) playStep(desk, next);
        const before = desk.state;
        desk.apply(event);
        for (const shop of SHOPS) {
          if (shop !== event.listingId) expect(desk.listing(shop)).toBe(before.listings.get(shopId(shop)));
          for (const where of PLACES) {
            if (shop === event.listingId && where === event.locationId) continue;
            expect(desk.level(shop, where)).toBe(before.listings.get(shopId(shop))?.levels.get(placeId(where)));
          }
        }
        for (const [listingId, { hints }] of desk.state.listings) {
          for (const [id, hint] of hints) {
            const known = before.listings.get(listingId)?.hints.get(id);
            if (known?.left === hint.left) expect(hint).toBe(known);
          }
        }
        expect([desk.state.own, desk.state.locations]).toEqual([before.own, before.locations]);
      }),
      RUNS,
    );
  });

  it("the books are an unbroken chain, and no settlement is explained by more than it changed, or by the other sign", () => {
    fc.assert(
      fc.property(history, (steps) => {
        const desk = newDesk();
        const books = new Books();
        const opening = new Desk({ S1: { L1: 10, L2: 5 } });
        books.book(
          [...opening.state.listings.values()].flatMap(({ levels }) =>
            Array.from(levels, ([locationId, level]) => ({
              listingId: shopId("S1"),
              locationId,
              n: 1,
              before: 0,
              after: level.settled,
              atMs: level.atMs,
              evidence: "adopted" as const,
            })),
          ),
          [],
        );
        for (const next of steps) {
          desk.settlements.length = 0;
          desk.attributions.length = 0;
          playStep(desk, next);
          books.book(desk.settlements, desk.attributions);
          books.checkAgainst(desk.state);
        }
      }),
      RUNS,
    );
  });

  it("nothing depends on object identity: through the store and back after every step, the end is the same", () => {
    fc.assert(
      fc.property(history, (steps) => {
        const [kept, stored] = [newDesk(), newDesk()];
        for (const next of steps) {
          playStep(kept, next);
          playStep(stored, next);
          stored.state = throughStore(stored.state);
        }
        expect(stored.state).toEqual(kept.state);
        expect(stored.attributions).toEqual(kept.attributions);
      }),
      RUNS,
    );
  });

  it("time alone changes nothing, and makes nothing startable, before the next tick", () => {
    fc.assert(
      fc.property(history, fc.integer({ min: 0, max: 99 }), (steps, percent) => {
        const desk = newDesk();
        for (const next of steps) playStep(desk, next);
        desk.wait(0);
        const nextMs = Math.min(nextTickMs(desk.state, desk.windows, desk.nowMs), desk.nowMs + 1e7);
        expect(nextMs).toBeGreaterThan(desk.nowMs);
        const { state } = desk;
        const startable = new Set(Object.entries(desk.wants).map(String));
        desk.nowMs = Math.floor(desk.nowMs + ((nextMs - desk.nowMs) * percent) / 100);
        for (const want of wants(state, desk.nowMs, desk.windows)) expect(startable).toContain(String(want));
        desk.wait(0);
        expect(desk.state).toBe(state);
      }),
      RUNS,
    );
  });
});

describe("snapshots of different seconds", () => {
  const levels = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 0, max: 20 })), {
    selector: ([atS]) => atS,
    minLength: 1,
    maxLength: 8,
  });

  it("prove the same in any order and in any batches", () => {
    fc.assert(
      fc.property(levels, fc.array(fc.nat(), { maxLength: 8 }), fc.boolean(), (known, order, batched) => {
        const events = known.map(([atS, available]) => snapshotOf("S1", available, atS));
        const shuffled = events
          .map((event, k) => ({ event, rank: order[k] ?? 0 }))
          .sort((a, b) => a.rank - b.rank)
          .map(({ event }) => event);
        const desk = new Desk({ S1: { L1: 10 } });
        if (batched) desk.apply(...shuffled);
        else for (const event of shuffled) desk.apply(event);
        const newest = known.reduce((a, b) => (b[0] > a[0] ? b : a));
        const { settled, effective, lowest, atMs, pending } = desk.level("S1");
        expect({ settled, effective, lowest, atMs, pending }).toEqual({
          settled: newest[1],
          effective: newest[1],
          lowest: newest[1],
          atMs: 1_000_000_000 + newest[0] * 1_000,
          pending: [],
        });
      }),
      RUNS,
    );
  });
});
