import fc from "fast-check";
import { expect, it } from "vitest";
import { fromStore } from "../../../src/domain/ids.ts";
import { d1RunningTotals } from "../../../src/store/d1-running-totals.ts";
import { SqliteD1 } from "../../support/d1/sqlite-d1.ts";

const channel = fromStore<never>("wms-main");
const at = (nowMs: number) => ({ nowMs, sinceMs: nowMs - 1_000 });

it("cuts each total where the last one ended, and tells known ranges again", async () => {
  const totals = d1RunningTotals(new SqliteD1().db, 1_000);
  expect(await totals.tell(channel, [{ subject: "po/1", units: 5 }], at(10))).toEqual([
    { subject: "po/1", from: 0, to: 5 },
  ]);
  const both = [
    { subject: "po/1", from: 0, to: 5 },
    { subject: "po/1", from: 5, to: 8 },
  ];
  expect(await totals.tell(channel, [{ subject: "po/1", units: 8 }], at(20))).toEqual(both);
  expect(await totals.tell(channel, [{ subject: "po/1", units: 8 }], at(30))).toEqual(both);
});

it("makes nothing of an older total, and tells no range of long ago again", async () => {
  const totals = d1RunningTotals(new SqliteD1().db, 1_000);
  await totals.tell(channel, [{ subject: "po/1", units: 5 }], at(10));
  expect(await totals.tell(channel, [{ subject: "po/1", units: 3 }], at(20))).toEqual([]);
  expect(await totals.tell(channel, [{ subject: "po/1", units: 9 }], at(5_000))).toEqual([
    { subject: "po/1", from: 5, to: 9 },
  ]);
});

it("sums to the largest total, whatever the order and the repeats", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 12 }), async (told) => {
      const totals = d1RunningTotals(new SqliteD1().db, 1_000);
      const counted = new Map<string, number>();
      for (const units of told)
        for (const { from, to } of await totals.tell(channel, [{ subject: "s", units }], at(10)))
          counted.set(`${from}-${to}`, to - from);
      expect([...counted.values()].reduce((sum, units) => sum + units, 0)).toBe(Math.max(...told));
    }),
    { numRuns: 30 },
  );
});
