/**
 * Words: what counters must know without asking (a channel's default rules, what it is told of, …). They stand in D1 under
 * one rising sequence of revisions, and each counter learns them: a page of counters at once, the rest a page a minute. Each
 * SKU remembers the newest revision that its counter has learnt, so a round can stop anywhere, goes on where the last one
 * was, and says how far it is.
 */
import type { CounterEvent } from "../domain/counter/counter-event.ts";
import type { CorrelationId, SkuId } from "../domain/ids.ts";
import { reasonOf } from "../observability/log.ts";
import { atMost } from "./at-most.ts";
import type { Counters } from "./counter-contract.ts";

/** Counters that have learnt a revision, of all that there are. */
export type Progress = { readonly learnt: number; readonly counters: number };

export interface WordStore {
  /** The sequence as it stands: whoever is told everything after this has been read knows all that was said until now. */
  newest(): Promise<number>;
  /** Counters in use that must learn something and were not asked since then, the longest ago first. */
  behind(askedBeforeMs: number, limit: number): Promise<readonly SkuId[]>;
  /** `learnt`: know all until this revision now. `asked`: could not be told. */
  mark(
    done: { readonly learnt: readonly SkuId[]; readonly asked: readonly SkuId[] },
    revision: number,
    nowMs: number,
  ): Promise<void>;
  progress(revision: number): Promise<Progress>;
}

/**
 * One kind of words. Each event bears a revision of the sequence, read in one statement with what it says, which rises
 * whenever that may have changed: an older word never undoes a newer one.
 */
export interface WordSource {
  wordsFor(skuIds: readonly SkuId[], correlationId: CorrelationId): Promise<Words>;
}

export type Words = {
  /** For every SKU. */
  readonly common: readonly CounterEvent[];
  readonly bySku?: ReadonlyMap<SkuId, readonly CounterEvent[]>;
};

export interface SpreadDeps {
  readonly words: WordStore;
  readonly sources: readonly WordSource[];
  readonly counters: Counters;
  /** Counters told at once. */
  readonly callsMax: number;
  /** Counters told in one round. */
  readonly roundMax: number;
}

export type Spread = { readonly told: number; readonly notConnected: number; readonly failed: readonly string[] };

/** A counter that could not be told waits this long before it is asked again, so that it keeps nobody back. */
const ASK_AGAIN_MS = 60_000;

/** One round: tells every word to some counters that are behind. Idempotent, resumable, stops by itself. */
export async function spreadWords(
  { words, sources, counters, callsMax, roundMax }: SpreadDeps,
  correlationId: CorrelationId,
  nowMs: number,
): Promise<Spread> {
  // What is said from here on has a higher revision, and the next round finds these counters behind it.
  const newest = await words.newest();
  const behind = newest === 0 ? [] : await words.behind(nowMs - ASK_AGAIN_MS, roundMax);
  if (behind.length === 0) return { told: 0, notConnected: 0, failed: [] };
  const said = await Promise.all(sources.map((source) => source.wordsFor(behind, correlationId)));
  const learnt: SkuId[] = [];
  const asked: SkuId[] = [];
  const failed: string[] = [];
  await atMost(callsMax, behind, async (skuId) => {
    try {
      const events = said.flatMap(({ common, bySku }) => [...common, ...(bySku?.get(skuId) ?? [])]);
      const reply = await counters.of(skuId).apply(events);
      (reply.kind === "applied" ? learnt : asked).push(skuId);
    } catch (error) {
      asked.push(skuId);
      failed.push(`${skuId}: ${reasonOf(error)}`);
    }
  });
  await words.mark({ learnt, asked }, newest, nowMs);
  return { told: learnt.length, notConnected: asked.length - failed.length, failed };
}
