/** What channels are told of, as words: from their rows and their listings. Each is read in one statement with its revision. */
import type { D1Database } from "@cloudflare/workers-types";
import { type Channel, isToldLevels } from "../domain/channel/channel.ts";
import type { CounterEvent } from "../domain/counter/counter-event.ts";
import { type ChannelId, fromStore, parseShopDomain, type SkuId } from "../domain/ids.ts";
import type { WordSource } from "../services/words.ts";
import { type ChannelRow, storedOf } from "./channel-row.ts";

type WordRow = Partial<ChannelRow> & { readonly word: string; readonly word_revision: number };
type ListingRow = { readonly sku_id: string; readonly word_revision: number; readonly items: string | null };
type Word = { readonly id: ChannelId; readonly channel: Channel | null; readonly revision: number };

const CHANNELS = `SELECT w.name AS word, w.revision AS word_revision, c.* FROM words w
  LEFT JOIN channels c ON c.id = substr(w.name, 9) WHERE w.name >= 'channel/' AND w.name < 'channel0'`;
/** Of SKUs of a page that ever had a listing: theirs now, as pairs of channel and item in order. */
const LISTINGS = `SELECT w.sku_id, w.revision AS word_revision,
    (SELECT json_group_array(json_array(l.channel, l.item_id)) FROM (
      SELECT channel, item_id FROM channel_listings WHERE sku_id = w.sku_id ORDER BY channel, item_id) l) AS items
  FROM sku_words w WHERE w.sku_id IN (SELECT value FROM json_each(?))`;

export const channelsAsWords = (db: D1Database): WordSource => ({
  async wordsFor(skuIds, correlationId) {
    const [channels, listings] = await db.batch<unknown>([
      db.prepare(CHANNELS),
      db.prepare(LISTINGS).bind(JSON.stringify(skuIds)),
    ]);
    const words = ((channels?.results ?? []) as WordRow[]).map(wordOf).filter(({ id }) => !parseShopDomain(id).ok);
    const listed = new Map(
      ((listings?.results ?? []) as ListingRow[]).map((row) => [fromStore<SkuId>(row.sku_id), listedOf(row)]),
    );
    const bySku = new Map<SkuId, readonly CounterEvent[]>();
    for (const skuId of skuIds) {
      const { revision, items } = listed.get(skuId) ?? { revision: 0, items: new Map<string, readonly string[]>() };
      const events = words.map((word): CounterEvent => {
        const terms = termsOf(word.channel, items.get(word.id) ?? []);
        const said = { channel: word.id, terms, revision: Math.max(word.revision, revision) };
        return { kind: "channel_outbound", ...said, correlationId };
      });
      bySku.set(skuId, events);
    }
    return { common: [], bySku };
  },
});

function wordOf(row: WordRow): Word {
  const id = fromStore<ChannelId>(row.word.slice("channel/".length));
  return { id, channel: row.id == null ? null : storedOf(row as ChannelRow).channel, revision: row.word_revision };
}

function listedOf({ word_revision, items }: ListingRow) {
  const pairs = JSON.parse(items ?? "[]") as readonly (readonly [string, string])[];
  const byChannel = new Map(
    Array.from(
      Map.groupBy(pairs, ([channel]) => channel),
      ([channel, own]) => [channel, own.map(([, item]) => item)] as const,
    ),
  );
  return { revision: word_revision, items: byChannel };
}

/** A change of the channel, its resumption among them, makes it be told everything anew. */
function termsOf(channel: Channel | null, items: readonly string[]) {
  if (channel === null || !isToldLevels(channel)) return null;
  if (channel.listings === "mapped" && items.length === 0) return null;
  return { since: channel.revision, items };
}
