/** A counter's desk on the shipped SQL in Node, with a clock of the test's. */
import type { CounterSettings } from "../../../durable-objects/counter-deps.ts";
import type { CounterDesk } from "../../../durable-objects/counter-desk.ts";
import { SKU_COUNTER_SCHEMA } from "../../../durable-objects/sku-counter-schema.ts";
import type { CounterEvent } from "../../../src/domain/counter/counter-event.ts";
import type { HistorySum } from "../../../src/domain/counter/level-history.ts";
import { fromStore, type ListingId, type LocationId, type ShopLocationId } from "../../../src/domain/ids.ts";
import type { LevelsAtReply } from "../../../src/services/counter-contract.ts";
import { counterSettingsOf } from "../../../src/wiring/counter-settings.ts";
import { SqliteObjectStorage } from "../sqlite/object-storage.ts";
import { deskOn } from "./desk-on.ts";

export const STORED_LISTING = fromStore<ListingId>("a.myshopify.com/1");

export class StoredCounter {
  readonly storage = new SqliteObjectStorage(SKU_COUNTER_SCHEMA);
  readonly desk: CounterDesk;
  nowMs: number;

  constructor(startMs: number, settings: Partial<CounterSettings> = {}) {
    this.nowMs = startMs;
    const none = async () => {};
    this.desk = deskOn({
      ...{ skuId: fromStore("sku_1"), storage: this.storage, settings: { ...counterSettingsOf({}), ...settings } },
      ...{
        signal: none,
        signalChannel: none,
        report: none,
        mirror: none,
        park: none,
        sleep: none,
        newId: () => "id",
        log: () => {},
      },
      ...{ nowMs: () => this.nowMs, beside: () => {} },
    });
  }

  /** @param stock  units per location, in order of import, as Shopify's opening stock */
  connect(stock: Readonly<Record<string, number>>): this {
    const levels = Object.entries(stock).map(([place, available]) => ({
      ...{ locationId: fromStore<LocationId>(place), shopLocationId: fromStore<ShopLocationId>(place) },
      ...{ available, committed: 0, atMs: this.nowMs },
    }));
    const correlationId = fromStore<never>("connect");
    this.desk.connectListing({ sku: fromStore("CUP"), listingId: STORED_LISTING, levels, correlationId });
    return this;
  }

  apply(...events: readonly CounterEvent[]) {
    const reply = this.desk.apply(events);
    if (reply.kind !== "applied") throw new Error("not connected");
    return reply;
  }

  /** As a service asks: call after call. */
  levelsAt(atMs: number): Exclude<LevelsAtReply, { kind: "under_way" | "not_connected" }> {
    let sum: HistorySum | null = null;
    for (;;) {
      const reply: LevelsAtReply = this.desk.levelsAt(atMs, sum);
      if (reply.kind === "not_connected") throw new Error("not connected");
      if (reply.kind === "levels") return reply;
      sum = structuredClone(reply.sum);
    }
  }
}
