import { expect, it } from "vitest";
import { dueRun, marksAfter, type ShopMarks } from "../../../../src/domain/reconcile/schedule.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const POLICY = { changedEveryMs: 15 * MINUTE_MS, allEveryMs: DAY_MS };
const START_MS = 10 * DAY_MS;
const MARKS: ShopMarks = {
  allAtMs: START_MS,
  changedAtMs: START_MS,
  ordersSinceMs: null,
  levelsSinceMs: null,
  outageEndedMs: START_MS,
};
const due = (afterMs: number, outageEndedMs: number | null = null, marks = MARKS) =>
  dueRun(marks, outageEndedMs, POLICY, START_MS + afterMs);

it("is due for changes after fifteen minutes, and for everything after a day", () => {
  expect(due(15 * MINUTE_MS - 1)).toBeNull();
  expect(due(15 * MINUTE_MS)).toEqual({ scope: { kind: "changed" }, trigger: "schedule" });
  expect(due(DAY_MS)).toEqual({ scope: { kind: "all" }, trigger: "schedule" });
});

it("is due at once after an outage, and once for each", () => {
  const endedMs = START_MS + MINUTE_MS;
  const outage = due(MINUTE_MS, endedMs);
  expect(outage).toEqual({ scope: { kind: "changed" }, trigger: "outage" });
  if (outage === null) return;
  expect(due(2 * MINUTE_MS, endedMs, marksAfter(MARKS, outage, endedMs, endedMs))).toBeNull();
});

it("counts a full run as one of changes", () => {
  const all = due(DAY_MS);
  if (all === null) throw new Error("none is due");
  const marks = marksAfter(MARKS, all, null, START_MS + DAY_MS);
  expect(due(DAY_MS + 14 * MINUTE_MS, null, marks)).toBeNull();
  expect(due(DAY_MS + 15 * MINUTE_MS, null, marks)).toMatchObject({ scope: { kind: "changed" } });
});
