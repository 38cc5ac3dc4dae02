/**
 * All that a SkuCounter does, without the runtime around it: it runs in the object, in tests and in the simulator alike.
 * No await stands inside a stock change: state is read once, decided by pure functions and written in one synchronous
 * transaction. Tables must be migrated before.
 */
import { applyBatch, type BatchResult } from "../src/domain/counter/apply-batch.ts";
import { channelSellable } from "../src/domain/counter/channel-sellable.ts";
import { firstPushes } from "../src/domain/counter/connection.ts";
import type { CounterEvent } from "../src/domain/counter/counter-event.ts";
import { type CounterState, newCounter } from "../src/domain/counter/counter-state.ts";
import { disconnectListing } from "../src/domain/counter/disconnect-listing.ts";
import { contends } from "../src/domain/counter/guard.ts";
import type { HistorySum } from "../src/domain/counter/level-history.ts";
import { viewOf } from "../src/domain/counter/levels.ts";
import { levelsToTell, type ToldLevels, unitsTold, withHanded, withTold } from "../src/domain/counter/outbound.ts";
import { markPostponed, markTaken } from "../src/domain/counter/outbox.ts";
import { releaseListing } from "../src/domain/counter/release-listing.ts";
import { nextMeasureMs, ruleOf } from "../src/domain/counter/reorder.ts";
import {
  type ChannelId,
  type CorrelationId,
  fromStore,
  type ListingId,
  type LocationId,
  type ShopDomain,
} from "../src/domain/ids.ts";
import type { LevelsView } from "../src/domain/levels-view.ts";
import { type CounterExpectation, expectationOf } from "../src/domain/reconcile/expectation.ts";
import { reasonOf } from "../src/observability/log.ts";
import type {
  ApplyOptions,
  ApplyReply,
  ConnectRequest,
  DisconnectReply,
  LevelsAtReply,
  MovementsPage,
  MovementsQuery,
  OpenWork,
  PolicyReply,
  SellableReply,
  StockSettingsReply,
  TakenLevels,
} from "../src/services/counter-contract.ts";
import type { PushResult, ReadResult } from "../src/services/gate-contract.ts";
import type { CounterDeps } from "./counter-deps.ts";
import { CounterMemory } from "./counter-memory.ts";
import { bookedIn } from "./sku-counter-booked.ts";
import { levelsAt } from "./sku-counter-history.ts";
import { insertAttribution, insertMovements, readMovements } from "./sku-counter-movements.ts";
import { missedBy, parkedBy } from "./sku-counter-parked.ts";
import { eventsOfResults } from "./sku-counter-results.ts";
import { salesIn } from "./sku-counter-sales.ts";
import { startOpenWork } from "./sku-counter-work.ts";
import { TurnQueue } from "./turn-queue.ts";

const ALARM_RETRY_MS = 30_000;

type ApplyInternally = {
  readonly mirrors?: boolean;
  readonly dryRun?: boolean;
  readonly receivedAtMs?: number | null;
};

export class CounterDesk {
  readonly #deps: CounterDeps;
  readonly #memory: CounterMemory;
  readonly #turns: TurnQueue;

  constructor(deps: CounterDeps) {
    this.#deps = deps;
    this.#memory = new CounterMemory(deps);
    this.#turns = new TurnQueue(deps.sleep);
  }

  /**
   * As `apply`; what somebody else's lease keeps out waits for its end. The wait is before the transaction, which is
   * decided anew each time.
   */
  async applyPatiently(
    events: readonly CounterEvent[],
    { dryRun = false, ...asked }: ApplyOptions,
  ): Promise<ApplyReply> {
    const { nowMs, newId } = this.#deps;
    const { waitMs = 0, ticket = null, receivedAtMs = nowMs() } = asked;
    if (waitMs <= 0 || dryRun || !events.some(contends)) return this.apply(events, { dryRun, receivedAtMs });
    const first = this.#turns.isEmpty ? this.apply(events, { receivedAtMs }) : null;
    if (first !== null && lockedUntil(first) === null) return first;
    const endMs = nowMs() + waitMs;
    const turn = this.#turns.enter(ticket, newId(), nowMs());
    for (;;) {
      const isOver = nowMs() >= endMs;
      const reply = isOver || this.#turns.isNext(turn) ? this.apply(events, { receivedAtMs }) : null;
      const untilMs = reply === null ? endMs : lockedUntil(reply);
      if (reply !== null && (isOver || untilMs === null)) {
        if (untilMs === null) this.#turns.leave(turn);
        this.#turns.wake();
        return reply.kind === "applied" && untilMs !== null ? { ...reply, ticket: turn.ticket } : reply;
      }
      await this.#turns.wait(turn, Math.max(1, Math.min(untilMs ?? endMs, endMs) - nowMs()));
    }
  }

