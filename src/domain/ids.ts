/**
 * Every id of the house, branded, so that a shop's location id cannot be passed where a SKU is meant.
 * Only the parsers below make them; `fromStore` is for text that our own tables give back.
 * Shopify's ids stay strings for ever: its published samples have 18 digits, more than a float can hold.
 */
import { err, ok, type Result } from "./result.ts";

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** Merchant's key of a stocked thing: trimmed, 1–255 characters, case kept. */
export type Sku = Branded<"Sku">;
/** Immutable id minted with the catalogue; names the counter object. SKUs are aliases of it (merchants rename them). */
export type SkuId = Branded<"SkuId">;
/** Our location. Its text is the numeric Shopify id under which it was first imported. */
export type LocationId = Branded<"LocationId">;
/** `name.myshopify.com`, lower case. */
export type ShopDomain = Branded<"ShopDomain">;
/** Where we sell: a shop by its domain, any other channel by a name of ours (`[a-z0-9._-]`, 1–64 characters). */
export type ChannelId = Branded<"ChannelId">;
/** A location as one shop numbers it: digits. */
export type ShopLocationId = Branded<"ShopLocationId">;
/** Shopify's inventory item: digits. */
export type InventoryItemId = Branded<"InventoryItemId">;
/** Shopify's variant: digits. */
export type VariantId = Branded<"VariantId">;
/** One inventory item of one shop: `shop/inventoryItemId`. A replica belongs to it. */
export type ListingId = Branded<"ListingId">;
/** One order line, refund line …: what the merge remembers an early notice by. */
export type HintId = Branded<"HintId">;
/** Idempotency key of one movement within one counter. */
export type MovementKey = Branded<"MovementKey">;
/** One push of one (SKU, listing), minted by the counter's merge, for all its locations. */
export type PushKey = Branded<"PushKey">;
/** One read of one (SKU, listing), minted by the counter's merge. */
export type ReadKey = Branded<"ReadKey">;
/** One call of exact variables, minted by the gate: the only key that Shopify's `@idempotent` ever sees. */
export type CallKey = Branded<"CallKey">;
/** One reservation, over one or several SKUs: derived from the client and its idempotency key. */
export type ReservationId = Branded<"ReservationId">;
/** Units of one SKU at one location, set aside for a reservation; minted by the counter. */
export type HoldId = Branded<"HoldId">;
/** One lease of one counter; unguessable, known to its holder alone. */
export type LeaseId = Branded<"LeaseId">;
/** One reconciliation of one shop. */
export type ReconciliationId = Branded<"ReconciliationId">;
/** One difference that a reconciliation found, or looks into. */
export type FindingId = Branded<"FindingId">;
/** Where calls go, as its circuit breaker knows it: `shopify/<shop>`, `square/<channel>`, `webhook/<host>`, `redis`. */
export type DestinationName = Branded<"DestinationName">;
/** Follows one cause through every log line, movement and dead letter. */
export type CorrelationId = Branded<"CorrelationId">;

export type IdError = { readonly kind: "bad_id"; readonly what: string; readonly given: string };

const bad = (what: string, given: unknown): Result<never, IdError> =>
  err({ kind: "bad_id", what, given: String(given).slice(0, 100) });

/** Text that one of our own tables, messages or objects gives back: it was parsed when it went in. */
export const fromStore = <Id extends Branded<string>>(text: string): Id => text as Id;

const SKU_CHARS_MAX = 255; // Shopify's own limit for a variant's SKU

export function parseSku(given: unknown): Result<Sku, IdError> {
  if (typeof given !== "string") return bad("sku", given);
  const sku = given.trim();
  if (sku.length === 0 || sku.length > SKU_CHARS_MAX || hasControlCharacter(sku)) return bad("sku", given);
  return ok(sku as Sku);
}

/** `name.myshopify.com`, any case, as Shopify writes it in a header. */
export function parseShopDomain(given: unknown): Result<ShopDomain, IdError> {
  if (typeof given !== "string") return bad("shop domain", given);
  const shop = given.trim().toLowerCase();
  return /^[a-z0-9][a-z0-9-]{0,62}\.myshopify\.com$/.test(shop) ? ok(shop as ShopDomain) : bad("shop domain", given);
}

/** A shop's domain, or a plain name: any case, kept in lower case. */
export function parseChannelId(given: unknown): Result<ChannelId, IdError> {
  if (typeof given !== "string") return bad("channel", given);
  const channel = given.trim().toLowerCase();
  const isPlain = /^[a-z0-9._-]{1,64}$/.test(channel);
  return isPlain || parseShopDomain(channel).ok ? ok(channel as ChannelId) : bad("channel", given);
}

/** Who has a gate: a shop by its domain, a till that keeps its own stock by its channel, in the place of a domain. */
export function parseGateName(given: unknown): Result<ShopDomain, IdError> {
  const name = parseChannelId(given);
  return name.ok ? ok(name.value as string as ShopDomain) : name;
}

export const channelOfShop = (shop: ShopDomain): ChannelId => shop as string as ChannelId;

/** Whom a gate calls: a shop's Shopify, or, under any other name, a till's Square. */
export const destinationOfGate = (gate: ShopDomain): DestinationName =>
  `${parseShopDomain(gate).ok ? "shopify" : "square"}/${gate}` as DestinationName;

/** @param host  of a URL: lower case, perhaps with a port; an IPv6 address loses its brackets */
export const destinationOfWebhook = (host: string): DestinationName =>
  `webhook/${host.replace("[", "ip6-").replace("]", "")}` as DestinationName;

export const destinationOfChannel = (channel: ChannelId): DestinationName => `channel/${channel}` as DestinationName;

/** @param id  of a destination of notifications */
export const destinationOfNotify = (id: string): DestinationName => `notify/${id}` as DestinationName;

/** A kind and a name, lower case: `webhook/hooks.example.com`. */
export function parseDestination(given: unknown): Result<DestinationName, IdError> {
  if (typeof given !== "string") return bad("destination", given);
  const isName = /^[a-z][a-z0-9_-]{0,31}\/[a-z0-9][a-z0-9._:-]{0,199}$/.test(given);
  return isName ? ok(given as DestinationName) : bad("destination", given);
}

type NumericId = ShopLocationId | InventoryItemId | VariantId | LocationId;

/** A numeric Shopify id given as text, or as a GID (`gid://shopify/Location/1`, with or without a query string). */
export function parseNumericId<Id extends NumericId>(what: string, given: unknown): Result<Id, IdError> {
  if (typeof given !== "string") return bad(what, given);
  const digits = /^(?:gid:\/\/shopify\/[A-Za-z]+\/)?(\d{1,20})(?:\?.*)?$/.exec(given)?.[1];
  return digits === undefined ? bad(what, given) : ok(digits as Id);
}

export const listingIdOf = (shop: ShopDomain, item: InventoryItemId): ListingId => `${shop}/${item}` as ListingId;

/** The two halves of a listing id. A shop domain holds no slash, so the first one parts them. */
export function partsOfListing(listing: ListingId): { readonly shop: ShopDomain; readonly item: InventoryItemId } {
  const slash = listing.indexOf("/");
  return { shop: listing.slice(0, slash) as ShopDomain, item: listing.slice(slash + 1) as InventoryItemId };
}

function hasControlCharacter(text: string): boolean {
  for (const character of text) if (character < " " || character === "\u007f") return true;
  return false;
}
