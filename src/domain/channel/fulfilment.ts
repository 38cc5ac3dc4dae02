/**
 * What is to be sent out of an order, from all that is known of it. Facts are only ever added, each under its own key, so
 * it does not matter in which order they come, or how often: the same facts make the same document.
 */
import type { ChannelId } from "../ids.ts";
import { partLineOf } from "./bundle-line.ts";

/** `locationId`: ours; null: whoever sends it out chooses. */
export type OrderedLine = {
  readonly sku: string;
  readonly quantity: number;
  readonly locationId: string | null;
  /**
   * Of a bundle: what one unit of it takes from the shelf, each SKU once, as it was when the order was taken in. An edit of
   * the bundle changes nothing of it. Left out: the line is stocked itself.
   */
  readonly parts?: readonly { readonly sku: string; readonly units: number }[];
};

export type FulfilmentFacts = {
  /** By the line's name in its order. What was handed over when it was sold is not among them. */
  readonly lines: Readonly<Record<string, OrderedLine>>;
  /** Units that need not be sent out any more, by the key of what says so. */
  readonly cancelled: Readonly<Record<string, { readonly line: string; readonly quantity: number }>>;
  /** All of it is cancelled, whatever the lines say. */
  readonly isCancelled: boolean;
};

export const NO_FACTS: FulfilmentFacts = { lines: {}, cancelled: {}, isCancelled: false };

/** The same facts where nothing in it is news. What was told first of a line stays: lines do not change, edits add others. */
export function withFacts(known: FulfilmentFacts, news: FulfilmentFacts): FulfilmentFacts {
  const lines = { ...news.lines, ...known.lines };
  const cancelled = { ...news.cancelled, ...known.cancelled };
  const isCancelled = known.isCancelled || news.isCancelled;
  const isNews =
    Object.keys(lines).length > Object.keys(known.lines).length ||
    Object.keys(cancelled).length > Object.keys(known.cancelled).length ||
    isCancelled !== known.isCancelled;
  return isNews ? { lines, cancelled, isCancelled } : known;
}

export type FulfilmentLine = {
  /** Of a bundle's component `<line>/part/<sku>`. */
  readonly line: string;
  readonly sku: string;
  readonly quantity: number;
  /** The receiver's name of it where it has one, else ours. */
  readonly locationId: string | null;
  /** The order's line that it is a part of, and how many bundles of it are to be sent out; null: it was ordered itself. */
  readonly bundle: { readonly line: string; readonly sku: string; readonly quantity: number } | null;
};

/** `data` of `order.fulfilment`. */
export type Fulfilment = {
  readonly orderId: string;
  readonly orderChannel: ChannelId;
  /** Of what is known: the receiver keeps the highest. */
  readonly version: number;
  readonly state: "open" | "cancelled";
  readonly lines: readonly FulfilmentLine[];
};

/** Null: no line of it is known, so there is nothing to say yet. */
export function fulfilmentOf(
  order: { readonly orderId: string; readonly orderChannel: ChannelId; readonly version: number },
  { lines, cancelled, isCancelled }: FulfilmentFacts,
  nameOf: (locationId: string) => string,
): Fulfilment | null {
  const names = Object.keys(lines).sort();
  if (names.length === 0) return null;
  const gone = new Map<string, number>();
  for (const { line, quantity } of Object.values(cancelled)) gone.set(line, (gone.get(line) ?? 0) + quantity);
  const open = names.flatMap((line) => {
    const ordered = lines[line] as OrderedLine;
    const left = isCancelled ? 0 : ordered.quantity - (gone.get(line) ?? 0);
    const locationId = ordered.locationId === null ? null : nameOf(ordered.locationId);
    return left <= 0 ? [] : onShelf(line, { ...ordered, quantity: left, locationId });
  });
  return { ...order, state: open.length === 0 ? "cancelled" : "open", lines: open };
}

/** A bundle lies on no shelf: whoever sends it out takes its components. */
function onShelf(line: string, { sku, quantity, locationId, parts }: OrderedLine): readonly FulfilmentLine[] {
  if (parts === undefined) return [{ line, sku, quantity, locationId, bundle: null }];
  const bundle = { line, sku, quantity };
  return parts.map(({ sku: part, units }) => ({
    ...{ line: partLineOf(line, part), sku: part, quantity: units * quantity, locationId, bundle },
  }));
}
