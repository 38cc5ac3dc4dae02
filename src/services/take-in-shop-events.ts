/**
 * Layer 3, all of a shop's events: what moves stock goes to the counters at once; an order edit is completed by Shopify
 * first; news of the catalogue goes its own way. Apart from each other, so that a Shopify which does not answer delays no sale.
 */
import type { ShopDomain } from "../domain/ids.ts";
import type { LevelsView } from "../domain/levels-view.ts";
import type { CatalogueEvent, EditedOrderEvent, OrderEditEvent, ShopEvent, StockEvent } from "../domain/shop-event.ts";
import { reasonOf } from "../observability/log.ts";
import { type CatalogueNewsDeps, takeInCatalogueNews } from "./catalogue-news.ts";
import { noteLevelNews } from "./level-findings.ts";
import type { MirrorWrite } from "./mirror.ts";
import { type OrderEditDeps, readOrderEdit } from "./read-order-edit.ts";
import {
  type CounterLine,
  type EventAccount,
  type EventVerdict,
  type IncomingEvent,
  type TakeInDeps,
  type TakenIn,
  takeInEvents,
} from "./take-in-events.ts";
import { type LaterVerdict, unanswered } from "./unanswered.ts";

export type IncomingShopEvent = Omit<IncomingEvent, "event"> & {
  /** Of the envelope. */
  readonly eventId: string;
  readonly event: ShopEvent;
};

export interface TakeInShopDeps extends TakeInDeps {
  /** As soon as the counters have answered: beside the settlement, never failing it. */
  mirror(views: readonly LevelsView[]): Promise<MirrorWrite> | undefined;
  readonly news: CatalogueNewsDeps;
  readonly edits: OrderEditDeps;
}

/** `rest` of a dead one is what came, or what is left of it. */
export type ShopVerdict =
  | LaterVerdict
  | Exclude<EventVerdict, { kind: "dead" }>
  | (Omit<EventVerdict & { kind: "dead" }, "rest"> & { readonly rest: ShopEvent });

export type ShopTakenIn = Omit<TakenIn, "verdicts"> & {
  readonly verdicts: readonly ShopVerdict[];
  /** What came of writing the levels to the mirror; null where nothing was written. */
  readonly mirrored: Promise<MirrorWrite | null>;
  /** By index: what the lines of an order edit are, where Shopify was asked. */
  readonly edited: ReadonlyMap<number, EditedOrderEvent>;
};

type Place = { readonly index: number; readonly incoming: IncomingShopEvent };
type Part = {
  readonly verdicts: ReadonlyMap<number, ShopVerdict>;
  readonly accounts: ReadonlyMap<number, EventAccount>;
  readonly taken: readonly TakenIn[];
  readonly mirrored?: Promise<MirrorWrite> | undefined;
  readonly edited?: ReadonlyMap<number, EditedOrderEvent>;
};

/** @param beside  what else the counters are told in the same calls */
export async function takeInShopEvents(
  incoming: readonly IncomingShopEvent[],
  deps: TakeInShopDeps,
  beside: readonly CounterLine[] = [],
): Promise<ShopTakenIn> {
  const places = incoming.map((each, index): Place => ({ index, incoming: each }));
  const parts = await Promise.all([
    takeStock(places, beside, deps),
    takeEdits(places, deps),
    takeNews(places, deps.news),
  ]);
  const verdicts = incoming.map(
    (_, index): ShopVerdict =>
      parts.map((part) => part.verdicts.get(index)).find((verdict) => verdict !== undefined) ?? {
        kind: "retry",
        reason: "nobody took it in",
      },
  );
  const accounts = incoming.map(
    (_, index) => parts.map((part) => part.accounts.get(index)).find((account) => account !== undefined) ?? NO_ACCOUNT,
  );
  const taken = parts.flatMap((part) => part.taken);
  return {
    ...{ verdicts, accounts, views: taken.flatMap(({ views }) => views) },
    counts: summed(taken.map(({ counts }) => counts)),
    edited: new Map(parts.flatMap(({ edited }) => [...(edited ?? [])])),
    besides: parts[0].taken[0]?.besides ?? [],
    mirrored: lastOf(parts.flatMap(({ mirrored }) => mirrored ?? [])),
  };
}

const NO_ACCOUNT: EventAccount = { outcome: "nothing_new", skuIds: [] };
const NOTHING: Part = { verdicts: new Map(), accounts: new Map(), taken: [] };

/** A failure is told before a success, for it is what somebody would look for. */
async function lastOf(writes: readonly Promise<MirrorWrite>[]): Promise<MirrorWrite | null> {
  const outcomes = await Promise.all(writes);
  return outcomes.find(({ kind }) => kind === "unavailable") ?? outcomes[0] ?? null;
}

