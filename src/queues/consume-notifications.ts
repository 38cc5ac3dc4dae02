/**
 * Consumer of notifications: each kind goes to its taker, and each message is settled by name. Oversells are stored
 * together, so that people and metrics can ask; the others are few and go one by one.
 */
import type { Message, MessageBatch } from "@cloudflare/workers-types";
import type { JournalEntry } from "../domain/journal/entry.ts";
import { reasonOf } from "../observability/log.ts";
import type { TellOutcome } from "../services/alerts/tell-alert.ts";
import type { CounterNotice } from "../services/counter-notices.ts";
import { type OversellStore, oversellId } from "../services/oversells.ts";
import { type AlertNotice, parseAlertNotice } from "./alert-notice.ts";
import { type BreakerNotice, parseBreakerNotice } from "./breaker-notice.ts";
import { parseCountNotice } from "./count-notice.ts";
import { type DeliverNotice, parseDeliverNotice } from "./deliver-notice.ts";
import { type OversellNotice, parseOversellNotice } from "./oversell-notice.ts";
import { type OversoldCheck, parseOversoldCheck } from "./oversold-check.ts";
import { type PostponeDeps, postpone } from "./postpone.ts";
import type { QueueSpec } from "./queue-table.ts";
import { parseReorderNotice } from "./reorder-notice.ts";
import { parseReplayNotice, type ReplayNotice } from "./replay-notice.ts";
import { bury, retryOrBury, type SettleDeps } from "./settle.ts";
import { parseStockNotice } from "./stock-notice.ts";

export interface ConsumeNotificationsDeps extends PostponeDeps {
  readonly oversells: Pick<OversellStore, "put">;
  /** Oversells, for whoever wants to hear of them. May reject: they are tried again, and are told once. */
  onOversells(notices: readonly (OversellNotice & { readonly id: string })[]): Promise<void>;
  /** May reject: it is tried again. */
  onOversoldCheck(check: OversoldCheck): Promise<void>;
  /** May reject: it is tried again. */
  onAlert(notice: AlertNotice): Promise<TellOutcome>;
  /** Throws when it should be tried again. */
  onBreaker(notice: BreakerNotice): Promise<void>;
  /** Tells one destination of one piece of news. Throws when the store is away. */
  onDeliver(notice: DeliverNotice): Promise<void>;
  /** What a counter tells: stock, reorders, counts. Throws when it should be tried again. */
  onCounterNews(notice: CounterNotice): Promise<void>;
  /** Drives a job over dead letters for a while. Throws when it should be tried again. */
  onReplay(notice: ReplayNotice): Promise<void>;
}

type Readable<Notice> = { readonly message: Message<unknown>; readonly notice: Notice };

export async function consumeNotifications(
  batch: MessageBatch<unknown>,
  spec: QueueSpec,
  deps: ConsumeNotificationsDeps,
): Promise<void> {
  const oversells: Readable<OversellNotice>[] = [];
  for (const message of batch.messages) {
    const kind = kindOf(message.body);
    if (kind === "alert") await hand(message, parseAlertNotice(message.body), deps.onAlert, spec, deps);
    else if (kind === "breaker") await hand(message, parseBreakerNotice(message.body), deps.onBreaker, spec, deps);
    else if (kind === "deliver") await hand(message, parseDeliverNotice(message.body), deps.onDeliver, spec, deps);
    else if (kind === "oversold_check")
      await hand(message, parseOversoldCheck(message.body), deps.onOversoldCheck, spec, deps);
    else if (kind === "replay") await hand(message, parseReplayNotice(message.body), deps.onReplay, spec, deps);
    else if (kind === "stock") await hand(message, parseStockNotice(message.body), deps.onCounterNews, spec, deps);
    else if (kind === "reorder") await hand(message, parseReorderNotice(message.body), deps.onCounterNews, spec, deps);
    else if (kind === "count") await hand(message, parseCountNotice(message.body), deps.onCounterNews, spec, deps);
    else {
      const parsed = parseOversellNotice(message.body);
      if (parsed.ok) oversells.push({ message, notice: parsed.value });
      else await buryUnreadable(message, parsed.error.problems, spec, deps);
    }
  }
  if (oversells.length > 0) await takeOversells(oversells, spec, deps);
}

const kindOf = (body: unknown): unknown =>
  typeof body === "object" && body !== null && "kind" in body ? body.kind : undefined;

async function hand<Notice>(
  message: Message<unknown>,
  parsed:
    | { readonly ok: true; readonly value: Notice }
    | { readonly ok: false; readonly error: { readonly problems: readonly string[] } },
  // biome-ignore lint/suspicious/noConfusingVoidType: a taker that cannot wait says nothing
  take: (notice: Notice) => Promise<TellOutcome | void>,
  spec: QueueSpec,
  deps: ConsumeNotificationsDeps,
): Promise<void> {
  if (!parsed.ok) return buryUnreadable(message, parsed.error.problems, spec, deps);
  try {
    const outcome = await take(parsed.value);
    if (outcome?.kind === "wait") await postpone(message, spec, outcome, deps);
    else if (outcome?.kind === "failed") await retryOrBury(message, spec, outcome.reason, deps);
    else message.ack();
  } catch (error) {
    await retryOrBury(message, spec, reasonOf(error), deps, "taker");
  }
}

async function buryUnreadable(
  message: Message<unknown>,
  problems: readonly string[],
  spec: QueueSpec,
  deps: SettleDeps,
): Promise<void> {
  await bury(message, spec, { code: "unreadable", message: problems.join("; ") }, deps);
}

async function takeOversells(
  readable: readonly Readable<OversellNotice>[],
  spec: QueueSpec,
  deps: ConsumeNotificationsDeps,
): Promise<void> {
  try {
    const news = await Promise.all(
      readable.map(async ({ notice }) => ({ ...notice, id: await oversellId(notice.skuId, notice.since) })),
    );
    const isNews = await deps.oversells.put(news);
    // Whether it was news or not: the delivery before may have been cut off between the two.
    await deps.onOversells(news);
    deps.journal(
      readable.filter((_, i) => isNews[i] === true).map(({ notice }) => notifiedEntry(notice, deps.nowMs())),
    );
    for (const [i, { message, notice }] of readable.entries()) {
      if (isNews[i] === true) tell(notice, deps);
      message.ack();
    }
  } catch (error) {
    for (const { message } of readable) await retryOrBury(message, spec, reasonOf(error), deps, "store");
  }
}

const notifiedEntry = (notice: OversellNotice, atMs: number): JournalEntry => ({
  ...{
    atMs,
    correlationId: notice.correlationId,
    step: "notified",
    eventId: `oversell/${notice.skuId}/${notice.since}`,
  },
  ...{ topic: "oversell", shop: null, skuIds: [notice.skuId], outcome: notice.units > 0 ? "oversold" : "resolved" },
  ms: Math.max(0, atMs - notice.atMs),
});

function tell(notice: OversellNotice, { log, meter }: Pick<SettleDeps, "log" | "meter">): void {
  const { skuId, sku, units, peak, correlationId, sales } = notice;
  if (units > 0) {
    meter.count("onhand_sku_oversold_total", {});
    log("warn", "sku.oversold", { skuId, sku, units, correlationId, counts: { peak, sales: sales.length } });
  } else log("info", "sku.oversell_resolved", { skuId, sku, units: peak, correlationId });
}
