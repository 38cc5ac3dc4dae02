/**
 * Layer 3, events: a batch of shop events becomes one call per SKU, and every event gets its verdict. Used by the event
 * queue's consumer; knows no queue. Lines are never summed: each carries its own business key.
 */
import { isAsked } from "../domain/counter/asked-kinds.ts";
import type { CounterEvent, EventOutcome } from "../domain/counter/counter-event.ts";
import { type CorrelationId, partsOfListing, type ShopDomain, type SkuId } from "../domain/ids.ts";
import type { LevelsView } from "../domain/levels-view.ts";
import type { StockEvent } from "../domain/shop-event.ts";
import { reasonOf } from "../observability/log.ts";
import { atMost } from "./at-most.ts";
import type { Catalogue, CatalogueFault } from "./catalogue.ts";
import { applyConnecting } from "./connect-by-news.ts";
import type { Counters } from "./counter-contract.ts";
import {
  catalogueQueryOf,
  locationsIn,
  type RouteContext,
  type Routed,
  routeEvent,
  skuQueryOf,
} from "./route-event.ts";

export type IncomingEvent = {
  readonly shop: ShopDomain;
  readonly correlationId: CorrelationId;
  /** When its producer was answered (epoch ms); left out: now. */
  readonly receivedAtMs?: number;
  readonly event: StockEvent;
};

/** What to do with one event's message. */
export type EventVerdict =
  | { readonly kind: "done" }
  /** Part or all of it names what we do not know: `rest` is what a person must look at. The other lines counted. */
  | {
      readonly kind: "dead";
      readonly code: string;
      readonly message: string;
      readonly subject: string;
      readonly rest: StockEvent;
    }
  | { readonly kind: "retry"; readonly reason: string; readonly code?: RetryCode };

/** What kept an event from being counted: for the metrics, and the error class of the letter that it may become. */
export type RetryCode = "counter" | "gate" | "catalogue" | "not_connected" | "shopify" | "channel" | "store";

/** What became of one event that was taken in: for metrics, and for the journal. */
export type EventAccount = {
  /** `duplicate`: all that it says had counted before. `nothing_new`: it says nothing that moves stock of ours. `refused`: a conflict, told to people. */
  readonly outcome: "counted" | "duplicate" | "nothing_new" | "refused";
  /** Counters that were told. */
  readonly skuIds: readonly SkuId[];
};

export interface TakeInDeps {
  readonly catalogue: Catalogue;
  readonly counters: Counters;
  /** Counters called at once. */
  readonly callsMax: number;
  /** A counter that has not answered by then leaves its lines unanswered. */
  readonly callMsMax: number;
}

/** What one counter is told. */
export type CounterLine = { readonly skuId: SkuId; readonly event: CounterEvent; readonly receivedAtMs: number };

export type TakenIn = {
  /** One per event, same order. */
  readonly verdicts: readonly EventVerdict[];
  /** One per event, same order: how it counted, as far as it did. */
  readonly accounts: readonly EventAccount[];
  /** Levels as they are now, one per SKU that answered. */
  readonly views: readonly LevelsView[];
  /** For the one log line of the batch. */
  readonly counts: Readonly<Record<string, number>>;
  /** To what was told beside the events, same order. */
  readonly besides: readonly LineAnswer[];
};

type Line = { readonly eventIndex: number; readonly skuId: SkuId; readonly event: CounterEvent } & Pick<
  IncomingEvent,
  "receivedAtMs"
>;
/** What a counter said to one line. */
export type LineAnswer =
  | EventOutcome
  | { readonly kind: "unanswered"; readonly reason: string; readonly code: "counter" | "not_connected" };

