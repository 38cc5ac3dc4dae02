/** What counters must learn, wired: each kind of words is a source here. */
import { LIMITS } from "../config.ts";
import type { CorrelationId } from "../domain/ids.ts";
import { consoleLog, type Log, reasonOf } from "../observability/log.ts";
import { rulesAsWords } from "../services/channel-rules.ts";
import type { Counters } from "../services/counter-contract.ts";
import { stockAsWords } from "../services/stock-defaults.ts";
import { reaching } from "../services/unavailable.ts";
import { type SpreadDeps, spreadWords } from "../services/words.ts";
import { d1ChannelRules } from "../store/d1-channel-rules.ts";
import { channelsAsWords } from "../store/d1-channel-words.ts";
import { d1StockDefaults } from "../store/d1-stock-defaults.ts";
import { d1Words } from "../store/d1-words.ts";
import { durableCounters } from "../store/durable-counters.ts";

export const wordDeps = (env: Env, counters: Counters): SpreadDeps => ({
  words: reaching("catalogue", d1Words(env.DB)),
  sources: [rulesAsWords(d1ChannelRules(env.DB)), channelsAsWords(env.DB), stockAsWords(d1StockDefaults(env.DB))].map(
    (source) => reaching("catalogue", source),
  ),
  counters,
  callsMax: LIMITS.counterCallsMax,
  roundMax: LIMITS.rulesCountersPerRound,
});

/**
 * Tell the next counters what they have not learnt: each minute, and at once after a change, so that the first page of
 * counters need not wait.
 */
export async function spreadWordsNow(env: Env, counters: Counters, log: Log, atMs: number): Promise<void> {
  const spread = await spreadWords(wordDeps(env, counters), `minute:${atMs}` as CorrelationId, atMs);
  const { told, notConnected, failed } = spread;
  if (told + notConnected + failed.length === 0) return;
  const counts = { told, notConnected, failed: failed.length };
  log(failed.length > 0 ? "warn" : "info", "rules.spread", { counts, ...(failed[0] ? { reason: failed[0] } : {}) });
}

/** Beside an answer. Never rejects: the minute goes on with it. */
export async function spreadSoon(env: Env): Promise<void> {
  try {
    await spreadWordsNow(env, durableCounters(env.SKU_COUNTER), consoleLog, Date.now());
  } catch (error) {
    consoleLog("warn", "rules.not_spread", { reason: reasonOf(error) });
  }
}
