/** What the topics beside sales are projected to. Bodies after Shopify's documentation and, where it has them, its samples. */
import { describe, expect, it } from "vitest";
import { projectShopify, type ShopifyTopic } from "../../../src/ingress/project-shopify.ts";

function eventOf(topic: ShopifyTopic, body: unknown): unknown {
  const projected = projectShopify(topic, body);
  if (!projected.ok) return projected.error.problems;
  return projected.value.kind === "event" ? projected.value.event : projected.value.reason;
}

const AT = "2026-11-20T12:00:00+01:00";
const AT_MS = Date.parse(AT);

const line = (given: object = {}) => ({
  ...{ id: 31, variant_id: 41, sku: "CUP", quantity: 2, variant_inventory_management: "shopify" },
  ...given,
});
const fulfilment = (given: object = {}) => ({
  ...{ id: 21, order_id: 11, created_at: AT, status: "success", location_id: 61, line_items: [line()] },
  ...given,
});
const shipped = {
  ...{ fulfilmentId: "21", lineId: "31", variantId: "41", sku: "CUP", quantity: 2, location: "61", atMs: AT_MS },
  skip: null,
};

describe("a fulfilment", () => {
  it("is told line by line, under the same names by whichever route it comes", () => {
    const event = { kind: "fulfilment", orderId: "11", lines: [shipped] };
    expect(eventOf("fulfillments/create", fulfilment())).toEqual(event);
    expect(eventOf("orders/fulfilled", { id: 11, fulfillments: [fulfilment()] })).toEqual(event);
  });

  it.each(["cancelled", "error", "failure"])("that is %s has shipped nothing", (status) => {
    expect(eventOf("fulfillments/create", fulfilment({ status }))).toBe("no_lines");
  });

  it("leaves out what moves no stock: custom lines, gift cards, untracked items", () => {
    const line_items = [
      line({ gift_card: true }),
      line({ variant_id: null }),
      line({ variant_inventory_management: null }),
    ];
    expect(eventOf("fulfillments/create", fulfilment({ line_items }))).toMatchObject({
      lines: [{ skip: "gift_card" }, { skip: "custom_line" }, { skip: "untracked" }],
    });
  });
});

describe("an order edit", () => {
  const edit = (line_items: unknown) => ({ order_edit: { id: 71, order_id: 11, created_at: AT, line_items } });

  it("names lines by their ids, and by how many units they changed", () => {
    const body = edit({ additions: [{ id: 32, delta: 1 }], removals: [{ id: 31, delta: 2 }] });
    expect(eventOf("orders/edited", body)).toEqual({
      ...{ kind: "order_edit", editId: "71", orderId: "11", atMs: AT_MS },
      ...{ added: [{ lineId: "32", quantity: 1 }], removed: [{ lineId: "31", quantity: 2 }] },
    });
  });

  it("that changes no line says nothing of stock", () => {
    expect(eventOf("orders/edited", edit({ additions: [], removals: [] }))).toBe("no_lines");
    expect(eventOf("orders/edited", edit(null))).toBe("no_lines");
  });

  it("of another shape is kept for a person: nobody has confirmed it on a live store", () => {
    expect(eventOf("orders/edited", { order_edit: { id: 71 } })).toEqual(expect.arrayContaining([expect.any(String)]));
  });
});

describe("a level", () => {
  const place = { inventory_item_id: 51, location_id: 61 };

  it("that is connected is a level like any, and says that it was", () => {
    expect(eventOf("inventory_levels/connect", { ...place, available: 4, updated_at: AT })).toEqual({
      ...{ kind: "level", item: "51", location: "61", available: 4, atMs: AT_MS, isConnected: true },
    });
    expect(eventOf("inventory_levels/connect", { ...place, available: null, updated_at: AT })).toBe("no_quantity");
  });

  it("that is disconnected names its place and nothing else", () => {
    expect(eventOf("inventory_levels/disconnect", place)).toEqual({ kind: "level_gone", item: "51", location: "61" });
  });
});

describe("the catalogue's news", () => {
  it("name items, and say what their body says", () => {
    const product = {
      id: 1,
      variants: [
        { id: 41, sku: "CUP", inventory_item_id: 51 },
        { id: 42, sku: null },
      ],
    };
    expect(eventOf("products/update", product)).toEqual({
      kind: "items",
      items: [{ item: "51", variantId: "41", sku: "CUP", isTracked: null }],
    });
    expect(eventOf("inventory_items/update", { id: 51, sku: "CUP", tracked: false })).toEqual({
      kind: "items",
      items: [{ item: "51", variantId: null, sku: "CUP", isTracked: false }],
    });
    expect(eventOf("inventory_items/delete", { id: 51 })).toEqual({ kind: "item_deleted", item: "51" });
    expect(eventOf("products/delete", { id: 1 })).toEqual({ kind: "product_deleted", productId: "1" });
  });

  it("keep ids of 18 digits, whatever the topic", () => {
    expect(eventOf("inventory_items/delete", { id: "271878346596884015" })).toMatchObject({
      item: "271878346596884015",
    });
  });
});

describe("a location", () => {
  it("is told with its name and whether it is active", () => {
    const body = { id: 61, name: "Shop", active: false, updated_at: AT, address1: "1 Main Street", phone: "555" };
    expect(eventOf("locations/deactivate", body)).toEqual({
      ...{ kind: "location", location: "61", name: "Shop", isActive: false, atMs: AT_MS },
    });
  });

  it("that was deleted is closed for ever", () => {
    expect(eventOf("locations/delete", { id: 61 })).toEqual({
      ...{ kind: "location", location: "61", name: null, isActive: false, atMs: null },
    });
  });
});

it("keeps nothing of the shop's own data when the app is removed", () => {
  const shop = { id: 548380009, name: "Super Toys", email: "super@supertoys.com", domain: null };
  expect(eventOf("app/uninstalled", shop)).toEqual({ kind: "uninstalled" });
});
