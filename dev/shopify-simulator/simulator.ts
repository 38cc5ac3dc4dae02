/**
 * A Shopify shop on loopback: the Admin GraphQL API over the real 2026-10 schema, webhooks, and a merchant to play.
 * This file joins the parts and is the whole public face; the README says what is modelled and on what evidence.
 */
import { BulkOperations } from "./bulk/bulk-operations.ts";
import type { CallFate } from "./faults/call-fate.ts";
import { type Faults, type FaultsInput, faultsSchema, mergeFaults } from "./faults/faults.ts";
import { API_VERSION, adminSchema, rootValue } from "./graphql/admin-schema.ts";
import type { View } from "./graphql/call-context.ts";
import { type BucketPlan, CostBucket } from "./graphql/cost-bucket.ts";
import { type EndpointStats, GraphqlEndpoint } from "./graphql/graphql-endpoint.ts";
import { IdempotencyStore } from "./graphql/idempotency-store.ts";
import { type FateCounts, GraphqlRoute } from "./http/graphql-route.ts";
import { type RunningServer, startServer } from "./http/server.ts";
import { TokenDesk } from "./http/token-desk.ts";
import { ChangeLog } from "./model/change-log.ts";
import { IdMint } from "./model/ids.ts";
import { PendingWork } from "./model/pending-work.ts";
import { SeededRandom } from "./model/seeded-random.ts";
import { ShopStore } from "./model/shop-store.ts";
import { shopStamp } from "./model/stamps.ts";
import { ShopOperations } from "./shop-operations.ts";
import { type ResolvedOptions, resolveOptions, type SimulatorOptions } from "./simulator-options.ts";
import { Announcer } from "./webhooks/announcer.ts";
import { Courier, type CourierStats } from "./webhooks/courier.ts";
import { SubscriptionRegistry } from "./webhooks/subscription-registry.ts";

export type SimulatorStats = {
  readonly orders: number;
  readonly graphql: EndpointStats & { readonly fates: FateCounts };
  /** `pending`: deliveries under way, waiting or being merged; `held`: kept back by a stop. */
  readonly webhooks: CourierStats & { readonly held: number; readonly pending: number };
  readonly lastChangeSeq: number;
};

type Parts = {
  readonly options: ResolvedOptions;
  readonly random: SeededRandom;
  readonly pending: PendingWork;
  readonly faultDesk: { current: Faults };
  readonly log: ChangeLog;
  readonly store: ShopStore;
  readonly registry: SubscriptionRegistry;
  readonly announcer: Announcer;
  readonly courier: Courier;
  readonly tokens: TokenDesk;
  readonly endpoint: GraphqlEndpoint;
  readonly route: GraphqlRoute;
  readonly bulk: BulkOperations;
};

export class ShopifySimulator extends ShopOperations {
  readonly #parts: Parts;
  readonly #server: RunningServer;
  #outageTimer: NodeJS.Timeout | null = null;
  readonly url: string;
  readonly shop: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** A token without term. */
  readonly accessToken: string;
  /** What webhooks are signed with: the client secret. */
  readonly webhookSecret: string;
  readonly registry: SubscriptionRegistry;

  constructor(parts: Parts, server: RunningServer) {
    super({ ...parts, orderSkewMs: () => parts.faultDesk.current.stamps.orderSkewMs });
    this.#parts = parts;
    this.#server = server;
    this.url = server.url;
    this.shop = parts.options.shop;
    this.clientId = parts.options.clientId;
    this.clientSecret = parts.options.clientSecret;
    this.accessToken = parts.options.accessToken;
    this.webhookSecret = parts.options.clientSecret;
    this.registry = parts.registry;
  }

  get faults(): Faults {
    return this.#parts.faultDesk.current;
  }

  /** Assigning replaces all faults: what is not named is off. `{}` heals everything. */
  set faults(input: FaultsInput) {
    this.#parts.faultDesk.current = faultsSchema.parse(input);
    this.#parts.courier.releaseHeld();
  }

  /** Changes the named faults and leaves the others. */
  patchFaults(patch: FaultsInput): void {
    this.#parts.faultDesk.current = mergeFaults(this.faults, patch);
    this.#parts.courier.releaseHeld();
  }

  /** Another plan of Shopify's, so other limits, from now on. */
  changePlan(plan: BucketPlan): void {
    this.#parts.endpoint.changePlan(plan);
  }

