/** The event journal: one per isolate, whose entries it writes together. Needs no configuration. */
import { LIMITS } from "../config.ts";
import type { CorrelationId, ShopDomain, Sku, SkuId } from "../domain/ids.ts";
import type { JournalEntry } from "../domain/journal/entry.ts";
import { consoleLog as log, reasonOf } from "../observability/log.ts";
import type { Catalogue } from "../services/catalogue.ts";
import type { Counters } from "../services/counter-contract.ts";
import type { Journal, JournalFilter, JournalStore } from "../services/journal.ts";
import { knownSkuId } from "../services/known-sku-id.ts";
import { pruneJournal } from "../services/prune-journal.ts";
import { traceOf } from "../services/trace.ts";
import { reaching } from "../services/unavailable.ts";
import { inTime } from "../services/with-deadline.ts";
import { d1Journal } from "../store/d1-journal.ts";
import { gateOf } from "../store/durable-counters.ts";
import { gatheringJournal } from "../store/gathering-journal.ts";
import { deadLettersOf } from "./dead-letters.ts";
import { meterOf } from "./telemetry.ts";

const journals = new WeakMap<object, Journal>();

export function journalOf(env: Env): Journal {
  const known = journals.get(env) ?? newJournal(env);
  journals.set(env, known);
  return known;
}

/**
 * Of a batch: entries are written with its flush, or when what goes beside it is over. It does not gather as requests do:
 * a wait in a queue handler's `waitUntil` holds back the next batch.
 */
export const journalBeside =
  (env: Env, ctx: ExecutionContext) =>
  (entries: readonly JournalEntry[] | Promise<readonly JournalEntry[]>): void => {
    const journal = journalOf(env);
    if (entries instanceof Promise) ctx.waitUntil(entries.then((known) => journal.append(known)));
    else journal.leave(entries);
  };

/** Once per batch, and each minute: what was left, and what D1 did not take before. */
export const flushJournal = (env: Env): Promise<void> => journalOf(env).append([]);

export const journalStoreOf = (env: Env): JournalStore => d1Journal(env.DB, LIMITS.journalScanRowsMax);

function newJournal(env: Env): Journal {
  const store = journalStoreOf(env);
  const policy = {
    gatherMs: LIMITS.journalGatherMs,
    waitingMax: LIMITS.journalWaitingMax,
    rowsMax: LIMITS.journalRowsMax,
    faultsMax: LIMITS.journalFaultsMax,
    restMs: LIMITS.journalRestMs,
  };
  return gatheringJournal(policy, {
    store: { put: (entries) => inTime(LIMITS.journalMsMax, () => store.put(entries)) },
    dropped(entries) {
      meterOf(env).count("onhand_journal_dropped_total", {}, entries);
      log("warn", "journal.dropped", { counts: { entries } });
    },
    fault: (error) => log("warn", "journal.fault", { reason: reasonOf(error) }),
    nowMs: () => Date.now(),
    wait: (ms) => scheduler.wait(ms),
    isolateId: crypto.randomUUID().slice(0, 8),
  });
}

export const forgetOldEntries = (env: Env, nowMs: number): Promise<void> =>
  pruneJournal(journalStoreOf(env), nowMs, {
    retentionMs: LIMITS.journalRetentionMs,
    keptMax: LIMITS.journalKeptMax,
    rowsMax: LIMITS.journalPruneRowsMax,
    turnsMax: LIMITS.journalPruneTurnsMax,
  });

type Parts = {
  readonly catalogue: Pick<Catalogue, "skuIds">;
  readonly counters: Counters;
  shops(): Promise<Iterable<ShopDomain>>;
  readonly nowMs: () => number;
};

const TRACE_LIMITS = {
  entriesMax: LIMITS.traceEntriesMax,
  skusMax: LIMITS.traceSkusMax,
  movementsMax: LIMITS.traceMovementsMax,
  pushesMax: LIMITS.tracePushesMax,
  lettersMax: LIMITS.traceLettersMax,
  callMsMax: LIMITS.traceCallMsMax,
  callsMax: LIMITS.counterCallsMax,
};

/** What the API may do with it. */
export function journalServices(env: Env, ctx: ExecutionContext, { catalogue, counters, shops, nowMs }: Parts) {
  const store = reaching("journal", journalStoreOf(env));
  return {
    journal: (entry: JournalEntry): void => ctx.waitUntil(journalOf(env).gather([entry])),
    /** @returns null: there is no such SKU */
    async events({ sku, ...filter }: Omit<JournalFilter, "skuId"> & { readonly sku: Sku | undefined }) {
      const skuId = sku === undefined ? undefined : await knownSkuId(catalogue, sku);
      return skuId === null ? null : store.list({ ...filter, skuId });
    },
    async trace(correlationId: CorrelationId, skus: readonly Sku[]) {
      const { skuIds } = skus.length === 0 ? { skuIds: new Map<Sku, SkuId>() } : await catalogue.skuIds(skus);
      return traceOf(correlationId, [...skuIds.values()], {
        ...{ journal: store, counters, shops: [...(await shops())], limits: TRACE_LIMITS, nowMs },
        deadLetters: deadLettersOf(env),
        gateOf: (shop) => gateOf(env.SHOP_GATE, shop),
      });
    },
  };
}
