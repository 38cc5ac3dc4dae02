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
import type { OrderEvent, OrderLine, Restock, ShippedLine } from "../../../src/domain/shop-event.ts";
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

describe("a fulfilment", () => {
  const shipped = (given: Partial<ShippedLine> = {}): ShippedLine => ({
    ...{
      fulfilmentId: "f",
      lineId: "l",
      variantId: fromStore<VariantId>("1"),
      sku: null,
      quantity: 2,
      atMs: 9,
      skip: null,
    },
    location: fromStore<ShopLocationId>("700"),
    ...given,
  });
  const fulfilment = (...lines: readonly ShippedLine[]) => ({ kind: "fulfilment", orderId: "o", lines }) as const;

  it("tells the listing's counter what was shipped where, under the fulfilment's own name", () => {
    expect(routeEvent(fulfilment(shipped()), CONTEXT).events).toEqual([
      {
        skuId: "id-ONE",
        event: {
          ...{ kind: "shipped", listingId: `${SHOP}/ONE`, id: "fulfilment/f/l", locationId: "7", quantity: 2, atMs: 9 },
          correlationId: "c",
        },
      },
    ]);
  });

  it("skips what has no counter, and keeps what is not known for a person", () => {
    const lines = [
      shipped({ variantId: fromStore<VariantId>("2") }),
      shipped({ variantId: fromStore<VariantId>("9") }),
    ];
    const { events, skipped, problems, rest } = routeEvent(fulfilment(...lines), CONTEXT);
    expect([events, skipped]).toEqual([[], ["duplicate_sku"]]);
    expect(problems).toEqual([{ code: "unknown_variant", subject: "variant 9" }]);
    expect(rest).toEqual(fulfilment(shipped({ variantId: fromStore<VariantId>("9") })));
  });
});

describe("an edited order", () => {
  const edited = (quantity: number) =>
    ({
      kind: "edited_order",
      ...{ editId: "e", orderId: "o", atMs: 8 },
      lines: [{ lineId: "l", variantId: fromStore<VariantId>("1"), sku: null, quantity, skip: null }],
    }) as const;

  it("reserves what was added, once per edit and line", () => {
    expect(routeEvent(edited(3), CONTEXT).events.map(({ event }) => event)).toEqual([
      expect.objectContaining({ kind: "hint", id: "edit/e/l", quantity: -3, atMs: 8, commits: true, locationId: null }),
    ]);
  });

  it("puts nothing back for what was removed: the level's own news does, and a read measures the rest", () => {
    expect(routeEvent(edited(0), CONTEXT).events.map(({ event }) => event)).toEqual([
      { kind: "audit", listingId: `${SHOP}/ONE` },
    ]);
  });
});

describe("a level", () => {
  const place = { item: fromStore<InventoryItemId>("51"), location: fromStore<ShopLocationId>("700") };

  it("that was connected is news of its quantity, and asks for a read: it may be parked, under an old stamp", () => {
    const { events } = routeEvent({ kind: "level", ...place, available: 4, atMs: 9, isConnected: true }, CONTEXT);
    expect(events.map(({ event }) => event.kind)).toEqual(["snapshot", "audit"]);
  });

  it("that was disconnected is told as gone", () => {
    const { events } = routeEvent({ kind: "level_gone", ...place }, CONTEXT);
    expect(events).toEqual([
      {
        skuId: "id-ONE",
        event: { kind: "level_gone", listingId: `${SHOP}/ONE`, locationId: "7", correlationId: "c" },
      },
    ]);
  });
});
