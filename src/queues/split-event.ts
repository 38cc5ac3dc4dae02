/**
 * An order of very many lines, cut into messages that the queue takes. Every part carries what its lines need, so the
 * parts may arrive in any order; their ids tell them apart, their business keys are those of the whole.
 */
import type { ChannelEvent } from "../domain/channel/channel-event.ts";
import type { OrderEvent, ShopEvent } from "../domain/shop-event.ts";
import { type Envelope, isOfShop } from "./envelope.ts";

const encoder = new TextEncoder();
const bytesOf = (value: unknown): number => encoder.encode(JSON.stringify(value)).byteLength;

/** Whole when it fits; else halves of halves. A single line always fits: its fields are bounded, by Shopify or by us. */
export function splitEnvelope(envelope: Envelope, bytesMax: number): readonly Envelope[] {
  if (bytesOf(envelope) <= bytesMax) return [envelope];
  const halves = halvesOfEnvelope(envelope);
  if (halves === null) return [envelope];
  return halves.flatMap((half, i) => splitEnvelope({ ...half, id: `${envelope.id}.${i}` }, bytesMax));
}

function halvesOfEnvelope(envelope: Envelope): readonly Envelope[] | null {
  if (isOfShop(envelope)) return halve(envelope.data)?.map((data) => ({ ...envelope, data })) ?? null;
  return halveChannels(envelope.data)?.map((data) => ({ ...envelope, data })) ?? null;
}

/** A reservation is all or none, and small enough: its lines are few. */
function halveChannels(event: ChannelEvent): readonly ChannelEvent[] | null {
  if (!("lines" in event) || event.type === "reservation.created") return null;
  return (
    halvesOf<(typeof event.lines)[number]>(event.lines)?.map((lines) => ({ ...event, lines }) as ChannelEvent) ?? null
  );
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
