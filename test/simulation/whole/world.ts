/**
 * One seed, played out with the shipped code: webhooks through the queues into the counters, signals to the gates and
 * calls to Shopify, takes through the service of the API, levels into the mirror. Every step is checked; when the faults
 * are over, every shop must agree with Onhand and with the sum of all that happened, soon and for few calls.
 */
import { LIMITS } from "../../../src/config.ts";
import { fromStore, type LocationId, type ShopDomain, type Sku } from "../../../src/domain/ids.ts";
import type { LevelsView } from "../../../src/domain/levels-view.ts";
import type { ShopEvent } from "../../../src/domain/shop-event.ts";
import { newTally } from "../../../src/domain/telemetry/tally.ts";
import { consumeDeadLetters } from "../../../src/queues/consume-dead-letters.ts";
import { consumeEvents } from "../../../src/queues/consume-events.ts";
import { consumeShopifySync } from "../../../src/queues/consume-shopify-sync.ts";
import type { LastWords } from "../../../src/queues/dead-letter-message.ts";
import type { Envelope } from "../../../src/queues/envelope.ts";
import { specOf } from "../../../src/queues/queue-table.ts";
import type { SettleDeps } from "../../../src/queues/settle.ts";
import { writeCounter } from "../../../src/services/write-counter.ts";
import { counterSettingsOf } from "../../../src/wiring/counter-settings.ts";
import { NO_CHANNELS } from "../../support/channels/no-channels.ts";
import { noShopNews } from "../../support/shops/no-shop-news.ts";
import { Prng } from "../replica/prng.ts";
import { EPOCH_MS } from "../replica/shopify.ts";
import { check, Violation } from "../replica/violation.ts";
import { Carts } from "./carts.ts";
import { ModelCatalogue } from "./catalogue.ts";
import { Clients } from "./clients.ts";
import { Clock } from "./clock.ts";
import { CounterFleet } from "./counter-fleet.ts";
import { DeadLetterDesk } from "./dead-letter-desk.ts";
import { checkEnd } from "./end-checks.ts";
import { type FaultCounts, type FaultKind, Faults } from "./faults.ts";
import { GateNode } from "./gate-node.ts";
import type { Life } from "./life.ts";
import { isWithin, lessFaults, type Plan, planOf } from "./plan.ts";
import { ModelQueue } from "./queue.ts";
import { ModelRedis } from "./redis.ts";
import { type Meaning, Shop } from "./shop.ts";
import { ModelShopify } from "./shopify-port.ts";
import { Traffic } from "./traffic.ts";

/** After the last fault: longer than any retry, any late delivery and any memory of the merge. */
const REST_MS = 25 * 60_000;
const REPLAY_EVERY_MS = 60_000;

export type Outcome = {
  readonly seed: number;
  readonly plan: Plan;
  readonly violation: { readonly invariant: string; readonly message: string } | null;
  readonly faults: FaultCounts;
  readonly events: number;
  readonly steps: number;
  readonly simulatedMs: number;
  /** From the last fault to the last moment at which a shop disagreed. */
  readonly convergenceMs: number;
  readonly calls: number;
  /** Answers to our own channels, by kind. */
  readonly answers: Readonly<Record<string, number>>;
  /** Of Shopify's shops and our own channels. */
  readonly changes: number;
  readonly log: readonly string[];
};

export type PlayOptions = {
  readonly minutes?: number;
  readonly verbose?: boolean;
  /** Kinds of faults that do not happen, whatever the plan says. */
  readonly without?: readonly FaultKind[];
};

/** Plays one seed. Never rejects for a violation. */
export async function playSeed(seed: number, options: PlayOptions = {}): Promise<Outcome> {
  const world = new World(seed, options);
  await world.play();
  return world.outcome();
}

export class World {
  readonly plan: Plan;
  readonly clock = new Clock();
  readonly faults: Faults;
  readonly shops: readonly Shop[];
  readonly apis: readonly ModelShopify[];
  readonly fleet: CounterFleet;
  readonly traffic: Traffic;
  readonly clients: Clients;
  readonly carts: Carts;
  readonly letters: DeadLetterDesk;
  readonly redis: ModelRedis;
  readonly events: ModelQueue;
  readonly signals: ModelQueue;
  readonly locations: readonly LocationId[];
  readonly skus: readonly Sku[];
  /** News that a queue has taken, per SKU that it tells of: our 200 was a promise. */
  readonly accepted = new Set<string>();
  readonly #prng: Prng;
  readonly #log: string[] = [];
  readonly #meter = newTally();
  readonly #verbose: boolean;
  readonly #catalogue: ModelCatalogue;
  readonly #gates: ReadonlyMap<ShopDomain, GateNode>;
  readonly #deadEvents: ModelQueue;
  readonly #deadSignals: ModelQueue;
  readonly #meanings = new Map<string, Meaning>();
  #violation: Outcome["violation"] = null;
  #disagreedMs = 0;
  #callsBefore = 0;
  #webhooks = 0;
  #attempts = 0;

