/**
 * A reservation: lines of one or several SKUs, held all or none, then committed (all or part), released, or expired.
 * The two-phase model of TigerBeetle, with one participant per SKU. Plain, immutable data: what to do next, after a restart
 * as well, is a function of it (drive.ts).
 *
 * Presumed abort: until the decision to open it is recorded, nobody has been promised anything, and a life that finds it
 * still `preparing` undoes it. A recorded decision is carried out, however long that takes.
 * @see https://docs.tigerbeetle.com/coding/two-phase-transfers/
 */
import type { MovementCause } from "../counter/movement.ts";
import type { ChannelId, LocationId, ReservationId, Sku, SkuId } from "../ids.ts";
import type { Refusal } from "./refusal.ts";

/** As it was asked for. `sku` may be a bundle's: its parts are in the members. */
export type ReservationLine = {
  readonly sku: Sku;
  readonly quantity: number;
  /** Null: where the SKU's policy of allocation says. */
  readonly locationId: LocationId | null;
};

/** What one line wants of one SKU. */
export type Part = {
  /** Index of the line. */
  readonly line: number;
  /** Units of this SKU per unit of the line: above 1 in a bundle. */
  readonly each: number;
  readonly quantity: number;
  readonly locationId: LocationId | null;
};

/** What the counter set aside, one per location. */
export type HeldUnits = { readonly locationId: LocationId; readonly quantity: number };

/** One SKU of the reservation. */
export type Member = {
  readonly skuId: SkuId;
  readonly sku: Sku;
  readonly parts: readonly Part[];
  /** Empty until its counter has answered. */
  readonly held: readonly HeldUnits[];
  /** Whether it has answered what the present phase asks of it. */
  readonly isSettled: boolean;
};

/** Units to commit of each line; what is held beyond them is released. */
export type Taken = readonly number[];

export type Phase =
  /** Asking every counter. `commits`: the decision will be to sell at once. */
  | { readonly kind: "preparing"; readonly commits: boolean }
  | { readonly kind: "open" }
  /** Until every counter has agreed, the old expiry stands. `commits`: what to sell after that. */
  | { readonly kind: "extending"; readonly toMs: number; readonly commits: Taken | null }
  | { readonly kind: "committing"; readonly taken: Taken; readonly decidedAtMs: number }
  | { readonly kind: "committed"; readonly taken: Taken; readonly decidedAtMs: number; readonly endedAtMs: number }
  | { readonly kind: "releasing"; readonly decidedAtMs: number }
  | { readonly kind: "released"; readonly decidedAtMs: number; readonly endedAtMs: number }
  | { readonly kind: "expired"; readonly endedAtMs: number };

export type Reservation = {
  readonly id: ReservationId;
  /** Its name at the counters. Fresh for each attempt: a counter remembers an undone one. */
  readonly holdKey: ReservationId;
  /** Hash of what was asked: the same id with another fingerprint is an error, never a repeat. */
  readonly fingerprint: string;
  /** Whose holds these are, for the limits of an API client. */
  readonly client: string;
  readonly channel: ChannelId | null;
  readonly cause: MovementCause;
  readonly createdAtMs: number;
  /** From then on nothing is held. */
  readonly expiresAtMs: number;
  /** Once committed, its units have been handed over already. */
  readonly isFulfilled: boolean;
  readonly lines: readonly ReservationLine[];
  readonly members: readonly Member[];
  readonly phase: Phase;
};

/** Something that may still be held for an attempt which came to nothing: released until its counter has said so. */
export type Stray = {
  readonly skuId: SkuId;
  readonly holdKey: ReservationId;
  /** The hold has expired by then, whatever was said. */
  readonly untilMs: number;
  /** A hold may be on its way until then: "no such hold" is no answer before. */
  readonly surelyAtMs: number;
  readonly cause: MovementCause;
};

/** All that the coordinator of one id keeps. */
export type CoordinatorState = {
  readonly reservation: Reservation | null;
  readonly strays: readonly Stray[];
  /** Rounds in a row that brought no answer: how long to wait before the next. */
  readonly tries: number;
};

export const NOTHING: CoordinatorState = { reservation: null, strays: [], tries: 0 };

/** What is asked of a coordinator. */
export type ReservationRequest = {
  readonly id: ReservationId;
  readonly fingerprint: string;
  readonly client: string;
  readonly channel: ChannelId | null;
  readonly cause: MovementCause;
  readonly ttlMs: number;
  readonly lines: readonly ReservationLine[];
  readonly members: readonly { readonly skuId: SkuId; readonly sku: Sku; readonly parts: readonly Part[] }[];
  /** Sell at once what could be held: the guarded sale of a bundle. */
  readonly commits: boolean;
  readonly isFulfilled: boolean;
};

export type MemberRefusal = { readonly skuId: SkuId; readonly sku: Sku; readonly refusal: Refusal };

/** What a reservation is to whoever looks at `nowMs`. `undecided`: the asking is under way, or was cut off. */
export type ReservationStatus = "undecided" | "open" | "committed" | "released" | "expired";

export function statusOf({ phase, expiresAtMs }: Reservation, nowMs: number): ReservationStatus {
  switch (phase.kind) {
    case "preparing":
      return "undecided";
    case "open":
      return nowMs < expiresAtMs ? "open" : "expired";
    case "extending":
      // Past the old expiry only the counters know; until they have all said so, nothing is promised.
      return nowMs < expiresAtMs ? "open" : "undecided";
    case "committing":
    case "committed":
      return "committed";
    case "releasing":
    case "released":
      return "released";
    case "expired":
      return "expired";
  }
}