/** @param beside  what else the counters are told in the same calls */
export async function takeInEvents(
  incoming: readonly IncomingEvent[],
  deps: TakeInDeps,
  beside: readonly CounterLine[] = [],
): Promise<TakenIn> {
  const routes = await routeAll(incoming, deps.catalogue);
  const told = routes.flatMap(({ routed }, eventIndex) => {
    const receivedAtMs = incoming[eventIndex]?.receivedAtMs;
    const received = receivedAtMs === undefined ? {} : { receivedAtMs };
    return routed.events.map((line): Line => ({ eventIndex, ...line, ...received }));
  });
  const besides = beside.map((line): Line => ({ eventIndex: NO_EVENT, ...line }));
  const lines = [...told, ...besides];
  const answers = new Map<Line, LineAnswer>();
  const groups = [...Map.groupBy(lines, (line) => line.skuId)];
  const replies = await atMost(deps.callsMax, groups, ([skuId, group]) => tellCounter(deps, skuId, group, answers));
  const views = replies.filter((view) => view !== null);
  const linesOf = Map.groupBy(lines, (line) => line.eventIndex);
  const verdicts = routes.map((route, i) => verdictOf(route, linesOf.get(i) ?? [], answers));
  const accounts = routes.map((_, i) => accountOf(linesOf.get(i) ?? [], answers));
  const counts = countOutcomes(routes, answers);
  return { verdicts, accounts, views, counts, besides: besides.map((line) => answers.get(line) ?? UNANSWERED) };
}

/** The place of what belongs to none of the events. */
const NO_EVENT = -1;
const UNANSWERED: LineAnswer = { kind: "unanswered", reason: "unanswered", code: "counter" };

type Route = {
  readonly event: StockEvent;
  readonly routed: Routed;
  /** Why the catalogue could not be asked: what it lacks is then no news. */
  readonly fault: CatalogueFault;
};

async function routeAll(incoming: readonly IncomingEvent[], catalogue: Catalogue): Promise<readonly Route[]> {
  const byShop = Map.groupBy(incoming, ({ shop }) => shop);
  const answers = await Promise.all(
    Array.from(byShop, async ([shop, events]) => {
      const answer = await ask(
        catalogue,
        shop,
        events.map(({ event }) => event),
      );
      return [shop, answer] as const;
    }),
  );
  const known = new Map(answers);
  return incoming.map(({ shop, correlationId, event }) => {
    const { fault, ...answer } = known.get(shop) ?? NOTHING_KNOWN;
    return { event, routed: routeEvent(event, { correlationId, ...answer }), fault };
  });
}

type Known = Omit<RouteContext, "correlationId"> & { readonly fault: CatalogueFault };

const NOTHING_KNOWN: Known = {
  catalogue: { variants: new Map(), items: new Map(), skus: new Map() },
  locations: new Map(),
  fault: "the catalogue was not asked",
};

async function ask(catalogue: Catalogue, shop: ShopDomain, events: readonly StockEvent[]): Promise<Known> {
  const [first, places] = await Promise.all([
    catalogue.resolve(catalogueQueryOf(shop, events)),
    catalogue.locationsOf(shop, locationsIn(events)),
  ]);
  const query = skuQueryOf(shop, events, first);
  // By SKU only what certainly has no variant of ours: it might be another variant's duplicate.
  const second = first.fault === null && query.skus.size > 0 ? await catalogue.resolve(query) : null;
  return {
    catalogue: { variants: first.variants, items: first.items, skus: second?.skus ?? first.skus },
    locations: places.locations,
    fault: first.fault ?? second?.fault ?? places.fault,
  };
}

/**
 * One RPC, for a listing's first news some more. A failed one leaves its lines unanswered: the counter may or may not have
 * applied them, and their keys will tell.
 */
async function tellCounter(
  deps: TakeInDeps,
  skuId: SkuId,
  lines: readonly Line[],
  answers: Map<Line, LineAnswer>,
): Promise<LevelsView | null> {
  const leave = (reason: string, code: "counter" | "not_connected"): null => {
    for (const line of lines) answers.set(line, { kind: "unanswered", reason, code });
    return null;
  };
  try {
    const events = lines.map((line) => line.event);
    const received = lines.flatMap(({ receivedAtMs }) => receivedAtMs ?? []);
    const options = received.length === 0 ? {} : { receivedAtMs: Math.min(...received) };
    const reply = await applyConnecting(deps, skuId, events, options);
    if (reply.kind === "not_connected") {
      leave(`counter ${skuId} is not connected yet`, "not_connected");
      for (const line of lines) if (isOfLostLevel(line.event)) answers.set(line, { kind: "known" });
      return null;
    }
    for (const [i, line] of lines.entries()) {
      const left = { kind: "unanswered", reason: "the counter left it out", code: "counter" } as const;
      answers.set(line, reply.outcomes[i] ?? left);
    }
    return reply.view;
  } catch (error) {
    return leave(`counter ${skuId}: ${reasonOf(error)}`, "counter");
  }
}

