/** What people are told of a counter's news, in words. Pure. */
import type { CounterNews, CountNews, ReorderNews, StockNews } from "../counter/counter-news.ts";
import type { CorrelationId, Sku } from "../ids.ts";
import type { Notification } from "./notification.ts";

export type ToldNews = {
  readonly id: string;
  readonly sku: Sku;
  readonly news: CounterNews;
  readonly correlationId: CorrelationId;
};

type Said = Pick<Notification, "kind" | "severity" | "title" | "text" | "locationId" | "data">;

/** Null: it moves what is kept forward, and is no news to people. */
export function notificationOf({ id, sku, news, correlationId }: ToldNews): Notification | null {
  const said = saidOf(sku, news);
  if (said === null) return null;
  return { id, subject: sku, sku, channel: null, atMs: news.atMs, correlationId, ...said };
}

function saidOf(sku: Sku, news: CounterNews): Said | null {
  switch (news.kind) {
    case "stock":
      return ofStock(sku, news);
    case "reorder":
      return ofReorder(sku, news);
    case "count":
      return ofCount(sku, news);
  }
}

function ofStock(sku: Sku, { state, locationId, available, lowAt }: StockNews): Said {
  const where = locationId === null ? "" : ` at location ${locationId}`;
  const rest = { locationId, data: { available, lowAt } };
  switch (state) {
    case "low":
      return {
        ...{ kind: "inventory.low_stock", severity: "warning", ...rest },
        title: `${sku} is low${where}: ${available} left`,
        text: `It is told at ${lowAt ?? 0} or fewer, once, until it has recovered. Order more, or move some here.`,
      };
    case "out":
      return {
        ...{ kind: "inventory.out_of_stock", severity: "critical", ...rest },
        title: `${sku} is out of stock${where}`,
        text: `${available} can be sold. Channels show none until stock returns.`,
      };
    case "back":
      return {
        ...{ kind: "inventory.back_in_stock", severity: "info", ...rest },
        title: `${sku} is back in stock${where}: ${available}`,
        text: "It can be sold again.",
      };
  }
}

/** A part receipt is no news. */
function ofReorder(sku: Sku, { reorder }: ReorderNews): Said | null {
  const { id, state, version, quantity, received, available, reason, locationId, closedReason, neededByMs } = reorder;
  const neededBy = neededByMs === null ? null : new Date(neededByMs).toISOString();
  const rest = {
    ...({ locationId, severity: "info" } as const),
    data: { reorderId: id, quantity, received, available, neededBy, trigger: reorder.trigger },
  };
  if (state === "received") {
    const text = `${quantity} were asked for by ${id}: the request is closed.`;
    return { ...rest, kind: "reorder.received", title: `${received} of ${sku} were received`, text };
  }
  if (state === "cancelled") {
    const title = `The request for ${quantity} of ${sku} is cancelled`;
    const text = `${closedReason ?? "No reason was given"}. ${received} had been received.`;
    return { ...rest, kind: "reorder.cancelled", title, text };
  }
  if (version > 1) return null;
  const title = `${quantity} of ${sku} should be ordered`;
  return { ...rest, kind: "reorder.requested", title, text: `${reason}. Receipts that name ${id} answer it.` };
}

function ofCount(sku: Sku, news: CountNews): Said | null {
  const { word, key, locationId, counted, ours, actor, source, reference, note } = news;
  const data = { key, counted, ours, difference: counted - ours, actor, source, reference };
  const conflict = {
    kind: "channel.conflict",
    severity: "warning",
    locationId,
    data: { ...data, conflict: word },
  } as const;
  switch (word) {
    case "held":
      return {
        ...{ kind: "count.needs_approval", severity: "warning", locationId, data },
        title: `A count of ${sku} waits for approval: ${counted} counted, ${ours} known`,
        text: `${actor} counted at location ${locationId}. Sales go on with our number until somebody approves or rejects it.`,
      };
    case "contradiction":
      return {
        ...conflict,
        title: `Two counts of ${sku} contradict each other`,
        text: `${actor} counted ${counted} at location ${locationId}; a later count says otherwise, and holds. Count again.`,
      };
    case "not_stocked":
      return {
        ...conflict,
        title: `${sku} was counted where it is not stocked`,
        text: `${actor} counted ${counted} at location ${locationId}, which this SKU does not know. Stock it there, or mend the mapping.`,
      };
    case "below_zero":
      return {
        ...conflict,
        title: `A movement left ${counted} of ${sku} on hand`,
        text: `${actor} took more than was at location ${locationId} (${note ?? "no reason"}). It counts; count the shelf.`,
      };
    default:
      return null;
  }
}
