/**
 * Onhand in one process, beside simulated shops: the shipped projection, catalogue and counters on the shipped SQL; webhooks
 * over HTTP. What is left out are the runtime, the queue between them, and the gate's pace: pushes and reads go straight to
 * the shop. The clock is real, with leaps: `wait` lets windows pass.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ShopifySimulator } from "../../../dev/shopify-simulator/simulator.ts";
import type { CounterDesk } from "../../../durable-objects/counter-desk.ts";
import { shopifyCatalogueSource } from "../../../src/channels/shopify/catalogue-source.ts";
import { shopifyOrderLines } from "../../../src/channels/shopify/order-lines.ts";
import { createShopifyPort } from "../../../src/channels/shopify/shopify-port.ts";
import { shopifySubscriptions } from "../../../src/channels/shopify/subscriptions-api.ts";
import {
  fromStore,
  type ListingId,
  listingIdOf,
  type ShopDomain,
  type Sku,
  type SkuId,
} from "../../../src/domain/ids.ts";
import type { LevelsView } from "../../../src/domain/levels-view.ts";
import { parseExactJson } from "../../../src/ingress/exact-json.ts";
import { isShopifyTopic, projectShopify } from "../../../src/ingress/project-shopify.ts";
import type { Counter, Counters } from "../../../src/services/counter-contract.ts";
import type { GatePush, GateRead, PushResult, ReadResult } from "../../../src/services/gate-contract.ts";
import { type ImportOptions, type ImportPage, importPage } from "../../../src/services/import-catalogue.ts";
import type { ShopFinding } from "../../../src/services/shop-store.ts";
import {
  type IncomingShopEvent,
  type ShopVerdict,
  type TakeInShopDeps,
  takeInShopEvents,
} from "../../../src/services/take-in-shop-events.ts";
import { syncWebhooks } from "../../../src/services/webhook-subscriptions.ts";
import { d1Catalogue, newCatalogueCache } from "../../../src/store/d1-catalogue.ts";
import { d1CatalogueWriter } from "../../../src/store/d1-catalogue-writer.ts";
import { d1Shops } from "../../../src/store/d1-shops.ts";
import { simulatorGate } from "../../contract/shopify/support/simulator-gate.ts";
import { deskOn } from "../counter/desk-on.ts";
import { SqliteD1 } from "../d1/sqlite-d1.ts";

const ROUNDS_MAX = 20;

/** Real time, with leaps: shared by the shops, so that stamps and windows leap together. */
export class LeapingClock {
  #leapMs = 0;
  readonly now = (): number => Date.now() + this.#leapMs;
  leap(ms: number): void {
    this.#leapMs += ms;
  }
}

export class LittleOnhand {
  readonly d1 = new SqliteD1();
  readonly dead: (ShopVerdict & { kind: "dead" })[] = [];
  readonly suspended: string[] = [];
  readonly #desks = new Map<SkuId, CounterDesk>();
  readonly #shops: ReadonlyMap<ShopDomain, ShopifySimulator>;
  #incoming: IncomingShopEvent[] = [];
  #server: Server | null = null;
  readonly #clock: LeapingClock;
  #ids = 0;

  constructor(simulators: readonly ShopifySimulator[], clock: LeapingClock) {
    this.#clock = clock;
    this.#shops = new Map(simulators.map((simulator) => [fromStore<ShopDomain>(simulator.shop), simulator]));
  }

  readonly nowMs = (): number => this.#clock.now();
  readonly #newId = (): string => `${++this.#ids}`;

