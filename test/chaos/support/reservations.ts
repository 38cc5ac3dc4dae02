/** Reservations as a client asks for them, and what they take for the accounts of a test. */
import { reservationIdOf } from "../../../src/services/reservation/reserve.ts";
import { ask, type Reply } from "./asks.ts";
import type { Calm } from "./calm.ts";
import { waitUntil } from "./wait-until.ts";

export type Reservation = {
  readonly id: string;
  readonly status: string;
  readonly settled: boolean;
  readonly code?: string;
  readonly holds: readonly { readonly sku: string; readonly locationId: string; readonly quantity: number }[];
};
export type Lines = readonly (readonly [sku: string, quantity: number])[];
type Given = { readonly key: string; readonly ttlSeconds?: number; readonly client?: string };

export function reserve(
  { stack }: Calm,
  lines: Lines,
  { key, ttlSeconds = 600, client }: Given,
): Promise<Reply<Reservation>> {
  const body = { ttlSeconds, lines: lines.map(([sku, quantity]) => ({ sku, quantity })) };
  const who = client === undefined ? {} : { "x-client-id": client };
  return ask<Reservation>(stack, "POST", "/v1/reservations", body, { "idempotency-key": key, ...who });
}

/** Of the API's own client: known before anything is asked. */
export const idOf = (key: string): Promise<string> =>
  reservationIdOf({ scope: ["reservation"], client: "admin", idempotencyKey: key });

export const end = ({ stack }: Calm, id: string, how: "commit" | "release"): Promise<Reply<Reservation>> =>
  ask<Reservation>(stack, "POST", `/v1/reservations/${id}/${how}`, {});

export const look = ({ stack }: Calm, id: string): Promise<Reply<Reservation>> =>
  ask<Reservation>(stack, "GET", `/v1/reservations/${id}`);

/** What was held is sold. */
export function noteSold(calm: Calm, { holds }: Pick<Reservation, "holds">): void {
  for (const { sku, locationId, quantity } of holds) calm.noteTaken(sku, locationId, quantity);
}

const SETTLES_MS_MAX = 60_000;

/** Every counter has carried out what was decided. */
export const untilSettled = (calm: Calm, id: string): Promise<boolean> =>
  waitUntil(async () => (await look(calm, id)).body.settled, SETTLES_MS_MAX);
