import { describe, expect, it } from "vitest";
import { parseAdjust } from "../../../../src/channels/shopify/parse-adjust.ts";

const payload = (inventoryAdjustmentGroup: unknown, userErrors: unknown = []) => ({
  inventoryAdjustQuantities: { inventoryAdjustmentGroup, userErrors },
});
const change = {
  name: "available",
  delta: -2,
  quantityAfterChange: null,
  item: { id: "gid://shopify/InventoryItem/271878346596884015" },
  location: { id: "gid://shopify/Location/24826418" },
};

it("reads time and changes, every digit of an id kept", () => {
  expect(parseAdjust(payload({ id: "x", createdAt: "2026-11-22T10:00:01Z", changes: [change] }))).toEqual({
    group: {
      createdAtMs: Date.UTC(2026, 10, 22, 10, 0, 1),
      changes: [
        { name: "available", delta: -2, quantityAfter: null, item: "271878346596884015", location: "24826418" },
      ],
    },
    userErrors: [],
  });
});

it.each([null, undefined, "", "yesterday"])("knows no time where there is none: %s", (createdAt) => {
  expect(parseAdjust(payload({ createdAt, changes: [] }))?.group).toEqual({ createdAtMs: null, changes: [] });
});

it("reads a group without changes, and changes whose item or location is hidden", () => {
  expect(parseAdjust(payload({ createdAt: null, changes: null }))?.group?.changes).toEqual([]);
  const hidden = { ...change, item: null, location: { id: "no gid" } };
  expect(parseAdjust(payload({ createdAt: null, changes: [hidden] }))?.group?.changes).toMatchObject([
    { item: null, location: null },
  ]);
});

describe("userErrors", () => {
  const rowOf = (field: unknown) =>
    parseAdjust(payload(null, [{ code: "INVALID_LOCATION", field, message: "m" }]))?.userErrors[0]?.row;
  it.each([
    [["input", "changes", "3", "inventoryItemId"], 3],
    [["changes", "12", "locationId"], 12],
    [["input", "changes", "0"], 0],
    [["input", "reason"], null],
    [["input"], null],
    [[], null],
    [null, null],
  ])("name their row: %j is %s", (field, row) => {
    expect(rowOf(field)).toBe(row);
  });

  it("may lack code and field", () => {
    expect(parseAdjust(payload(null, [{}]))?.userErrors).toEqual([{ code: null, message: "", row: null }]);
  });
});

it.each([
  null,
  {},
  { inventoryAdjustQuantities: null },
  payload("text"),
  payload(null, null),
  payload({ changes: [{ ...change, delta: 0.5 }] }),
])("is no payload: %j", (data) => {
  expect(parseAdjust(data)).toBeNull();
});

it("cuts the time to the whole second, as the stamps of levels are cut", () => {
  expect(parseAdjust(payload({ createdAt: "2026-11-22T10:00:01.987Z", changes: [] }))?.group?.createdAtMs).toBe(
    Date.UTC(2026, 10, 22, 10, 0, 1),
  );
});
