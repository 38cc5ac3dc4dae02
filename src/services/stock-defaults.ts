/** What holds for all SKUs of watching and ordering: one of the words that counters learn. */
import type { ReorderRule } from "../domain/counter/reorder.ts";
import type { StockThresholds } from "../domain/counter/thresholds.ts";
import { type CorrelationId, fromStore } from "../domain/ids.ts";
import { type Progress, type SpreadDeps, spreadWords, type WordSource, type WordStore } from "./words.ts";

export type StockDefaults = {
  readonly thresholds: StockThresholds | null;
  readonly reorderRule: ReorderRule | null;
  readonly revision: number;
  readonly updatedAtMs: number | null;
};

export type StockDefaultsView = StockDefaults & { readonly progress: Progress };

/** What is left out stays. */
export type StockDefaultsChange = Partial<Pick<StockDefaults, "thresholds" | "reorderRule">>;

export interface StockDefaultsStore {
  /** Revision 0: nobody has said anything. */
  read(): Promise<StockDefaults>;
  /** Under a revision above every other word's. */
  put(change: StockDefaultsChange, nowMs: number): Promise<StockDefaults>;
}

export const stockAsWords = (store: Pick<StockDefaultsStore, "read">): WordSource => ({
  async wordsFor(_skuIds, correlationId) {
    const { thresholds, reorderRule, revision } = await store.read();
    if (revision === 0) return { common: [] };
    return { common: [{ kind: "stock_default", thresholds, reorderRule, revision, correlationId }] };
  },
});

export async function readStockDefaults(
  store: Pick<StockDefaultsStore, "read">,
  words: Pick<WordStore, "progress">,
): Promise<StockDefaultsView> {
  const known = await store.read();
  return { ...known, progress: await words.progress(known.revision) };
}

export async function changeStockDefaults(
  change: StockDefaultsChange,
  deps: SpreadDeps & { readonly store: StockDefaultsStore },
  nowMs: number,
): Promise<StockDefaultsView> {
  const stored = await deps.store.put(change, nowMs);
  await spreadWords(deps, fromStore<CorrelationId>(`stock-defaults:${stored.revision}`), nowMs);
  return { ...stored, progress: await deps.words.progress(stored.revision) };
}
