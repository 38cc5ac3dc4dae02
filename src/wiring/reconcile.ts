/** Reconciliation, joined: what its runs and its API may do. */
import { shopifyView } from "../channels/shopify/shop-view.ts";
import { squareView } from "../channels/square/square-view.ts";
import { type Config, LIMITS, originOf } from "../config.ts";
import {
  type CorrelationId,
  type FindingId,
  fromStore,
  parseShopDomain,
  type ReconciliationId,
  type ShopDomain,
} from "../domain/ids.ts";
import type { LevelsView } from "../domain/levels-view.ts";
import type { RunScope } from "../domain/reconcile/run.ts";
import { consoleLog as log, reasonOf } from "../observability/log.ts";
import type { Envelope } from "../queues/envelope.ts";
import type { Catalogue } from "../services/catalogue.ts";
import type { Counters } from "../services/counter-contract.ts";
import type { GraphqlGate } from "../services/patient-gate.ts";
import { patientGate } from "../services/patient-gate.ts";
import { advanceShop } from "../services/reconcile/advance-shop.ts";
import { overwriteFinding } from "../services/reconcile/overwrite-finding.ts";
import type {
  FetchedOrder,
  FindingFilter,
  ReconcileDeps,
  ReconcilePolicy,
  RunFilter,
  ShopView,
} from "../services/reconcile/reconcile-deps.ts";
import { requestRun } from "../services/reconcile/request-run.ts";
import { tickShop } from "../services/reconcile/tick-shop.ts";
import { reaching } from "../services/unavailable.ts";
import { d1ReconciliationFindings } from "../store/d1-reconciliation-findings.ts";
import { d1ReconciliationRuns } from "../store/d1-reconciliation-runs.ts";
import { d1ReconciliationListings, d1ReconciliationShops } from "../store/d1-reconciliation-shops.ts";
import type { ShopGateStub } from "../store/durable-counters.ts";

/** What the rest of the wiring has already. */
export type ReconcileParts = {
  readonly db: D1Database;
  readonly config: Config;
  readonly catalogue: Catalogue;
  readonly counters: Counters;
  gate(shop: ShopDomain): ShopGateStub;
  send(envelope: Envelope): Promise<void>;
};

function policyOf({ timing }: Config): ReconcilePolicy {
  return {
    changedEveryMs: timing.reconcileChangedEveryMs ?? LIMITS.reconcileChangedEveryMs,
    allEveryMs: timing.reconcileAllEveryMs ?? LIMITS.reconcileAllEveryMs,
    overlapMs: timing.reconcileOverlapMs ?? LIMITS.reconcileOverlapMs,
    ordersMsMax: timing.reconcileOrdersMsMax ?? LIMITS.reconcileOrdersMsMax,
    webhookWindowMs: timing.webhookWindowMs ?? LIMITS.webhookWindowMs,
    looksMax: LIMITS.reconcileLooksMax,
    listingsPerStep: LIMITS.reconcileListingsPerStep,
    bulkRowsPerStep: LIMITS.reconcileBulkRowsPerStep,
    locationsPerBulkMax: LIMITS.reconcileLocationsPerBulkMax,
    counterCallsMax: LIMITS.counterCallsMax,
    settleMs: LIMITS.reconcileSettleMs,
    settleEveryMs: LIMITS.reconcilePollMs,
    bulkPollMs: LIMITS.reconcilePollMs,
    bulkTriesMax: LIMITS.reconcileBulkTriesMax,
    leaseMs: LIMITS.reconcileLeaseMs,
    failuresMax: LIMITS.reconcileFailuresMax,
    runMsMax: LIMITS.reconcileRunMsMax,
    openRunsMax: LIMITS.reconcileOpenRunsMax,
  };
}

export function reconcileDeps({ db, config, catalogue, counters, gate, send }: ReconcileParts): ReconcileDeps {
  const wait = (ms: number): Promise<unknown> => scheduler.wait(ms);
  const nowMs = (): number => Date.now();
  return {
    runs: reaching("reconciliation", d1ReconciliationRuns(db)),
    found: reaching("reconciliation", d1ReconciliationFindings(db)),
    marks: reaching("reconciliation", d1ReconciliationShops(db)),
    listings: reaching("catalogue", d1ReconciliationListings(db)),
    catalogue,
    counters,
    shopOf: (shop) => viewOf(shop, gate(shop), config),
    sendOrder: (shop, order, correlationId) => send(envelopeOf(shop, order, correlationId, nowMs())),
    policy: policyOf(config),
    log,
    nowMs,
    newId: () => crypto.randomUUID(),
    wait,
  };
}

