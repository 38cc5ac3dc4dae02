import { describe, expect, it } from "vitest";
import { type SmallShop, startSmallShop } from "./support/shop.ts";
import { callGraphql, type GraphqlReply, itemGid, locationGid, operation } from "./support/simulator-client.ts";

const ADJUST = `mutation A($input: InventoryAdjustQuantitiesInput!, $key: String!) {
  inventoryAdjustQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup {
      id createdAt reason referenceDocumentUri
      changes { name delta quantityAfterChange ledgerDocumentUri item { id } location { id name } }
    }
    userErrors { code field message }
  }
}`;
const MOVE = `mutation M($input: InventoryMoveQuantitiesInput!, $key: String!) {
  inventoryMoveQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { changes { name delta } }
    userErrors { code field message }
  }
}`;

let keys = 0;
const freshKey = (): string => `key-${++keys}`;

type Row = { item: string; location: string; delta?: number; quantity?: number; from?: number | null; ledger?: string };

function adjust(shop: SmallShop, rows: readonly Row[], more: object = {}): Promise<GraphqlReply> {
  const changes = rows.map((row) => ({
    inventoryItemId: itemGid(row.item),
    locationId: locationGid(row.location),
    delta: row.delta ?? 1,
    changeFromQuantity: row.from ?? null,
    ...(row.ledger === undefined ? {} : { ledgerDocumentUri: row.ledger }),
  }));
  const input = { name: "available", reason: "correction", changes, ...more };
  return callGraphql(shop.simulator, ADJUST, { key: freshKey(), input });
}

function set(shop: SmallShop, rows: readonly Row[], more: object = {}): Promise<GraphqlReply> {
  const quantities = rows.map((row) => ({
    inventoryItemId: itemGid(row.item),
    locationId: locationGid(row.location),
    quantity: row.quantity ?? 0,
    changeFromQuantity: row.from ?? null,
  }));
  const input = { name: "available", reason: "correction", quantities, ...more };
  return callGraphql(shop.simulator, operation("set"), { key: freshKey(), input });
}

/** The payload of the only root field. */
function payload(reply: GraphqlReply): { inventoryAdjustmentGroup: never; userErrors: unknown[] } {
  expect(reply.errors).toBeUndefined();
  return Object.values(reply.data ?? {})[0] as never;
}

function errorsOf(reply: GraphqlReply): unknown[] {
  return payload(reply).userErrors;
}

function quantities(shop: SmallShop, itemId: string, locationId: string): number[] {
  const level = shop.simulator.level({ itemId }, locationId);
  return [level?.available ?? Number.NaN, level?.onHand ?? Number.NaN, level?.committed ?? Number.NaN];
}

