/** A level that Shopify stocks no more is something to know; one that it stocks again is mended. Best effort, beside the count. */
import type { LevelEvent, LevelGoneEvent, StockEvent } from "../domain/shop-event.ts";
import { reasonOf } from "../observability/log.ts";
import type { CatalogueNewsDeps } from "./catalogue-news.ts";
import type { ShopFinding } from "./shop-store.ts";
import { subjectOfLevel } from "./shop-store.ts";
import type { EventVerdict, IncomingEvent } from "./take-in-events.ts";

export async function noteLevelNews(
  incoming: readonly IncomingEvent[],
  verdicts: readonly EventVerdict[],
  { shops, log, nowMs }: Pick<CatalogueNewsDeps, "shops" | "log" | "nowMs">,
): Promise<void> {
  for (const [i, { shop, event }] of incoming.entries()) {
    if (!isLevelNews(event) || verdicts[i]?.kind !== "done") continue;
    const subject = subjectOfLevel(event.item, event.location);
    const detail = "not stocked there at Shopify any more: nothing is pushed to it until it is";
    const gone: ShopFinding = { subject, kind: "level_disconnected", sku: "", detail };
    try {
      await shops.putFindings(shop, [subject], event.kind === "level_gone" ? [gone] : [], nowMs());
    } catch (error) {
      log("warn", "finding.not_noted", { shop, outcome: subject, reason: reasonOf(error) });
    }
  }
}

const isLevelNews = (event: StockEvent): event is LevelEvent | LevelGoneEvent =>
  event.kind === "level_gone" || (event.kind === "level" && event.isConnected === true);
