/** The shipped taking in of channels' events over one shipped counter on its own SQL, with a catalogue of a few names. */

import type { FlatBundle } from "../../../src/domain/bundle/bundle.ts";
import type { CounterEvent } from "../../../src/domain/counter/counter-event.ts";
import { fromStore, type LocationId, type Sku, type SkuId } from "../../../src/domain/ids.ts";
import type { Counters } from "../../../src/services/counter-contract.ts";
import { type TakeInBatchDeps, takeInBatch } from "../../../src/services/take-in-batch.ts";
import type { IncomingChannelEvent } from "../../../src/services/take-in-channel-events.ts";
import { StoredCounter } from "../counter/stored-counter.ts";
import { noShopNews } from "../shops/no-shop-news.ts";
import { channelDraft } from "./draft.ts";
import { NO_CHANNELS } from "./no-channels.ts";

/** Every count is booked: what waits for a person is another story. */
const NO_APPROVAL = { units: null, percent: null };

export type TakingGiven = {
  readonly skus: ReadonlyMap<Sku, SkuId>;
  /** Units per place. */
  readonly stock: Readonly<Record<string, number>>;
  readonly startMs: number;
  readonly bundles?: ReadonlyMap<Sku, FlatBundle>;
  readonly locations?: ReadonlyMap<string, LocationId>;
};

export function takingWorld({ skus, stock, startMs, bundles = new Map(), locations = new Map() }: TakingGiven) {
  const counters = new Map<SkuId, StoredCounter>();
  for (const skuId of skus.values()) {
    const counter = new StoredCounter(startMs).connect(stock);
    // Ours alone: a shop would have to be read before a count of its shelf is booked.
    counter.desk.disconnect(fromStore("a.myshopify.com/1"), fromStore("parted"));
    counters.set(skuId, counter);
  }
  const calls: SkuId[] = [];
  const away = { catalogue: false, directory: false, counters: new Set<SkuId>() };
  const fault = () => (away.catalogue ? "catalogue: away" : null);
  const ofCounter: Counters = {
    of: (skuId) =>
      ({
        async apply(events: readonly CounterEvent[]) {
          calls.push(skuId);
          if (away.counters.has(skuId)) throw new Error("overloaded");
          const counter = counters.get(skuId);
          return counter === undefined ? { kind: "not_connected" } : counter.desk.apply(events);
        },
      }) as unknown as ReturnType<Counters["of"]>,
  };
  const catalogue = {
    skuIds: async (wanted: readonly Sku[]) => ({
      skuIds: new Map(
        away.catalogue ? [] : wanted.flatMap((sku) => (skus.has(sku) ? [[sku, skus.get(sku) as SkuId]] : [])),
      ),
      fault: fault(),
    }),
  };
  const deps: TakeInBatchDeps = {
    ...noShopNews,
    ...{ catalogue: { ...NO_CHANNELS.reserve.catalogue, ...catalogue }, counters: ofCounter, callsMax: 200 },
    ...{ callMsMax: 5_000, mirror: () => undefined },
    channels: {
      ...NO_CHANNELS,
      catalogue,
      directory: {
        get: async (id) => {
          if (away.directory) throw new Error("D1 is away");
          if (id === "stranger") return null;
          const channel = {
            ...channelDraft({ id, locations, countApproval: NO_APPROVAL }),
            state: "active",
            readOnly: false,
            revision: 1,
          } as const;
          return { channel, secrets: { signing: [], credentials: {} } };
        },
      },
      items: { find: async () => ({ items: new Map(), fault: fault() }) },
      bundles: {
        known: () => undefined,
        find: async (wanted) => ({
          bundles: new Map(
            wanted.flatMap((sku) => {
              const bundle = bundles.get(sku);
              return bundle === undefined ? [] : [[sku, { kind: "bundle", bundle } as const]];
            }),
          ),
          fault: fault(),
        }),
      },
    },
  };
  const world = {
    nowMs: startMs,
    calls,
    away,
    async take(events: readonly Pick<IncomingChannelEvent, "channel" | "occurredAtMs" | "event">[]) {
      for (const counter of counters.values()) counter.nowMs = world.nowMs;
      const incoming = events.map((event, i) => ({
        ...event,
        ...{ correlationId: fromStore<never>(`c${i}`), eventId: `e${i}`, receivedAtMs: world.nowMs },
      }));
      return (await takeInBatch(incoming, deps)).verdicts;
    },
    /** Of channels, newest first. */
    movements: (skuId: SkuId) =>
      counters
        .get(skuId)
        ?.desk.movements({ beforeSeq: null, limit: 100 })
        .movements.filter(({ cause }) => cause.source === "channel"),
    levels: (skuId: SkuId = [...skus.values()][0] as SkuId) => counters.get(skuId)?.desk.levels()?.locations ?? [],
  };
  return world;
}
