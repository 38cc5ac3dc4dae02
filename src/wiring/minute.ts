/** What the cron of each minute does. */
import { LIMITS } from "../config.ts";
import { consoleLog as log, reasonOf } from "../observability/log.ts";
import { d1LastReasons } from "../store/d1-last-reasons.ts";
import { countersOf, errorReporterOf, reconcileDepsOf } from "../wiring.ts";
import { alertsOf, runAlerts } from "./alerts.ts";
import { pruneChannelDocuments, tendChannelDocuments } from "./channel-sync.ts";
import { configOf, Misconfigured } from "./configuration.ts";
import { pruneDeadLetters, tendDeadLetters } from "./dead-letters.ts";
import { flushJournal, forgetOldEntries } from "./journal.ts";
import { pruneNotifications, tendNotifications } from "./notifier.ts";
import { knownGates } from "./our-shops.ts";
import { tickReconciliations } from "./reconcile.ts";
import { spreadWordsNow } from "./words.ts";

/** Each minute. Alerts have a time of their own beside the rest, which may be held up by what they are about. */
export async function runMinute(env: Env, atMs: number): Promise<void> {
  const rounds = runRounds(env, atMs);
  // What fails at once must not end the invocation under the alerts, which are about to say so.
  const [, outcome] = await Promise.allSettled([runAlerts(env, configOf(env), atMs), rounds]);
  if (outcome.status === "rejected") throw outcome.reason;
}

/** What a cron could not do is done by the next one; that it could not is a bug, or an outage of D1. */
export function reportMinute(error: unknown, env: Env, ctx: Pick<ExecutionContext, "waitUntil">): void {
  log("error", "minute.failed", { reason: reasonOf(error) });
  if (!(error instanceof Misconfigured)) errorReporterOf(env, ctx)(error);
}

/** The longest comes last. */
async function runRounds(env: Env, atMs: number): Promise<void> {
  const deps = reconcileDepsOf(env);
  await flushJournal(env);
  await spreadWordsNow(env, countersOf(env), log, atMs);
  await tendDeadLetters(env, atMs);
  await tendNotifications(env);
  await tendChannelDocuments(env, atMs);
  const minute = new Date(atMs).getUTCMinutes();
  if (minute % LIMITS.journalPruneEveryMinutes === 0) await forgetOldEntries(env, atMs);
  if (minute === 0) {
    await pruneDeadLetters(env, atMs);
    await pruneChannelDocuments(env, atMs);
    await d1LastReasons(env.DB).prune(atMs - LIMITS.lastReasonRetentionMs);
    await deps.runs.prune(atMs - LIMITS.reconciliationRetentionMs);
    await alertsOf(env).prune(atMs - LIMITS.alertRetentionMs);
    await pruneNotifications(env, atMs);
  }
  await tickReconciliations((await knownGates(env)).shops, deps);
}
