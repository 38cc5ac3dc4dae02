/**
 * Connects a till that keeps its own stock, a page of its mapped items a call: its counts are read, and each level is adopted as
 * opening stock or brought to ours, as an import does with a shop's. May be repeated: levels that are known are news.
 */
import type { Channel } from "../../domain/channel/channel.ts";
import type { ConnectMode } from "../../domain/counter/counter-event.ts";
import {
  type CorrelationId,
  fromStore,
  type InventoryItemId,
  type LocationId,
  type ShopDomain,
  type ShopLocationId,
  type VariantId,
} from "../../domain/ids.ts";
import type { LevelsView } from "../../domain/levels-view.ts";
import { connectItems } from "../connect-items.ts";
import type { Counters } from "../counter-contract.ts";
import type {
  CatalogueWriter,
  ImportFinding,
  ImportOptions,
  ListedPush,
  SourceLevel,
  SourceReply,
} from "../import-catalogue.ts";
import type { Placed } from "../place-items.ts";
import { recordsOf } from "../place-items.ts";
import type { ShopStore } from "../shop-store.ts";
import type { ChannelListing, ChannelStore } from "./channel-store.ts";

export type ReplicaCounts = ReadonlyMap<InventoryItemId, readonly SourceLevel[]>;

export interface ConnectReplicaDeps {
  readonly channels: Pick<ChannelStore, "listings">;
  readonly shops: Pick<ShopStore, "connection" | "setConnection" | "mapLocations">;
  readonly writer: Pick<CatalogueWriter, "putListings">;
  counts(items: readonly InventoryItemId[], locations: readonly ShopLocationId[]): Promise<SourceReply<ReplicaCounts>>;
  readonly counters: Counters;
  /** Its gate lets pushes go again. */
  rejoin(): Promise<void>;
  mirror(views: readonly LevelsView[]): void;
  nowMs(): number;
}

export type ConnectedPage =
  | {
      readonly kind: "page";
      readonly mode: ConnectMode;
      readonly nextCursor: string | null;
      readonly counts: { readonly items: number; readonly connected: number; readonly levels: number };
      readonly findings: readonly ImportFinding[];
      readonly firstPushes: readonly ListedPush[];
    }
  | { readonly kind: "conflict"; readonly field: "mode" | "locations" | "adapter"; readonly message: string }
  | Exclude<SourceReply<never>, { kind: "ok" }>;

const PAGE = 100;

/** @param cursor  null: from the start */
export async function connectReplica(
  channel: Channel,
  cursor: string | null,
  { mode: given, dryRun }: ImportOptions,
  correlationId: CorrelationId,
  deps: ConnectReplicaDeps,
): Promise<ConnectedPage> {
  if (channel.adapter !== "square")
    return {
      kind: "conflict",
      field: "adapter",
      message: "Only a till that keeps its own stock is connected: square.",
    };
  if (channel.locations.size === 0)
    return { kind: "conflict", field: "locations", message: "None of its places is mapped to one of ours." };
  const shop = fromStore<ShopDomain>(channel.id);
  const before = await deps.shops.connection(shop);
  if (before?.state === "disconnecting" && !dryRun)
    return { kind: "conflict", field: "mode", message: "It is being disconnected: let that come to its end first." };
  if (before?.state === "disconnected" && given === null)
    return { kind: "conflict", field: "mode", message: 'It is disconnected: say "mode" to connect it again.' };
  const mode = given ?? before?.mode ?? "adopt";
  const listings = await deps.channels.listings(channel.id, cursor, PAGE);
  const places = new Map(
    Array.from(channel.locations, ([theirs, ours]) => [fromStore<ShopLocationId>(theirs), ours] as const),
  );
  const items = listings.map(({ itemId }) => fromStore<InventoryItemId>(itemId));
  const told = items.length === 0 ? NOTHING : await deps.counts(items, [...places.keys()]);
  if (told.kind !== "ok") return told;
  const placed = listings.map((listing) => placedOf(listing, told.value));
  const nowMs = deps.nowMs();
  if (!dryRun) await note(shop, placed, places, deps, nowMs);
  const connected = await connectItems(shop, placed, places, { mode, dryRun, correlationId }, deps.counters);
  if (!dryRun && (before?.state !== "connected" || before.mode !== mode)) {
    await deps.shops.setConnection(shop, { mode, state: "connected" }, nowMs);
    if (before?.state === "disconnected") await deps.rejoin();
  }
  if (connected.views.length > 0 && !dryRun) deps.mirror(connected.views);
  const { findings, firstPushes, views, levels } = connected;
  const counts = { items: listings.length, connected: views.length, levels };
  const nextCursor = listings.length < PAGE ? null : (listings.at(-1)?.itemId ?? null);
  return { kind: "page", mode, nextCursor, counts, findings, firstPushes };
}

const NOTHING: { readonly kind: "ok"; readonly value: ReplicaCounts } = { kind: "ok", value: new Map() };

/** Before the counters: news of an item that is mapped half is a letter, and the same call goes on. */
async function note(
  shop: ShopDomain,
  placed: readonly Placed[],
  places: ReadonlyMap<ShopLocationId, LocationId>,
  { shops, writer }: ConnectReplicaDeps,
  nowMs: number,
): Promise<void> {
  const mappings = Array.from(places, ([shopLocationId, locationId]) => ({ shopLocationId, locationId }));
  await shops.mapLocations(shop, mappings);
  await writer.putListings(shop, placed.flatMap(recordsOf), nowMs);
}

/** A till's item is its variation: one and the same id. */
function placedOf({ itemId, sku, skuId }: ChannelListing, counts: ReplicaCounts): Placed {
  const id = fromStore<InventoryItemId>(itemId);
  const variants = [{ id: fromStore<VariantId>(itemId), title: sku, isGiftCard: false, isBundleParent: false }];
  const item = { id, sku, isTracked: true, levels: counts.get(id) ?? [], variants };
  return { item, status: "active", sku, skuId, tellsLevels: true, findings: [] };
}
