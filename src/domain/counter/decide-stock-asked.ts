/** What is asked about watching, ordering and counting: settings, requests by hand, decisions on counts. */

import type { SkuId } from "../ids.ts";
import type { LocationView } from "../levels-view.ts";
import type { BookDraft } from "./book-draft.ts";
import type { CounterEvent, EventOutcome, StockAsked } from "./counter-event.ts";
import { type CountDesk, decideHeld } from "./decide-count.ts";
import { cancel, open, type ReorderState, ruleOf, withDefaultRule, withRule } from "./reorder.ts";
import { inAll, type WatchState, withDefaultThresholds, withThresholds } from "./stock-watch.ts";

export type StockDesk = CountDesk & {
  readonly skuId: SkuId;
  /** Levels as the batch found them: what a request by hand is asked at. */
  readonly shown: readonly LocationView[];
  watch: WatchState;
  reorder: ReorderState;
};

/** @returns null: it is no such event */
export function decideStockAsked(draft: BookDraft, event: CounterEvent, desk: StockDesk): EventOutcome | null {
  switch (event.kind) {
    case "stock_default":
      desk.watch = withDefaultThresholds(desk.watch, event.thresholds, event.revision);
      desk.reorder = withDefaultRule(desk.reorder, event.reorderRule, event.revision);
      return { kind: "noted" };
    case "thresholds":
      desk.watch = withThresholds(desk.watch, event.thresholds);
      return { kind: "thresholds_set", thresholds: event.thresholds };
    case "reorder_rule":
      desk.reorder = withRule(desk.reorder, event.own);
      return { kind: "reorder_rule_set", rule: ruleOf(desk.reorder) };
    case "sales_measured":
      desk.reorder = { ...desk.reorder, sales: event.sales };
      return { kind: "noted" };
    case "reorder_ask":
      return ask(draft, event, desk);
    case "reorder_cancel":
      return cancelled(draft, event, desk);
    case "count_verdict":
      return decideHeld(draft, event.verdict, desk);
    default:
      return null;
  }
}

type Asking = Extract<StockAsked, { readonly kind: "reorder_ask" }>;

function ask(draft: BookDraft, { key, quantity, locationId, leadDays, reason }: Asking, desk: StockDesk): EventOutcome {
  const { reorder: before, skuId } = desk;
  const known = [before.open, before.last].find((each) => each?.key === key);
  if (known !== undefined && known !== null) return { kind: "reorder", reorder: known, isNew: false };
  if (before.open !== null) return { kind: "reorder_is_open", reorder: before.open };
  const given = { trigger: "hand", key, quantity, locationId, leadDays, reason } as const;
  const { available } = inAll(desk.shown);
  const { reorder, news, opened } = open(before, given, { skuId, available, nowMs: draft.nowMs });
  desk.reorder = reorder;
  desk.news.push(...news);
  return { kind: "reorder", reorder: opened, isNew: true };
}

type Cancelling = Extract<StockAsked, { readonly kind: "reorder_cancel" }>;

function cancelled(draft: BookDraft, { reorderId, reason }: Cancelling, desk: StockDesk): EventOutcome {
  const { open: underWay, last } = desk.reorder;
  if (underWay?.id !== reorderId) {
    if (last?.id !== reorderId) return { kind: "reorder_not_open", reorder: null };
    return last.state === "cancelled"
      ? { kind: "reorder", reorder: last, isNew: false }
      : { kind: "reorder_not_open", reorder: last };
  }
  const { reorder, news } = cancel(desk.reorder, underWay, reason, draft.nowMs);
  desk.reorder = reorder;
  desk.news.push(...news);
  return { kind: "reorder", reorder: reorder.last ?? underWay, isNew: true };
}
