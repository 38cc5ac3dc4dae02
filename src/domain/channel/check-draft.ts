/** What a channel may be: which adapter suits which type, and what each needs. Pure; a fault names its field. */
import { parseShopDomain } from "../ids.ts";
import type { AdapterName, Channel, ChannelType } from "./channel.ts";

export type DraftFault = { readonly field: string; readonly message: string };

/** Adapters of each type, the ordinary one first. */
export const ADAPTERS_OF: Readonly<Record<ChannelType, readonly [AdapterName, ...AdapterName[]]>> = {
  shopify: ["shopify"],
  wms: ["onhand", "shiphero"],
  pos: ["onhand", "square"],
  marketplace: ["onhand", "amazon"],
};

type Draft = Omit<Channel, "state" | "readOnly" | "revision">;

/** @returns the first fault; null: it may be so. That its locations are ours, the caller checks. */
export function faultOfDraft(draft: Draft): DraftFault | null {
  const { id, type, adapter, direction, endpoint, listings } = draft;
  const isShop = parseShopDomain(id).ok;
  if (type === "shopify" && !isShop) return fault("id", "a Shopify shop goes by its myshopify.com domain");
  if (type !== "shopify" && isShop) return fault("type", "a myshopify.com domain is a Shopify shop's");
  if (!ADAPTERS_OF[type].includes(adapter))
    return fault("adapter", `a channel of type ${type} speaks ${ADAPTERS_OF[type].join(" or ")}`);
  if (type === "shopify") return faultOfShop(draft);
  if (direction !== "in" && adapter === "onhand" && endpoint === null)
    return fault("endpoint", "a channel that is told needs an address; one that only tells has direction in");
  if (draft.outbound.orders.includes(id)) return fault("outbound.orders", "its own orders it knows");
  return listings === "mapped" && direction === "out" && draft.eventTypes !== null
    ? fault("eventTypes", "a channel of direction out tells nothing")
    : null;
}

/** What Shopify has of its own: locations and listings come with the import, webhooks with the subscriptions. */
function faultOfShop({ direction, endpoint, locations, listings, eventTypes }: Draft): DraftFault | null {
  if (endpoint !== null) return fault("endpoint", "a Shopify shop is reached at its domain");
  if (direction !== "both") return fault("direction", "a Shopify shop tells and is told; read-only stops the latter");
  if (locations.size > 0) return fault("locations", "those of a Shopify shop are mapped at /v1/shops/{shop}/locations");
  if (listings !== "by_sku") return fault("listings", "those of a Shopify shop come with its import");
  return eventTypes === null ? null : fault("eventTypes", "those of a Shopify shop are its webhook subscriptions");
}

const fault = (field: string, message: string): DraftFault => ({ field, message });

/** Names of credentials that a sender's format needs; `onhand` needs none, it has the signing secret. */
export const CREDENTIAL_NAME = /^[a-z][a-z0-9_]{0,39}$/;

/** A shop cannot be asked, nor its webhooks verified, without these; a fixed access token does for the first. */
export const missingOfShop = (names: ReadonlySet<string>): readonly string[] =>
  ["client_id", "client_secret"].filter(
    (name) => !names.has(name) && !(name === "client_id" && names.has("access_token")),
  );