function viewOf(shop: ShopDomain, gate: ShopGateStub, config: Config): ShopView {
  const patient: GraphqlGate = patientGate(gate, (ms) => scheduler.wait(ms));
  const status = {
    held: () => gate.held(),
    outageEndedMs: async () => (await gate.status()).outageEndedMs ?? null,
  };
  if (!parseShopDomain(shop).ok) return squareView({ gate: patient, status });
  const originOverride = originOf(config, shop);
  return shopifyView({
    gate: patient,
    fetcher: (url, { headers, signal }) => fetch(url, { headers, signal, redirect: "manual" }),
    status,
    // A simulator on this machine speaks no https; the real shop's results lie at a storage of Shopify's choice.
    mayFetch: (url) =>
      url.startsWith("https://") || (originOverride !== null && new URL(url).origin === new URL(originOverride).origin),
  });
}

/** Its id is that of the order in this state: fetched by two runs it is the same event. */
function envelopeOf(
  shop: ShopDomain,
  { event, updatedAtMs }: FetchedOrder,
  correlationId: CorrelationId,
  nowMs: number,
): Envelope {
  return {
    v: 1,
    id: `reconcile/${shop}/${event.orderId}/${updatedAtMs}`,
    correlationId,
    channel: { type: "shopify", shop },
    kind: event.topic,
    occurredAt: event.createdAtMs,
    receivedAt: nowMs,
    data: event,
  };
}

/** Each minute, every shop by itself: one that is away must not hold the others up. */
export async function tickReconciliations(shops: Iterable<ShopDomain>, deps: ReconcileDeps): Promise<void> {
  await Promise.all(
    Array.from(shops, async (shop) => {
      try {
        await tickShop(shop, LIMITS.reconcileCronBudgetMs, deps);
      } catch (error) {
        log("warn", "reconciliation.not_driven", { shop, reason: reasonOf(error) });
      }
    }),
  );
}

export type DemandedRun = {
  readonly scope: RunScope;
  readonly isDry: boolean;
  readonly actor: string;
  readonly correlationId: CorrelationId;
};

/** What the API may do. */
export function reconciliations(
  deps: ReconcileDeps,
  ctx: Pick<ExecutionContext, "waitUntil">,
  mirror: (views: readonly LevelsView[]) => void,
) {
  return {
    async request(shop: ShopDomain, run: DemandedRun) {
      const requested = await requestRun({ shop, trigger: "demand", ...run }, deps);
      if (requested.kind === "queued") ctx.waitUntil(drive(shop, deps));
      return requested;
    },
    list: (filter: RunFilter) => deps.runs.list(filter),
    get: (id: string) => deps.runs.get(fromStore<ReconciliationId>(id)),
    findings: (id: ReconciliationId, filter: FindingFilter) => deps.found.findings(id, filter),
    async cancel(id: string) {
      const run = await deps.runs.cancel(fromStore<ReconciliationId>(id), deps.nowMs());
      if (run?.cursor.phase === "bulk" && run.cursor.operation !== null && run.status === "cancelled")
        await deps.shopOf(run.shop).bulk?.cancelBulk(run.cursor.operation);
      return run;
    },
    overwrite: (
      id: string,
      finding: string,
      approval: { dryRun: boolean; reason: string; actor: string; correlationId: CorrelationId },
    ) =>
      overwriteFinding(
        { runId: fromStore<ReconciliationId>(id), findingId: fromStore<FindingId>(finding), ...approval },
        deps,
        mirror,
      ),
    /** Where Shopify delivers, for the runs that re-assert it. */
    noteCallback: (shop: ShopDomain, uri: string) => deps.marks.putCallbackUri(shop, uri),
  };
}

async function drive(shop: ShopDomain, deps: ReconcileDeps): Promise<void> {
  try {
    await advanceShop(shop, LIMITS.reconcileRequestBudgetMs, deps);
  } catch (error) {
    log("warn", "reconciliation.not_driven", { shop, reason: reasonOf(error) }); // the next minute does
  }
}
