/** The event journal: one per isolate, whose entries it writes together. Needs no configuration. */
import { LIMITS } from "../config.ts";
import type { JournalEntry } from "../domain/journal/entry.ts";
import { consoleLog as log, reasonOf } from "../observability/log.ts";
import type { Journal, JournalStore } from "../services/journal.ts";
import { inTime } from "../services/with-deadline.ts";
import { d1Journal } from "../store/d1-journal.ts";
import { gatheringJournal } from "../store/gathering-journal.ts";
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

/** Each hour. In bounded steps: what is left is forgotten in the next. */
export async function pruneJournal(env: Env, nowMs: number): Promise<void> {
  const store = journalStoreOf(env);
  for (let turn = 0; turn < LIMITS.journalPruneTurnsMax; turn += 1) {
    const forgotten = await store.prune(nowMs - LIMITS.journalRetentionMs, LIMITS.journalPruneRowsMax);
    if (forgotten < LIMITS.journalPruneRowsMax) return;
  }
}
