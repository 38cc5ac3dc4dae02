/**
 * What a counter keeps in memory, each field mirroring rows: read once after it woke, written by difference in one
 * transaction, with the outbox and the timers that follow from it. Decides nothing about stock.
 */

import type { CounterNews } from "../src/domain/counter/counter-news.ts";
import { type CounterState, newCounter } from "../src/domain/counter/counter-state.ts";
import { nextExpiryMs } from "../src/domain/counter/end-hold.ts";
import { decideNotices, noticeTaken, type PendingNotices } from "../src/domain/counter/notice-outbox.ts";
import { outboundNeeds } from "../src/domain/counter/outbound.ts";
import { type ChannelOutbox, decideOutbox, NO_CAUSE, type Outbox } from "../src/domain/counter/outbox.ts";
import type { OversellReport } from "../src/domain/counter/oversell.ts";
import { nextAskMs, nextMeasureMs } from "../src/domain/counter/reorder.ts";
import { decideReports, type PendingReports, reportTaken } from "../src/domain/counter/report-outbox.ts";
import { nextCrossingMs, WATCH_WINDOWS } from "../src/domain/counter/stock-watch.ts";
import {
  type ChannelId,
  type CorrelationId,
  type ListingId,
  partsOfListing,
  type ShopDomain,
  type Sku,
} from "../src/domain/ids.ts";
import { nextTickMs } from "../src/domain/replica/next-tick.ts";
import { wants } from "../src/domain/replica/start.ts";
import { reasonOf } from "../src/observability/log.ts";
import type { DirtySignal } from "../src/queues/signal.ts";
import type { CounterDeps } from "./counter-deps.ts";
import { pruneMovements } from "./sku-counter-movements.ts";
import { readNotices, toNotice, writeNotices } from "./sku-counter-notices.ts";
import { noticeOf, readReports, writeReports } from "./sku-counter-reports.ts";
import { readCounterState, writeCounterState } from "./sku-counter-rows.ts";
import {
  earliest,
  readChannelOutbox,
  readOutbox,
  readTimers,
  setTimer,
  type Timers,
  writeOutbox,
} from "./sku-counter-timers.ts";

/** History that could not be pruned costs storage, nothing else. */
const PRUNE_RETRY_MS = 3_600_000;

export type Memory = {
  readonly counter: CounterState | null;
  readonly outbox: Outbox;
  readonly channelOutbox: ChannelOutbox;
  /** Oversells that the queue has not heard of. */
  readonly reports: PendingReports;
  /** News that the queue has not taken. */
  readonly notices: PendingNotices;
  readonly timers: Timers;
  readonly alarmMs: number | null;
};

export type Change = {
  readonly counter: CounterState;
  readonly outbox: Outbox;
  /** Left out: as it is. */
  readonly channelOutbox?: ChannelOutbox;
  /** Null: what is written only answers or goes on with something. */
  readonly correlationId: CorrelationId | null;
  /** Receipt of the oldest event in it; left out: unknown, or nobody's event. */
  readonly receivedAtMs?: number | null | undefined;
  readonly nowMs: number;
  /** An oversell that began, changed or ended. */
  readonly oversell: OversellReport | null;
  /** What people shall hear beside it; left out: nothing. */
  readonly news?: readonly CounterNews[];
  /** Within the transaction, after the state. */
  readonly writeHistory?: () => void;
};

export class CounterMemory {
  readonly #deps: CounterDeps;
  /** null: not read since the object woke. */
  #memory: Memory | null = null;
  /** Oversells of which a report is being sent, and news that are. */
  readonly #telling = new Set<number | string>();

  constructor(deps: CounterDeps) {
    this.#deps = deps;
  }

