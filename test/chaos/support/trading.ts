/**
 * A warehouse, a marketplace, a till and a sink of notifications beside the calm world, connected over the API as an operator
 * would. Each test ends by asking that nothing is lost: of the shops, and of what the channels told and were told.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect } from "vitest";
import { type Connectable, eventsUrlOf, putChannel } from "../../../dev/channel-link/put-channel.ts";
import type { SignedReceiver } from "../../../dev/channel-link/signed-receiver.ts";
import type { IncomingCall, LevelTold } from "../../../dev/channel-link/wire.ts";
import { unbalanced } from "../../../dev/demo/compare.ts";
import { MARKETPLACE, STORE, TILL, WAREHOUSE, WMS } from "../../../dev/demo/day/day.ts";
import { PosClient } from "../../../dev/demo/pos-client.ts";
import { accountsOf } from "../../../dev/demo/shop-tables.ts";
import {
  type MarketplaceSimulator,
  startMarketplaceSimulator,
} from "../../../dev/marketplace-simulator/marketplace-simulator.ts";
import { type NotificationSink, startNotificationSink } from "../../../dev/notification-sink/notification-sink.ts";
import { startWmsSimulator, type WmsSimulator } from "../../../dev/wms-simulator/wms-simulator.ts";
import { type Calm, type CalmOptions, calmWorld, type Except } from "./calm.ts";
import { waitingLetters } from "./letters.ts";
import { waitUntil } from "./wait-until.ts";

/** Onhand's name of it. */
export const SINK = "sink";

const REST_MS_MAX = 60_000;
const LISTED_MS_MAX = 40_000;
const AGREE_MS_MAX = 60_000;
const LOOK_EVERY_MS = 100;

/** Starts before the tests of a file, ends after them. */
export function tradingWorld(options: CalmOptions): () => Trading {
  const world = calmWorld(options);
  let trading: Trading | null = null;
  beforeAll(async () => {
    const { seed } = options;
    const marketplace = await startMarketplaceSimulator({ seed });
    const [sink, till] = [await startNotificationSink(), new PosClient(STORE, seed)];
    const onShipped = (parcel: { orderId: string }): void => marketplace.shipped(parcel.orderId);
    // Goods come when the news of their request have left the queue: what is done to one then happens to one.
    const timing = { pickMs: [200, 400], leadMs: [1_800, 2_200] } as const;
    const wms = await startWmsSimulator({ seed, homeLocation: WAREHOUSE, ...timing, onShipped });
    trading = new Trading(world(), { wms, marketplace, till, sink });
    await trading.connect();
  });
  afterAll(() => trading?.close());
  return () => {
    if (trading === null) throw new Error("the channels are not up");
    return trading;
  };
}

type Others = Pick<Trading, "wms" | "marketplace" | "till" | "sink">;

export class Trading {
  readonly calm: Calm;
  readonly wms: WmsSimulator;
  readonly marketplace: MarketplaceSimulator;
  readonly till: PosClient;
  readonly sink: NotificationSink;
  /** Channel → what it was told in a document → webhook-ids that said it. */
  readonly documents = new Map<string, Map<string, Set<string>>>();
  /** Channel → levels as they came, the newest last. */
  readonly levels = new Map<string, LevelTold[]>();
  /** The secret that each channel's events are signed with at present. */
  readonly secrets = new Map<string, string>();
  /** Units that events of a test's own making moved: SKU → units that left. */
  readonly #moved = new Map<string, number>();

  constructor(calm: Calm, others: Others) {
    this.calm = calm;
    this.wms = others.wms;
    this.marketplace = others.marketplace;
    this.till = others.till;
    this.sink = others.sink;
    for (const { receiver } of [this.wms, this.marketplace])
      receiver.onTaken = ({ body, webhookId }) => this.#note(body as IncomingCall, webhookId);
  }

  /** A SKU that no other test of the file has, on show at the marketplace. */
  sku(): string {
    return this.calm.sku();
  }