function verdictOf(route: Route, lines: readonly Line[], answers: ReadonlyMap<Line, LineAnswer>): EventVerdict {
  for (const line of lines) {
    const answer = answers.get(line);
    if (answer === undefined) return { kind: "retry", reason: "unanswered", code: "counter" };
    if (answer.kind === "unanswered") return { kind: "retry", reason: answer.reason, code: answer.code };
    if (answer.kind === "unknown_listing" && needsListing(line.event))
      return { kind: "retry", reason: "the listing is not connected to its counter yet", code: "not_connected" };
  }
  const { event, routed, fault } = route;
  if (routed.problems.length > 0 && fault !== null) return { kind: "retry", reason: fault, code: "catalogue" };
  const strays = lines.filter((line) => answers.get(line)?.kind === "unknown_level");
  const [code] = [...routed.problems.map((problem) => problem.code), ...strays.map(() => "unknown_level")];
  if (code === undefined) return { kind: "done" };
  const unknown = subjectsOf(routed.problems.map((problem) => problem.subject));
  const foreign = subjectsOf(strays.map(strayLevel));
  const reasons = [
    ...(unknown === "" ? [] : [`not in the catalogue: ${unknown}`]),
    ...(foreign === "" ? [] : [`${foreign}: ${FOREIGN_LEVEL}`]),
  ];
  return {
    kind: "dead",
    code,
    message: reasons.join("; "),
    subject: subjectsOf([unknown, foreign]),
    // A stray line is in no counter: the whole event stays, and what has counted counts once.
    rest: strays.length > 0 ? event : (routed.rest ?? event),
  };
}

function accountOf(lines: readonly Line[], answers: ReadonlyMap<Line, LineAnswer>): EventAccount {
  const skuIds = [...new Set(lines.map(({ skuId }) => skuId))];
  const told = lines.filter((line) => !NOT_COUNTED.has(answers.get(line)?.kind ?? "unanswered"));
  if (told.some((line) => answers.get(line)?.kind !== "known")) return { outcome: "counted", skuIds };
  // A level that is known is not the same news twice: another read or webhook told as much.
  const isAgain = told.some(({ event }) => event.kind === "hint" || event.kind === "shipped");
  return { outcome: isAgain ? "duplicate" : "nothing_new", skuIds };
}

const NOT_COUNTED: ReadonlySet<string> = new Set(["unanswered", "unknown_listing", "unknown_level"]);

const needsListing = ({ kind }: CounterEvent): boolean => kind === "hint" || kind === "snapshot";

/** That something has left a level: where there is none, that is no news. */
const isOfLostLevel = (event: CounterEvent): boolean => !needsListing(event) && !isAsked(event);

const FOREIGN_LEVEL = "this location's stock is supplied by another listing: say which one owns it, then import again";

/** Each once: an order of a hundred lines at one unknown location names it once. */
const subjectsOf = (subjects: readonly string[]): string =>
  [...new Set(subjects.filter((subject) => subject !== ""))].join(", ");

function strayLevel({ event, skuId }: Line): string {
  if (!("listingId" in event)) return `counter ${skuId}`;
  const { shop, item } = partsOfListing(event.listingId);
  const at = "locationId" in event && event.locationId !== null ? ` at location ${event.locationId}` : "";
  return `inventory item ${item} of ${shop}${at}`;
}

function countOutcomes(routes: readonly Route[], answers: ReadonlyMap<Line, LineAnswer>): Record<string, number> {
  const counts: Record<string, number> = {};
  const add = (name: string) => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  for (const answer of answers.values()) add(answer.kind);
  for (const { routed, fault } of routes) {
    for (const reason of routed.skipped) add(`skipped_${reason}`);
    for (const problem of routed.problems) add(fault === null ? problem.code : "not_asked");
  }
  return counts;
}
