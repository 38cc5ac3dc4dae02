/**
 * A real counter and a real gate with its journal, on a model of Square through the real port: only the objects around them and
 * the queue between are left out. Requests and answers may be lost on the way.
 */

import { SquareModel } from "../../../dev/square-simulator/square-model.ts";
import { ShopGateJournal } from "../../../durable-objects/shop-gate-journal.ts";
import { SHOP_GATE_SCHEMA } from "../../../durable-objects/shop-gate-schema.ts";
import { eventsOfResults } from "../../../durable-objects/sku-counter-results.ts";
import { startOpenWork } from "../../../durable-objects/sku-counter-work.ts";
import { createSquarePort } from "../../../src/channels/square/square-port.ts";
import { applyBatch } from "../../../src/domain/counter/apply-batch.ts";
import type { ConnectMode, CounterEvent } from "../../../src/domain/counter/counter-event.ts";
import { type CounterState, newCounter } from "../../../src/domain/counter/counter-state.ts";
import { fromStore, type ListingId } from "../../../src/domain/ids.ts";
import { MERGE_WINDOWS } from "../../../src/domain/replica/windows.ts";
import { newTally } from "../../../src/domain/telemetry/tally.ts";
import { square } from "../../../src/ingress/adapters/square.ts";
import type { PushResult, ReadResult } from "../../../src/services/gate-contract.ts";
import { GateMind } from "../../../src/services/shop-gate/gate-mind.ts";
import { Gate } from "../../../src/services/shop-gate/shop-gate.ts";
import { SqliteObjectStorage } from "../sqlite/object-storage.ts";

export const START_MS = 1_800_000_000_000;
export const ITEM = "6F4K33KPNUVDWKZ43KUIFH6K";
export const PLACE = "EF6D9SACKWBKZ";
const SHOP = fromStore<never>("till-main");
const LISTING = fromStore<ListingId>(`till-main/${ITEM}`);
const CONFIG = {
  windows: MERGE_WINDOWS,
  limits: { horizonMs: 30 * 86_400_000, levelMax: 1e9 },
  orderHorizonMs: 400 * 86_400_000,
};

export class SquareWorld {
  nowMs = START_MS;
  readonly model = new SquareModel(() => this.nowMs, "token-of-the-till");
  /** What becomes of the next calls, the first first. */
  fates: ("ok" | "request_lost" | "answer_lost")[] = [];
  readonly calls: { readonly url: string; readonly body: string }[] = [];
  readonly gate: Gate;
  state: CounterState;
  readonly #pushes = new Map<string, PushResult>();
  readonly #reads: ReadResult[] = [];
  #minted = 0;

  constructor(available: number, mode: ConnectMode = "adopt") {
    this.model.count(ITEM, PLACE, available);
    this.model.webhooks.splice(0);
    const deps = {
      shop: SHOP,
      breaker: { changed: () => undefined, announce: async () => undefined },
      journal: new ShopGateJournal(new SqliteObjectStorage(SHOP_GATE_SCHEMA)),
      shopify: createSquarePort({
        access: async () => ({ accessToken: "token-of-the-till", origin: "https://connect.squareup.com" }),
        now: () => this.nowMs,
        fetch: (url, init) => this.#answer(url, init),
      }),
      results: {
        report: async (_: unknown, pushes: readonly PushResult[], reads: readonly ReadResult[]) => {
          for (const push of pushes) this.#pushes.set(push.pushKey, push);
          this.#reads.push(...reads);
        },
      },
      log: () => undefined,
      meter: newTally(),
      now: () => this.nowMs,
      random: () => 0,
      mintCallKey: () => fromStore<never>(`call-${++this.#minted}`),
      schedule: () => undefined,
    };
    this.gate = new Gate(deps, new GateMind(deps));
    this.state = newCounter(fromStore("sku-a"), fromStore("A"));
    const level = { locationId: "1", shopLocationId: PLACE, available, committed: 0, atMs: this.nowMs };
    this.apply({ kind: "connect", listingId: LISTING, mode, levels: [level as never], correlationId: fromStore("c") });
  }

  get available(): number | undefined {
    return this.state.shown[0]?.available;
  }

  apply(...events: readonly CounterEvent[]): void {
    const facts = { movement: () => null, explained: () => 0, onHandSince: () => 0 };
    this.state = applyBatch(this.state, events, facts, CONFIG, this.nowMs).state;
  }

  /** A sale of ours. */
  sell(units: number): void {
    const cause = {
      reason: "sale",
      reference: null,
      source: "api",
      actor: "shop",
      correlationId: fromStore<never>("c"),
    };
    const key = fromStore<never>(`m${++this.#minted}`);
    this.apply({
      kind: "movement",
      request: {
        ...{ key, fingerprint: "", locationId: null, delta: -units, allowNegative: true },
        ...{ cause, occurredAtMs: this.nowMs },
      } as never,
    });
  }

  /** One of Square's webhooks reaches the counter, read by the adapter. */
  deliver(body: string): void {
    const channel = { listings: "mapped", eventTypes: null, locations: new Map() } as const;
    const projected = square.project(JSON.parse(body), { channel, eventId: "e", receivedAtMs: this.nowMs });
    if (projected.kind !== "news") throw new Error(`not read: ${JSON.stringify(projected)}`);
    for (const each of projected.news) {
      if (each.kind !== "level") continue;
      const { available, atMs, location: shopLocationId } = each.event;
      const at = {
        listingId: LISTING,
        locationId: fromStore<never>("1"),
        shopLocationId,
        correlationId: fromStore<never>("w"),
      };
      this.apply({ kind: "snapshot", available, atMs, ...at });
    }
  }

  /** The counter hears of its pushes and reads, and hands out what is due. */
  turn(): void {
    const results = { pushes: [...this.#pushes.values()], reads: this.#reads };
    this.apply(...eventsOfResults(this.state, results), { kind: "tick" });
    const { counter, work } = startOpenWork(
      this.state,
      SHOP,
      { correlationId: fromStore("turn"), receivedAtMs: null },
      CONFIG.windows,
      this.nowMs,
      () => String(++this.#minted),
    );
    this.state = counter;
    this.gate.submit(work);
  }

  async settle(): Promise<void> {
    for (let rounds = 0; rounds < 12; rounds += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  async advance(ms: number): Promise<void> {
    this.nowMs += ms;
    this.gate.look();
    await this.settle();
  }

  /** Time passes until nobody owes anything. */
  async rest(): Promise<void> {
    for (let seconds = 0; seconds < 90; seconds += 1) {
      this.turn();
      await this.advance(1_000);
    }
  }

  async #answer(url: string, init: RequestInit): Promise<Response> {
    const { pathname } = new URL(url);
    const body = String(init.body);
    const isChange = pathname.endsWith("batch-create");
    if (isChange) this.calls.push({ url, body });
    const fate = isChange ? (this.fates.shift() ?? "ok") : "ok";
    if (fate === "request_lost") throw new Error("connection refused");
    const reply = this.model.handle(pathname, body, new Headers(init.headers).get("authorization"));
    if (fate === "answer_lost") throw new Error("connection reset");
    return Response.json(reply.body, { status: reply.status });
  }
}
