/**
 * Reconciliation with everything real but the runtime: Shopify's simulator over HTTP, the catalogue and the runs on the
 * shipped SQL, counters on theirs, the documents that ship. What the gate adds (journal, pace) is left out: pushes and reads
 * go straight to the simulator. The clock is the world's, and stands still but for `pass` and what a run waits for.
 */

import { type ShopifySimulator, startShopifySimulator } from "../../../dev/shopify-simulator/simulator.ts";
import type { CounterDesk } from "../../../durable-objects/counter-desk.ts";
import { adjustVariables } from "../../../src/channels/shopify/adjust-variables.ts";
import { shopifyCatalogueSource } from "../../../src/channels/shopify/catalogue-source.ts";
import { ADJUST_DOCUMENT, levelsDocument, MOVE_DOCUMENT } from "../../../src/channels/shopify/documents.ts";
import { itemGid, locationGid } from "../../../src/channels/shopify/gid.ts";
import { moveVariables } from "../../../src/channels/shopify/move-variables.ts";
import { parseAdjust, parseMove } from "../../../src/channels/shopify/parse-adjust.ts";
import { parseLevels } from "../../../src/channels/shopify/parse-levels.ts";
import { shopifyView } from "../../../src/channels/shopify/shop-view.ts";
import {
  type CorrelationId,
  fromStore,
  type ListingId,
  type LocationId,
  type MovementKey,
  type ReconciliationId,
  type ShopDomain,
  type ShopLocationId,
  type SkuId,
} from "../../../src/domain/ids.ts";
import type { LevelsView } from "../../../src/domain/levels-view.ts";
import type { Run, RunScope } from "../../../src/domain/reconcile/run.ts";
import type { Counter } from "../../../src/services/counter-contract.ts";
import type {
  GatePush,
  GateRead,
  GraphqlReply,
  GraphqlRequest,
  HeldPush,
} from "../../../src/services/gate-contract.ts";
import { importPage } from "../../../src/services/import-catalogue.ts";
import { advanceShop } from "../../../src/services/reconcile/advance-shop.ts";
import type { FetchedOrder, Finding, ReconcileDeps } from "../../../src/services/reconcile/reconcile-deps.ts";
import { requestRun } from "../../../src/services/reconcile/request-run.ts";
import { tickShop } from "../../../src/services/reconcile/tick-shop.ts";
import { takeInEvents } from "../../../src/services/take-in-events.ts";
import { d1Catalogue, newCatalogueCache } from "../../../src/store/d1-catalogue.ts";
import { d1CatalogueWriter } from "../../../src/store/d1-catalogue-writer.ts";
import { d1ReconciliationFindings } from "../../../src/store/d1-reconciliation-findings.ts";
import { d1ReconciliationRuns } from "../../../src/store/d1-reconciliation-runs.ts";
import { d1ReconciliationListings, d1ReconciliationShops } from "../../../src/store/d1-reconciliation-shops.ts";
import { d1Shops } from "../../../src/store/d1-shops.ts";
import { simulatorGate } from "../../contract/shopify/support/simulator-gate.ts";
import { deskOn } from "../counter/desk-on.ts";
import { SqliteD1 } from "../d1/sqlite-d1.ts";

export const SHOP = fromStore<ShopDomain>("onhand-dev.myshopify.com");

export const POLICY: ReconcileDeps["policy"] = {
  changedEveryMs: 900_000,
  allEveryMs: 86_400_000,
  overlapMs: 300_000,
  ordersMsMax: 300_000,
  webhookWindowMs: 60_000,
  looksMax: 3,
  listingsPerStep: 20,
  bulkRowsPerStep: 25,
  locationsPerBulkMax: 50,
  counterCallsMax: 50,
  settleMs: 600_000,
  settleEveryMs: 2_000,
  bulkPollMs: 2_000,
  bulkTriesMax: 3,
  leaseMs: 90_000,
  failuresMax: 5,
  runMsMax: 43_200_000,
  openRunsMax: 10,
};

export type Ended = { readonly run: Run; readonly findings: readonly Finding[] };

export class ReconcileWorld {
  readonly simulator: ShopifySimulator;
  readonly d1 = new SqliteD1();
  readonly deps: ReconcileDeps;
  readonly sent: FetchedOrder[] = [];
  /** What the run asked Shopify, by the name of the operation. */
  readonly asked: string[] = [];
  /** Asked before each step's write: true ends the life of the driver there, its lease with it. */
  dies: (() => boolean) | null = null;
  #isDead = false;
  outageEndedMs: number | null = null;
  /** A catch is closed: pushes are kept. */
  isHeld = false;
  nowMs: number;
  readonly #desks = new Map<SkuId, CounterDesk>();
  readonly #signals = new Set<SkuId>();
  readonly #held: GatePush[] = [];
  readonly #gate: { graphql(request: GraphqlRequest): Promise<GraphqlReply> };
  #ids = 0;
  #keys = 0;

  private constructor(simulator: ShopifySimulator, clock: { nowMs: number }) {
    this.simulator = simulator;
    this.nowMs = clock.nowMs;
    this.#gate = simulatorGate(simulator);
    this.deps = this.#makeDeps();
  }

