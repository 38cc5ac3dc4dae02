/**
 * Default rules of a channel, for every SKU without rules of its own. They stand in D1, and each counter learns them: a
 * page of counters at once, the rest a page a minute. Every word has a rising revision, and each SKU remembers the newest
 * that its counter has learnt, so the round can stop anywhere, goes on where it was, and says how far it is.
 */
import type { CounterEvent } from "../domain/counter/counter-event.ts";
import { type ChannelId, type CorrelationId, fromStore, type SkuId } from "../domain/ids.ts";
import type { ChannelRules } from "../domain/policy/sku-policy.ts";
import { reasonOf } from "../observability/log.ts";
import { atMost } from "./at-most.ts";
import type { Counters } from "./counter-contract.ts";

export type StoredRules = {
  readonly channel: ChannelId;
  /** Null: it has none any more; counters that knew some must learn that, too. */
  readonly rules: ChannelRules | null;
  readonly revision: number;
  readonly updatedAtMs: number;
};

/** Counters that have learnt a revision, of all that there are. */
export type Progress = { readonly learnt: number; readonly counters: number };

export interface ChannelRulesStore {
  /** All that ever had rules. */
  all(): Promise<readonly StoredRules[]>;
  /** Under a revision above every other. */
  put(channel: ChannelId, rules: ChannelRules | null, nowMs: number): Promise<StoredRules>;
  /** Counters in use that have not learnt this revision and were not asked since then, the longest ago first. */
  behind(revision: number, askedBeforeMs: number, limit: number): Promise<readonly SkuId[]>;
  /** `learnt`: have this revision now. `asked`: could not be told. */
  mark(
    done: { readonly learnt: readonly SkuId[]; readonly asked: readonly SkuId[] },
    revision: number,
    nowMs: number,
  ): Promise<void>;
  progress(revision: number): Promise<Progress>;
}

export interface SpreadDeps {
  readonly store: ChannelRulesStore;
  readonly counters: Counters;
  /** Counters told at once. */
  readonly callsMax: number;
  /** Counters told in one round. */
  readonly roundMax: number;
}

export type Spread = { readonly told: number; readonly notConnected: number; readonly failed: readonly string[] };

/** A counter that could not be told waits this long before it is asked again, so that it keeps nobody back. */
const ASK_AGAIN_MS = 60_000;

/** One round: tells every channel's rules to some counters that are behind. Idempotent, resumable, stops by itself. */
export async function spreadRules(
  { store, counters, callsMax, roundMax }: SpreadDeps,
  correlationId: CorrelationId,
  nowMs: number,
): Promise<Spread> {
  const all = await store.all();
  // What is put from here on has a higher revision, and the next round finds these counters behind it.
  const newest = all.reduce((max, { revision }) => Math.max(max, revision), 0);
  const behind = newest === 0 ? [] : await store.behind(newest, nowMs - ASK_AGAIN_MS, roundMax);
  if (behind.length === 0) return { told: 0, notConnected: 0, failed: [] };
  const events = all.map(
    ({ channel, rules, revision }): CounterEvent => ({
      kind: "channel_default",
      channel,
      rules,
      revision,
      correlationId,
    }),
  );
  const learnt: SkuId[] = [];
  const asked: SkuId[] = [];
  const failed: string[] = [];
  await atMost(callsMax, behind, async (skuId) => {
    try {
      const reply = await counters.of(skuId).apply(events);
      (reply.kind === "applied" ? learnt : asked).push(skuId);
    } catch (error) {
      asked.push(skuId);
      failed.push(`${skuId}: ${reasonOf(error)}`);
    }
  });
  await store.mark({ learnt, asked }, newest, nowMs);
  return { told: learnt.length, notConnected: asked.length - failed.length, failed };
}

export type ChannelRulesView = {
  readonly channel: ChannelId;
  readonly rules: ChannelRules | null;
  readonly revision: number;
  readonly updatedAtMs: number | null;
  readonly progress: Progress;
};

export async function readChannelRules(channel: ChannelId, store: ChannelRulesStore): Promise<ChannelRulesView> {
  const known = (await store.all()).find((each) => each.channel === channel);
  const revision = known?.revision ?? 0;
  const progress = await store.progress(revision);
  return { channel, rules: known?.rules ?? null, revision, updatedAtMs: known?.updatedAtMs ?? null, progress };
}

/** @param rules  null: the channel has no defaults any more */
export async function changeChannelRules(
  channel: ChannelId,
  rules: ChannelRules | null,
  deps: SpreadDeps,
  nowMs: number,
): Promise<ChannelRulesView> {
  const stored = await deps.store.put(channel, rules, nowMs);
  await spreadRules(deps, fromStore<CorrelationId>(`channel-rules:${stored.revision}`), nowMs);
  return { ...stored, progress: await deps.store.progress(stored.revision) };
}