  /** Receives webhooks of every shop, and subscribes to all that the product subscribes to. */
  async listen(): Promise<void> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { "x-shopify-topic": topic, "x-shopify-shop-domain": shop, "x-shopify-webhook-id": id } = request.headers;
        this.#receive(String(topic), String(shop), String(id), Buffer.concat(chunks).toString("utf8"));
        response.end();
      });
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/shopify`;
    for (const simulator of this.#shops.values()) {
      const synced = await syncWebhooks(uri, false, shopifySubscriptions(simulatorGate(simulator)));
      if (synced.kind !== "ok") throw new Error(JSON.stringify(synced));
    }
  }

  close(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  async import(shop: ShopifySimulator, options: Partial<ImportOptions> = {}): Promise<ImportPage & { kind: "page" }> {
    const page = await importPage(
      fromStore(shop.shop),
      null,
      { mode: null, dryRun: false, ...options },
      fromStore("import"),
      {
        source: shopifyCatalogueSource(simulatorGate(shop)),
        writer: d1CatalogueWriter(this.d1.db, this.#newId),
        shops: d1Shops(this.d1.db),
        counters: this.counters,
        rejoin: async () => {},
        mirror: () => {},
        nowMs: this.nowMs,
      },
    );
    if (page.kind !== "page") throw new Error(JSON.stringify(page));
    return page;
  }

  /** Everything that is under way arrives, and what follows from it: until nobody has anything more to say. */
  async settle(): Promise<void> {
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      for (const simulator of this.#shops.values()) await simulator.idle();
      const [events, calls] = [await this.#takeIn(), await this.#work()];
      if (events + calls === 0) return;
    }
    throw new Error("it does not come to rest");
  }

  /** Windows pass, and timers ring. */
  async wait(ms: number): Promise<void> {
    this.#clock.leap(ms);
    for (const desk of this.#desks.values()) await desk.alarm();
    await this.settle();
  }

  levels(sku: string): LevelsView | null {
    const row = this.d1.database.prepare("SELECT sku_id FROM sku_aliases WHERE sku = ?").get(sku);
    return row === undefined ? null : (this.#desks.get(fromStore(String(row["sku_id"])))?.levels() ?? null);
  }

  movements(sku: string) {
    const levels = this.levels(sku);
    if (levels === null) return [];
    return this.#deskOf(levels.skuId).movements({ beforeSeq: null, limit: 200 }).movements;
  }

  /** A till's guarded take. @returns whether it was accepted */
  take(sku: string, units: number, given: { readonly locationId?: string } = {}): boolean {
    const levels = this.levels(sku);
    if (levels === null) throw new Error(`no ${sku}`);
    const request = {
      ...{
        key: fromStore<never>(`till-${this.#newId()}`),
        fingerprint: `${units}`,
        delta: -units,
        allowNegative: false,
      },
      locationId: given.locationId === undefined ? null : fromStore<never>(given.locationId),
      cause: { reason: "sale", reference: null, source: "api", actor: "till", correlationId: fromStore<never>("till") },
      occurredAtMs: this.nowMs(),
    };
    const reply = this.#deskOf(levels.skuId).apply([{ kind: "movement", request }]);
    return reply.kind === "applied" && reply.outcomes[0]?.kind === "applied";
  }

  async disconnect(sku: Sku, shop: ShopifySimulator, item: string): Promise<void> {
    const levels = this.levels(sku);
    if (levels === null) throw new Error(`no ${sku}`);
    this.#deskOf(levels.skuId).disconnect(listingIdOf(fromStore(shop.shop), fromStore(item)), fromStore("leave"));
  }

  async findings(shop: ShopifySimulator): Promise<readonly Pick<ShopFinding, "subject" | "kind">[]> {
    const found = await d1Shops(this.d1.db).findings(fromStore(shop.shop), 100);
    return found.map(({ subject, kind }) => ({ subject, kind }));
  }

  readonly counters: Counters = {
    of: (skuId) => {
      const desk = this.#deskOf(skuId);
      // Over RPC everything is a promise.
      return new Proxy(desk, {
        get:
          (_, name) =>
          async (...args: unknown[]) => {
            if (name === "audit") return desk.apply([{ kind: "audit", listingId: args[0] as ListingId }]);
            return (Reflect.get(desk, name) as (...given: unknown[]) => unknown).apply(desk, args);
          },
      }) as unknown as Counter;
    },
  };

  #deskOf(skuId: SkuId): CounterDesk {
    const known = this.#desks.get(skuId);
    if (known !== undefined) return known;
    const desk = deskOn({
      skuId,
      nowMs: this.nowMs,
      newId: this.#newId,
    });
    this.#desks.set(skuId, desk);
    return desk;
  }

  #receive(topic: string, shop: string, eventId: string, body: string): void {
    const json = parseExactJson(body);
    if (!json.ok || !isShopifyTopic(topic)) throw new Error(`cannot take in ${topic}`);
    const projected = projectShopify(topic, json.value);
    if (!projected.ok) throw new Error(`${topic}: ${projected.error.problems.join("; ")}`);
    if (projected.value.kind === "nothing") return;
    const { event } = projected.value;
    this.#incoming.push({ shop: fromStore(shop), correlationId: fromStore(eventId), eventId, event });
  }

  /** @returns how many events there were */
  async #takeIn(): Promise<number> {
    const batch = this.#incoming.splice(0);
    if (batch.length === 0) return 0;
    const { verdicts } = await takeInShopEvents(batch, this.#deps());
    for (const [i, verdict] of verdicts.entries()) {
      const again = batch[i];
      if (verdict.kind === "dead") this.dead.push(verdict);
      else if (verdict.kind === "retry" && again !== undefined) this.#incoming.push(again);
    }
    return batch.length;
  }

  #deps(): TakeInShopDeps {
    const catalogue = d1Catalogue(this.d1.db, newCatalogueCache(0, 1_000), 2_000, this.nowMs);
    const gate = (shop: ShopDomain) => simulatorGate(this.#simulatorOf(shop));
    return {
      ...{ catalogue, counters: this.counters, callsMax: 50, callMsMax: 5_000, mirror: () => undefined },
      news: {
        ...{ catalogue, counters: this.counters, shops: d1Shops(this.d1.db) },
        writer: d1CatalogueWriter(this.d1.db, this.#newId),
        sourceOf: (shop) => shopifyCatalogueSource(gate(shop)),
        suspend: async (shop, cause) => void this.suspended.push(`${shop}: ${cause}`),
        ...{ mirror: () => {}, log: () => {}, nowMs: this.nowMs },
      },
      edits: { orderLinesOf: (shop) => shopifyOrderLines(gate(shop)) },
    };
  }

  #simulatorOf(shop: ShopDomain): ShopifySimulator {
    const simulator = this.#shops.get(shop);
    if (simulator === undefined) throw new Error(`no shop ${shop}`);
    return simulator;
  }

  /** What the sync consumer and the gate do. @returns how many calls it took */
  async #work(): Promise<number> {
    let calls = 0;
    for (const desk of this.#desks.values()) {
      for (const [shop, simulator] of this.#shops) {
        const { pushes, reads } = desk.takeWork(shop);
        if (pushes.length + reads.length === 0) continue;
        const told = {
          pushes: await Promise.all(pushes.map((push) => this.#push(simulator, push))),
          reads: await Promise.all(reads.map((read) => this.#read(simulator, read))),
        };
        await desk.gateResults(told);
        calls += pushes.length + reads.length;
      }
    }
    return calls;
  }

  #portOf({ shop, url, clientId, clientSecret, accessToken }: ShopifySimulator) {
    const access = { clientId, clientSecret, fixedAccessToken: accessToken, originOverride: url };
    return createShopifyPort(fromStore(shop), access, () => {});
  }

  async #push(simulator: ShopifySimulator, { pushKey, listingId, rows }: GatePush): Promise<PushResult> {
    const port = this.#portOf(simulator);
    const reply = await port.adjust(
      simulator.accessToken,
      port.adjustVariables(fromStore(`${simulator.shop}/${pushKey}`), rows),
    );
    const group = reply.kind === "graphql" ? reply.data?.group : null;
    if (group == null) throw new Error(`a push failed: ${JSON.stringify(reply)}`);
    return { kind: "applied", pushKey, listingId, atMs: group.createdAtMs, after: [] };
  }

  async #read(simulator: ShopifySimulator, { readKey, listingId, item, locations }: GateRead): Promise<ReadResult> {
    const reply = await this.#portOf(simulator).levels(simulator.accessToken, [item], locations);
    const levels = reply.kind === "graphql" ? reply.data?.get(item) : null;
    if (levels == null) return { kind: "failed", readKey, listingId, reason: "not read" };
    const told = levels.map((level) => ({ ...level, location: fromStore<never>(level.location) }));
    return { kind: "answered", readKey, listingId, levels: told };
  }
}