describe("inventoryAdjustQuantities", () => {
  it("moves available and drags on_hand, tells both rows and never the quantity after", async () => {
    const shop = await startSmallShop({ now: () => Date.parse("2026-06-25T01:33:55.700Z") });
    const { item } = shop.addItem("A-1", [5, 0]);
    const uri = "gid://onhand/Push/1";
    const reply = await adjust(shop, [{ item: item.id, location: shop.near.id, delta: 2 }], {
      referenceDocumentUri: uri,
    });
    const place = {
      item: { id: itemGid(item.id) },
      location: { id: locationGid(shop.near.id), name: "Shop location" },
    };
    expect(payload(reply)).toEqual({
      inventoryAdjustmentGroup: {
        id: expect.stringMatching(/^gid:\/\/shopify\/InventoryAdjustmentGroup\/\d+$/),
        createdAt: "2026-06-25T01:33:55Z",
        reason: "correction",
        referenceDocumentUri: uri,
        changes: [
          { name: "available", delta: 2, quantityAfterChange: null, ledgerDocumentUri: null, ...place },
          { name: "on_hand", delta: 2, quantityAfterChange: null, ledgerDocumentUri: null, ...place },
        ],
      },
      userErrors: [],
    });
    expect(quantities(shop, item.id, shop.near.id)).toEqual([7, 7, 0]);
  });

  it("takes available below zero", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A-1", [1, 0]);
    expect(errorsOf(await adjust(shop, [{ item: item.id, location: shop.near.id, delta: -6 }]))).toEqual([]);
    expect(quantities(shop, item.id, shop.near.id)).toEqual([-5, -5, 0]);
  });

  it("leaves zero rows out, and has no group when all are zero", async () => {
    const shop = await startSmallShop();
    const one = shop.addItem("A-1", [5, 0]).item.id;
    const other = shop.addItem("A-2", [5, 0]).item.id;
    const place = { location: shop.near.id };
    const none = await adjust(shop, [{ item: one, ...place, delta: 0 }]);
    expect(payload(none)).toEqual({ inventoryAdjustmentGroup: null, userErrors: [] });
    const mixed = await adjust(shop, [
      { item: one, ...place, delta: 0 },
      { item: other, ...place, delta: 3 },
    ]);
    const group = payload(mixed).inventoryAdjustmentGroup as { changes: { name: string; item: { id: string } }[] };
    expect(group.changes.map((change) => [change.name, change.item.id])).toEqual([
      ["available", itemGid(other)],
      ["on_hand", itemGid(other)],
    ]);
  });

  it("refuses the whole call for one bad row and names its index", async () => {
    const shop = await startSmallShop();
    const good = shop.addItem("A-1", [5, 5]).item.id;
    const reply = await adjust(shop, [
      { item: good, location: shop.near.id },
      { item: "999999999999", location: "888888888888" },
    ]);
    expect(errorsOf(reply)).toEqual([
      {
        code: "INVALID_INVENTORY_ITEM",
        field: ["input", "changes", "1", "inventoryItemId"],
        message: "The specified inventory item could not be found.",
      },
      {
        code: "INVALID_LOCATION",
        field: ["input", "changes", "1", "locationId"],
        message: "The specified location could not be found.",
      },
    ]);
    expect(quantities(shop, good, shop.near.id)).toEqual([5, 5, 0]);
  });

  it("refuses a bundle parent, and with it every other row", async () => {
    const shop = await startSmallShop();
    const part = shop.addItem("PART", [5, 5]);
    const parent = shop.addItem("SET", [null, null], { components: [{ variant: part, quantity: 2 }] });
    const reply = await adjust(shop, [
      { item: part.item.id, location: shop.near.id },
      { item: parent.item.id, location: shop.near.id },
    ]);
    expect(errorsOf(reply)).toEqual([
      {
        code: "NON_MUTABLE_INVENTORY_ITEM",
        field: ["input", "changes", "1", "inventoryItemId"],
        message:
          "The specified inventory item is not allowed to be adjusted via API. Example: if the inventory item is a parent bundle.",
      },
    ]);
    expect(quantities(shop, part.item.id, shop.near.id)).toEqual([5, 5, 0]);
  });

  it("compares changeFromQuantity and applies nothing when it is stale", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A-1", [5, 0]);
    const stale = await adjust(shop, [{ item: item.id, location: shop.near.id, from: 4 }]);
    expect(errorsOf(stale)).toEqual([
      {
        code: "CHANGE_FROM_QUANTITY_STALE",
        field: ["input", "changes", "0", "changeFromQuantity"],
        message: "The changeFromQuantity argument no longer matches the persisted quantity.",
      },
    ]);
    expect(errorsOf(await adjust(shop, [{ item: item.id, location: shop.near.id, from: 5 }]))).toEqual([]);
    expect(quantities(shop, item.id, shop.near.id)[0]).toBe(6);
  });

  it("wants changeFromQuantity to be said, if only null", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A-1", [5, 0]);
    const change = { delta: 1, inventoryItemId: itemGid(item.id), locationId: locationGid(shop.near.id) };
    const input = { name: "available", reason: "correction", changes: [change] };
    const reply = await callGraphql(shop.simulator, ADJUST, { key: freshKey(), input });
    expect(reply.errors).toEqual([
      {
        message: "InventoryChangeInput must include the following argument: changeFromQuantity.",
        locations: [{ line: 2, column: 3 }],
        extensions: { code: "INVALID_FIELD_ARGUMENTS" },
        path: ["inventoryAdjustQuantities"],
      },
    ]);
    expect(reply.data).toEqual({ inventoryAdjustQuantities: null });
    expect(reply.cost?.actualQueryCost).toBe(10);
  });

  it("knows the reasons and the quantity names, and says them", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A-1", [5, 0]);
    const rows = [{ item: item.id, location: shop.near.id }];
    expect(errorsOf(await adjust(shop, rows, { reason: "because" }))).toEqual([
      {
        code: "INVALID_REASON",
        field: ["input", "reason"],
        message:
          "The specified reason is invalid. Valid values are: correction, cycle_count_available, damaged, movement_canceled, movement_created, movement_received, movement_updated, other, promotion, quality_control, received, reservation_created, reservation_deleted, reservation_updated, restock, safety_stock, shrinkage.",
      },
    ]);
    for (const name of ["on_hand", "committed"]) {
      expect(errorsOf(await adjust(shop, rows, { name }))).toEqual([
        {
          code: "INVALID_QUANTITY_NAME",
          field: ["input", "name"],
          message:
            "The specified quantity name is invalid. Valid values are: available, damaged, incoming, quality_control, reserved, safety_stock.",
        },
      ]);
    }
  });

  it("forbids a ledger document for available and wants one, of one's own, for every other state", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A-1", [5, 0]);
    const row = { item: item.id, location: shop.near.id };
    const codes = async (rows: readonly Row[], name: string): Promise<unknown[]> =>
      errorsOf(await adjust(shop, rows, { name })).map((error) => (error as { code: string }).code);
    expect(await codes([{ ...row, ledger: "wms://doc/1" }], "available")).toEqual(["INVALID_AVAILABLE_DOCUMENT"]);
    expect(await codes([row], "damaged")).toEqual(["INVALID_QUANTITY_DOCUMENT"]);
    expect(await codes([{ ...row, ledger: "gid://shopify/Order/1" }], "damaged")).toEqual(["INTERNAL_LEDGER_DOCUMENT"]);
    expect(await codes([{ ...row, ledger: "no uri" }], "damaged")).toEqual(["INVALID_LEDGER_DOCUMENT"]);
    const two = [
      { ...row, ledger: "wms://doc/1" },
      { ...row, location: shop.far.id, ledger: "wms://doc/2" },
    ];
    expect(await codes(two, "damaged")).toEqual(["MAX_ONE_LEDGER_DOCUMENT"]);
    expect(await codes([{ ...row, ledger: "wms://doc/1" }], "damaged")).toEqual([]);
    expect(quantities(shop, item.id, shop.near.id)).toEqual([5, 6, 0]);
  });

  it("refuses a reference that is no URI, and takes one of Shopify's own", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A-1", [5, 0]);
    const rows = [{ item: item.id, location: shop.near.id }];
    expect(errorsOf(await adjust(shop, rows, { referenceDocumentUri: "order 12" }))).toEqual([
      {
        code: "INVALID_REFERENCE_DOCUMENT",
        field: ["input", "referenceDocumentUri"],
        message: "The specified reference document is invalid.",
      },
    ]);
    expect(errorsOf(await adjust(shop, rows, { referenceDocumentUri: "gid://shopify/Order/12" }))).toEqual([]);
  });

  it("bounds a delta at two billion either way", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A-1", [5, 0]);
    const ask = async (delta: number): Promise<unknown[]> =>
      errorsOf(await adjust(shop, [{ item: item.id, location: shop.near.id, delta }]));
    expect(await ask(2_000_000_001)).toMatchObject([
      { code: "INVALID_QUANTITY_TOO_HIGH", message: "The quantity can't be higher than 2,000,000,000." },
    ]);
    expect(await ask(-2_000_000_001)).toMatchObject([
      { code: "INVALID_QUANTITY_TOO_LOW", message: "The quantity can't be lower than -2,000,000,000." },
    ]);
  });

  it("stocks an item silently at a location that never had it", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A-1", [5, null]);
    expect(shop.simulator.level({ itemId: item.id }, shop.far.id)).toBeUndefined();
    expect(errorsOf(await adjust(shop, [{ item: item.id, location: shop.far.id, delta: 4 }]))).toEqual([]);
    expect(shop.simulator.level({ itemId: item.id }, shop.far.id)).toMatchObject({ isActive: true, available: 4 });
  });

  it("knows no deactivated location", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A-1", [5, 5]);
    shop.simulator.setLocationActive(shop.far.id, false);
    const reply = await adjust(shop, [{ item: item.id, location: shop.far.id }]);
    expect(errorsOf(reply)).toMatchObject([{ code: "INVALID_LOCATION" }]);
  });

  it("tells the quantity after the change only when the simulator is told to", async () => {
    const shop = await startSmallShop({ tellsQuantityAfterChange: true });
    const { item } = shop.addItem("A-1", [5, 0]);
    const reply = await adjust(shop, [{ item: item.id, location: shop.near.id, delta: -2 }]);
    const group = payload(reply).inventoryAdjustmentGroup as { changes: { quantityAfterChange: number }[] };
    expect(group.changes.map((change) => change.quantityAfterChange)).toEqual([3, 3]);
  });
});

