import { describe, expect, it } from "vitest";
import {
  fromStore,
  type InventoryItemId,
  listingIdOf,
  type ShopDomain,
  type Sku,
  type VariantId,
} from "../../../src/domain/ids.ts";
import type { OrderEvent, OrderLine, ShopEvent } from "../../../src/domain/shop-event.ts";
import type { CatalogueAnswer, CatalogueQuery, Listing } from "../../../src/services/catalogue.ts";
import { forgetMirrored } from "../../../src/services/forget-mirrored.ts";

const SHOP = fromStore<ShopDomain>("a.myshopify.com");
const level: ShopEvent = { kind: "level", item: fromStore("1"), location: fromStore("11"), available: 4, atMs: 3 };
const line = (variant: string | null, sku: string | null): OrderLine => ({
  lineId: "l",
  variantId: variant === null ? null : fromStore<VariantId>(variant),
  sku,
  quantity: 1,
  fulfilled: false,
  skip: null,
});
const order = (...lines: readonly OrderLine[]): OrderEvent => ({
  kind: "order",
  topic: "orders/create",
  orderId: "o",
  createdAtMs: 5,
  location: null,
  lines,
  restocks: [],
});

const active = (sku: string): Listing => ({
  kind: "active",
  skuId: fromStore(`id-${sku}`),
  sku: fromStore(sku),
  listingId: listingIdOf(SHOP, fromStore(sku)),
});
/** Variant and item 1 are the SKU ONE. */
const answer = ({ variants, items }: CatalogueQuery): CatalogueAnswer => ({
  variants: new Map([...variants].filter((id) => id === "1").map((id) => [id, active("ONE")])),
  items: new Map([...items].filter((id) => id === "1").map((id: InventoryItemId) => [id, active("ONE")])),
  skus: new Map(),
  fault: null,
});
const nothing = (): CatalogueAnswer => ({ variants: new Map(), items: new Map(), skus: new Map(), fault: null });

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function world(given: { readonly isCold?: boolean; readonly lookupMs?: number } = {}) {
  const forgotten: Sku[] = [];
  const limits: (number | undefined)[] = [];
  let lookups = 0;
  let nowMs = 0;
  const forget = (event: ShopEvent) =>
    forgetMirrored(SHOP, event, {
      msMax: 50,
      nowMs: () => nowMs,
      catalogue: {
        remembered: given.isCold ? nothing : answer,
        resolve: async (query) => {
          lookups += 1;
          await pause(given.lookupMs ?? 0);
          nowMs += given.lookupMs ?? 0;
          return answer(query);
        },
      },
      mirror: {
        invalidate: async (skus, limitMs) => {
          limits.push(limitMs);
          forgotten.push(...skus);
        },
      },
    });
  return { forget, forgotten, limits, lookups: () => lookups };
}

describe("a webhook makes the mirror forget", () => {
  it("the item of a level, from memory if the isolate knows it", async () => {
    const { forget, forgotten, lookups } = world();
    expect(await forget(level)).toBe("done");
    expect([forgotten, lookups()]).toEqual([["ONE"], 0]);
  });

  it("the item of a level that it has to look up first", async () => {
    const { forget, forgotten, lookups } = world({ isCold: true });
    await forget(level);
    expect([forgotten, lookups()]).toEqual([["ONE"], 1]);
  });

  it("the SKUs that an order's lines name, and those known by variant whose SKU is blank or renamed; it asks nobody", async () => {
    const { forget, forgotten, lookups } = world();
    await forget(order(line("7", " SEVEN "), line("1", ""), line("1", "OLD NAME"), line(null, null)));
    expect([forgotten.toSorted(), lookups()]).toEqual([["OLD NAME", "ONE", "SEVEN"], 0]);
  });

  it("within one deadline: Redis has what the lookup left of it, and nothing is asked after a lookup that took it all", async () => {
    const warm = world();
    await warm.forget(level);
    expect(warm.limits).toEqual([50]);
    const cold = world({ isCold: true, lookupMs: 20 });
    await cold.forget(level);
    expect(cold.limits).toEqual([30]);
    const late = world({ isCold: true, lookupMs: 1_000 });
    expect([await late.forget(level), late.limits]).toEqual(["late", []]);
  });
});
