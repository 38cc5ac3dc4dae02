import { expect, it } from "vitest";
import { holdOf } from "../../../../src/domain/shop-gate/hold.ts";
import { faultOfRows, isUrgent, largestDelta, sameRows } from "../../../../src/domain/shop-gate/push.ts";
import { row } from "../../../support/shop-gate/builders.ts";

it("finds nothing wrong with honest rows, up to Shopify's own limits", () => {
  expect(faultOfRows([row(-1), row(2_000_000_000, "100", "2")])).toBeNull();
  expect(faultOfRows(Array.from({ length: 250 }, (_, index) => row(1, "100", String(index))))).toBeNull();
});

it.each([
  ["no rows", []],
  ["two rows of one level", [row(1), row(2)]],
  ["an id is not numeric", [row(1, "gid://shopify/InventoryItem/1")]],
  ["an id is not numeric", [row(1, "100", "")]],
  ["a delta is not a whole number other than 0", [row(0)]],
  ["a delta is not a whole number other than 0", [row(1.5)]],
  ["a delta is not a whole number other than 0", [row(Number.NaN)]],
  ["a delta is beyond Shopify's limit", [row(2_000_000_001)]],
  ["a delta is beyond Shopify's limit", [row(-2_000_000_001)]],
  ["more than 250 rows", Array.from({ length: 251 }, (_, index) => row(1, "100", String(index)))],
])("refuses: %s", (fault, rows) => {
  expect(faultOfRows(rows)).toBe(fault);
});

it("calls urgent what withholds units, and nothing else", () => {
  expect(isUrgent({ kind: "move", rows: [row(2), row(-1, "100", "2")] })).toBe(true);
  expect(isUrgent({ kind: "move", rows: [row(2)] })).toBe(false);
  expect(isUrgent({ kind: "adjust", rows: [row(-1)] })).toBe(false);
});

it("holds a move under the stop and the read-only mode, and never for its size", () => {
  const move = { kind: "move", rows: [row(-5_000)], isApproved: false } as const;
  const catches = { stopped: false, readOnly: false, deltaMax: 1_000 };
  expect(holdOf(move, catches)).toBeNull();
  expect(holdOf({ ...move, kind: "adjust" }, catches)).toBe("delta_above_max");
  expect(holdOf(move, { ...catches, readOnly: true })).toBe("read_only");
  expect(holdOf(move, { ...catches, stopped: true })).toBe("stopped");
});

it("knows the same rows in the same order", () => {
  expect(sameRows([row(1), row(2, "100", "2")], [row(1), row(2, "100", "2")])).toBe(true);
  expect(sameRows([row(1)], [row(2)])).toBe(false);
  expect(sameRows([row(1)], [row(1, "101")])).toBe(false);
  expect(sameRows([row(1)], [row(1, "100", "2")])).toBe(false);
  expect(sameRows([row(1)], [row(1), row(2, "100", "2")])).toBe(false);
});

it("measures a push by its largest row, whatever its sign", () => {
  expect(largestDelta([row(3), row(-9, "100", "2")])).toBe(9);
});