describe("inventorySetQuantities", () => {
  it("sets available and drags on_hand by the same delta, and the other way round", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A-1", [5, 0]);
    shop.simulator.createOrder({ lines: [{ variantId: item.variants[0]?.id ?? "", quantity: 2 }] });
    expect(quantities(shop, item.id, shop.near.id)).toEqual([3, 5, 2]);
    await set(shop, [{ item: item.id, location: shop.near.id, quantity: 10 }]);
    expect(quantities(shop, item.id, shop.near.id)).toEqual([10, 12, 2]);
    await set(shop, [{ item: item.id, location: shop.near.id, quantity: 4 }], { name: "on_hand" });
    expect(quantities(shop, item.id, shop.near.id)).toEqual([2, 4, 2]);
  });

  it("answers null for a value that is there already", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A-1", [5, 0]);
    const reply = await set(shop, [{ item: item.id, location: shop.near.id, quantity: 5 }]);
    expect(payload(reply)).toEqual({ inventoryAdjustmentGroup: null, userErrors: [] });
  });

  it("names both rows of a pair that occurs twice", async () => {
    const shop = await startSmallShop();
    const row = { item: shop.addItem("A-1", [5, 0]).item.id, location: shop.near.id };
    const reply = await set(shop, [
      { ...row, quantity: 1 },
      { ...row, quantity: 2 },
    ]);
    const twin = (index: string): unknown => ({
      code: "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR",
      field: ["input", "quantities", index, "locationId"],
      message: "The combination of inventoryItemId and locationId must be unique.",
    });
    expect(errorsOf(reply)).toEqual([twin("0"), twin("1")]);
  });

  it("takes a negative available, refuses a negative on_hand, and stops at a billion", async () => {
    const shop = await startSmallShop();
    const row = { item: shop.addItem("A-1", [5, 0]).item.id, location: shop.near.id };
    const ask = async (quantity: number, name: string): Promise<unknown[]> =>
      errorsOf(await set(shop, [{ ...row, quantity }], { name }));
    expect(await ask(-5, "available")).toEqual([]);
    expect(await ask(-1, "on_hand")).toMatchObject([
      { code: "INVALID_QUANTITY_NEGATIVE", message: "The quantity can't be negative." },
    ]);
    expect(await ask(1_000_000_001, "available")).toMatchObject([
      { code: "INVALID_QUANTITY_TOO_HIGH", message: "The quantity can't be higher than 1,000,000,000." },
    ]);
    expect(await ask(-1_000_000_001, "available")).toMatchObject([
      { code: "INVALID_QUANTITY_TOO_LOW", message: "The quantity can't be lower than -1,000,000,000." },
    ]);
    expect(await ask(1, "damaged")).toEqual([
      {
        code: "INVALID_NAME",
        field: ["input", "name"],
        message: "The quantity name must be either 'available' or 'on_hand'.",
      },
    ]);
  });

  it("compares the quantity it sets", async () => {
    const shop = await startSmallShop();
    const row = { item: shop.addItem("A-1", [5, 0]).item.id, location: shop.near.id };
    expect(errorsOf(await set(shop, [{ ...row, quantity: 9, from: 4 }]))).toMatchObject([
      { code: "CHANGE_FROM_QUANTITY_STALE", field: ["input", "quantities", "0", "changeFromQuantity"] },
    ]);
    expect(errorsOf(await set(shop, [{ ...row, quantity: 9, from: 5 }]))).toEqual([]);
    expect(quantities(shop, row.item, shop.near.id)[0]).toBe(9);
  });

  it("has a deprecated sibling for on_hand with rows of its own name", async () => {
    const shop = await startSmallShop();
    const row = { item: shop.addItem("A-1", [5, 0]).item.id, location: shop.near.id };
    const document = `mutation M($input: InventorySetOnHandQuantitiesInput!, $key: String!) {
      inventorySetOnHandQuantities(input: $input) @idempotent(key: $key) { userErrors { code field message } } }`;
    const ask = (quantity: number): Promise<GraphqlReply> => {
      const given = { inventoryItemId: itemGid(row.item), locationId: locationGid(row.location), quantity };
      const input = { reason: "correction", setQuantities: [{ ...given, changeFromQuantity: null }] };
      return callGraphql(shop.simulator, document, { key: freshKey(), input });
    };
    expect(errorsOf(await ask(9))).toEqual([]);
    expect(quantities(shop, row.item, shop.near.id)).toEqual([9, 9, 0]);
    expect(errorsOf(await ask(-1))).toMatchObject([{ field: ["input", "setQuantities", "0", "quantity"] }]);
  });
});

