/**
 * A Shopify shop on loopback: the Admin GraphQL API over the real 2026-10 schema, webhooks, and a merchant to play.
 * This file joins the parts and is the whole public face; the README says what is modelled and on what evidence.
 */
import { BulkOperations } from "./bulk/bulk-operations.ts";
import type { CallFate } from "./faults/call-fate.ts";
import { type Faults, type FaultsInput, faultsSchema, mergeFaults } from "./faults/faults.ts";
import { API_VERSION, adminSchema, rootValue } from "./graphql/admin-schema.ts";
import type { View } from "./graphql/call-context.ts";
import { CostBucket } from "./graphql/cost-bucket.ts";
import { GraphqlEndpoint } from "./graphql/graphql-endpoint.ts";
import { IdempotencyStore } from "./graphql/idempotency-store.ts";
import { bulkOperationView } from "./graphql/views/system-views.ts";
import { GraphqlRoute } from "./http/graphql-route.ts";
import { type RunningServer, startServer } from "./http/server.ts";
import { TokenDesk } from "./http/token-desk.ts";
import { ChangeLog } from "./model/change-log.ts";
import { PendingWork } from "./model/pending-work.ts";
import { SeededRandom } from "./model/seeded-random.ts";
import { ShopStore } from "./model/shop-store.ts";
import { ShopOperations } from "./shop-operations.ts";
import { type ResolvedOptions, resolveOptions, type SimulatorOptions } from "./simulator-options.ts";
import { Announcer } from "./webhooks/announcer.ts";
import { Courier, type CourierStats } from "./webhooks/courier.ts";
import { SubscriptionRegistry } from "./webhooks/subscription-registry.ts";

export type SimulatorStats = {
  readonly orders: number;
  readonly graphql: GraphqlEndpoint["stats"] & { readonly fates: GraphqlRoute["fates"] };
  readonly webhooks: CourierStats & { readonly held: number; readonly pending: number };
  readonly lastChangeSeq: number;
};

type Parts = {
  readonly options: ResolvedOptions;
  readonly store: ShopStore;
  readonly log: ChangeLog;
  readonly registry: SubscriptionRegistry;
  readonly announcer: Announcer;
  readonly courier: Courier;
  readonly endpoint: GraphqlEndpoint;
  readonly route: GraphqlRoute;
  readonly bulk: BulkOperations;
  readonly tokens: TokenDesk;
  readonly pending: PendingWork;
  readonly random: SeededRandom;
};
