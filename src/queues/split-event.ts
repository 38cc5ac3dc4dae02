/**
 * An order of very many lines, cut into messages that the queue takes. Every part carries what its lines need, so the
 * parts may arrive in any order; their ids tell them apart, their business keys are those of the whole.
 */
import type { OrderEvent, RefundEvent, ShopEvent } from "../domain/shop-event.ts";
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

function halve(event: ShopEvent): readonly [ShopEvent, ShopEvent] | null {
  switch (event.kind) {
    case "order":
      return halveOrder(event);
    case "refund":
      return halveRefund(event);
    case "level":
      return null;
  }
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

function halveRefund(event: RefundEvent): readonly [RefundEvent, RefundEvent] | null {
  if (event.restocks.length < 2) return null;
  const middle = Math.ceil(event.restocks.length / 2);
  return [
    { ...event, restocks: event.restocks.slice(0, middle) },
    { ...event, restocks: event.restocks.slice(middle) },
  ];
}
