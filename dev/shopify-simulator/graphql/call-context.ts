/** What resolvers may touch: the shop, the subscriptions, the bulk operations and the state of this one call. */
import type { BulkOperations } from "../bulk/bulk-operations.ts";
import type { ShopStore } from "../model/shop-store.ts";
import type { SubscriptionRegistry } from "../webhooks/subscription-registry.ts";
import type { IdempotencyStore } from "./idempotency-store.ts";

/** A resolved payload: fields are values or functions, as graphql-js's default resolver takes them. */
export type View = Readonly<Record<string, unknown>>;

export type ShopFacts = {
  readonly domain: string;
  readonly apiVersion: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly createdAtMs: number;
};

export type CallContext = {
  readonly facts: ShopFacts;
  readonly store: ShopStore;
  readonly registry: SubscriptionRegistry;
  readonly bulk: BulkOperations;
  readonly keys: IdempotencyStore<View>;
  /** A code that the inventory mutations of this call answer instead of doing anything. */
  readonly forcedUserError: string | null;
  /** Whether `quantityAfterChange` is told. The real shop has it in the schema and left it null in every recording. */
  readonly tellsQuantityAfterChange: boolean;
  /** Set for a bulk query: connections have no page size, and the root one is read window by window. */
  readonly window: { readonly offset: number; readonly limit: number } | null;
  /** Counts what mutations changed. */
  readonly onRowsChanged: (rows: number) => void;
};
