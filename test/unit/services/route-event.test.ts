import { describe, expect, it } from "vitest";
import {
  type CorrelationId,
  fromStore,
  type InventoryItemId,
  type ListingId,
  type LocationId,
  parseSku,
  type ShopDomain,
  type ShopLocationId,
  type SkuId,
  type VariantId,
} from "../../../src/domain/ids.ts";
import type { OrderEvent, OrderLine, Restock } from "../../../src/domain/shop-event.ts";
import type { CatalogueAnswer, Listing } from "../../../src/services/catalogue.ts";
import { catalogueQueryOf, locationsIn, routeEvent, skuQueryOf } from "../../../src/services/route-event.ts";

const SHOP = fromStore<ShopDomain>("a.myshopify.com");
const sku = (text: string) => {
  const parsed = parseSku(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.value;
};
const active = (name: string): Listing => ({
  kind: "active",
  skuId: fromStore<SkuId>(`id-${name}`),
  sku: sku(name),
  listingId: fromStore<ListingId>(`${SHOP}/${name}`),
});

const CATALOGUE: CatalogueAnswer = {
  variants: new Map<VariantId, Listing>([
    [fromStore("1"), active("ONE")],
    [fromStore("2"), { kind: "unmapped", reason: "duplicate_sku" }],
  ]),
  items: new Map([[fromStore("51"), active("ONE")]]),
  skus: new Map([[sku("THREE"), active("THREE")]]),
  fault: null,
};
const CONTEXT = {
  correlationId: fromStore<CorrelationId>("c"),
  catalogue: CATALOGUE,
  locations: new Map<ShopLocationId, LocationId>([[fromStore("700"), fromStore("7")]]),
} as const;

const line = (given: Partial<OrderLine> = {}): OrderLine => ({
  lineId: "l",
  variantId: fromStore<VariantId>("1"),
  sku: null,
  quantity: 2,
  fulfilled: false,
  skip: null,
  ...given,
});
const restock = (given: Partial<Restock> = {}): Restock => ({
  refundLineId: "r",
  lineId: "l",
  variantId: fromStore<VariantId>("1"),
  sku: null,
  quantity: 1,
  restockType: "return",
  location: fromStore<ShopLocationId>("700"),
  atMs: 9,
  skip: null,
  ...given,
});
const order = (given: Partial<OrderEvent> = {}): OrderEvent => ({
  kind: "order",
  topic: "orders/create",
  orderId: "o",
  createdAtMs: 5,
  location: null,
  lines: [line()],
  restocks: [],
  ...given,
});

describe("a cancelled order", () => {
  const cancelled = (given: Partial<OrderEvent>) => order({ topic: "orders/cancelled", ...given });
  const told = (given: Partial<OrderEvent>) =>
    routeEvent(cancelled(given), CONTEXT).events.map(({ event }) => event.kind);

  it("asks for a read where units are not put back: nothing else tells that they are no longer committed", () => {
    const { events } = routeEvent(cancelled({}), CONTEXT);
    expect(events.map(({ skuId, event }) => [skuId, event])).toEqual([
      ["id-ONE", expect.objectContaining({ kind: "hint", quantity: -2 })],
      ["id-ONE", { kind: "audit", listingId: `${SHOP}/ONE` }],
    ]);
    const restocks = [restock({ restockType: "cancel", quantity: 1 })];
    expect(told({ lines: [line(), line({ lineId: "m" })], restocks })).toEqual(["hint", "hint", "hint", "audit"]);
  });

  it("asks for none where all is put back, was shipped, or is none of ours", () => {
    expect(told({ restocks: [restock({ restockType: "cancel", quantity: 2 })] })).toEqual(["hint", "hint"]);
    expect(told({ lines: [line({ fulfilled: true })] })).toEqual(["hint"]);
    expect(told({ lines: [line({ skip: "gift_card" }), line({ variantId: fromStore<VariantId>("2") })] })).toEqual([]);
    expect(routeEvent(order(), CONTEXT).events.map(({ event }) => event.kind)).toEqual(["hint"]);
  });
});

describe("routeEvent", () => {
  it("tells the counter of each line's SKU, keyed by order and line, unsummed", () => {
    const { events, rest } = routeEvent(order({ lines: [line(), line({ lineId: "m", quantity: 3 })] }), CONTEXT);
    expect(events.map(({ skuId, event }) => [skuId, event])).toEqual([
      [
        "id-ONE",
        {
          kind: "hint",
          listingId: `${SHOP}/ONE`,
          locationId: null,
          correlationId: "c",
          id: "order/o/l",
          atMs: 5,
          quantity: -2,
          commits: true,
        },
      ],
      [
        "id-ONE",
        {
          kind: "hint",
          listingId: `${SHOP}/ONE`,
          locationId: null,
          correlationId: "c",
          id: "order/o/m",
          atMs: 5,
          quantity: -3,
          commits: true,
        },
      ],
    ]);
    expect(rest).toBeNull();
  });

  it("places a till's order at its location, and does not commit what left with the buyer", () => {
    const { events } = routeEvent(
      order({ location: fromStore<ShopLocationId>("700"), lines: [line({ fulfilled: true })] }),
      CONTEXT,
    );
    expect(events[0]?.event).toMatchObject({ locationId: "7", commits: false });
  });

  it("restocks by refund line: a cancellation takes committed back, a return does not", () => {
    const { events } = routeEvent(
      {
        kind: "refund",
        refundId: "f",
        orderId: "o",
        restocks: [restock(), restock({ refundLineId: "s", restockType: "cancel" })],
      },
      CONTEXT,
    );
    expect(events.map(({ event }) => event)).toMatchObject([
      { id: "restock/r", quantity: 1, locationId: "7", atMs: 9, commits: false },
      { id: "restock/s", quantity: 1, commits: true },
    ]);
  });

  it("routes what it knows of an order and keeps the rest, cut down to what it does not", () => {
    const unknown = line({ lineId: "x", variantId: fromStore<VariantId>("99"), sku: "GONE" });
    const { events, problems, rest } = routeEvent(order({ lines: [line(), unknown], restocks: [restock()] }), CONTEXT);
    expect(events).toHaveLength(2);
    expect(problems).toEqual([{ code: "unknown_variant", subject: "variant 99 (SKU GONE)" }]);
    expect(rest).toMatchObject({ orderId: "o", lines: [unknown], restocks: [] });
  });

  it("names an unknown location, whose lines cannot be placed", () => {
    const { events, problems, rest } = routeEvent(order({ location: fromStore<ShopLocationId>("999") }), CONTEXT);
    expect([events, problems]).toEqual([[], [{ code: "unknown_location", subject: "location 999" }]]);
    expect(rest).not.toBeNull();
  });

  it("finds by SKU what it does not know by variant", () => {
    expect(
      routeEvent(order({ lines: [line({ variantId: fromStore<VariantId>("98"), sku: " THREE " })] }), CONTEXT).events[0]
        ?.skuId,
    ).toBe("id-THREE");
  });

  it("skips with a reason what moves no stock of ours, and asks the catalogue nothing about it", () => {
    const lines = [
      line({ skip: "custom_line", variantId: null }),
      line({ skip: "gift_card" }),
      line({ skip: "untracked" }),
      line({ variantId: fromStore<VariantId>("2") }),
    ];
    const { events, skipped, rest } = routeEvent(order({ lines }), CONTEXT);
    expect([events, skipped, rest]).toEqual([[], ["custom_line", "gift_card", "untracked", "duplicate_sku"], null]);
    expect(catalogueQueryOf(SHOP, [order({ lines })]).variants).toEqual(new Set(["2"]));
  });

  it("tells a level as Shopify's absolute number, with the shop's own name of the location", () => {
    const level = {
      kind: "level",
      item: fromStore<InventoryItemId>("51"),
      location: fromStore<ShopLocationId>("700"),
      available: 4,
      atMs: 3,
    } as const;
    expect(routeEvent(level, CONTEXT).events).toEqual([
      {
        skuId: "id-ONE",
        event: {
          kind: "snapshot",
          listingId: `${SHOP}/ONE`,
          locationId: "7",
          shopLocationId: "700",
          available: 4,
          atMs: 3,
          correlationId: "c",
        },
      },
    ]);
  });

  it("names both the item and the location of a level that it knows neither of", () => {
    const level = {
      kind: "level",
      item: fromStore<InventoryItemId>("5"),
      location: fromStore<ShopLocationId>("6"),
      available: 4,
      atMs: 3,
    } as const;
    expect(routeEvent(level, CONTEXT)).toMatchObject({
      problems: [{ subject: "inventory item 5" }, { subject: "location 6" }],
      rest: level,
    });
  });

  it("asks by SKU only for lines whose variant is not known: a text that is no listing's would be asked for for ever", () => {
    const lines = [
      line({ sku: "A NAME OF ITS OWN" }),
      line({ variantId: fromStore<VariantId>("98"), sku: "THREE" }),
      line({ variantId: null, sku: "FOUR" }),
      line({ variantId: null, sku: "GIFT", skip: "gift_card" }),
    ];
    expect(catalogueQueryOf(SHOP, [order({ lines })])).toMatchObject({
      variants: new Set(["1", "98"]),
      skus: new Set(),
    });
    expect(skuQueryOf(SHOP, [order({ lines })], CATALOGUE).skus).toEqual(new Set(["THREE", "FOUR"]));
  });

  it("needs the locations that the events name, and none for an online order", () => {
    expect(locationsIn([order()])).toEqual(new Set());
    expect(locationsIn([order({ location: fromStore<ShopLocationId>("1"), restocks: [restock()] })])).toEqual(
      new Set(["1", "700"]),
    );
  });
});