  eventsUrl(channel: string): string {
    return eventsUrlOf(this.calm.stack.client, channel);
  }

  call<Body = Readonly<Record<string, unknown>>>(method: string, path: string, body?: unknown): Promise<Body> {
    return this.calm.stack.client.call<Body>(method, path, body);
  }

  /** For the accounts: events that a test posted by itself, and Onhand took. */
  noteMoved(sku: string, units: number): void {
    this.#moved.set(sku, (this.#moved.get(sku) ?? 0) + units);
  }

  async connect(): Promise<void> {
    const { calm, wms, marketplace, till, sink } = this;
    const [warehouse, store] = [calm.place(0), calm.place(1)];
    const outbound = { batchMax: 100, callsPerSecond: 50 };
    await this.#put(WMS, wms, {
      ...{ type: "wms", name: "Warehouse", locations: { [WAREHOUSE]: warehouse, [STORE]: store } },
      outbound: { ...outbound, orders: [MARKETPLACE], reorders: true },
    });
    await this.#put(MARKETPLACE, marketplace, {
      ...{ type: "marketplace", name: "Marketplace", locations: { FC: warehouse }, listings: "mapped", outbound },
    });
    await this.#put(TILL, till, { type: "pos", name: "Till", locations: { [STORE]: store } });
    const skus = calm.simulator.store.variants.flatMap(({ item }) => item.sku ?? []);
    for (const [i, sku] of skus.entries()) marketplace.list(sku, `MKT-${i + 1}`);
    const listings = Array.from(marketplace.listed, ([sku, itemId]) => ({ itemId, sku }));
    await this.call("PUT", `/v1/channels/${MARKETPLACE}/listings`, { listings });
    const url = sink.hook;
    const put = { type: "webhook", name: "Sink", url };
    const { secret = "" } = await this.call<{ secret?: string }>("PUT", `/v1/destinations/${SINK}`, put);
    sink.receiver.secrets = [secret];
    const isShown = () => skus.every((sku) => marketplace.shown(sku) !== null && wms.levels.get(sku) !== undefined);
    expect(await waitUntil(isShown, LISTED_MS_MAX), "all levels are told").toBe(true);
  }

  async #put(id: string, other: Connectable, body: Readonly<Record<string, unknown>>): Promise<void> {
    this.secrets.set(id, await putChannel(this.calm.stack.client, id, other, body));
  }

  #note({ type, channel, data }: IncomingCall, webhookId: string): void {
    if (type === "stock.levels") {
      const known = this.levels.get(channel) ?? [];
      this.levels.set(channel, known);
      known.push(...(data["levels"] as readonly LevelTold[]));
      return;
    }
    const told = this.documents.get(channel) ?? new Map<string, Set<string>>();
    const content = JSON.stringify([type, data]);
    this.documents.set(channel, told.set(content, (told.get(content) ?? new Set()).add(webhookId)));
  }

  /** What the channel has been told in documents of that type. */
  told(channel: string, type: string): readonly Readonly<Record<string, unknown>>[] {
    return [...(this.documents.get(channel)?.keys() ?? [])].flatMap((content) => {
      const [told, data] = JSON.parse(content) as [string, Readonly<Record<string, unknown>>];
      return told === type ? [data] : [];
    });
  }

  /** Nothing of the others is under way: no event, no parcel, no lorry. */
  async atRest(): Promise<void> {
    const deadlineMs = performance.now() + REST_MS_MAX;
    const idle = () => Promise.all([this.wms.idle(), this.marketplace.idle(), this.till.idle()]).then(() => true);
    let quiet = 0;
    while (quiet < 5 && performance.now() < deadlineMs) {
      const isIdle = await Promise.race([idle(), sleep(LOOK_EVERY_MS).then(() => false)]);
      quiet = isIdle && this.wms.dispatch.waiting() === 0 ? quiet + 1 : 0;
      await sleep(LOOK_EVERY_MS);
    }
    expect(quiet, "the channels come to rest").toBe(5);
  }

  /** Beside what `Calm.nothingIsLost` asks: channels show what counters have, and each document and piece of news was told once. */
  async nothingIsLost(except: Except = {}): Promise<void> {
    await this.atRest();
    this.#bookTaken();
    const { calm, wms, marketplace, till, sink } = this;
    const odd = except.skus ?? [];
    const open = () => unbalanced(accountsOf(calm.simulator, calm.taken)).filter(({ sku }) => !odd.includes(sku));
    await waitUntil(() => open().length === 0, AGREE_MS_MAX);
    await calm.nothingIsLost(except);
    await waitUntil(async () => (await this.#shownOtherwise(odd)).length === 0, AGREE_MS_MAX);
    expect(await this.#shownOtherwise(odd), "shown otherwise than counted").toEqual([]);
    const sold = marketplace.books.units("sale") - marketplace.books.units("cancellation");
    const isSent = () => wms.dispatch.shippedUnits() === sold;
    await waitUntil(isSent, AGREE_MS_MAX);
    expect(wms.dispatch.shippedUnits(), "units sent out").toBe(sold);
    const twice = [...this.documents.values()].flatMap((told) => [...told].filter(([, ids]) => ids.size > 1));
    expect(twice, "documents told under more than one id").toEqual([]);
    const heardTwice = [...sink.told.values()].filter(({ messages }) => messages.size > 1);
    expect(heardTwice, "news told twice").toEqual([]);
    const receivers: readonly SignedReceiver[] = [wms.receiver, marketplace.receiver, sink.receiver];
    expect(receivers.map(({ stats }) => [stats.badSignatures, stats.idsReused])).toEqual(receivers.map(() => [0, 0]));
    expect(
      [wms, marketplace, till].flatMap(({ sender }) => sender.refusals),
      "refused for good",
    ).toEqual([]);
    expect(await waitingLetters(calm.stack.client), "dead letters that wait").toEqual([]);
  }

  /** Into the accounts of the shops: what channels sold, brought and found. */
  #bookTaken(): void {
    const net = new Map<string, number>(this.#moved);
    const add = (sku: string, units: number): void => void net.set(sku, (net.get(sku) ?? 0) + units);
    for (const [sku, units] of [...this.marketplace.books.net, ...this.till.books.net]) add(sku, units);
    for (const { cause, sku, available } of this.wms.shelf.entries) if (cause !== "opening") add(sku, -available);
    const { taken } = this.calm;
    for (const [sku, units] of net) taken.set(sku, new Map(taken.get(sku)).set("channels", units));
  }

  async #shownOtherwise(odd: readonly string[]): Promise<readonly string[]> {
    type View = { readonly locations: readonly { readonly locationId: string; readonly available: number }[] };
    const skus = [...this.marketplace.listed.keys()].filter((sku) => !odd.includes(sku));
    const [warehouse, store] = [this.calm.place(0), this.calm.place(1)];
    const found = skus.map(async (sku) => {
      const told = this.wms.levels.get(sku);
      const { locations } = await this.call<View>("GET", `/v1/inventory/${encodeURIComponent(sku)}`);
      const ours = (id: string) => Math.max(0, locations.find((at) => at.locationId === id)?.available ?? 0);
      const theirs = (name: string) => told?.locations.find((at) => at.locationId === name)?.available ?? 0;
      const isShown = this.marketplace.levels.get(sku)?.available === ours(warehouse);
      const isKept = theirs(WAREHOUSE) === ours(warehouse) && theirs(STORE) === ours(store);
      return isShown && isKept ? [] : [sku];
    });
    return (await Promise.all(found)).flat();
  }

  async close(): Promise<void> {
    this.till.close();
    await Promise.all([this.wms.close(), this.marketplace.close(), this.sink.close()]);
  }
}
