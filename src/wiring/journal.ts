/** The event journal: one per isolate, whose entries it writes together. Needs no configuration. */
import { LIMITS } from "../config.ts";
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