  /** Seeded, imported, and quiet for an hour. */
  static async start(
    seed: { skus: number; locations: number },
    options: { seed?: number } = {},
  ): Promise<ReconcileWorld> {
    const clock: { nowMs: number; world: ReconcileWorld | null } = {
      nowMs: Date.parse("2026-11-20T08:00:00Z"),
      world: null,
    };
    const simulator = await startShopifySimulator({
      seed: options.seed ?? 5,
      now: () => clock.world?.nowMs ?? clock.nowMs,
    });
    simulator.seedCatalogue(seed);
    const world = new ReconcileWorld(simulator, clock);
    clock.world = world;
    await world.#import();
    await world.pass(3_600_000);
    return world;
  }

  async close(): Promise<void> {
    await this.simulator.close();
  }

  async pass(ms: number): Promise<void> {
    this.nowMs += ms;
    for (const desk of this.#desks.values()) await desk.alarm();
    await this.settle();
  }

  /** Signals are answered until nothing is left to do now. */
  async settle(): Promise<void> {
    while (this.#signals.size > 0) {
      const [skuId] = this.#signals;
      if (skuId === undefined) return;
      this.#signals.delete(skuId);
      await this.#answer(this.desk(skuId));
    }
  }

  desk(skuId: SkuId): CounterDesk {
    const known = this.#desks.get(skuId);
    if (known !== undefined) return known;
    const desk = deskOn({
      skuId,
      signalChannel: async () => {},
      signal: async () => this.#signals.add(skuId),
      nowMs: () => this.nowMs,
      newId: () => `${++this.#ids}`,
    });
    this.#desks.set(skuId, desk);
    return desk;
  }

  async skuId(sku: string): Promise<SkuId> {
    const { skuIds } = await this.deps.catalogue.skuIds([fromStore(sku)]);
    const skuId = skuIds.get(fromStore(sku));
    if (skuId === undefined) throw new Error(`no such SKU: ${sku}`);
    return skuId;
  }

  async levels(sku: string): Promise<LevelsView> {
    const view = this.desk(await this.skuId(sku)).levels();
    if (view === null) throw new Error(`not connected: ${sku}`);
    return view;
  }

  /** A till takes (negative) or brings. */
  async till(sku: string, delta: number, locationId: string): Promise<void> {
    const request = {
      key: fromStore<MovementKey>(`till/${++this.#keys}`),
      fingerprint: `${delta}`,
      locationId: fromStore<LocationId>(locationId),
      delta,
      allowNegative: true,
      cause: { reason: "sale", reference: null, source: "api", actor: "till", correlationId: CAUSE },
      occurredAtMs: this.nowMs,
    };
    this.desk(await this.skuId(sku)).apply([{ kind: "movement", request }]);
    await this.settle();
  }

  /** As the cron does. */
  async minute(): Promise<void> {
    await this.pass(60_000);
    await tickShop(SHOP, 45_000, this.deps);
  }

  async movements(sku: string) {
    return this.desk(await this.skuId(sku)).movements({ beforeSeq: null, limit: 100 }).movements;
  }

  async run(scope: RunScope, given: { isDry?: boolean; deps?: ReconcileDeps } = {}): Promise<Ended> {
    const asked = { shop: SHOP, scope, isDry: given.isDry ?? false, trigger: "demand", actor: "test" } as const;
    const requested = await requestRun({ ...asked, correlationId: CAUSE }, this.deps);
    if (requested.kind !== "queued") throw new Error(requested.kind);
    return this.drive(requested.run.id, given.deps);
  }

  /** Until the run is over, as its minutes would. */
  async drive(id: ReconciliationId, deps: ReconcileDeps = this.deps): Promise<Ended> {
    for (let minutes = 0; minutes < 200; minutes += 1) {
      await advanceShop(SHOP, 45_000, deps).catch((error: unknown) => {
        if (!this.#isDead) throw error;
      });
      const run = await this.deps.runs.get(id);
      if (run === null) throw new Error("the run is gone");
      if (run.status !== "running" && run.status !== "queued") {
        return { run, findings: (await this.deps.found.findings(id, { limit: 10_000 })).findings };
      }
      await this.pass(60_000);
    }
    throw new Error("the run is not over after 200 minutes");
  }

  #makeDeps(): ReconcileDeps {
    const db = this.d1.db;
    const catalogue = d1Catalogue(db, newCatalogueCache(1, 1), 2_000, () => this.nowMs);
    const counters = { of: (skuId: SkuId) => counterOf(this.desk(skuId), () => this.settle()) };
    const runs = d1ReconciliationRuns(db);
    return {
      runs: {
        ...runs,
        commit: (...given) => {
          this.#isDead = this.dies?.() ?? false;
          if (this.#isDead) throw new Error("evicted");
          return runs.commit(...given);
        },
        release: async (...given) => {
          if (!this.#isDead) await runs.release(...given);
        },
      },
      found: d1ReconciliationFindings(db),
      marks: d1ReconciliationShops(db),
      listings: d1ReconciliationListings(db),
      catalogue,
      counters,
      shopOf: () => this.#view(),
      sendOrder: async (shop, order, correlationId) => {
        this.sent.push(order);
        const deps = { catalogue, counters, callsMax: 50, callMsMax: 30_000 };
        await takeInEvents([{ shop, correlationId, event: order.event }], deps);
      },
      policy: POLICY,
      log: () => {},
      nowMs: () => this.nowMs,
      newId: () => `${++this.#ids}`,
      wait: async (ms) => {
        await this.simulator.idle(); // a bulk query goes on by real time
        await this.pass(ms);
      },
    };
  }

  #view() {
    return shopifyView({
      gate: {
        graphql: (request) => {
          this.asked.push(/(?:query|mutation) (\w+)/.exec(request.document)?.[1] ?? "");
          return this.#gate.graphql(request);
        },
      },
      fetcher: (url, init) => fetch(url, init),
      status: {
        held: async () =>
          this.#held.map((push): HeldPush => ({ ...push, state: "queued", reason: "read_only", submittedAtMs: 0 })),
        outageEndedMs: async () => this.outageEndedMs,
      },
      mayFetch: () => true,
    });
  }

  async #import(): Promise<void> {
    const deps = {
      source: shopifyCatalogueSource(this.#gate),
      writer: d1CatalogueWriter(this.d1.db, () => `${++this.#ids}`),
      shops: d1Shops(this.d1.db),
      counters: this.deps.counters,
      rejoin: async () => {},
      mirror: () => {},
      nowMs: () => this.nowMs,
    };
    let cursor: string | null = null;
    do {
      const page = await importPage(SHOP, cursor, { mode: null, dryRun: false }, CAUSE, deps);
      if (page.kind !== "page") throw new Error(JSON.stringify(page));
      cursor = page.nextCursor;
    } while (cursor !== null);
  }

  async #answer(desk: CounterDesk): Promise<void> {
    const { pushes, reads } = desk.takeWork(SHOP);
    for (const push of pushes) {
      if (!this.isHeld) await desk.gateResults({ pushes: [await this.#push(push)], reads: [] });
      else if (!this.#held.some(({ pushKey }) => pushKey === push.pushKey)) this.#held.push(push);
    }
    for (const read of reads) await desk.gateResults({ pushes: [], reads: [await this.#read(read)] });
  }

  async #push({ pushKey, listingId, rows, kind }: GatePush) {
    const isMove = kind === "move";
    const variables = (isMove ? moveVariables : adjustVariables)(fromStore(pushKey), rows);
    const reply = await this.#gate.graphql({
      document: isMove ? MOVE_DOCUMENT : ADJUST_DOCUMENT,
      variables: JSON.parse(variables) as Record<string, unknown>,
      cost: 15,
      kind: "other",
    });
    const payload = reply.kind === "ok" ? (isMove ? parseMove : parseAdjust)(reply.data) : null;
    if (payload?.group) {
      return { kind: "applied", pushKey, listingId, atMs: payload.group.createdAtMs, after: [] } as const;
    }
    const [error] = payload?.userErrors ?? [];
    const park = rows.map(({ location }) => location);
    return {
      kind: "failed",
      pushKey,
      listingId,
      code: error?.code ?? "?",
      message: error?.message ?? "",
      park,
    } as const;
  }

  async #read({ readKey, listingId, item, locations }: GateRead) {
    const variables = {
      ids: [itemGid(item)],
      ...Object.fromEntries(locations.map((location, i) => [`l${i}`, locationGid(location)])),
    };
    const document = levelsDocument(locations.length);
    const reply = await this.#gate.graphql({ document, variables, cost: 15, kind: "read" });
    const levels = reply.kind === "ok" ? parseLevels(reply.data, [item], locations)?.get(item) : null;
    if (!levels) return { kind: "failed", readKey, listingId, reason: "no answer" } as const;
    const told = levels.map(({ location, ...level }) => ({ location: fromStore<ShopLocationId>(location), ...level }));
    return { kind: "answered", readKey, listingId, levels: told } as const;
  }
}

const CAUSE = fromStore<CorrelationId>("reconcile-test");

/** As over RPC: answers are promises. What it asks of the gate is answered before the next call. */
function counterOf(desk: CounterDesk, settle: () => Promise<void>): Counter {
  const audit: Counter["audit"] = async (listingId) => {
    desk.apply([{ kind: "audit", listingId }]);
    await settle();
  };
  const unpark: Counter["unpark"] = async (listingId, locationId) => {
    const reply = desk.apply([{ kind: "unpark", listingId, locationId }]);
    await settle();
    return reply;
  };
  const own: Readonly<Record<string, unknown>> = {
    audit,
    unpark,
    expectations: async (listingId?: ListingId) => desk.expectations(listingId ?? null),
  };
  return new Proxy(desk, {
    get(target, name) {
      const given = own[String(name)] ?? Reflect.get(target, name);
      return typeof given === "function" ? async (...args: unknown[]) => Reflect.apply(given, target, args) : given;
    },
  }) as unknown as Counter;
}
