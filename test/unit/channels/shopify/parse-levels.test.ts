import { expect, it } from "vitest";
import { parseLevels } from "../../../../src/channels/shopify/parse-levels.ts";
import { fromStore, type InventoryItemId, type ShopLocationId } from "../../../../src/domain/ids.ts";

const items: readonly InventoryItemId[] = [fromStore("100"), fromStore("200")];
const locations: readonly ShopLocationId[] = [fromStore("1"), fromStore("2")];
const AT = "2026-11-22T10:00:01Z";
const AT_MS = Date.UTC(2026, 10, 22, 10, 0, 1);
const level = (available: number, stamp: string | null = AT) => ({
  updatedAt: "2026-11-22T11:00:00Z",
  quantities: [
    { name: "available", quantity: available, updatedAt: stamp },
    { name: "committed", quantity: 4, updatedAt: null },
  ],
});
const node = (item: string, l0: unknown, l1: unknown) => ({ id: `gid://shopify/InventoryItem/${item}`, l0, l1 });
const parse = (...nodes: unknown[]) => parseLevels({ nodes }, items, locations);

it("reads each level with the stamp of its own `available`", () => {
  expect(parse(node("100", level(5), level(-3)), node("200", level(0), level(1)))).toEqual(
    new Map([
      [
        "100",
        [
          { location: "1", available: 5, committed: 4, atMs: AT_MS },
          { location: "2", available: -3, committed: 4, atMs: AT_MS },
        ],
      ],
      [
        "200",
        [
          { location: "1", available: 0, committed: 4, atMs: AT_MS },
          { location: "2", available: 1, committed: 4, atMs: AT_MS },
        ],
      ],
    ]),
  );
});

it("leaves out a level that is not stocked, and all of an item that Shopify does not know any more", () => {
  const payload = parse(node("100", null, level(2)), null);
  expect(payload?.get("100")).toMatchObject([{ location: "2" }]);
  expect(payload?.get("200")).toEqual([]);
});

it("takes the level's own stamp where `available` has none", () => {
  expect(parse(node("100", level(5, null), null), null)?.get("100")).toMatchObject([
    { atMs: Date.UTC(2026, 10, 22, 11) },
  ]);
});

it("knows no committed where Shopify tells none", () => {
  const only = { updatedAt: AT, quantities: [{ name: "available", quantity: 1, updatedAt: AT }] };
  expect(parse(node("100", only, null), null)?.get("100")).toMatchObject([{ available: 1, committed: null }]);
});

it.each([
  ["no number", { updatedAt: AT, quantities: [] }],
  ["no stamp at all", { updatedAt: null, quantities: [{ name: "available", quantity: 1, updatedAt: null }] }],
  ["a number that is none", { updatedAt: AT, quantities: [{ name: "available", quantity: "1", updatedAt: AT }] }],
  ["nothing where a level was asked for", undefined],
])("could not read an item with %s, and never takes it for one that is not stocked", (_, l0) => {
  expect(parse(node("100", l0, level(1)), null)?.get("100")).toBeNull();
});

it("does not take one item's levels for another's", () => {
  expect(parse(node("999", level(1), null), null)?.get("100")).toBeNull();
});

it("is no answer when nodes are missing", () => {
  expect(parse(null)).toBeNull();
  expect(parseLevels({}, items, locations)).toBeNull();
});

it("cuts stamps to whole seconds, as the merge compares them", () => {
  const stamped = level(5, "2026-11-22T10:00:01.987Z");
  expect(parse(node("100", stamped, null), null)?.get("100")).toMatchObject([{ atMs: AT_MS }]);
});
