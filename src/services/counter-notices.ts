/** News of a counter on their way to people: what travels in the notifications queue. */
import type { CounterNews, CountNews, ReorderNews, StockNews } from "../domain/counter/counter-news.ts";
import type { CorrelationId, Sku, SkuId } from "../domain/ids.ts";

type NoticeOf<News extends CounterNews> = {
  readonly v: 1;
  readonly kind: News["kind"];
  /** Of the news: told again, it is the same. */
  readonly id: string;
  readonly skuId: SkuId;
  /** As the counter is called now. */
  readonly sku: Sku;
  readonly news: News;
  readonly correlationId: CorrelationId;
};

export type StockNotice = NoticeOf<StockNews>;
export type ReorderNotice = NoticeOf<ReorderNews>;
export type CountNotice = NoticeOf<CountNews>;
export type CounterNotice = StockNotice | ReorderNotice | CountNotice;
