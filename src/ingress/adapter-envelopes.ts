/** From what an adapter read to envelopes: news that the channel may tell, of items and places that are ours to count. */
import type { Channel, ChannelType } from "../domain/channel/channel.ts";
import type { ChannelEvent } from "../domain/channel/channel-event.ts";
import { type CorrelationId, fromStore, type InventoryItemId, type ShopDomain } from "../domain/ids.ts";
import type { Envelope } from "../queues/envelope.ts";
import { mayTell } from "../services/channels/received-events.ts";
import type { RunningTotal, ToldRange } from "../services/channels/running-totals.ts";
import type { News } from "./adapters/adapter.ts";

export type AdapterChannel = Channel & { readonly type: Exclude<ChannelType, "shopify"> };

export type Stamp = {
  readonly correlationId: CorrelationId;
  readonly eventId: string;
  readonly topic: string;
  readonly occurredAtMs: number;
  readonly receivedAtMs: number;
};

export interface EnvelopeDeps {
  /** Of these items those that are counted; null: nobody can tell just now, and all are taken. */
  listed(shop: ShopDomain, items: readonly InventoryItemId[]): Promise<ReadonlySet<InventoryItemId> | null>;
  /** Rejects when it cannot be noted. */
  ranges(totals: readonly RunningTotal[]): Promise<readonly ToldRange[]>;
}

/** `reason`: why there are none. */
export type Enveloped = { readonly envelopes: readonly Envelope[]; readonly reason: string };

/** A replica is addressed as a shop is, by its channel's name. */
export const replicaOf = (channel: Pick<Channel, "id">): ShopDomain => fromStore<ShopDomain>(channel.id);

export async function envelopesOf(
  news: readonly News[],
  channel: AdapterChannel,
  stamp: Stamp,
  deps: EnvelopeDeps,
): Promise<Enveloped> {
  const levels = news.filter((each) => each.kind === "level");
  const told = news.filter((each) => each.kind !== "level").filter((each) => mayTell(channel.eventTypes, typeOf(each)));
  const events = [...told.flatMap((each) => (each.kind === "event" ? [each.event] : [])), ...(await cut(told, deps))];
  const head = { v: 1 as const, correlationId: stamp.correlationId };
  const times = { occurredAt: stamp.occurredAtMs, receivedAt: stamp.receivedAtMs };
  const name = (n: number): string => `channel/${channel.id}/${stamp.eventId}${n === 0 ? "" : `/${n}`}`;
  const ofChannel = events.map(
    (data, n): Envelope => ({
      ...{ ...head, id: name(n), kind: data.type, ...times, data },
      channel: { type: channel.type, id: channel.id },
    }),
  );
  const kind = stamp.topic.slice(stamp.topic.indexOf("/") + 1);
  const counted = await countedLevels(levels, channel, deps);
  const ofReplica = counted.map(
    ({ event: data }, n): Envelope => ({
      ...{ ...head, id: name(n), kind, ...times, data },
      channel: { type: "pos", shop: replicaOf(channel) },
    }),
  );
  const reason = levels.length > 0 ? "not_mapped" : told.length === 0 ? "type_not_allowed" : "known";
  return { envelopes: [...ofChannel, ...ofReplica], reason };
}

type Told = Exclude<News, { kind: "level" }>;

const typeOf = (each: Told): ChannelEvent["type"] => (each.kind === "event" ? each.event.type : each.type);

async function cut(told: readonly Told[], { ranges }: EnvelopeDeps): Promise<readonly ChannelEvent[]> {
  const running = new Map(told.flatMap((each) => (each.kind === "running" ? [[each.subject, each] as const] : [])));
  if (running.size === 0) return [];
  const known = await ranges(Array.from(running.values(), ({ subject, units }) => ({ subject, units })));
  return known.flatMap(({ subject, ...range }) => running.get(subject)?.eventOf(range) ?? []);
}

type Level = News & { readonly kind: "level" };

/** A merchant's till holds more items, and has more places, than what we count. */
async function countedLevels(
  levels: readonly Level[],
  channel: AdapterChannel,
  { listed }: EnvelopeDeps,
): Promise<readonly Level[]> {
  const here = levels.filter(({ event }) => channel.locations.has(event.location));
  if (here.length === 0) return [];
  const known = await listed(replicaOf(channel), [...new Set(here.map(({ event }) => event.item))]);
  return here.filter(({ event }) => known === null || known.has(event.item));
}
