/**
 * An order of very many lines, cut into messages that the queue takes. Every part carries what its lines need, so the
 * parts may arrive in any order; their ids tell them apart, their business keys are those of the whole.
 */
import type { OrderEvent, ShopEvent } from "../domain/shop-event.ts";
import type { Envelope } from "./envelope.ts";

const encoder = new TextEncoder();
const bytesOf = (value: unknown): number => encoder.encode(JSON.stringify(value)).byteLength;

/** Whole when it fits; else halves of halves. A single line always fits: its fields are bounded by Shopify. */
export function splitEnvelope(envelope: Envelope, bytesMax: number): readonly Envelope[] {
  if (bytesOf(envelope) <= bytesMax) return [envelope];
  const halves = halve(envelope.data);
  if (halves === null) return [envelope];
  return halves.flatMap((data, i) => splitEnvelope({ ...envelope, id: `${envelope.id}.${i}`, data }, bytesMax));
}

function halve(event: ShopEvent): readonly ShopEvent[] | null {
  switch (event.kind) {
    case "order":
      return halveOrder(event);
    case "refund":
      return halvesOf(event.restocks)?.map((restocks) => ({ ...event, restocks })) ?? null;
    case "fulfilment":
      return halvesOf(event.lines)?.map((lines) => ({ ...event, lines })) ?? null;
    case "items":
      return halvesOf(event.items)?.map((items) => ({ ...event, items })) ?? null;
    default:
      return null;
  }
}

/** Null: one is left, or none. */
function halvesOf<Part>(parts: readonly Part[]): readonly (readonly Part[])[] | null {
  if (parts.length < 2) return null;
  const middle = Math.ceil(parts.length / 2);
  return [parts.slice(0, middle), parts.slice(middle)];
}

function halveOrder(event: OrderEvent): readonly [OrderEvent, OrderEvent] | null {
  const { lines, restocks } = event;
  if (lines.length + restocks.length < 2) return null;
  const [line, restock] = [Math.ceil(lines.length / 2), Math.floor(restocks.length / 2)];
  return [
    { ...event, lines: lines.slice(0, line), restocks: restocks.slice(0, restock) },
    { ...event, lines: lines.slice(line), restocks: restocks.slice(restock) },
  ];
}
