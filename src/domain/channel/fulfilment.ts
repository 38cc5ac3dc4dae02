/**
 * What is to be sent out of an order, from all that is known of it. Facts are only ever added, each under its own key, so
 * it does not matter in which order they come, or how often: the same facts make the same document.
 */
import type { ChannelId } from "../ids.ts";

/** `locationId`: ours; null: whoever sends it out chooses. */
export type OrderedLine = { readonly sku: string; readonly quantity: number; readonly locationId: string | null };

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

/** `data` of `order.fulfilment`. */
export type Fulfilment = {
  readonly orderId: string;
  readonly orderChannel: ChannelId;
  /** Of what is known: the receiver keeps the highest. */
  readonly version: number;
  readonly state: "open" | "cancelled";
  readonly lines: readonly {
    readonly line: string;
    readonly sku: string;
    readonly quantity: number;
    /** The receiver's name of it where it has one, else ours. */
    readonly locationId: string | null;
  }[];
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
    const { sku, quantity, locationId } = lines[line] as OrderedLine;
    const left = isCancelled ? 0 : quantity - (gone.get(line) ?? 0);
    return left <= 0
      ? []
      : [{ line, sku, quantity: left, locationId: locationId === null ? null : nameOf(locationId) }];
  });
  return { ...order, state: open.length === 0 ? "cancelled" : "open", lines: open };
}