  read(): Memory {
    const { storage, skuId } = this.#deps;
    this.#memory ??= {
      counter: readCounterState(storage.sql, skuId),
      outbox: readOutbox(storage.sql),
      channelOutbox: readChannelOutbox(storage.sql),
      reports: readReports(storage.sql),
      notices: readNotices(storage.sql),
      timers: readTimers(storage.sql),
      alarmMs: null,
    };
    return this.#memory;
  }

  /** What is in memory may not be what is stored: read it again. */
  forget(): void {
    this.#memory = null;
  }

  alarmRang(): void {
    this.#memory = { ...this.read(), alarmMs: null };
  }

  /** The SKU it goes by from now on; a new counter begins with it. */
  introduce(sku: Sku): void {
    const memory = this.read();
    const { storage, skuId } = this.#deps;
    const counter: CounterState = { ...(memory.counter ?? newCounter(skuId, sku)), sku };
    storage.transactionSync(() => writeCounterState(storage.sql, memory.counter, counter));
    this.#memory = { ...memory, counter };
  }

  /** Write what changed, with outboxes and timers that follow from it; then send what they hold, which the alarm sends again. */
  commit({ counter, outbox: outboxBefore, correlationId, receivedAtMs = null, nowMs, ...change }: Change): void {
    const { oversell, news = [], writeHistory } = change;
    const before = this.read();
    const { storage, settings, beside } = this.#deps;
    const needs = this.#needs(counter, nowMs);
    const cause = { correlationId, receivedAtMs };
    const { outbox, signals } = decideOutbox(outboxBefore, needs, cause, settings.outbox, nowMs);
    const channelNeeds = outboundNeeds(counter, nowMs);
    const channels = decideOutbox<ChannelId>(
      change.channelOutbox ?? before.channelOutbox,
      channelNeeds,
      cause,
      settings.outbox,
      nowMs,
    );
    const channelOutbox =
      channels.signals.length + channels.outbox.size + before.channelOutbox.size === 0
        ? before.channelOutbox
        : channels.outbox;
    const by = correlationId ?? NO_CAUSE;
    const { reports, due } = decideReports(before.reports, oversell, by, settings.outbox, nowMs);
    const told = decideNotices(before.notices, { skuId: counter.skuId, news }, by, settings.outbox, nowMs);
    const { notices } = told;
    const timers = storage.transactionSync(() => {
      writeCounterState(storage.sql, before.counter, counter);
      writeHistory?.();
      writeOutbox(storage.sql, "outbox", before.outbox, outbox);
      writeOutbox(storage.sql, "channel_outbox", before.channelOutbox, channelOutbox);
      writeReports(storage.sql, before.reports, reports);
      writeNotices(storage.sql, before.notices, notices);
      return this.#setTimers(before.timers, { counter, outbox, channelOutbox, reports, notices }, nowMs);
    });
    this.#memory = {
      counter,
      outbox,
      channelOutbox,
      reports,
      notices,
      timers,
      alarmMs: this.#arm(before.alarmMs, earliest(timers)),
    };
    for (const shop of signals) beside(this.#signal(shop, outbox.get(shop)?.correlationId ?? NO_CAUSE, nowMs));
    for (const channel of channels.signals) {
      const caused = channelOutbox.get(channel)?.correlationId ?? NO_CAUSE;
      beside(this.#signalChannel(channel, channelNeeds.urgent.has(channel), caused, nowMs));
    }
    for (const since of due) if (!this.#telling.has(since)) beside(this.#tell(since));
    for (const id of told.due) if (!this.#telling.has(id)) beside(this.#notify(id));
  }

  /** After the tick, and apart from it: should it fail day after day, merge timers and outbox go on. */
  prune(nowMs: number): void {
    const memory = this.read();
    if ((memory.timers.get("prune") ?? Number.POSITIVE_INFINITY) > nowMs) return;
    const { storage } = this.#deps;
    const againMs = nowMs + this.#pruneSome(nowMs);
    const timers = storage.transactionSync(() => setTimer(storage.sql, memory.timers, "prune", againMs, nowMs));
    this.#memory = { ...memory, timers, alarmMs: this.#arm(memory.alarmMs, earliest(timers)) };
  }

  #needs({ merge }: CounterState, nowMs: number) {
    const shopsOf = (listings: Iterable<ListingId>) =>
      new Set(Array.from(listings, (listing) => partsOfListing(listing).shop));
    const open = Array.from(merge.listings).filter(([, listing]) => listing.open.size > 0 || listing.read !== null);
    return {
      wanting: shopsOf(wants(merge, nowMs, this.#deps.settings.windows).keys()),
      open: shopsOf(open.map(([id]) => id)),
    };
  }

  #setTimers(
    before: Timers,
    {
      counter,
      outbox,
      channelOutbox,
      reports,
      notices,
    }: Pick<Memory, "outbox" | "channelOutbox" | "reports" | "notices"> & { readonly counter: CounterState },
    nowMs: number,
  ): Timers {
    const { storage, settings } = this.#deps;
    const { sql } = storage;
    // What can be started now is the outbox' affair: it has signalled that, and wakes the object if need be.
    let timers = setTimer(sql, before, "merge", nextTickMs(counter.merge, settings.windows, nowMs), nowMs);
    timers = setTimer(sql, timers, "outbox", firstAgainMs(outbox), nowMs);
    timers = setTimer(sql, timers, "channels", firstAgainMs(channelOutbox), nowMs);
    timers = setTimer(sql, timers, "reports", firstAgainMs(reports), nowMs);
    timers = setTimer(sql, timers, "notices", firstAgainMs(notices), nowMs);
    const { crossingMs } = settings.watch ?? WATCH_WINDOWS;
    const watchMs = Math.min(nextCrossingMs(counter.watch, { crossingMs }), nextAskMs(counter.reorder, crossingMs));
    timers = setTimer(sql, timers, "watch", watchMs, nowMs);
    timers = setTimer(sql, timers, "sales", nextMeasureMs(counter.reorder, settings.salesEveryMs), nowMs);
    timers = setTimer(sql, timers, "holds", nextExpiryMs(counter.holds), nowMs);
    return timers.has("prune") ? timers : setTimer(sql, timers, "prune", nowMs + settings.pruneEveryMs, nowMs);
  }

  /** @returns when the alarm rings now. After a wake the set alarm is not known, and setting it anew is harmless. */
  #arm(setMs: number | null, neededMs: number | null): number | null {
    if (neededMs === null || (setMs !== null && setMs <= neededMs)) return setMs;
    this.#deps.beside(this.#deps.storage.setAlarm(neededMs));
    return neededMs;
  }

  /** @returns in how many ms there is something to prune again */
  #pruneSome(nowMs: number): number {
    const { storage, settings, skuId, log } = this.#deps;
    const { limits, pruneRowsMax, pruneEveryMs } = settings;
    try {
      const hasMore = storage.transactionSync(() =>
        pruneMovements(storage.sql, nowMs - limits.horizonMs, pruneRowsMax),
      );
      return hasMore ? 1 : pruneEveryMs;
    } catch (error) {
      log("error", "counter.prune_failed", { skuId, reason: reasonOf(error) });
      return PRUNE_RETRY_MS;
    }
  }

  async #signal(shop: ShopDomain, correlationId: CorrelationId, sentAt: number): Promise<void> {
    const { skuId, signal, log } = this.#deps;
    const dirty: DirtySignal = { v: 1, kind: "dirty", skuId, shop, correlationId, sentAt };
    try {
      await signal(dirty);
    } catch (error) {
      log("warn", "signal.not_sent", { skuId, shop, correlationId, reason: reasonOf(error) });
    }
  }

  async #signalChannel(
    channel: ChannelId,
    urgent: boolean,
    correlationId: CorrelationId,
    sentAt: number,
  ): Promise<void> {
    const { skuId, signalChannel, log } = this.#deps;
    try {
      await signalChannel({ v: 1, kind: "dirty_channel", skuId, channel, urgent, correlationId, sentAt });
    } catch (error) {
      log("warn", "signal.not_sent", { skuId, shop: channel, correlationId, reason: reasonOf(error) });
    }
  }

  /**
   * Send the newest report of an oversell, until the queue has taken the newest there is: one at a time, so that a flash
   * sale that oversells makes as many messages as the queue can take, not as many as it has orders.
   */
  async #tell(since: number): Promise<void> {
    const { skuId, storage, settings, report, log } = this.#deps;
    this.#telling.add(since);
    try {
      for (;;) {
        const { counter, reports } = this.read();
        const pending = reports.get(since);
        if (counter === null || pending === undefined) return;
        await report(noticeOf(storage.sql, counter, pending, settings.shortfall));
        this.#taken(pending.report);
      }
    } catch (error) {
      log("warn", "oversell.not_told", { skuId, reason: reasonOf(error) });
    } finally {
      this.#telling.delete(since);
    }
  }

  /** One piece of news, until the queue has it: the alarm tries again. */
  async #notify(id: string): Promise<void> {
    const { skuId, tell, log } = this.#deps;
    this.#telling.add(id);
    try {
      const { counter, notices } = this.read();
      const pending = notices.get(id);
      if (counter === null || pending === undefined) return;
      await tell(toNotice(id, counter, pending));
      this.#noticeTaken(id);
    } catch (error) {
      log("warn", "notice.not_told", { skuId, reason: reasonOf(error) });
    } finally {
      this.#telling.delete(id);
    }
  }

  #noticeTaken(id: string): void {
    const memory = this.read();
    const { storage } = this.#deps;
    const notices = noticeTaken(memory.notices, id);
    storage.transactionSync(() => writeNotices(storage.sql, memory.notices, notices));
    this.#memory = { ...memory, notices };
  }

  #taken(report: OversellReport): void {
    const memory = this.read();
    const { storage } = this.#deps;
    const reports = reportTaken(memory.reports, report);
    // Its timer stays: it wakes the object once for nothing, which is cheaper than another row.
    storage.transactionSync(() => writeReports(storage.sql, memory.reports, reports));
    this.#memory = { ...memory, reports };
  }
}

const firstAgainMs = (entries: ReadonlyMap<unknown, { readonly againMs: number }>): number =>
  Math.min(Number.POSITIVE_INFINITY, ...Array.from(entries.values(), (entry) => entry.againMs));
