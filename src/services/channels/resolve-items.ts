/** What the items of channels' events stand for: stock of one counter, or the components of a bundle. Two questions per batch. */
import type { ItemRef } from "../../domain/channel/channel-event.ts";
import type { ChannelId, Sku, SkuId } from "../../domain/ids.ts";
import type { BundleCatalogue } from "../bundle/bundle-book.ts";
import type { Catalogue, CatalogueFault } from "../catalogue.ts";
import type { ItemAnswer } from "./route-channel-event.ts";

export type ChannelItem = { readonly skuId: SkuId; readonly sku: Sku };

/** Channels' own names of our SKUs. */
export interface ChannelItems {
  /** Never rejects: what is absent although there is no fault is no item of the channel's. */
  find(
    channel: ChannelId,
    itemIds: readonly string[],
  ): Promise<{ readonly items: ReadonlyMap<string, ChannelItem>; readonly fault: CatalogueFault }>;
}

export interface ResolveItemsDeps {
  readonly catalogue: Pick<Catalogue, "skuIds">;
  readonly bundles: BundleCatalogue;
  readonly items: ChannelItems;
}

export type Named = { readonly channel: ChannelId; readonly refs: readonly ItemRef[] };

export interface ItemBook {
  of(channel: ChannelId, ref: ItemRef): ItemAnswer;
  /** By our name; undefined: it is not known. */
  skuOf(channel: ChannelId, itemId: string): Sku | undefined;
}

export async function resolveItems(named: readonly Named[], deps: ResolveItemsDeps): Promise<ItemBook> {
  const [bySku, byItem] = await Promise.all([resolveSkus(named, deps), findItems(named, deps.items)]);
  return {
    of: (channel, { sku, itemId }) =>
      (sku === null ? byItem.get(channel)?.answer(itemId) : bySku.get(sku)) ?? { kind: "unknown" },
    skuOf: (channel, itemId) => byItem.get(channel)?.skuOf(itemId),
  };
}

async function resolveSkus(
  named: readonly Named[],
  { catalogue, bundles }: ResolveItemsDeps,
): Promise<ReadonlyMap<Sku, ItemAnswer>> {
  const wanted = [...new Set(named.flatMap(({ refs }) => refs.flatMap(({ sku }) => sku ?? [])))];
  const answers = new Map<Sku, ItemAnswer>();
  if (wanted.length === 0) return answers;
  const stocked = await catalogue.skuIds(wanted);
  for (const [sku, skuId] of stocked.skuIds)
    answers.set(sku, { kind: "known", sku, isBundle: false, parts: [{ skuId, sku, units: 1 }] });
  const others = wanted.filter((sku) => !answers.has(sku));
  if (others.length === 0) return answers;
  const found = await bundles.find(others);
  for (const sku of others) {
    const bundle = found.bundles.get(sku);
    if (bundle === undefined)
      answers.set(sku, { kind: stocked.fault === null && found.fault === null ? "unknown" : "unsure" });
    else if (bundle.kind === "broken")
      answers.set(sku, { kind: "broken", why: `${bundle.fault.kind}: ${bundle.fault.path.join(" > ")}` });
    // Stock of its own goes before a bundle of the same name: unless that is known to be none, nobody knows.
    else if (stocked.fault !== null) answers.set(sku, { kind: "unsure" });
    else {
      const parts = bundle.bundle.components.map(({ skuId, sku: part, quantity: units }) => ({
        skuId,
        sku: part,
        units,
      }));
      answers.set(sku, { kind: "known", sku, isBundle: true, parts });
    }
  }
  return answers;
}

type OfChannel = { answer(itemId: string): ItemAnswer; skuOf(itemId: string): Sku | undefined };

async function findItems(named: readonly Named[], items: ChannelItems): Promise<ReadonlyMap<ChannelId, OfChannel>> {
  const byChannel = Map.groupBy(named, ({ channel }) => channel);
  const found = await Promise.all(
    Array.from(byChannel, async ([channel, those]): Promise<readonly [ChannelId, OfChannel]> => {
      const wanted = new Set(those.flatMap(({ refs }) => refs.flatMap(({ itemId }) => itemId ?? [])));
      const { items: known, fault } =
        wanted.size === 0
          ? { items: new Map<string, ChannelItem>(), fault: null }
          : await items.find(channel, [...wanted]);
      const answer = (itemId: string): ItemAnswer => {
        const item = known.get(itemId);
        if (item === undefined) return { kind: fault === null ? "unknown" : "unsure" };
        return { kind: "known", sku: item.sku, isBundle: false, parts: [{ ...item, units: 1 }] };
      };
      return [channel, { answer, skuOf: (itemId) => known.get(itemId)?.sku }];
    }),
  );
  return new Map(found);
}
