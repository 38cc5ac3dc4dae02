/** Where a counter's news go, and where what is kept of them can be asked for. */
import { reorderDocument, takesReorders } from "../domain/channel/reorder-document.ts";
import type { CounterNotice, ReorderNotice } from "../services/counter-notices.ts";
import { takeCounterNews } from "../services/take-counter-news.ts";
import { d1CountFindings } from "../store/d1-count-findings.ts";
import { itemOf } from "../store/d1-item-of.ts";
import { d1Reorders } from "../store/d1-reorders.ts";
import { sendChannelDocument } from "./channel-sync.ts";
import { channelsOf } from "./channels.ts";
import { notifierOf } from "./notifier.ts";

export const takeNews =
  (env: Env) =>
  (notice: CounterNotice): Promise<void> =>
    takeCounterNews(notice, {
      reorders: d1Reorders(env.DB),
      counts: d1CountFindings(env.DB),
      notifier: notifierOf(env),
      tellChannels: (given) => tellChannels(env, given),
    });

async function tellChannels(env: Env, { sku, skuId, news, correlationId }: ReorderNotice): Promise<void> {
  const { reorder } = news;
  for (const channel of (await channelsOf(env).list(news.atMs)).filter(takesReorders)) {
    const document = reorderDocument(channel, sku, await itemOf(env.DB, channel.id, skuId), reorder);
    await sendChannelDocument(env, channel.id, { ...document, reorderId: reorder.id, correlationId });
  }
}
