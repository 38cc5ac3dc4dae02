/**
 * SkuCounter: the single writer of one SKU, named by its immutable id. A thin shell: it owns the tables and the clock,
 * and answers RPC; what it does with either is the desk's (counter-desk.ts), what is right the domain's.
 */
import { DurableObject } from "cloudflare:workers";
import type { CounterEvent } from "../src/domain/counter/counter-event.ts";
import type { HistorySum } from "../src/domain/counter/level-history.ts";
import type { ToldLevels } from "../src/domain/counter/outbound.ts";
import {
  type ChannelId,
  type CorrelationId,
  fromStore,
  type ListingId,
  type LocationId,
  type ShopDomain,
} from "../src/domain/ids.ts";
import type { LevelsView } from "../src/domain/levels-view.ts";
import type { CounterExpectation } from "../src/domain/reconcile/expectation.ts";
import { consoleLog as log } from "../src/observability/log.ts";
import type {
  ApplyOptions,
  ApplyReply,
  ConnectRequest,
  Counter,
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
import type { CounterForGate } from "../src/services/gate-contract.ts";
import { flushSoon } from "../src/wiring/telemetry.ts";
import { counterSettings, mirrorOf } from "../src/wiring.ts";
import { CounterDesk } from "./counter-desk.ts";
import { migrate } from "./schema.ts";
import { SKU_COUNTER_SCHEMA } from "./sku-counter-schema.ts";

export class SkuCounter extends DurableObject<Env> implements Counter, CounterForGate {
  readonly #desk: CounterDesk;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#desk = new CounterDesk({
      skuId: fromStore(ctx.id.name ?? ctx.id.toString()),
      storage: ctx.storage,
      settings: counterSettings(env),
      signal: (signal) => this.env.SHOPIFY_SYNC.send(signal),
      signalChannel: (signal) => this.env.CHANNEL_SYNC.send(signal),
      report: (notice) => this.env.NOTIFICATIONS.send(notice),
      tell: (notice) => this.env.NOTIFICATIONS.send(notice),
      mirror: async (views) => {
        const written = await mirrorOf(this.env).write(views);
        ctx.waitUntil(flushSoon(this.env)); // a fault is counted in this object's isolate
        return written;
      },
      park: (words) => this.env.SHOPIFY_SYNC_DLQ.send(words),
      nowMs: () => Date.now(),
      newId: () => crypto.randomUUID(),
      sleep: (ms) => scheduler.wait(ms),
      beside: (work) => ctx.waitUntil(work),
      log,
    });
    ctx.blockConcurrencyWhile(async () => migrate(ctx.storage, SKU_COUNTER_SCHEMA, Date.now()));
  }

  async apply(events: readonly CounterEvent[], options: ApplyOptions = {}): Promise<ApplyReply> {
    return this.#desk.applyPatiently(events, options);
  }

  async connectListing(request: ConnectRequest): Promise<ApplyReply> {
    return this.#desk.connectListing(request);
  }

  async disconnect(listingId: ListingId, correlationId: CorrelationId, dryRun = false): Promise<DisconnectReply> {
    return this.#desk.disconnect(listingId, correlationId, dryRun);
  }

  async release(
    listingId: ListingId,
    correlationId: CorrelationId,
    options: Pick<ApplyOptions, "dryRun"> = {},
  ): Promise<ApplyReply> {
    return this.#desk.release(listingId, correlationId, options);
  }

  async levels(): Promise<LevelsView | null> {
    return this.#desk.levels();
  }

  async policy(): Promise<PolicyReply | null> {
    return this.#desk.policy();
  }

  async stockSettings(): Promise<StockSettingsReply | null> {
    return this.#desk.stockSettings();
  }

  async sellable(channel: ChannelId): Promise<SellableReply | null> {
    return this.#desk.sellable(channel);
  }

  async movements(query: MovementsQuery): Promise<MovementsPage> {
    return this.#desk.movements(query);
  }

  async levelsAt(atMs: number, under: HistorySum | null): Promise<LevelsAtReply> {
    return this.#desk.levelsAt(atMs, under);
  }

  async takeWork(shop: ShopDomain): Promise<OpenWork> {
    return this.#desk.takeWork(shop);
  }

  async takeLevels(channel: ChannelId): Promise<TakenLevels | null> {
    return this.#desk.takeLevels(channel);
  }

  async levelsPostponed(channel: ChannelId, untilMs: number): Promise<void> {
    this.#desk.levelsPostponed(channel, untilMs);
  }

  async levelsTold(channel: ChannelId, told: ToldLevels): Promise<void> {
    this.#desk.levelsTold(channel, told);
  }

  async expectations(listingId: ListingId | null = null): Promise<CounterExpectation | null> {
    return this.#desk.expectations(listingId);
  }

  async audit(listingId: ListingId): Promise<void> {
    this.#desk.apply([{ kind: "audit", listingId }]);
  }

  async unpark(listingId: ListingId, locationId: LocationId): Promise<ApplyReply> {
    return this.#desk.apply([{ kind: "unpark", listingId, locationId }]);
  }

  async gateResults(results: Parameters<CounterForGate["gateResults"]>[0]): Promise<void> {
    await this.#desk.gateResults(results);
  }

  override async alarm(): Promise<void> {
    await this.#desk.alarm();
  }
}
