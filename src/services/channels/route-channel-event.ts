/**
 * From a channel's event to what each counter is told. Pure: names were looked up before. What is not known is a problem that
 * names itself, and the rest of the event counts all the same. Facts alone: reservations go to their coordinator.
 */
import { isPartLine } from "../../domain/channel/bundle-line.ts";
import type { ChannelEvent, ItemRef } from "../../domain/channel/channel-event.ts";
import type { CounterEvent } from "../../domain/counter/counter-event.ts";
import { type LocationId, parseChannelId, parseShopDomain, type Sku, type SkuId } from "../../domain/ids.ts";
import { type EventLine, type FactEvent, linesOfEvent } from "./channel-event-lines.ts";
import type { FactContext } from "./channel-facts.ts";

/** What an item stands for, where it is known. `units`: of each stocked SKU per unit of it, each SKU once. */
export type KnownItem = {
  readonly kind: "known";
  /** Our name of the whole. */
  readonly sku: Sku;
  readonly isBundle: boolean;
  readonly parts: readonly { readonly skuId: SkuId; readonly sku: Sku; readonly units: number }[];
};

/** `unsure`: who could tell is away. */
export type ItemAnswer =
  | KnownItem
  | { readonly kind: "unknown" | "unsure" }
  | { readonly kind: "broken"; readonly why: string };

/** What the names in a channel's event mean. */
export type EventNames = {
  item(ref: ItemRef): ItemAnswer;
  /** Null: there is no such place. */
  location(name: string): LocationId | null;
};

export type ChannelRouteContext = FactContext & EventNames;

/** What one counter is told, and for which line of the event. */
export type ChannelRoutedLine = { readonly skuId: SkuId; readonly event: CounterEvent; readonly line: string };

export type ChannelProblem = {
  readonly code: "unknown_sku" | "unknown_item" | "unknown_location" | "bundle_stock" | "broken_bundle" | "bad_channel";
  /** "SKU ABC", "location store-9". */
  readonly subject: string;
  readonly line: string;
};

export type RoutedChannelEvent = {
  readonly lines: readonly ChannelRoutedLine[];
  readonly problems: readonly ChannelProblem[];
  /** Some name could not be looked up: the event comes again. */
  readonly isUnsure: boolean;
  /** Why nothing of it is counted here. */
  readonly skipped: string | null;
};

export const isFact = (event: ChannelEvent): event is FactEvent => !event.type.startsWith("reservation.");

export function routeChannelEvent(event: FactEvent, context: ChannelRouteContext): RoutedChannelEvent {
  const named = event.type === "shipment.confirmed" ? event.orderChannel : null;
  const seller = named === null ? null : parseChannelId(named);
  // Shopify tells of it by its own fulfilment, and measures it.
  if (parseShopDomain(named).ok) return { ...NOTHING, skipped: "told_by_shopify" };
  if (seller?.ok === false) {
    const problems = event.lines.map(({ line }) => ({
      code: "bad_channel" as const,
      subject: `channel ${named}`,
      line,
    }));
    return { ...NOTHING, problems };
  }
  const lines = linesOfEvent(event, { ...context, seller: seller?.value ?? context.channel });
  const routed = lines.map((line) => routeLine(line, event.type.startsWith("stock."), context));
  return {
    lines: routed.flatMap(({ lines: some }) => some),
    problems: routed.flatMap(({ problems }) => problems),
    isUnsure: routed.some(({ isUnsure }) => isUnsure),
    skipped: null,
  };
}

const NOTHING: RoutedChannelEvent = { lines: [], problems: [], isUnsure: false, skipped: null };

/** All of a line or nothing of it: every component of a bundle, both ends of a transfer. */
function routeLine(line: EventLine, isOfShelf: boolean, context: ChannelRouteContext): RoutedChannelEvent {
  const item = context.item(line.item);
  const places = line.places.map((name) => ({ name, id: name === null ? null : context.location(name) }));
  const lost = places.filter(({ name, id }) => name !== null && id === null);
  const problems = [
    ...problemsOf(line, item, isOfShelf),
    ...lost.map(({ name }) => ({ code: "unknown_location" as const, subject: `location ${name}`, line: line.line })),
  ];
  if (problems.length > 0 || item.kind !== "known") return { ...NOTHING, problems, isUnsure: item.kind === "unsure" };
  const told = item.parts.flatMap(({ skuId, units }) =>
    line
      .tell(
        units,
        places.map(({ id }) => id),
      )
      .map((event) => ({ skuId, event, line: line.line })),
  );
  return { ...NOTHING, lines: told };
}

function problemsOf({ item, line }: EventLine, answer: ItemAnswer, isOfShelf: boolean): readonly ChannelProblem[] {
  const subject = item.sku === null ? `item ${item.itemId}` : `SKU ${item.sku}`;
  switch (answer.kind) {
    case "unknown":
      return [{ code: item.sku === null ? "unknown_item" : "unknown_sku", subject, line }];
    case "broken":
      return [{ code: "broken_bundle", subject: `${subject} (${answer.why})`, line }];
    case "known":
      // What stands on a shelf are its components, and what is named as one of them is no bundle.
      return answer.isBundle && (isOfShelf || isPartLine(line)) ? [{ code: "bundle_stock", subject, line }] : [];
    case "unsure":
      return [];
  }
}

/** The event cut down to these lines; null: none is left. */
export function onlyLines(event: FactEvent, names: ReadonlySet<string>): FactEvent | null {
  const left = event.lines.filter(({ line }) => names.has(line));
  return left.length === 0 ? null : ({ ...event, lines: left } as FactEvent);
}
