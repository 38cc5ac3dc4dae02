/** Default rules of a channel, for every SKU without rules of its own: one kind of the words that counters learn. */
import type { CounterEvent } from "../domain/counter/counter-event.ts";
import { type ChannelId, type CorrelationId, fromStore } from "../domain/ids.ts";
import type { ChannelRules } from "../domain/policy/sku-policy.ts";
import { type Progress, type SpreadDeps, spreadWords, type WordSource, type WordStore } from "./words.ts";

export type StoredRules = {
  readonly channel: ChannelId;
  /** Null: it has none any more; counters that knew some must learn that, too. */
  readonly rules: ChannelRules | null;
  readonly revision: number;
  readonly updatedAtMs: number;
};

export interface ChannelRulesStore {
  /** All that ever had rules. */
  all(): Promise<readonly StoredRules[]>;
  /** Under a revision above every other word's. */
  put(channel: ChannelId, rules: ChannelRules | null, nowMs: number): Promise<StoredRules>;
}

export const rulesAsWords = (store: Pick<ChannelRulesStore, "all">): WordSource => ({
  async wordsFor(_skuIds, correlationId) {
    const all = await store.all();
    const common = all.map(
      ({ channel, rules, revision }): CounterEvent => ({
        kind: "channel_default",
        channel,
        rules,
        revision,
        correlationId,
      }),
    );
    return { common };
  },
});

export type ChannelRulesView = {
  readonly channel: ChannelId;
  readonly rules: ChannelRules | null;
  readonly revision: number;
  readonly updatedAtMs: number | null;
  readonly progress: Progress;
};

export async function readChannelRules(
  channel: ChannelId,
  store: Pick<ChannelRulesStore, "all">,
  words: Pick<WordStore, "progress">,
): Promise<ChannelRulesView> {
  const known = (await store.all()).find((each) => each.channel === channel);
  const revision = known?.revision ?? 0;
  const progress = await words.progress(revision);
  return { channel, rules: known?.rules ?? null, revision, updatedAtMs: known?.updatedAtMs ?? null, progress };
}

/** @param rules  null: the channel has no defaults any more */
export async function changeChannelRules(
  channel: ChannelId,
  rules: ChannelRules | null,
  deps: SpreadDeps & { readonly store: ChannelRulesStore },
  nowMs: number,
): Promise<ChannelRulesView> {
  const stored = await deps.store.put(channel, rules, nowMs);
  await spreadWords(deps, fromStore<CorrelationId>(`channel-rules:${stored.revision}`), nowMs);
  return { ...stored, progress: await deps.words.progress(stored.revision) };
}
