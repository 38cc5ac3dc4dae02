/**
 * Layer 3, a batch of the event queue: shops' events and channels', each by its own rules, and one call per SKU for all of
 * them. Reservations have coordinators of their own.
 */
import type { EditedOrderEvent } from "../domain/shop-event.ts";
import type { FactEvent } from "./channels/channel-event-lines.ts";
import { type EventNames, isFact } from "./channels/route-channel-event.ts";
import {
  accountOfFact,
  type ChannelFactsDeps,
  type ChannelVerdict,
  type FactRoute,
  type IncomingChannelEvent,
  linesOfRoute,
  routeFacts,
  verdictOfFact,
} from "./take-in-channel-events.ts";
import type { EventAccount, TakenIn } from "./take-in-events.ts";
import {
  type ChannelReservationsDeps,
  type IncomingReservation,
  type ReservationEvent,
  takeInReservations,
} from "./take-in-reservations.ts";
import {
  type IncomingShopEvent,
  type ShopTakenIn,
  type ShopVerdict,
  type TakeInShopDeps,
  takeInShopEvents,
} from "./take-in-shop-events.ts";

export interface TakeInBatchDeps extends TakeInShopDeps {
  readonly channels: ChannelFactsDeps & ChannelReservationsDeps;
}

export type Incoming = IncomingShopEvent | IncomingChannelEvent;

export type BatchTakenIn = Pick<TakenIn, "views" | "counts"> &
  Pick<ShopTakenIn, "mirrored"> & {
    /** One per event, same order. */
    readonly verdicts: readonly (ShopVerdict | ChannelVerdict)[];
    readonly accounts: readonly EventAccount[];
    /** One per event, same order. */
    readonly takenAs: readonly TakenAs[];
  };

/** What an event does not say itself, as it was when it was counted: whatever follows from the event goes by the same. */
export type TakenAs = {
  /** The lines of a shop's order edit, where Shopify was asked. */
  readonly edited: EditedOrderEvent | null;
  /** Of a channel's event; null: nobody was asked. */
  readonly names: EventNames | null;
};

export const TAKEN_AS_IT_CAME: TakenAs = { edited: null, names: null };

type Ending = { readonly verdict: ShopVerdict | ChannelVerdict; readonly account: EventAccount };

export async function takeInBatch(incoming: readonly Incoming[], deps: TakeInBatchDeps): Promise<BatchTakenIn> {
  const shops = incoming.filter(isOfShop);
  const facts = incoming.filter(isOfFact);
  const reservations = incoming.filter(isOfReservation);
  const endings = new Map<Incoming, Ending>();
  const routes = facts.length === 0 ? [] : await routeFacts(facts, deps.channels);
  const beside = routes.flatMap(linesOfRoute);
  const [taken, held] = await Promise.all([
    takeInShopEvents(shops, deps, beside),
    reservations.length === 0 ? [] : takeInReservations(reservations, deps.channels),
  ]);
  for (const [i, event] of shops.entries())
    endings.set(event, { verdict: taken.verdicts[i] ?? NO_VERDICT, account: taken.accounts[i] ?? NO_ACCOUNT });
  endFacts(routes, taken.besides, endings);
  for (const [i, event] of reservations.entries()) {
    const { verdict = NO_VERDICT, outcome = "nothing_new" } = held[i] ?? {};
    endings.set(event, { verdict, account: { outcome, skuIds: [] } });
  }
  return {
    verdicts: incoming.map((event) => endings.get(event)?.verdict ?? NO_VERDICT),
    accounts: incoming.map((event) => endings.get(event)?.account ?? NO_ACCOUNT),
    ...{ views: taken.views, mirrored: taken.mirrored, counts: countsOf(taken.counts, routes) },
    takenAs: takenAsOf(incoming, shops, taken, routes),
  };
}

const NO_VERDICT = { kind: "retry", reason: "no verdict" } as const;
const NO_ACCOUNT: EventAccount = { outcome: "nothing_new", skuIds: [] };

const isOfShop = (incoming: Incoming): incoming is IncomingShopEvent => "shop" in incoming;
const isOfFact = (incoming: Incoming): incoming is IncomingChannelEvent & { readonly event: FactEvent } =>
  "channel" in incoming && isFact(incoming.event);
const isOfReservation = (incoming: Incoming): incoming is IncomingReservation & { readonly event: ReservationEvent } =>
  "channel" in incoming && !isFact(incoming.event);

function endFacts(routes: readonly FactRoute[], besides: TakenIn["besides"], endings: Map<Incoming, Ending>): void {
  let next = 0;
  for (const route of routes) {
    const { length } = linesOfRoute(route);
    const answers = besides.slice(next, next + length);
    next += length;
    endings.set(route.incoming, { verdict: verdictOfFact(route, answers), account: accountOfFact(route, answers) });
  }
}

function takenAsOf(
  incoming: readonly Incoming[],
  shops: readonly IncomingShopEvent[],
  { edited }: Pick<ShopTakenIn, "edited">,
  routes: readonly FactRoute[],
): readonly TakenAs[] {
  const found = new Map<Incoming, TakenAs>();
  for (const [i, event] of shops.entries()) found.set(event, { edited: edited.get(i) ?? null, names: null });
  for (const route of routes)
    if (route.kind === "routed") found.set(route.incoming, { edited: null, names: route.names });
  return incoming.map((event) => found.get(event) ?? TAKEN_AS_IT_CAME);
}

/** What the counters never heard of. */
function countsOf(counts: TakenIn["counts"], routes: readonly FactRoute[]): TakenIn["counts"] {
  const sums: Record<string, number> = { ...counts };
  for (const route of routes) {
    if (route.kind === "stopped") continue;
    const { skipped, problems } = route.routed;
    const names = [...problems.map(({ code }) => code), ...(skipped === null ? [] : [`skipped_${skipped}`])];
    for (const name of names) sums[name] = (sums[name] ?? 0) + 1;
  }
  return sums;
}
