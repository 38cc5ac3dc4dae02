/** What a counter has to tell people, beside its oversells. Each piece has a name of its own: told again, it is the same. */
import type { LocationId, MovementKey, SkuId } from "../ids.ts";
import type { Reorder } from "./reorder.ts";

export type StockNews = {
  readonly kind: "stock";
  /** Rises with each piece of this counter's. */
  readonly number: number;
  readonly state: "low" | "out" | "back";
  /** Null: in all. */
  readonly locationId: LocationId | null;
  readonly available: number;
  readonly lowAt: number | null;
  readonly atMs: number;
};

/** A request as it stands now. Of two pieces of one request, that of the higher `version` is newer. */
export type ReorderNews = { readonly kind: "reorder"; readonly reorder: Reorder; readonly atMs: number };

/**
 * What became of a count, or what does not go together. `contradiction`: two counts of one place. `not_stocked`: of a place
 * where the SKU is not. `below_zero`: a movement that took more than was on hand.
 */
export const COUNT_WORDS = [
  ...(["held", "booked", "rejected", "superseded"] as const),
  ...(["contradiction", "not_stocked", "below_zero"] as const),
] as const;
export type CountWord = (typeof COUNT_WORDS)[number];

export type CountNews = {
  readonly kind: "count";
  readonly word: CountWord;
  /** Of the count, or of the movement. */
  readonly key: MovementKey;
  readonly locationId: LocationId;
  readonly of: "available" | "on_hand";
  /** What was found; of a movement below zero what it left. */
  readonly counted: number;
  /** What we had at that moment. */
  readonly ours: number;
  readonly countedAtMs: number;
  /** Who counted, and by which way it came. */
  readonly actor: string;
  readonly source: string;
  readonly reference: string | null;
  /** Who decided, and why; null: nobody has. */
  readonly decidedBy: string | null;
  readonly note: string | null;
  readonly atMs: number;
};

export type CounterNews = StockNews | ReorderNews | CountNews;

/** Stable, and unique over all counters. */
export function newsId(skuId: SkuId, news: CounterNews): string {
  switch (news.kind) {
    case "stock":
      return `stock/${skuId}/${news.number}`;
    case "reorder":
      return `reorder/${news.reorder.id}/${news.reorder.version}`;
    case "count":
      return `count/${skuId}/${news.key}/${news.word}`;
  }
}