describe("inventoryMoveQuantities", () => {
  const move = (shop: SmallShop, change: object): Promise<GraphqlReply> => {
    const input = { reason: "correction", referenceDocumentUri: "gid://onhand/Buffer/1", changes: [change] };
    return callGraphql(shop.simulator, MOVE, { key: freshKey(), input });
  };
  const terminal = (locationId: string, name: string, ledger?: string): object => ({
    locationId: locationGid(locationId),
    name,
    changeFromQuantity: null,
    ...(ledger === undefined ? {} : { ledgerDocumentUri: ledger }),
  });

  it("moves available to safety_stock and leaves on_hand alone", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A-1", [5, 0]);
    const reply = await move(shop, {
      inventoryItemId: itemGid(item.id),
      quantity: 2,
      from: terminal(shop.near.id, "available"),
      to: terminal(shop.near.id, "safety_stock", "gid://onhand/Buffer/1"),
    });
    const group = payload(reply).inventoryAdjustmentGroup as { changes: { name: string; delta: number }[] };
    expect(group.changes.map(({ name, delta }) => [name, delta])).toEqual([
      ["available", -2],
      ["safety_stock", 2],
    ]);
    expect(shop.simulator.level({ itemId: item.id }, shop.near.id)).toMatchObject({
      available: 3,
      safetyStock: 2,
      onHand: 5,
    });
  });

  it("refuses another location, the same state, a negative quantity, a missing ledger document and on_hand", async () => {
    const shop = await startSmallShop();
    const inventoryItemId = itemGid(shop.addItem("A-1", [5, 5]).item.id);
    const { near, far } = shop;
    const from = terminal(near.id, "available");
    const to = terminal(near.id, "damaged", "wms://doc/1");
    const code = async (change: object): Promise<unknown> =>
      (errorsOf(await move(shop, { inventoryItemId, quantity: 1, from, to, ...change }))[0] as { code: string }).code;
    expect(await code({ to: terminal(far.id, "damaged", "wms://doc/1") })).toBe("DIFFERENT_LOCATIONS");
    expect(await code({ to: from })).toBe("SAME_QUANTITY_NAME");
    expect(await code({ quantity: -1 })).toBe("INVALID_QUANTITY_NEGATIVE");
    expect(await code({ to: terminal(near.id, "damaged") })).toBe("INVALID_QUANTITY_DOCUMENT");
    expect(await code({ to: terminal(near.id, "on_hand", "wms://doc/1") })).toBe("INVALID_QUANTITY_NAME");
  });
});

