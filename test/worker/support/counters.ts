/** Counters in the real runtime, and events with honest defaults, so that a test shows only what matters. */
import { env } from "cloudflare:workers";
import type { ConnectedLevel, CounterEvent } from "../../../src/domain/counter/counter-event.ts";
import type { MovementRequest } from "../../../src/domain/counter/movement.ts";
import { fromStore, type ListingId, type LocationId, type ShopDomain, type Sku } from "../../../src/domain/ids.ts";
import type { Counter } from "../../../src/services/counter-contract.ts";
import type { CounterForGate } from "../../../src/services/gate-contract.ts";

export const SHOP = fromStore<ShopDomain>("test-shop.myshopify.com");
export const LISTING = fromStore<ListingId>("test-shop.myshopify.com/1001");
export const HERE = fromStore<LocationId>("11");
export const THERE = fromStore<LocationId>("22");

export const stubOf = (name: string) => env.SKU_COUNTER.getByName(name);
export const counterOf = (name: string) => stubOf(name) as unknown as Counter & CounterForGate;

/** Shopify stamps whole seconds; a moment that is surely in the past of every stamp a test makes. */
export const OPENED_MS = Date.parse("2026-11-01T00:00:00Z");

export const level = (locationId: LocationId, available: number, atMs = OPENED_MS): ConnectedLevel => ({
  locationId,
  shopLocationId: fromStore(locationId),
  available,
  committed: 0,
  atMs,
});

export async function connected(name: string, ...levels: readonly ConnectedLevel[]) {
  const counter = counterOf(name);
  await counter.connectListing({
    sku: fromStore<Sku>(name),
    listingId: LISTING,
    levels,
    correlationId: fromStore("test-connect"),
  });
  return counter;
}

export const movement = (
  given: Partial<Omit<MovementRequest, "key">> & { key: string; delta: number },
): CounterEvent => {
  const { key, ...rest } = given;
  return {
    kind: "movement",
    request: {
      key: fromStore(key),
      fingerprint: `${given.delta}`,
      locationId: null,
      allowNegative: false,
      cause: {
        reason: "sale",
        reference: null,
        source: "api",
        actor: "test",
        correlationId: fromStore("test-correlation"),
      },
      occurredAtMs: Date.now(),
      ...rest,
    },
  };
};

export const order = (
  line: string,
  quantity: number,
  atMs = Date.now(),
  locationId: LocationId | null = null,
): CounterEvent => ({
  kind: "hint",
  listingId: LISTING,
  id: fromStore(`order/${line}`),
  atMs,
  quantity: -quantity,
  locationId,
  commits: true,
  correlationId: fromStore(`order-${line}`),
});

export const snapshot = (locationId: LocationId, available: number, atMs: number): CounterEvent => ({
  kind: "snapshot",
  listingId: LISTING,
  locationId,
  shopLocationId: fromStore(locationId),
  available,
  atMs,
  correlationId: fromStore("level-webhook"),
});