  /** Every API call answers `status` for that long. */
  startOutage(forMs: number, status = 503): void {
    if (this.#outageTimer !== null) clearTimeout(this.#outageTimer);
    this.patchFaults({ graphql: { outageStatus: status } });
    this.#outageTimer = setTimeout(() => this.patchFaults({ graphql: { outageStatus: null } }), forMs);
  }

  /** Fixes what happens to the next mutations, in order, before any rate is asked. */
  planNextMutations(...fates: readonly CallFate[]): void {
    this.#parts.route.planNext("mutation", fates);
  }

  /** The same for queries. */
  planNextQueries(...fates: readonly CallFate[]): void {
    this.#parts.route.planNext("query", fates);
  }

  /** All tokens stop working at once, the fixed one too; the control API keeps taking it. New grants work. */
  revokeTokens(): void {
    this.#parts.tokens.revokeAll();
  }

  /** The merchant removes the app: it is told, then its subscriptions and tokens are gone, and no new token is granted. */
  uninstallApp(): void {
    this.#parts.announcer.appUninstalled();
    for (const { id } of this.registry.all()) this.registry.delete(id);
    this.#parts.tokens.revokeAll();
    this.#parts.tokens.isInstalled = false;
  }

  installApp(): void {
    this.#parts.tokens.isInstalled = true;
  }

  /** Tokens that were granted run out. */
  expireTokens(): void {
    this.#parts.tokens.expireGranted();
  }

  /** Resolves when no delivery, retry, merge window, late request or bulk operation is under way. Held ones do not count. */
  idle(): Promise<void> {
    return this.#parts.pending.idle();
  }

  stats(): SimulatorStats {
    const { endpoint, route, courier, pending, log, store } = this.#parts;
    return {
      orders: store.orders.length,
      graphql: { ...endpoint.stats, fates: { ...route.fates } },
      webhooks: { ...courier.stats, held: courier.heldCount, pending: pending.count },
      lastChangeSeq: log.lastSeq,
    };
  }

  /** Stops the server and forgets everything that was under way. */
  async close(): Promise<void> {
    if (this.#outageTimer !== null) clearTimeout(this.#outageTimer);
    this.#parts.announcer.close();
    this.#parts.route.close();
    this.#parts.courier.close();
    await this.#server.close();
    this.#parts.pending.abandon();
  }
}

/** Starts a shop on 127.0.0.1. It is empty: `seedCatalogue` fills it. */
export async function startShopifySimulator(input: SimulatorOptions = {}): Promise<ShopifySimulator> {
  const options = resolveOptions(input);
  let url = "";
  const parts = makeParts(options, () => url);
  // The control routes need the simulator and the simulator needs the address: the server asks for it when it is asked.
  let simulator: ShopifySimulator | null = null;
  const server = await startServer({
    port: options.port,
    route: parts.route,
    oauth: {
      ...options,
      tokens: parts.tokens,
      outageStatus: () => parts.faultDesk.current.graphql.outageStatus,
    },
    bulk: parts.bulk,
    controlToken: options.accessToken,
    simulator: () => {
      if (simulator === null) throw new Error("the simulator is still starting");
      return simulator;
    },
  });
  url = server.url;
  simulator = new ShopifySimulator(parts, server);
  return simulator;
}

function makeParts(options: ResolvedOptions, origin: () => string): Parts {
  const { now, shop, allowsLoopbackHttp } = options;
  const random = new SeededRandom(options.seed);
  const pending = new PendingWork();
  const faultDesk = { current: faultsSchema.parse(options.faults) };
  const log = new ChangeLog(options.logEntriesMax);
  const ids = new IdMint(random.fork("system ids"));
  let seq = 0;
  const nextSeq = (): number => ++seq;
  const newId = (): string => ids.next();
  const registry = new SubscriptionRegistry({ now, newId, nextSeq, allowsLoopbackHttp });
  const courier = new Courier({
    options: options.courier,
    secret: options.clientSecret,
    random: random.fork("webhooks"),
    pending,
    faults: () => faultDesk.current.webhooks,
    deleteSubscription: (id) => registry.delete(id),
  });
  const announcer = new Announcer({
    shop,
    apiVersion: API_VERSION,
    now,
    registry,
    pending,
    levelWindowMs: options.levelWindowMs,
    deliver: (delivery) => courier.submit(delivery),
  });
  const stampJitterMs = (): number => faultDesk.current.stamps.levelJitterMs;
  const store = new ShopStore({ now, random: random.fork("store"), events: announcer, log, stampJitterMs });
  const keys = new IdempotencyStore<View>(now, options.remembersFailedAttempts);
  const tokens = new TokenDesk(now, options.accessToken);
  const endpoint = new GraphqlEndpoint({
    facts: { domain: shop, apiVersion: API_VERSION, createdAtMs: now(), ...options },
    store,
    registry,
    bucket: new CostBucket(options.plan, now),
    keys,
    tellsQuantityAfterChange: options.tellsQuantityAfterChange,
    missingScopes: () => faultDesk.current.graphql.missingScopes,
  });
  const bulk = new BulkOperations({
    schema: adminSchema,
    rootValue,
    pending,
    now,
    newId,
    nextSeq,
    origin,
    startDelayMs: options.bulkDelayMs,
    faults: () => faultDesk.current.bulk,
    contextFor: (window) => endpoint.context({ window, forcedUserError: null }),
    onFinished: (operation) => announcer.announce("bulk_operations/finish", () => bulkBody(operation)),
  });
  endpoint.attachBulk(bulk);
  const route = new GraphqlRoute({
    endpoint,
    tokens,
    keys,
    random: random.fork("graphql"),
    pending,
    faults: () => faultDesk.current.graphql,
  });
  return {
    ...{ options, random, pending, faultDesk, log, store, registry },
    ...{ announcer, courier, tokens, endpoint, route, bulk },
  };
}

function bulkBody(operation: ReturnType<BulkOperations["all"]>[number]): Record<string, unknown> {
  return {
    admin_graphql_api_id: `gid://shopify/BulkOperation/${operation.id}`,
    completed_at: operation.completedAtMs === null ? null : shopStamp(operation.completedAtMs),
    created_at: shopStamp(operation.createdAtMs),
    error_code: operation.errorCode,
    status: operation.status.toLowerCase(),
    type: "query",
  };
}
