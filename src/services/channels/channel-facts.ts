/**
 * What a channel says has happened, as movements of a counter. Facts: they count whatever is there, and are never clamped.
 * Their keys are the sender's own documents, so the same thing told by two events, or twice, counts once.
 */
import type { CountApproval } from "../../domain/channel/channel.ts";
import type { CounterEvent } from "../../domain/counter/counter-event.ts";
import { assertedOf } from "../../domain/counter/decide-movement.ts";
import type { MovementRequest } from "../../domain/counter/movement.ts";
import type { Moves } from "../../domain/counter/own-book.ts";
import { type ChannelId, type CorrelationId, fromStore, type LocationId, type MovementKey } from "../../domain/ids.ts";

/** Whoever tells, and when it happened. */
export type FactContext = {
  readonly channel: ChannelId;
  readonly correlationId: CorrelationId;
  readonly occurredAtMs: number;
  /** A count of the channel's that differs by more waits for a person; left out: none does. */
  readonly countApproval?: CountApproval;
};

/** `document`: what the sender calls it, for people, and for whoever waits for it. */
export type Told = {
  readonly key: MovementKey;
  readonly place: LocationId | null;
  readonly document: string;
};

/** Each part escaped, so that no two documents share a key, and no key holds a space (which parts of a movement have). */
export const keyOf = (channel: ChannelId, ...parts: readonly string[]): MovementKey =>
  fromStore<MovementKey>(["channel", channel, ...parts.map(encodeURIComponent)].join("/"));

export const saleKey = (seller: ChannelId, orderId: string, line: string): MovementKey =>
  keyOf(seller, "order", orderId, line);

export type Fact = {
  readonly kind: NonNullable<MovementRequest["kind"]>;
  /** Of the ledger, and of the states: docs/stock-model.md, "Transitions". */
  readonly delta: number;
  readonly moves: Moves;
  readonly to?: LocationId;
  readonly reason: string | null;
  /** Where it was sold; null: nowhere. */
  readonly seller: ChannelId | null;
};

export function factOf(fact: Fact, { key, place, document }: Told, context: FactContext): CounterEvent {
  const { kind, delta, moves, to, reason, seller } = fact;
  const { channel: actor, correlationId, occurredAtMs } = context;
  const request: MovementRequest = {
    // The units are what a document stands for. Where it was told first, it stays.
    ...{ key, fingerprint: JSON.stringify([kind, delta, moves]), kind, locationId: place, delta, moves },
    ...{ allowNegative: true, channel: seller, occurredAtMs },
    ...(to === undefined ? {} : { toLocationId: to }),
    cause: { reason: reason ?? kind, reference: document, source: "channel", actor, correlationId },
  };
  return { kind: "movement", request };
}

const saleOf = (units: number, isFulfilled: boolean, seller: ChannelId): Fact => ({
  ...{ kind: "sale", delta: -units, moves: isFulfilled ? {} : { committed: units }, reason: null, seller },
});

export const soldOf = (units: number, isFulfilled: boolean, seller: ChannelId, told: Told, context: FactContext) =>
  factOf(saleOf(units, isFulfilled, seller), told, context);

/** The sale that something follows from: so that a cancellation which overtakes its order cannot invent stock. */
export function assertedSale(
  { kind, seller }: Fact & { readonly seller: ChannelId },
  units: number,
  isFulfilled: boolean,
  told: Told,
  context: FactContext,
): CounterEvent {
  const sale = { ...saleOf(units, isFulfilled, seller), reason: `sale, told by its ${kind}` };
  const event = factOf(sale, told, context);
  if (event.kind !== "movement") return event;
  return { ...event, request: { ...event.request, fingerprint: assertedOf(units) } };
}
