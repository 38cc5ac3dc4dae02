/** What becomes of a counter's news: it is kept where people ask, told to whom it concerns, and each once. */
import { notificationOf } from "../domain/notification/counter-notifications.ts";
import type { Notifier } from "../domain/notification/notification.ts";
import { type CountFindingStore, findingOf } from "./count-findings.ts";
import type { CounterNotice, ReorderNotice } from "./counter-notices.ts";
import type { ReorderStore } from "./reorders.ts";

export interface CounterNewsDeps {
  readonly reorders: Pick<ReorderStore, "put">;
  readonly counts: Pick<CountFindingStore, "put">;
  readonly notifier: Notifier;
  /** Tells the channels that take requests for more stock of one that is open, or wanted no more. */
  tellChannels(notice: ReorderNotice): Promise<void>;
}

/** Throws when it should come again: whatever was done is then done once more, to the same effect. */
export async function takeCounterNews(notice: CounterNotice, deps: CounterNewsDeps): Promise<void> {
  const { sku, skuId, news, correlationId } = notice;
  // Kept first: who is told of it may ask at once.
  if (news.kind === "reorder") {
    const { key: _, ...reorder } = news.reorder;
    await deps.reorders.put({ ...reorder, sku, skuId, correlationId, updatedAtMs: news.atMs });
  }
  if (news.kind === "count") await deps.counts.put(await findingOf(news, { sku, skuId, correlationId }));
  const notification = notificationOf(notice);
  if (notification !== null) await deps.notifier.publish([notification]);
  if (news.kind === "reorder" && isForChannels(news.reorder))
    await deps.tellChannels({ ...notice, news } as ReorderNotice);
}

const isForChannels = ({ state, version }: { readonly state: string; readonly version: number }): boolean =>
  state === "cancelled" || (state === "open" && version === 1);
