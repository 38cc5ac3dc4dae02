/**
 * SkuCounter: the single writer of one SKU, named by its immutable id. Owns schema, transaction, alarm and outbox; not
 * arithmetic, HTTP, Redis keys or Shopify. No await stands inside a stock change: state is read once, decided by pure
 * functions and written in one synchronous transaction.
 */
import { DurableObject } from "cloudflare:workers";
import { applyBatch, type CounterConfig } from "../src/domain/counter/apply-batch.ts";
import type { CounterEvent } from "../src/domain/counter/counter-event.ts";
import type { CounterState } from "../src/domain/counter/counter-state.ts";
import { viewOf } from "../src/domain/counter/levels.ts";
import { decideOutbox, markTaken, type Outbox } from "../src/domain/counter/outbox.ts";
import { releaseListing } from "../src/domain/counter/release-listing.ts";
import {
  type CorrelationId,
  fromStore,
  type HintId,
  type ListingId,
  type LocationId,
  type MovementKey,
  partsOfListing,
  type ShopDomain,
  type Sku,
  type SkuId,
} from "../src/domain/ids.ts";
import type { LevelsView } from "../src/domain/levels-view.ts";
import { emptyMerge } from "../src/domain/replica/connect.ts";
import { nextTickMs } from "../src/domain/replica/next-tick.ts";
import { wants } from "../src/domain/replica/start.ts";
import { consoleLog as log, reasonOf } from "../src/observability/log.ts";
import type { DirtySignal } from "../src/queues/signal.ts";
import type { ApplyReply, ConnectRequest, Counter, MovementsPage, OpenWork } from "../src/services/counter-contract.ts";
import type { CounterForGate, PushResult, ReadResult } from "../src/services/gate-contract.ts";
import { counterSettings, mirrorOf } from "../src/wiring.ts";
import { migrate } from "./schema.ts";
import {
  insertAttribution,
  insertMovements,
  pruneMovements,
  readExplained,
  readMovements,
  readMovementsByKey,
} from "./sku-counter-movements.ts";
import { missedBy, parkedBy } from "./sku-counter-parked.ts";
import { eventsOfResults } from "./sku-counter-results.ts";
import { readCounterState, writeCounterState } from "./sku-counter-rows.ts";
import { SKU_COUNTER_SCHEMA } from "./sku-counter-schema.ts";
import { earliest, readOutbox, readTimers, setTimer, type Timers, writeOutbox } from "./sku-counter-timers.ts";
import { startOpenWork } from "./sku-counter-work.ts";

const ALARM_RETRY_MS = 30_000;
/** History that could not be pruned costs storage, nothing else. */
const PRUNE_RETRY_MS = 3_600_000;

/** All that is in memory; null: not read since the object woke. Every field mirrors rows. */
type Memory = {
  readonly counter: CounterState | null;
  readonly outbox: Outbox;
  readonly timers: Timers;
  readonly alarmMs: number | null;
};

