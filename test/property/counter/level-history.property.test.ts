/**
 * Levels at a moment are the levels that were there: whatever happened since, however often history was folded into
 * balances, and by however few rows at a call they are added up.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CounterEvent } from "../../../src/domain/counter/counter-event.ts";
import type { LevelsByLocation, PastLevels } from "../../../src/domain/counter/level-history.ts";
import { fromStore, type LocationId } from "../../../src/domain/ids.ts";
import { asked, commit, count, hold, release, sale } from "../../support/counter/asked.ts";
import { STORED_LISTING, StoredCounter } from "../../support/counter/stored-counter.ts";

const DAY_MS = 86_400_000;
const HORIZON_MS = 3 * DAY_MS;
const START_MS = Date.parse("2027-01-10T05:00:00Z");
const PLACES = ["1", "2"] as const;

const place = fc.constantFrom(...PLACES).map((id) => fromStore<LocationId>(id));
const quantity = fc.integer({ min: 1, max: 9 });
type Make = (n: number, nowMs: number) => CounterEvent;

const make: fc.Arbitrary<Make> = fc.oneof(
  fc.tuple(place, quantity).map(
    ([locationId, q]): Make =>
      (n, occurredAtMs) =>
        sale(`s${n}`, q, { locationId, occurredAtMs, allowNegative: true }),
  ),
  fc.tuple(place, quantity).map(
    ([locationId, q]): Make =>
      (n, occurredAtMs) =>
        asked(`r${n}`, { kind: "receipt", delta: q, locationId, occurredAtMs }),
  ),
  fc.tuple(place, quantity).map(
    ([locationId, q]): Make =>
      (n, occurredAtMs) =>
        asked(`d${n}`, {
          kind: "damage",
          delta: -q,
          moves: { damaged: q },
          locationId,
          occurredAtMs,
          allowNegative: true,
        }),
  ),
  fc.tuple(place, quantity).map(
    ([locationId, q]): Make =>
      (n, nowMs) =>
        hold(`h${n % 4}`, q, {
          lines: [{ locationId, quantity: q }],
          expiresAtMs: nowMs + DAY_MS,
          fingerprint: `${n}`,
        }),
  ),
  fc.nat(3).map(
    (id): Make =>
      (_, decidedAtMs) =>
        commit(`h${id}`, { decidedAtMs }),
  ),
  fc.nat(3).map(
    (id): Make =>
      () =>
        release(`h${id}`),
  ),
  fc.tuple(place, fc.nat(30)).map(
    ([locationId, units]): Make =>
      (n, nowMs) =>
        count(`c${n}`, locationId, units, "available", nowMs),
  ),
  fc.tuple(place, fc.nat(30)).map(
    ([locationId, available]): Make =>
      (n, atMs) => ({
        ...{ kind: "snapshot", listingId: STORED_LISTING, locationId, shopLocationId: fromStore<never>(locationId) },
        ...{ available, atMs, correlationId: fromStore<never>(`snapshot-${n}`) },
      }),
  ),
);

const history = fc.record({
  steps: fc.array(fc.record({ gapMs: fc.constantFrom(0, 0, 1, 60_000, 5 * 3_600_000, 2 * DAY_MS), make }), {
    minLength: 1,
    maxLength: 40,
  }),
  rowsMax: fc.constantFrom(1, 3, 20_000),
});

type Moment = { readonly atMs: number; readonly levels: LevelsByLocation };

function presentOf({ desk }: StoredCounter): LevelsByLocation {
  const { locations } = desk.levels() ?? { locations: [] };
  return new Map(
    locations.map(({ locationId, ledger, reserved, committed, damaged, safetyStock }): [LocationId, PastLevels] => [
      locationId,
      { ledger, reserved, committed, damaged, safetyStock },
    ]),
  );
}

const nonZero = (levels: LevelsByLocation) =>
  [...levels].filter(([, units]) => Object.values(units).some((each) => each !== 0)).toSorted();

describe("levels at a moment", () => {
  it("are those that were there, by the day where history is folded, and say so", async () => {
    let days = 0;
    await fc.assert(
      fc.asyncProperty(history, async ({ steps, rowsMax }) => {
        const counter = new StoredCounter(START_MS, {
          ...{ historyRowsMax: rowsMax, pruneEveryMs: DAY_MS, pruneRowsMax: 5 },
          limits: { horizonMs: HORIZON_MS, levelMax: 1e9 },
        }).connect({ 1: 20, 2: 5 });
        const moments: Moment[] = [{ atMs: START_MS, levels: presentOf(counter) }];
        for (const [n, step] of steps.entries()) {
          counter.nowMs += step.gapMs;
          await counter.desk.alarm();
          counter.apply(step.make(n, counter.nowMs));
          moments.push({ atMs: counter.nowMs, levels: presentOf(counter) });
        }
        const lastBefore = (atMs: number): LevelsByLocation =>
          moments.findLast((moment) => moment.atMs <= atMs)?.levels ?? new Map();
        for (const { atMs } of moments)
          for (const asOfMs of [atMs - 1, atMs, atMs + 3_600_000]) {
            if (asOfMs > counter.nowMs) continue;
            const answer = counter.levelsAt(asOfMs);
            const isDay = answer.precision === "day";
            const spokenMs = isDay ? Math.floor(asOfMs / DAY_MS) * DAY_MS : asOfMs;
            expect(answer.atMs).toBe(spokenMs);
            // The beginning of a day is the state before whatever happened at its very first moment.
            const expected = lastBefore(isDay ? spokenMs - 1 : spokenMs);
            const told = new Map(answer.locations.map(({ locationId, ...levels }) => [locationId, levels]));
            expect(nonZero(told)).toEqual(nonZero(expected));
            if (asOfMs >= counter.nowMs - HORIZON_MS) expect(answer.precision).toBe("exact");
            if (isDay) days += 1;
          }
      }),
      { numRuns: 150 },
    );
    expect(days).toBeGreaterThan(100);
  });

  it("are added up from movements and balances alone: both sides of a moment give the present", async () => {
    await fc.assert(
      fc.asyncProperty(history, async ({ steps }) => {
        const counter = new StoredCounter(START_MS, {
          ...{ pruneEveryMs: DAY_MS, limits: { horizonMs: HORIZON_MS, levelMax: 1e9 } },
        }).connect({ 1: 20, 2: 5 });
        for (const [n, step] of steps.entries()) {
          counter.nowMs += step.gapMs;
          await counter.desk.alarm();
          counter.apply(step.make(n, counter.nowMs));
        }
        const rows = counter.storage.sql.exec<Record<string, string | number>>(
          `SELECT location_id, SUM(ledger) AS ledger, SUM(reserved) AS reserved, SUM(committed) AS committed, SUM(damaged) AS damaged,
             SUM(safety_stock) AS "safetyStock" FROM (
               SELECT location_id, delta AS ledger, reserved, committed, damaged, safety_stock FROM movements
               UNION ALL SELECT location_id, delta, reserved, committed, damaged, safety_stock FROM balances) GROUP BY 1`,
        );
        const summed = new Map(
          Array.from(rows, ({ location_id, ...levels }) => [location_id as LocationId, levels as PastLevels]),
        );
        expect(nonZero(summed)).toEqual(nonZero(presentOf(counter)));
      }),
      { numRuns: 60 },
    );
  });
});
