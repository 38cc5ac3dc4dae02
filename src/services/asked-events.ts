/** Movements and counts that a caller of the API asks for: idempotent by its key, guarded unless they have happened. */
import type { CountRequest } from "../domain/counter/count.ts";
import type { CounterEvent } from "../domain/counter/counter-event.ts";
import { ASSERTED } from "../domain/counter/decide-movement.ts";
import type { Expected, MovementCause, MovementRequest } from "../domain/counter/movement.ts";
import type { Moves } from "../domain/counter/own-book.ts";
import { type ChannelId, type CorrelationId, fromStore, type LocationId, type MovementKey } from "../domain/ids.ts";
import { sha256Hex } from "./sha256.ts";

/** Whoever asks, and under which key. */
export type Asking = {
  readonly idempotencyKey: string;
  readonly actor: string;
  readonly correlationId: CorrelationId;
  readonly expected: Expected;
};

export type AskedMovement = {
  readonly kind: NonNullable<MovementRequest["kind"]>;
  readonly delta: number;
  readonly moves: Moves;
  readonly locationId: LocationId | null;
  readonly toLocationId: LocationId | null;
  readonly allowNegative: boolean;
  readonly channel: ChannelId | null;
  readonly reason: string;
  readonly reference: string | null;
  /** Null: now. */
  readonly occurredAtMs: number | null;
  /** The sale that it ends or undoes: booked first, if its own news has not come yet. */
  readonly sale: {
    readonly idempotencyKey: string;
    readonly quantity: number;
    readonly locationId: LocationId | null;
  } | null;
};

export type AskedCount = Pick<CountRequest, "locationId" | "counted" | "of" | "approval"> & {
  readonly reason: string;
  readonly reference: string | null;
  readonly countedAtMs: number | null;
};

/** Key of a caller's movement within a counter. */
export const apiKey = (idempotencyKey: string): MovementKey => fromStore<MovementKey>(`api/${idempotencyKey}`);

const encoder = new TextEncoder();
const fingerprintOf = (asked: readonly unknown[]): Promise<string> => sha256Hex(encoder.encode(JSON.stringify(asked)));

const causeOf = (
  { reason, reference }: { readonly reason: string; readonly reference: string | null },
  { actor, correlationId }: Asking,
): MovementCause => ({ reason, reference, source: "api", actor, correlationId });

/** One event; two when it names the sale that came before it. */
export async function movementEvents(
  asked: AskedMovement,
  by: Asking,
  nowMs: number,
): Promise<readonly CounterEvent[]> {
  const { kind, delta, moves, locationId, toLocationId, allowNegative, channel, reason, reference, sale } = asked;
  const plain = kind === "adjustment" && channel === null;
  const fingerprint = await fingerprintOf(
    plain
      ? [delta, locationId, reason, reference, allowNegative]
      : [kind, delta, locationId, toLocationId, channel, reason, reference, allowNegative, sale, asked.occurredAtMs],
  );
  const request: MovementRequest = {
    ...{ key: apiKey(by.idempotencyKey), fingerprint, kind, locationId, delta, moves, allowNegative, channel },
    ...(toLocationId === null ? {} : { toLocationId }),
    ...{ expected: by.expected, cause: causeOf(asked, by), occurredAtMs: asked.occurredAtMs ?? nowMs },
  };
  const event: CounterEvent = { kind: "movement", request };
  return sale === null ? [event] : [assertedSale(sale, asked, by, request.occurredAtMs), event];
}

/** So a cancellation that overtakes its order cannot invent stock. */
function assertedSale(
  sale: NonNullable<AskedMovement["sale"]>,
  asked: AskedMovement,
  by: Asking,
  occurredAtMs: number,
): CounterEvent {
  const { quantity, locationId } = sale;
  const cause = causeOf({ ...asked, reason: `sale, told by its ${asked.kind}` }, by);
  return {
    kind: "movement",
    request: {
      ...{ key: apiKey(sale.idempotencyKey), fingerprint: ASSERTED, kind: "sale", delta: -quantity },
      ...{
        moves: { committed: quantity },
        locationId,
        allowNegative: true,
        channel: asked.channel,
        cause,
        occurredAtMs,
      },
    },
  };
}

export async function countEvent(asked: AskedCount, by: Asking, nowMs: number): Promise<CounterEvent> {
  const { locationId, counted, of, reason, reference, approval } = asked;
  const countedAtMs = asked.countedAtMs ?? nowMs;
  const fingerprint = await fingerprintOf(["count", locationId, counted, of, asked.countedAtMs, reason, reference]);
  const cause = causeOf(asked, by);
  const { expected } = by;
  const key = apiKey(by.idempotencyKey);
  return {
    kind: "count",
    request: {
      key,
      fingerprint,
      locationId,
      counted,
      of,
      countedAtMs,
      expected,
      cause,
      ...(approval === undefined ? {} : { approval }),
    },
  };
}
