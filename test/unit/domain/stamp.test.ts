import { expect, it } from "vitest";
import { stampMs } from "../../../src/domain/stamp.ts";
import { Desk } from "./replica/desk.ts";

it.each([
  ["2026-11-22T10:00:01Z", Date.UTC(2026, 10, 22, 10, 0, 1)],
  ["2026-11-22T10:00:01.999Z", Date.UTC(2026, 10, 22, 10, 0, 1)],
  ["2026-11-22T05:00:01.5-05:00", Date.UTC(2026, 10, 22, 10, 0, 1)],
  ["1969-12-31T23:59:59.999Z", -1_000],
])("cuts %s to its second", (text, atMs) => {
  expect(stampMs(text)).toBe(atMs);
});

it.each([null, undefined, "", "yesterday"])("knows no time in %s", (text) => {
  expect(stampMs(text)).toBeNull();
});

/** Level 10, our push of -3, and a level of 7 told in the same second: its echo, or a sale of 3 just before it. */
function seen(pushedAt: string, snapshotAt: string): readonly (number | undefined)[] {
  const second = (text: string): number => ((stampMs(text) ?? 0) - Date.UTC(2026, 10, 22, 10)) / 1_000;
  const desk = new Desk({ S1: { L1: 10 } });
  desk.own(-3);
  desk.push("S1");
  desk.applied("S1", "p1", second(pushedAt));
  desk.snapshot("S1", 7, second(snapshotAt));
  return [desk.truth["L1"], desk.floors["L1"]];
}

it("leaves a push and a level of one second in doubt, whichever of the two came with milliseconds", () => {
  // Compared as they come, the first would be a certain sale of 3, the second a certain echo, and a floor of 7.
  expect(seen("2026-11-22T10:00:05.200Z", "2026-11-22T10:00:05Z")).toEqual([7, 4]);
  expect(seen("2026-11-22T10:00:05Z", "2026-11-22T10:00:05.200Z")).toEqual([7, 4]);
});