  /** One batch, one transaction. Nothing is awaited, so what it wrote and the alarm it set are one commit. */
  apply(
    events: readonly CounterEvent[],
    { mirrors = false, dryRun = false, receivedAtMs = null }: ApplyInternally = {},
  ): ApplyReply {
    const { counter, outbox } = this.#memory.read();
    if (counter === null) return { kind: "not_connected" };
    const { storage, settings, mirror, beside } = this.#deps;
    const nowMs = this.#deps.nowMs();
    const result = applyBatch(counter, events, bookedIn(storage.sql, events), settings, nowMs);
    if (dryRun) return { kind: "applied", outcomes: result.outcomes, view: viewOf(result.state, nowMs) };
    this.#memory.commit({
      counter: result.state,
      outbox,
      correlationId: causeOf(events),
      receivedAtMs,
      nowMs,
      oversell: result.oversell,
      news: result.news,
      writeHistory: () => this.#writeHistory(result),
    });
    if (counter.leases.lease !== null && result.state.leases.lease === null) this.#turns.wake();
    const view = viewOf(result.state, nowMs);
    if (mirrors && result.state.version !== counter.version) beside(mirror([view]));
    const hasChanged = result.state.version !== counter.version;
    return { kind: "applied", outcomes: result.outcomes, view, hasChanged };
  }

  connectListing(request: ConnectRequest): ApplyReply {
    const { sku, listingId, levels, correlationId, mode = "adopt" } = request;
    if (request.dryRun === true) return this.#wouldConnect(request);
    if (this.#memory.read().counter?.sku !== sku) this.#memory.introduce(sku);
    const before = this.#memory.read().counter;
    const reply = this.apply([{ kind: "connect", listingId, levels, mode, correlationId }]);
    const after = this.#memory.read().counter;
    if (reply.kind !== "applied" || before === null || after === null) return reply;
    return { ...reply, firstPushes: firstPushes(before, after, listingId, levels, mode) };
  }

  #wouldConnect({ sku, listingId, levels, correlationId, mode = "adopt" }: ConnectRequest): ApplyReply {
    const { skuId, storage, settings } = this.#deps;
    const nowMs = this.#deps.nowMs();
    const before = this.#memory.read().counter ?? newCounter(skuId, sku);
    const event = { kind: "connect", listingId, levels, mode, correlationId } as const;
    const { state, outcomes } = applyBatch(before, [event], bookedIn(storage.sql, [event]), settings, nowMs);
    const pushes = firstPushes(before, state, listingId, levels, mode);
    return { kind: "applied", outcomes, view: viewOf(state, nowMs), firstPushes: pushes };
  }

  disconnect(listingId: ListingId, correlationId: CorrelationId, dryRun = false): DisconnectReply {
    const { counter, outbox } = this.#memory.read();
    if (counter === null || !counter.books.has(listingId)) return { kind: "not_connected" };
    const nowMs = this.#deps.nowMs();
    const { storage, settings } = this.#deps;
    const booked = bookedIn(storage.sql, []);
    const result = disconnectListing(counter, listingId, correlationId, booked, settings, nowMs);
    const places = [...(counter.books.get(listingId)?.keys() ?? [])];
    const own = (state: CounterState, place: LocationId) => state.merge.own.get(place) ?? 0;
    const folded = places.map((place) => ({
      locationId: place,
      units: own(result.state, place) - own(counter, place),
    }));
    const writeHistory = () => this.#writeHistory(result);
    const { state, oversell, news } = result;
    if (!dryRun) this.#memory.commit({ counter: state, outbox, correlationId, nowMs, oversell, news, writeHistory });
    return { kind: "disconnected", folded, view: viewOf(result.state, nowMs) };
  }

  release(
    listingId: ListingId,
    correlationId: CorrelationId,
    { dryRun = false }: Pick<ApplyOptions, "dryRun"> = {},
  ): ApplyReply {
    const { counter, outbox } = this.#memory.read();
    if (counter === null) return { kind: "not_connected" };
    const nowMs = this.#deps.nowMs();
    const reason = `released: ${listingId} is counted here no more`;
    const cause = { reason, reference: null, source: "api", actor: "operator", correlationId };
    const { storage, settings } = this.#deps;
    const result = releaseListing(counter, listingId, cause, bookedIn(storage.sql, []), settings, nowMs);
    if (dryRun) return { kind: "applied", outcomes: [], view: viewOf(result.state, nowMs) };
    const writeHistory = () => this.#writeHistory(result);
    const { state, oversell, news } = result;
    this.#memory.commit({ counter: state, outbox, correlationId, nowMs, oversell, news, writeHistory });
    return { kind: "applied", outcomes: [], view: viewOf(result.state, nowMs) };
  }

  levels(): LevelsView | null {
    const { counter } = this.#memory.read();
    return counter === null ? null : viewOf(counter, this.#deps.nowMs());
  }

  policy(): PolicyReply | null {
    const { counter } = this.#memory.read();
    if (counter === null) return null;
    const { policy, version, defaults } = counter;
    return { policy, version, defaults: Array.from(defaults, ([channel, { rules }]) => ({ channel, rules })) };
  }

  stockSettings(): StockSettingsReply | null {
    const { counter } = this.#memory.read();
    if (counter === null) return null;
    const { watch, reorder } = counter;
    const states = Array.from(watch.scopes, ([scope, { state }]) => ({ scope, state }));
    return { thresholds: { own: watch.own, defaults: watch.defaults }, states, reorder };
  }

  sellable(channel: ChannelId): SellableReply | null {
    const { counter } = this.#memory.read();
    const nowMs = this.#deps.nowMs();
    if (counter === null) return null;
    return { view: viewOf(counter, nowMs), sellable: channelSellable(counter, channel, nowMs) };
  }

  expectations(listingId: ListingId | null): CounterExpectation | null {
    const { counter } = this.#memory.read();
    return counter === null ? null : expectationOf(counter, listingId);
  }

  movements(query: MovementsQuery): MovementsPage {
    return readMovements(this.#deps.storage.sql, query, this.#deps.settings.historyRowsMax);
  }

  levelsAt(atMs: number, under: HistorySum | null): LevelsAtReply {
    const { counter } = this.#memory.read();
    if (counter === null) return { kind: "not_connected" };
    return levelsAt(this.#deps.storage.sql, counter, atMs, under, this.#deps.settings.historyRowsMax);
  }

  takeWork(shop: ShopDomain): OpenWork {
    const nowMs = this.#deps.nowMs();
    const before = this.#memory.read();
    if (before.counter === null) return { pushes: [], reads: [] };
    const { settings, newId } = this.#deps;
    const correlationId = before.outbox.get(shop)?.correlationId ?? fromStore<CorrelationId>(`shop:${shop}`);
    const cause = { correlationId, receivedAtMs: before.outbox.get(shop)?.receivedAtMs ?? null };
    const { counter, work } = startOpenWork(before.counter, shop, cause, settings.windows, nowMs, newId);
    const outbox = markTaken(before.outbox, shop, settings.outbox, nowMs);
    this.#memory.commit({ counter, outbox, correlationId, nowMs, oversell: null }); // nothing that is shown changes
    return work;
  }

  takeLevels(channel: ChannelId): TakenLevels | null {
    const nowMs = this.#deps.nowMs();
    const { counter, outbox, channelOutbox } = this.#memory.read();
    if (counter === null) return null;
    const levels = levelsToTell(counter, channel, nowMs);
    if (levels === null) return null;
    const { correlationId = null, receivedAtMs = null } = channelOutbox.get(channel) ?? {};
    const toldUnits = unitsTold(counter, channel);
    if (levels.isTold) return { ...levels, toldUnits, correlationId, receivedAtMs };
    const next = { ...counter, outbound: withHanded(counter.outbound, channel, levels) };
    const taken = markTaken(channelOutbox, channel, this.#deps.settings.outbox, nowMs);
    const change = { counter: next, outbox, channelOutbox: taken, correlationId, receivedAtMs, nowMs };
    this.#memory.commit({ ...change, oversell: null });
    return { ...levels, toldUnits, correlationId, receivedAtMs };
  }

  levelsPostponed(channel: ChannelId, untilMs: number): void {
    const { counter, outbox, channelOutbox: before } = this.#memory.read();
    if (counter === null) return;
    const channelOutbox = markPostponed(before, channel, untilMs, this.#deps.settings.outbox);
    if (channelOutbox === before) return;
    const change = { counter, outbox, channelOutbox, correlationId: null, nowMs: this.#deps.nowMs() };
    this.#memory.commit({ ...change, oversell: null });
  }

  levelsTold(channel: ChannelId, told: ToldLevels): void {
    const { counter, outbox } = this.#memory.read();
    if (counter === null) return;
    const outbound = withTold(counter.outbound, channel, told);
    if (outbound === counter.outbound) return;
    const nowMs = this.#deps.nowMs();
    this.#memory.commit({ counter: { ...counter, outbound }, outbox, correlationId: null, nowMs, oversell: null });
  }

  async gateResults(results: {
    readonly pushes: readonly PushResult[];
    readonly reads: readonly ReadResult[];
  }): Promise<void> {
    const { counter } = this.#memory.read();
    if (counter === null) return;
    const { skuId, park, log } = this.#deps;
    // Told before it is noted: should this fail, the gate reports again, and the same letter is the same letter.
    const nowMs = this.#deps.nowMs();
    const parked = [...parkedBy(counter, results.pushes, nowMs), ...missedBy(counter, results.reads, nowMs)];
    for (const { code, message } of parked) log("warn", "level.parked", { skuId, code, reason: message });
    await Promise.all(parked.map((words) => park(words)));
    const current = this.#memory.read().counter ?? counter;
    this.apply(eventsOfResults(current, results), { mirrors: true });
  }

  async alarm(): Promise<void> {
    const { skuId, storage, nowMs, log } = this.#deps;
    try {
      this.#memory.alarmRang();
      this.apply([{ kind: "tick" }, ...this.#salesIfDue()], { mirrors: true });
      this.#memory.prune(nowMs());
    } catch (error) {
      // The runtime gives up after six retries; a counter must not.
      log("error", "counter.alarm_failed", { skuId, reason: reasonOf(error) });
      this.#memory.forget();
      await storage.setAlarm(nowMs() + ALARM_RETRY_MS);
    }
  }

  /** What it sells is measured apart from any batch, and seldom: it is a look at the history. */
  #salesIfDue(): readonly CounterEvent[] {
    const { counter } = this.#memory.read();
    const { storage, settings, nowMs } = this.#deps;
    if (counter === null || nextMeasureMs(counter.reorder, settings.salesEveryMs) > nowMs()) return [];
    const when = ruleOf(counter.reorder)?.when;
    if (when?.kind !== "cover") return [];
    return [{ kind: "sales_measured", sales: salesIn(storage.sql, when.windowDays, settings.historyRowsMax, nowMs()) }];
  }

  #writeHistory({ booked, attributions }: Pick<BatchResult, "booked" | "attributions">): void {
    const { sql } = this.#deps.storage;
    insertMovements(sql, booked);
    for (const part of attributions) insertAttribution(sql, part);
  }
}

/** The cause that the newest event of a batch names; null: they answer what was caused before. */
function causeOf(events: readonly CounterEvent[]): CorrelationId | null {
  for (const event of events.toReversed()) {
    if ("request" in event) return event.request.cause.correlationId;
    if ("end" in event) return event.end.cause.correlationId;
    if ("correlationId" in event) return event.correlationId;
  }
  return null;
}

/** When the lease that keeps a batch out ends; null: nothing keeps it out. */
function lockedUntil(reply: ApplyReply): number | null {
  if (reply.kind !== "applied") return null;
  const locked = reply.outcomes.find((outcome) => outcome.kind === "locked");
  return locked?.kind === "locked" ? locked.untilMs : null;
}
