/**
 * A listing that was stocked nowhere when it was imported has a counter in the catalogue, and the counter does not know it:
 * Shopify had no level to adopt. The first news of a level connects it as its shop was connected: adopts that level as
 * opening stock, or lets it show ours. So does the first news of one more location of a listing.
 */
import type { ConnectedLevel, CounterEvent } from "../domain/counter/counter-event.ts";
import type { ListingId, LocationId, SkuId } from "../domain/ids.ts";
import type { Catalogue } from "./catalogue.ts";
import type { ApplyOptions, ApplyReply, Counters } from "./counter-contract.ts";
import { inTime } from "./with-deadline.ts";

type Deps = {
  readonly catalogue: Pick<Catalogue, "connectable">;
  readonly counters: Counters;
  /** Of each single call of a counter. */
  readonly callMsMax: number;
};
type Snapshot = CounterEvent & { readonly kind: "snapshot" };

/** One outcome per event, as from the counter itself; what is not connected and cannot be stays refused. */
export async function applyConnecting(
  deps: Deps,
  skuId: SkuId,
  events: readonly CounterEvent[],
  options: Pick<ApplyOptions, "receivedAtMs"> = {},
): Promise<ApplyReply> {
  const apply = (some: readonly CounterEvent[]) =>
    inTime(deps.callMsMax, () => deps.counters.of(skuId).apply(some, options));
  const first = await apply(events);
  const refused = events.filter((_, i) => first.kind === "not_connected" || isRefused(first, i));
  const unknown = Map.groupBy(refused.filter(isSnapshot), ({ listingId }) => listingId);
  if (unknown.size === 0) return first;
  const foreign = new Set<ListingId>();
  let hasConnected = false;
  for (const [listingId, snapshots] of unknown) {
    const connected = await connect(deps, skuId, listingId, snapshots);
    if (connected === "unknown") continue;
    hasConnected = true;
    if (connected === "foreign") foreign.add(listingId);
  }
  if (!hasConnected) return first;
  const again = await apply(refused);
  return again.kind === "not_connected" ? again : merged(first, again, events, foreign);
}

async function connect(
  { catalogue, counters, callMsMax }: Deps,
  skuId: SkuId,
  listingId: ListingId,
  snapshots: readonly Snapshot[],
): Promise<"connected" | "foreign" | "unknown"> {
  const known = await catalogue.connectable(listingId, skuId);
  const [news] = snapshots;
  if (known === null || news === undefined) return "unknown";
  const levels = newestLevels(snapshots);
  const request = { ...known, listingId, levels, correlationId: news.correlationId };
  const reply = await inTime(callMsMax, () => counters.of(skuId).connectListing(request));
  const isForeign = reply.kind === "applied" && reply.outcomes.some(({ kind }) => kind === "unknown_level");
  return isForeign ? "foreign" : "connected";
}

type Applied = ApplyReply & { readonly kind: "applied" };

function merged(first: ApplyReply, again: Applied, events: readonly CounterEvent[], foreign: Set<ListingId>): Applied {
  const late = again.outcomes.values();
  const outcomes = events.flatMap((event, i) => {
    const outcome = first.kind === "applied" && !isRefused(first, i) ? first.outcomes[i] : late.next().value;
    // Whose stock it is, a person must say: trying again would not help.
    if (isSnapshot(event) && foreign.has(event.listingId)) return [{ kind: "unknown_level" } as const];
    return outcome === undefined ? [] : [outcome];
  });
  return { kind: "applied", outcomes, view: again.view };
}

const isRefused = (reply: ApplyReply, index: number): boolean => {
  const kind = reply.kind === "applied" ? reply.outcomes[index]?.kind : undefined;
  return kind === "unknown_listing" || kind === "unknown_level";
};

const isSnapshot = (event: CounterEvent): event is Snapshot => event.kind === "snapshot";

/** Per location the newest; the others are old news, and are told afterwards like any. */
function newestLevels(snapshots: readonly Snapshot[]): readonly ConnectedLevel[] {
  const levels = new Map<LocationId, ConnectedLevel>();
  for (const { locationId, shopLocationId, available, atMs } of snapshots) {
    const known = levels.get(locationId);
    // A webhook does not tell Shopify's committed units: the next read does.
    if (known === undefined || known.atMs < atMs)
      levels.set(locationId, { locationId, shopLocationId, available, committed: 0, atMs });
  }
  return [...levels.values()];
}
