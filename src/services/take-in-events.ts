/**
 * Layer 3, events: a batch of shop events becomes one call per SKU, and every event gets its verdict. Used by the event
 * queue's consumer; knows no queue. Lines are never summed: each carries its own business key.
 */
import type { CounterEvent, EventOutcome } from "../domain/counter/counter-event.ts";
import type { CorrelationId, LocationId, ShopDomain, ShopLocationId, SkuId } from "../domain/ids.ts";
import type { LevelsView } from "../domain/levels-view.ts";
import type { ShopEvent } from "../domain/shop-event.ts";
import { reasonOf } from "../observability/log.ts";
import type { Catalogue, CatalogueAnswer } from "./catalogue.ts";
import type { Counters } from "./counter-contract.ts";
import { catalogueQueryOf, type Routed, routeEvent } from "./route-event.ts";

export type IncomingEvent = {
  readonly shop: ShopDomain;
  readonly correlationId: CorrelationId;
  readonly event: ShopEvent;
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
      readonly rest: ShopEvent;
    }
  | { readonly kind: "retry"; readonly reason: string };

export interface TakeInDeps {
  readonly catalogue: Catalogue;
  readonly counters: Counters;
}

export type TakenIn = {
  /** One per event, same order. */
  readonly verdicts: readonly EventVerdict[];
  /** Levels as they are now, one per SKU that answered. */
  readonly views: readonly LevelsView[];
  /** For the one log line of the batch. */
  readonly counts: Readonly<Record<string, number>>;
};

type Line = { readonly eventIndex: number; readonly skuId: SkuId; readonly event: CounterEvent };
type LineAnswer = EventOutcome | { readonly kind: "unanswered"; readonly reason: string };

export async function takeInEvents(incoming: readonly IncomingEvent[], deps: TakeInDeps): Promise<TakenIn> {
  const routes = await routeAll(incoming, deps.catalogue);
  const lines = routes.flatMap((route, eventIndex) =>
    route.kind === "routed" ? route.routed.events.map((line) => ({ eventIndex, ...line })) : [],
  );
  const answers = new Map<Line, LineAnswer>();
  const views: LevelsView[] = [];
  await Promise.all(
    Array.from(groupBySku(lines), async ([skuId, group]) => {
      const view = await tellCounter(deps.counters, skuId, group, answers);
      if (view !== null) views.push(view);
    }),
  );
  const linesOf = Map.groupBy(lines, (line) => line.eventIndex);
  const verdicts = incoming.map(({ event }, i) => verdictOf(event, routes[i], linesOf.get(i) ?? [], answers));
  return { verdicts, views, counts: countOutcomes(routes, answers) };
}

type Route =
  | { readonly kind: "routed"; readonly routed: Routed }
  | { readonly kind: "unrouted"; readonly reason: string };

async function routeAll(incoming: readonly IncomingEvent[], catalogue: Catalogue): Promise<readonly Route[]> {
  const known = new Map<ShopDomain, Awaited<ReturnType<typeof ask>> | { reason: string }>();
  const byShop = Map.groupBy(incoming, ({ shop }) => shop);
  await Promise.all(
    Array.from(byShop, async ([shop, events]) => {
      try {
        known.set(
          shop,
          await ask(
            catalogue,
            shop,
            events.map(({ event }) => event),
          ),
        );
      } catch (error) {
        known.set(shop, { reason: `catalogue: ${reasonOf(error)}` });
      }
    }),
  );
  return incoming.map(({ shop, correlationId, event }) => {
    const answer = known.get(shop);
    if (answer === undefined || "reason" in answer) return { kind: "unrouted", reason: answer?.reason ?? "catalogue" };
    return { kind: "routed", routed: routeEvent(event, { correlationId, ...answer }) };
  });
}

async function ask(
  catalogue: Catalogue,
  shop: ShopDomain,
  events: readonly ShopEvent[],
): Promise<{ catalogue: CatalogueAnswer; locations: ReadonlyMap<ShopLocationId, LocationId> }> {
  const [answer, locations] = await Promise.all([
    catalogue.resolve(catalogueQueryOf(shop, events)),
    catalogue.locationsOf(shop),
  ]);
  return { catalogue: answer, locations };
}

const groupBySku = (lines: readonly Line[]): ReadonlyMap<SkuId, readonly Line[]> =>
  Map.groupBy(lines, (line) => line.skuId);

/** One RPC. A failed one leaves its lines unanswered: the counter may or may not have applied them, and their keys will tell. */
async function tellCounter(
  counters: Counters,
  skuId: SkuId,
  lines: readonly Line[],
  answers: Map<Line, LineAnswer>,
): Promise<LevelsView | null> {
  const leave = (reason: string): null => {
    for (const line of lines) answers.set(line, { kind: "unanswered", reason });
    return null;
  };
  try {
    const reply = await counters.of(skuId).apply(lines.map((line) => line.event));
    if (reply.kind === "not_connected") return leave(`counter ${skuId} is not connected yet`);
    for (const [i, line] of lines.entries()) {
      answers.set(line, reply.outcomes[i] ?? { kind: "unanswered", reason: "the counter left it out" });
    }
    return reply.view;
  } catch (error) {
    return leave(`counter ${skuId}: ${reasonOf(error)}`);
  }
}

function verdictOf(
  event: ShopEvent,
  route: Route | undefined,
  lines: readonly Line[],
  answers: ReadonlyMap<Line, LineAnswer>,
): EventVerdict {
  if (route === undefined || route.kind === "unrouted") return { kind: "retry", reason: route?.reason ?? "not routed" };
  for (const line of lines) {
    const answer = answers.get(line);
    if (answer === undefined || answer.kind === "unanswered")
      return { kind: "retry", reason: answer?.reason ?? "unanswered" };
    if (answer.kind === "unknown_listing")
      return { kind: "retry", reason: "the listing is not connected to its counter yet" };
  }
  const [problem] = route.routed.problems;
  if (problem !== undefined && route.routed.rest !== null) {
    const subject = route.routed.problems.map((p) => p.subject).join(", ");
    return {
      kind: "dead",
      code: problem.code,
      message: `not in the catalogue: ${subject}`,
      subject,
      rest: route.routed.rest,
    };
  }
  const stray = lines.find((line) => answers.get(line)?.kind === "unknown_level");
  if (stray === undefined) return { kind: "done" };
  const subject = `level of ${"listingId" in stray.event ? stray.event.listingId : stray.skuId}`;
  const message = "this location's stock is supplied by another listing: say which one owns it, then import again";
  return { kind: "dead", code: "unknown_level", message, subject, rest: event };
}

function countOutcomes(routes: readonly Route[], answers: ReadonlyMap<Line, LineAnswer>): Record<string, number> {
  const counts: Record<string, number> = {};
  const add = (name: string) => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  for (const answer of answers.values()) add(answer.kind);
  for (const route of routes) {
    if (route.kind !== "routed") continue;
    for (const reason of route.routed.skipped) add(`skipped_${reason}`);
    for (const problem of route.routed.problems) add(problem.code);
  }
  return counts;
}