export class SkuCounter extends DurableObject<Env> implements Counter, CounterForGate {
  #memory: Memory | null = null;
  readonly #skuId: SkuId;
  readonly #config: CounterConfig & ReturnType<typeof counterSettings>;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#skuId = fromStore(ctx.id.name ?? ctx.id.toString());
    this.#config = counterSettings(env);
    ctx.blockConcurrencyWhile(async () => migrate(ctx.storage, SKU_COUNTER_SCHEMA));
  }

  async apply(events: readonly CounterEvent[]): Promise<ApplyReply> {
    return this.#run(events);
  }

  async connectListing({ sku, listingId, levels, correlationId }: ConnectRequest): Promise<ApplyReply> {
    const memory = this.#read();
    if (memory.counter?.sku !== sku) this.#introduce(memory, sku);
    return this.#run([{ kind: "connect", listingId, levels, correlationId }]);
  }

  async release(listingId: ListingId, correlationId: CorrelationId): Promise<ApplyReply> {
    const memory = this.#read();
    if (memory.counter === null) return { kind: "not_connected" };
    const nowMs = Date.now();
    const reason = `released: ${listingId} is counted here no more`;
    const cause = { reason, reference: null, source: "api", actor: "operator", correlationId };
    const result = releaseListing(memory.counter, listingId, cause, this.#config, nowMs);
    this.#commit(memory, result.state, memory.outbox, correlationId, nowMs, () => {
      insertMovements(this.ctx.storage.sql, result.booked);
      for (const part of result.attributions) insertAttribution(this.ctx.storage.sql, part);
    });
    return { kind: "applied", outcomes: [], view: viewOf(result.state, nowMs) };
  }

  async levels(): Promise<LevelsView | null> {
    const { counter } = this.#read();
    return counter === null ? null : viewOf(counter, Date.now());
  }

  async movements(page: { readonly beforeSeq: number | null; readonly limit: number }): Promise<MovementsPage> {
    return readMovements(this.ctx.storage.sql, page);
  }

  async takeWork(shop: ShopDomain): Promise<OpenWork> {
    const nowMs = Date.now();
    const memory = this.#read();
    if (memory.counter === null) return { pushes: [], reads: [] };
    const correlationId = memory.outbox.get(shop)?.correlationId ?? fromStore<CorrelationId>(`shop:${shop}`);
    const { counter, work } = startOpenWork(
      memory.counter,
      shop,
      correlationId,
      this.#config.windows,
      nowMs,
      crypto.randomUUID.bind(crypto),
    );
    this.#commit(
      memory,
      counter,
      markTaken(memory.outbox, shop, this.#config.outbox, nowMs),
      correlationId,
      nowMs,
      () => {},
    );
    return work;
  }

  async audit(listingId: ListingId): Promise<void> {
    this.#run([{ kind: "audit", listingId }]);
  }

  async unpark(listingId: ListingId, locationId: LocationId): Promise<ApplyReply> {
    return this.#run([{ kind: "unpark", listingId, locationId }]);
  }

  async gateResults(results: {
    readonly pushes: readonly PushResult[];
    readonly reads: readonly ReadResult[];
  }): Promise<void> {
    const { counter } = this.#read();
    if (counter === null) return;
    // Told before it is noted: should this fail, the gate reports again, and the same letter is the same letter.
    const nowMs = Date.now();
    const parked = [...parkedBy(counter, results.pushes, nowMs), ...missedBy(counter, results.reads, nowMs)];
    for (const { code, message } of parked) log("warn", "level.parked", { skuId: this.#skuId, code, reason: message });
    await Promise.all(parked.map((words) => this.env.SHOPIFY_SYNC_DLQ.send(words)));
    const current = this.#read().counter ?? counter;
    this.#run(eventsOfResults(current, results), { mirrors: true });
  }

  override async alarm(): Promise<void> {
    try {
      this.#memory = { ...this.#read(), alarmMs: null }; // this one has rung
      this.#run([{ kind: "tick" }], { mirrors: true });
      this.#prune(Date.now());
    } catch (error) {
      // The runtime gives up after six retries; a counter must not.
      log("error", "counter.alarm_failed", { skuId: this.#skuId, reason: reasonOf(error) });
      this.#memory = null;
      await this.ctx.storage.setAlarm(Date.now() + ALARM_RETRY_MS);
    }
  }

  #read(): Memory {
    const { sql } = this.ctx.storage;
    this.#memory ??= {
      counter: readCounterState(sql, this.#skuId),
      outbox: readOutbox(sql),
      timers: readTimers(sql),
      alarmMs: null,
    };
    return this.#memory;
  }

  /** The SKU it goes by from now on; a new counter begins with it. */
  #introduce(memory: Memory, sku: Sku): void {
    const fresh = { skuId: this.#skuId, version: 0, seq: 0, merge: emptyMerge(), books: new Map(), shown: [] };
    const counter: CounterState = { ...(memory.counter ?? fresh), sku };
    this.ctx.storage.transactionSync(() => writeCounterState(this.ctx.storage.sql, memory.counter, counter));
    this.#memory = { ...memory, counter };
  }

  /** One batch, one transaction. Nothing is awaited, so what it wrote and the alarm it set are one commit. */
  #run(events: readonly CounterEvent[], { mirrors = false } = {}): ApplyReply {
    const memory = this.#read();
    if (memory.counter === null) return { kind: "not_connected" };
    const nowMs = Date.now();
    const { sql } = this.ctx.storage;
    const known = readMovementsByKey(sql, keysOf(events));
    const explained = readExplained(sql, hintsOf(events));
    const before = {
      movement: (key: MovementKey) => known.get(key) ?? null,
      explained: (listingId: ListingId, hintId: HintId) => explained.get(listingId)?.get(hintId) ?? 0,
    };
    const result = applyBatch(memory.counter, events, before, this.#config, nowMs);
    this.#commit(memory, result.state, memory.outbox, causeOf(events), nowMs, () => {
      insertMovements(sql, result.booked);
      for (const part of result.attributions) insertAttribution(sql, part);
    });
    const view = viewOf(result.state, nowMs);
    if (mirrors && result.state.version !== memory.counter.version)
      this.ctx.waitUntil(mirrorOf(this.env).write([view]));
    return { kind: "applied", outcomes: result.outcomes, view };
  }

  /** Write what changed, with the outbox and timers that follow from it; then send signals, which the alarm sends again. */
  #commit(
    before: Memory,
    counter: CounterState,
    outboxBefore: Outbox,
    correlationId: CorrelationId,
    nowMs: number,
    writeHistory: () => void,
  ): void {
    const { storage } = this.ctx;
    const { outbox, signals } = decideOutbox(
      outboxBefore,
      this.#needs(counter, nowMs),
      correlationId,
      this.#config.outbox,
      nowMs,
    );
    const timers = storage.transactionSync(() => {
      writeCounterState(storage.sql, before.counter, counter);
      writeHistory();
      writeOutbox(storage.sql, before.outbox, outbox);
      return this.#setTimers(before.timers, counter, outbox, nowMs);
    });
    this.#memory = { counter, outbox, timers, alarmMs: this.#arm(before.alarmMs, earliest(timers)) };
    for (const shop of signals) this.ctx.waitUntil(this.#signal(shop, correlationId, nowMs));
  }

  #needs({ merge }: CounterState, nowMs: number) {
    const shopsOf = (listings: Iterable<ListingId>) =>
      new Set(Array.from(listings, (listing) => partsOfListing(listing).shop));
    const open = Array.from(merge.listings).filter(([, listing]) => listing.open.size > 0 || listing.read !== null);
    return {
      wanting: shopsOf(wants(merge, nowMs, this.#config.windows).keys()),
      open: shopsOf(open.map(([id]) => id)),
    };
  }

  #setTimers(before: Timers, counter: CounterState, outbox: Outbox, nowMs: number): Timers {
    const { sql } = this.ctx.storage;
    const again = Math.min(Number.POSITIVE_INFINITY, ...Array.from(outbox.values(), (entry) => entry.againMs));
    // What can be started now is the outbox' affair: it has signalled that, and wakes the object if need be.
    let timers = setTimer(sql, before, "merge", nextTickMs(counter.merge, this.#config.windows, nowMs), nowMs);
    timers = setTimer(sql, timers, "outbox", again, nowMs);
    return timers.has("prune") ? timers : setTimer(sql, timers, "prune", nowMs + this.#config.pruneEveryMs, nowMs);
  }

  /** @returns when the alarm rings now. After a wake the set alarm is not known, and setting it anew is harmless. */
  #arm(setMs: number | null, neededMs: number | null): number | null {
    if (neededMs === null || (setMs !== null && setMs <= neededMs)) return setMs;
    this.ctx.waitUntil(this.ctx.storage.setAlarm(neededMs));
    return neededMs;
  }

  /** After the tick, and apart from it: should it fail day after day, merge timers and outbox go on. */
  #prune(nowMs: number): void {
    const memory = this.#read();
    if ((memory.timers.get("prune") ?? Number.POSITIVE_INFINITY) > nowMs) return;
    const { storage } = this.ctx;
    const againMs = nowMs + this.#pruneSome(nowMs);
    const timers = storage.transactionSync(() => setTimer(storage.sql, memory.timers, "prune", againMs, nowMs));
    this.#memory = { ...memory, timers, alarmMs: this.#arm(memory.alarmMs, earliest(timers)) };
  }

  /** @returns in how many ms there is something to prune again */
  #pruneSome(nowMs: number): number {
    const { storage } = this.ctx;
    const { limits, pruneRowsMax, pruneEveryMs } = this.#config;
    try {
      const hasMore = storage.transactionSync(() =>
        pruneMovements(storage.sql, nowMs - limits.horizonMs, pruneRowsMax),
      );
      return hasMore ? 1 : pruneEveryMs;
    } catch (error) {
      log("error", "counter.prune_failed", { skuId: this.#skuId, reason: reasonOf(error) });
      return PRUNE_RETRY_MS;
    }
  }

  async #signal(shop: ShopDomain, correlationId: CorrelationId, sentAt: number): Promise<void> {
    const signal: DirtySignal = { v: 1, kind: "dirty", skuId: this.#skuId, shop, correlationId, sentAt };
    try {
      await this.env.SHOPIFY_SYNC.send(signal);
    } catch (error) {
      log("warn", "signal.not_sent", { skuId: this.#skuId, shop, correlationId, reason: reasonOf(error) });
    }
  }
}

const keysOf = (events: readonly CounterEvent[]): readonly MovementKey[] =>
  events.flatMap((event) => (event.kind === "movement" ? [event.request.key] : []));

const hintsOf = (events: readonly CounterEvent[]): readonly HintId[] =>
  events.flatMap((event) => (event.kind === "hint" ? [event.id] : []));

/** The cause that the newest event of a batch names. */
function causeOf(events: readonly CounterEvent[]): CorrelationId {
  for (const event of events.toReversed()) {
    if (event.kind === "movement") return event.request.cause.correlationId;
    if ("correlationId" in event) return event.correlationId;
    if ("key" in event) return fromStore(event.key);
  }
  return fromStore("timer");
}