async function takeStock(
  places: readonly Place[],
  beside: readonly CounterLine[],
  deps: TakeInShopDeps,
): Promise<Part> {
  const stock = places.flatMap(({ index, incoming }) => {
    const { event, ...rest } = incoming;
    return isStock(event) ? [{ index, incoming: { ...rest, event } }] : [];
  });
  if (stock.length + beside.length === 0) return NOTHING;
  const taken = await takeInEvents(
    stock.map((each) => each.incoming),
    deps,
    beside,
  );
  const mirrored = mirror(taken, deps);
  const verdicts = new Map<number, ShopVerdict>();
  for (const [i, { index, incoming }] of stock.entries()) verdicts.set(index, verdictAt(taken, i, incoming.event));
  await noteLevelNews(
    stock.map((each) => each.incoming),
    taken.verdicts,
    deps.news,
  );
  return { verdicts, accounts: accountsAt(taken, stock), taken: [taken], mirrored };
}

const mirror = ({ views }: TakenIn, deps: TakeInShopDeps): Promise<MirrorWrite> | undefined =>
  views.length > 0 ? deps.mirror(views) : undefined;

const accountsAt = (taken: TakenIn, places: readonly Pick<Place, "index">[]): ReadonlyMap<number, EventAccount> =>
  new Map(places.map(({ index }, i) => [index, taken.accounts[i] ?? NO_ACCOUNT]));

async function takeEdits(places: readonly Place[], deps: TakeInShopDeps): Promise<Part> {
  const verdicts = new Map<number, ShopVerdict>();
  const read: {
    readonly index: number;
    readonly edit: OrderEditEvent;
    readonly incoming: IncomingEvent & { readonly event: EditedOrderEvent };
  }[] = [];
  for (const { index, incoming } of places) {
    const { event, ...rest } = incoming;
    if (event.kind !== "order_edit") continue;
    const reply = await editOf(rest.shop, event, deps.edits);
    if (reply.kind === "edited_order") read.push({ index, edit: event, incoming: { ...rest, event: reply } });
    else verdicts.set(index, reply);
  }
  if (read.length === 0) return { verdicts, accounts: new Map(), taken: [] };
  const taken = await takeInEvents(
    read.map((each) => each.incoming),
    deps,
  );
  const mirrored = mirror(taken, deps);
  // What a person replays is the edit as it came: its lines are asked for again.
  for (const [i, { index, edit }] of read.entries()) verdicts.set(index, verdictAt(taken, i, edit));
  const edited = new Map(read.map(({ index, incoming }) => [index, incoming.event]));
  return { verdicts, accounts: accountsAt(taken, read), taken: [taken], mirrored, edited };
}

async function editOf(
  shop: ShopDomain,
  edit: OrderEditEvent,
  deps: OrderEditDeps,
): Promise<EditedOrderEvent | ShopVerdict> {
  try {
    const reply = await readOrderEdit(shop, edit, deps);
    return reply.kind === "ok" ? reply.value : unanswered(reply);
  } catch (error) {
    return { kind: "retry", reason: reasonOf(error), code: "shopify" };
  }
}

/** One after the other: two pieces of news of one item must not place it twice. */
async function takeNews(places: readonly Place[], deps: CatalogueNewsDeps): Promise<Part> {
  const verdicts = new Map<number, ShopVerdict>();
  const accounts = new Map<number, EventAccount>();
  for (const { index, incoming } of places) {
    const { event, ...rest } = incoming;
    if (isStock(event) || event.kind === "order_edit") continue;
    verdicts.set(index, await takeInCatalogueNews({ ...rest, event }, deps));
    accounts.set(index, { outcome: "counted", skuIds: [] });
  }
  return { verdicts, accounts, taken: [] };
}

function verdictAt(taken: TakenIn, index: number, whole: ShopEvent): ShopVerdict {
  const verdict = taken.verdicts[index] ?? { kind: "retry", reason: "no verdict" };
  if (verdict.kind !== "dead") return verdict;
  const { rest } = verdict;
  return { ...verdict, rest: rest.kind === "edited_order" ? whole : rest };
}

function isStock(event: ShopEvent): event is Exclude<ShopEvent, OrderEditEvent | CatalogueEvent> & StockEvent {
  switch (event.kind) {
    case "order":
    case "refund":
    case "level":
    case "level_gone":
    case "fulfilment":
      return true;
    default:
      return false;
  }
}

function summed(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const counts of all) for (const [name, n] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + n;
  return sums;
}
