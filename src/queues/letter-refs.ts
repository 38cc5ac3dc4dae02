/** What a dead letter names, for whoever looks for the letters of a SKU. Ids and SKUs alone, each once. */
import { type ListingId, partsOfListing } from "../domain/ids.ts";
import { type FulfilmentNews, parseDocumentMessage } from "./channel-document-message.ts";
import { parseChannelSignal } from "./channel-signal.ts";
import { type ChannelEnvelope, isOfShop, parseEnvelope, type ShopEnvelope } from "./envelope.ts";
import { parseOversellNotice } from "./oversell-notice.ts";
import { parseParkedLevel } from "./parked-level.ts";
import { parseSignal } from "./signal.ts";

/** Of a message's body; nothing where it is none of ours. */
export function refsOf(payload: unknown): readonly string[] {
  const envelope = parseEnvelope(payload);
  if (envelope.ok) return isOfShop(envelope.value) ? refsOfShop(envelope.value) : refsOfChannel(envelope.value);
  const signal = parseSignal(payload);
  if (signal.ok) return [`skuId:${signal.value.skuId}`];
  const channelSignal = parseChannelSignal(payload);
  if (channelSignal.ok) return [`skuId:${channelSignal.value.skuId}`];
  const document = parseDocumentMessage(payload);
  if (document.ok) return document.value.kind === "channel_document" ? [] : skusIn(document.value);
  const oversell = parseOversellNotice(payload);
  if (oversell.ok) return [`skuId:${oversell.value.skuId}`, `sku:${oversell.value.sku}`];
  const parked = parseParkedLevel(payload);
  if (parked !== null) return [`skuId:${parked.skuId}`, refOfListing(parked.listingId)];
  return [];
}

function refOfListing(listingId: ListingId): string {
  const { shop, item } = partsOfListing(listingId);
  return `item:${shop}/${item}`;
}

type Named = { readonly variantId?: string | null; readonly sku?: string | null; readonly item?: string };

const namesOf = (shop: string, { variantId, sku, item }: Named): readonly string[] => [
  ...(item === undefined ? [] : [`item:${shop}/${item}`]),
  ...(variantId ? [`variant:${shop}/${variantId}`] : []),
  ...(sku ? [`sku:${sku.trim()}`] : []),
];

function refsOfShop({ channel: { shop }, data }: ShopEnvelope): readonly string[] {
  const named: readonly Named[] =
    data.kind === "order"
      ? [...data.lines, ...data.restocks]
      : data.kind === "refund"
        ? data.restocks
        : data.kind === "fulfilment"
          ? data.lines
          : data.kind === "items"
            ? data.items
            : "item" in data
              ? [data]
              : [];
  return [...new Set(named.flatMap((each) => namesOf(shop, each)))];
}

function refsOfChannel({ channel, data }: ChannelEnvelope): readonly string[] {
  if (!("lines" in data)) return [];
  return [
    ...new Set(
      data.lines.map(({ item }) => (item.sku === null ? `item:${channel.id}/${item.itemId}` : `sku:${item.sku}`)),
    ),
  ];
}

const KEYS_OF_BODY = { sku: "sku:", variant_id: "variant:", inventory_item_id: "item:" } as const;
const DEPTH_MAX = 8;

/** Of a scrubbed body of unknown shape: what stands under the keys that name an item, wherever they are. */
export function refsInBody(shop: string, body: unknown): readonly string[] {
  const found = new Set<string>();
  const look = (value: unknown, depth: number): void => {
    if (depth > DEPTH_MAX || typeof value !== "object" || value === null) return;
    for (const [key, entry] of Object.entries(value)) {
      const isName = (typeof entry === "string" && !/^\(.*\)$/.test(entry)) || typeof entry === "number";
      if (key === "sku" && isName && entry !== "") found.add(`${KEYS_OF_BODY.sku}${String(entry).trim()}`);
      else if ((key === "variant_id" || key === "inventory_item_id") && isName)
        found.add(`${KEYS_OF_BODY[key]}${shop}/${entry}`);
      else look(entry, depth + 1);
    }
  };
  look(body, 0);
  return [...found];
}

const refOfSku = (sku: string): string => `sku:${sku}`;

const skusIn = ({ news }: Pick<FulfilmentNews, "news">): readonly string[] => [
  ...new Set(
    Object.values(news.lines).flatMap(({ sku, parts = [] }) => [sku, ...parts.map((part) => part.sku)].map(refOfSku)),
  ),
];