describe("inventoryActivate and inventoryDeactivate", () => {
  const activate = (shop: SmallShop, itemId: string, locationId: string, available?: number): Promise<GraphqlReply> =>
    callGraphql(shop.simulator, operation("activate"), {
      key: freshKey(),
      item: itemGid(itemId),
      loc: locationGid(locationId),
      ...(available === undefined ? {} : { available }),
    });
  const DEACTIVATE =
    "mutation D($id: ID!) { inventoryDeactivate(inventoryLevelId: $id) { userErrors { field message } } }";

  it("stocks with an opening quantity, and refuses one when the level is active already", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A-1", [5, null]);
    const first = await activate(shop, item.id, shop.far.id, 10);
    expect(payload(first)).toMatchObject({
      inventoryLevel: { isActive: true, quantities: [{ name: "available", quantity: 10 }] },
      userErrors: [],
    });
    const second = await activate(shop, item.id, shop.far.id, 3);
    expect(payload(second)).toMatchObject({
      inventoryLevel: { quantities: [{ quantity: 10 }] },
      userErrors: [
        {
          field: ["available"],
          message: "Not allowed to set available quantity when the item is already active at the location.",
        },
      ],
    });
  });

  it("keeps id and quantities over a deactivation, and never empties the last location", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A-1", [5, 7]);
    const levelId = (locationId: string): Promise<GraphqlReply> =>
      callGraphql(
        shop.simulator,
        'query L($i: ID!, $l: ID!) { inventoryItem(id: $i) { inventoryLevel(locationId: $l, includeInactive: true) { id isActive quantities(names: ["available"]) { quantity } } } }',
        { i: itemGid(item.id), l: locationGid(locationId) },
      );
    const before = payload(await levelId(shop.far.id)) as unknown as { inventoryLevel: { id: string } };
    const off = await callGraphql(shop.simulator, DEACTIVATE, { id: before.inventoryLevel.id });
    expect(errorsOf(off)).toEqual([]);
    expect(payload(await levelId(shop.far.id))).toMatchObject({ inventoryLevel: { isActive: false } });
    await activate(shop, item.id, shop.far.id);
    expect(payload(await levelId(shop.far.id))).toEqual({
      inventoryLevel: { id: before.inventoryLevel.id, isActive: true, quantities: [{ quantity: 7 }] },
    });
    await callGraphql(shop.simulator, DEACTIVATE, { id: before.inventoryLevel.id });
    const near = payload(await levelId(shop.near.id)) as unknown as { inventoryLevel: { id: string } };
    const last = await callGraphql(shop.simulator, DEACTIVATE, { id: near.inventoryLevel.id });
    expect(errorsOf(last)).toEqual([
      {
        field: null,
        message:
          "The product couldn't be unstocked from Shop location because products need to be stocked at a minimum of 1 location.",
      },
    ]);
  });
});