  constructor(seed: number, { minutes = 30, verbose = false, without = [] }: PlayOptions = {}) {
    this.#prng = new Prng(seed);
    this.#verbose = verbose;
    this.plan = lessFaults(planOf(seed, this.#prng, { minutes }), without);
    this.faults = new Faults(this.#prng, this.plan.rates);
    this.locations = Array.from({ length: this.plan.locations }, (_, k) => fromStore<LocationId>(String(k + 1)));
    this.skus = Array.from({ length: this.plan.skus }, (_, k) => fromStore<Sku>(`SKU-${k + 1}`));
    this.shops = Array.from({ length: this.plan.shops }, (_, k) => this.#openShop(k));
    this.redis = new ModelRedis({
      ...this.#common,
      outages: this.plan.redisOutages,
      written: (view, version) => this.guarded(() => this.fleet.checkMirrored(view, version)),
    });
    this.#deadEvents = this.#deadQueue("onhand-events-dlq");
    this.#deadSignals = this.#deadQueue("onhand-shopify-sync-dlq");
    this.events = this.#queue("onhand-events", this.#deadEvents, (batch, spec, life) =>
      consumeEvents(batch, spec, {
        channels: NO_CHANNELS,
        ...this.#settleDeps(life),
        ...noShopNews,
        tellingFulfillers: () => async () => {},
        sendAgain: async (_, body) => this.events.send(body),
        catalogue: this.#catalogue,
        counters: this.fleet.countersFor(life),
        callsMax: LIMITS.counterCallsPerBatchMax,
        callMsMax: LIMITS.counterCallMsMax,
        mirror: (views) => void this.redis.write(views),
      }),
    );
    this.signals = this.#queue("onhand-shopify-sync", this.#deadSignals, (batch, spec, life) =>
      consumeShopifySync(batch, spec, {
        ...this.#settleDeps(life),
        counters: this.fleet.countersFor(life),
        gateOf: (shop) => ({ submit: (request) => life.await(this.#gateOf(shop).submit(request)) }),
      }),
    );
    this.fleet = new CounterFleet(this, {
      settings: counterSettingsOf({}),
      random: this.#prng,
      meanings: this.#meanings,
      outside: {
        signal: (signal) => this.signals.send(signal),
        signalChannel: async () => {},
        tell: async () => {},
        report: async () => {
          if (this.faults.strikes("message_refused")) throw new Error("Too Many Requests");
        },
        mirror: (views) => this.redis.write(views),
        park: (words) => this.#deadSignals.send(words),
        log: (level, event, fields) => this.note(level, event, fields),
      },
    });
    this.#catalogue = new ModelCatalogue(this.shops, this.skus, () => this.#isDatabaseAway());
    this.letters = new DeadLetterDesk({
      isAway: () => this.#isDatabaseAway(),
      send: async (queue, body) => {
        await (queue === "onhand-events" ? this.events : this.signals).send(body);
        return true;
      },
      counters: this.fleet.countersFor(null),
      nowMs: () => this.nowMs,
    });
    this.apis = this.shops.map(
      (shop) => new ModelShopify({ ...this.#common, shop, outages: this.plan.shopifyOutages }),
    );
    this.#gates = new Map(this.shops.map((shop, k) => [shop.domain, this.#openGate(shop, k)]));
    const services = {
      catalogue: this.#catalogue,
      counters: this.fleet.countersFor(null),
      mirror: (views: readonly LevelsView[]) => void this.redis.write(views),
    };
    this.clients = new Clients({
      ...this.#common,
      skus: this.skus,
      locations: this.locations,
      write: (sku, events, options) => writeCounter(sku, events, options, services),
      nowMs: () => this.nowMs,
      log: (line) => this.log(line),
    });
    this.carts = new Carts({
      ...this.#common,
      skus: this.skus,
      locations: this.locations,
      fleet: this.fleet,
      services: { ...services, nowMs: () => this.nowMs },
      coordinator: {
        ...this.#common,
        callMsMax: this.plan.callMsMax,
        countersFor: (life) => this.fleet.countersFor(life),
        mirror: this.redis,
        newAttempt: () => `a${++this.#attempts}`,
        log: (level, event, fields) => this.note(level, event, fields),
      },
      log: (line) => this.log(line),
    });
    this.traffic = new Traffic({
      ...this.#common,
      plan: this.plan,
      shops: this.shops,
      clients: this.clients,
      carts: this.carts,
      log: (line) => this.log(line),
    });
  }

  /** What a webhook or notice stands for; null: for nothing that a level shows. */
  meaningOf(id: string): Meaning | null {
    return this.#meanings.get(id) ?? null;
  }

  get nowMs(): number {
    return EPOCH_MS + this.clock.nowMs;
  }

  async play(): Promise<void> {
    await this.clock.reign(async () => {
      try {
        for (const [k, shop] of this.shops.entries())
          this.fleet.connect(shop, this.plan.isShared && k > 0 ? "mirror" : "adopt");
        this.traffic.plan();
        await this.clock.playUntil(this.plan.spanMs, () => this.#stopIfViolated());
        this.faults.end();
        // Clocks are right again, too: a life keeps its own to the end.
        for (const { node } of this.fleet.all.values()) node.evict();
        this.#callsBefore = this.#calls;
        this.#heal();
        await this.clock.playUntil(this.plan.spanMs + REST_MS, () => {
          this.#stopIfViolated();
          if (this.fleet.disagreement() !== null) this.#disagreedMs = this.clock.nowMs;
        });
        const calls = this.#calls - this.#callsBefore;
        checkEnd(this, { calls, convergenceMs: this.#convergenceMs });
      } catch (error) {
        this.#violate(error);
      }
    });
  }

  outcome(): Outcome {
    const { plan, traffic, clock } = this;
    return {
      seed: plan.seed,
      plan,
      violation: this.#violation,
      faults: this.faults.counts,
      events: traffic.events,
      steps: clock.steps,
      simulatedMs: clock.nowMs,
      convergenceMs: this.#convergenceMs,
      calls: this.#calls,
      answers: { ...this.clients.answers, ...this.carts.answers },
      changes: this.shops.reduce((sum, shop) => sum + shop.changes, 0) + this.fleet.ownMoves,
      log: this.#log,
    };
  }

  log(line: () => string): void {
    if (this.#verbose) this.#log.push(`${(this.clock.nowMs / 1_000).toFixed(3).padStart(9)} ${line()}`);
  }

  /** What the shipped code logs: some of it must never happen. */
  note(level: string, event: string, fields: object | undefined): void {
    this.log(() => `  ${level} ${event} ${JSON.stringify(fields ?? {})}`);
    this.guarded(() => check(!NEVER.has(event), "never", () => `${event} ${JSON.stringify(fields ?? {})}`));
  }

  /** A check that fails within shipped code must not be taken for a fault that is tried again. */
  guarded(checks: () => void): void {
    try {
      checks();
    } catch (error) {
      this.#violate(error);
    }
  }

  get #common() {
    return { clock: this.clock, prng: this.#prng, faults: this.faults };
  }

  get #calls(): number {
    return this.apis.reduce((sum, api) => sum + api.mutations + api.reads, 0);
  }

  get #convergenceMs(): number {
    return Math.max(0, this.#disagreedMs - this.plan.spanMs);
  }

  #violate(error: unknown): void {
    if (this.#violation !== null) return;
    const message = error instanceof Error ? error.message : String(error);
    this.#violation = { invariant: error instanceof Violation ? error.invariant : "exception", message };
    this.log(() => `VIOLATION ${message}\n${error instanceof Violation ? "" : (error as Error).stack}`);
  }

  #stopIfViolated(): void {
    if (this.#violation !== null) throw new Violation(this.#violation.invariant, this.#violation.message);
  }

  /** What an operator, and the Worker's minute, do after an outage: ask for every level once, replay what died. */
  #heal(): void {
    this.fleet.auditAll();
    const replay = (): void => {
      if (this.letters.waiting > 0) void this.letters.replayAll();
      if (this.clock.nowMs < this.plan.spanMs + REST_MS / 2) this.clock.in(REPLAY_EVERY_MS, replay);
    };
    replay();
  }

  #openShop(k: number): Shop {
    const { shops, isShared } = this.plan;
    const own = this.locations.filter((_, place) => isShared || place % shops === k);
    const shop = new Shop(
      {
        domain: fromStore<ShopDomain>(`shop-${"abc"[k]}.myshopify.com`),
        clock: this.clock,
        prng: this.#prng,
        coalesceMs: this.plan.coalesceMs,
        locations: own,
        announce: (topic, event, meaning) => this.#announce(shop, topic, event, meaning),
        explain: (hintId, meaning) => this.#meanings.set(hintId, meaning),
        changed: () => {},
      },
      this.skus.map((sku, i) => ({ sku, item: `${k + 1}0${i + 1}` })),
    );
    for (const { stock } of shop.items) {
      for (const locationId of own) {
        const available = this.#prng.int(0, this.plan.stockMax);
        // Where stock is shared, the first shop's is adopted, and the others shall show it.
        stock.open(locationId, { available, genuine: isShared && k > 0 ? 0 : available }, 0);
      }
    }
    return shop;
  }

  #openGate(shop: Shop, k: number): GateNode {
    const shopify = this.apis[k];
    if (shopify === undefined) throw new Error("no API");
    return new GateNode({
      ...this.#common,
      domain: shop.domain,
      callMsMax: this.plan.callMsMax,
      skewMsMax: this.plan.skewMsMax,
      shopify,
      results: { report: (skuId, pushes, reads) => this.fleet.report(skuId, pushes, reads) },
      guarded: (checks) => this.guarded(checks),
      log: (level, event, fields) => this.note(level, event, fields),
    });
  }

  #gateOf(domain: ShopDomain): GateNode {
    const gate = this.#gates.get(domain);
    if (gate === undefined) throw new Error(`no gate of ${domain}`);
    return gate;
  }

  /** A webhook on its way to us: lost, late, twice; what our queue refuses is sent again. */
  #announce(shop: Shop, topic: string, data: ShopEvent, meaning: Meaning | null): void {
    const { clock, faults, plan } = this;
    this.#webhooks += 1;
    const id = `w${this.#webhooks}`;
    if (meaning !== null) this.#meanings.set(id, meaning);
    const copies = faults.strikes("webhook_repeated") ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      if (faults.strikes("webhook_lost")) continue;
      const usualMs = this.#prng.int(20, plan.webhookMsMax);
      const delayMs = faults.strikes("webhook_late")
        ? this.#prng.int(usualMs, Math.max(usualMs, plan.lateMsMax))
        : usualMs;
      clock.in(delayMs, () => this.#takeIn(shop, { id, topic, data }));
    }
  }

  #takeIn(shop: Shop, news: { readonly id: string; readonly topic: string; readonly data: ShopEvent }): void {
    const { id, topic, data } = news;
    const envelope: Envelope = {
      ...{ v: 1, id, correlationId: fromStore(id), channel: { type: "shopify", shop: shop.domain }, kind: topic },
      ...{ occurredAt: data.kind === "level" ? data.atMs : this.nowMs, receivedAt: this.nowMs, data },
    };
    this.log(() => `${id} ${topic} of ${shop.domain}: ${JSON.stringify(data)}`);
    const accepted = (): void => {
      for (const sku of skusIn(shop, data)) this.accepted.add(`${id} ${sku}`);
    };
    void this.events
      .send(envelope)
      .then(accepted, () => this.clock.in(this.#prng.int(500, 5_000), () => this.#takeIn(shop, news)));
  }

  #isDatabaseAway(): boolean {
    if (this.faults.isOver || !isWithin(this.plan.databaseOutages, this.clock.nowMs)) return false;
    this.faults.note("database_down");
    return true;
  }

  #settleDeps(life: Life): SettleDeps {
    return {
      deadLetter: (words) => life.await(this.#bury(words)),
      noteReason: () => {},
      journal: () => {},
      meter: this.#meter,
      log: (level, event, fields) => this.note(level, event, fields),
      nowMs: () => this.nowMs,
      random: () => this.#prng.next(),
    };
  }

  /** As in wiring.ts: the database first, then the dead-letter queue of where it died. */
  async #bury(words: LastWords): Promise<boolean> {
    if (await this.letters.keep(words)) return true;
    const queue = words.queue === "onhand-events" ? this.#deadEvents : this.#deadSignals;
    return queue.send(words).then(
      () => true,
      () => false,
    );
  }

  #queue(name: string, dead: ModelQueue | null, consume: ConstructorParameters<typeof ModelQueue>[0]["consume"]) {
    const spec = specOf(name);
    if (spec === undefined) throw new Error(`no queue ${name}`);
    const kill = dead === null ? null : (body: string) => dead.put(body);
    return new ModelQueue({ ...this.#common, spec, lateMsMax: this.plan.lateMsMax, dead: kill, consume });
  }

  #deadQueue(name: string): ModelQueue {
    return this.#queue(name, null, (batch, spec, life) =>
      consumeDeadLetters(batch, spec, {
        ...this.#settleDeps(life),
        store: { put: (letters: never) => life.await(this.letters.put(letters)) } as never,
        reasons: { find: async () => null },
      }),
    );
  }
}

function skusIn(shop: Shop, data: ShopEvent): readonly string[] {
  if (data.kind === "level") return [shop.itemOf(data.item)?.sku ?? ""];
  const lines = data.kind === "order" || data.kind === "fulfilment" ? data.lines : [];
  const restocks = data.kind === "order" || data.kind === "refund" ? data.restocks : [];
  return [...lines, ...restocks].map(({ sku }) => sku ?? "");
}

/** Each of these is a bug, or needs a person who did nothing wrong here. */
const NEVER: ReadonlySet<string> = new Set([
  "gate.push_conflict",
  "gate.bug",
  "gate.call_mismatch",
  "gate.call_refused",
  "gate.call_expired",
  "counter.prune_failed",
]);
