/**
 * Holds: units that are kept for somebody until they are committed, released, or their time is over. Two-phase, as
 * TigerBeetle's pending transfers. A reservation may span SKUs; within one counter its holds live and end together.
 * @see https://docs.tigerbeetle.com/coding/two-phase-transfers/
 */
import type { ChannelId, HoldId, LocationId, ReservationId } from "../ids.ts";
import type { Allocation } from "../policy/sku-policy.ts";
import type { Expected, GuardRefusal, Movement, MovementCause, Shortage } from "./movement.ts";

export type Hold = {
  readonly id: HoldId;
  readonly reservationId: ReservationId;
  readonly locationId: LocationId;
  readonly quantity: number;
  /** The moment at which it ends by itself (epoch ms). */
  readonly expiresAtMs: number;
  /** Whose it is: the API client that limits are counted for. */
  readonly client: string;
  readonly channel: ChannelId | null;
  readonly cause: MovementCause;
  readonly fingerprint: string;
};

export type HoldLine = { readonly locationId: LocationId | null; readonly quantity: number };

export type HoldRequest = {
  readonly reservationId: ReservationId;
  readonly fingerprint: string;
  /** Those of one place are summed before they are checked. */
  readonly lines: readonly HoldLine[];
  readonly expiresAtMs: number;
  readonly client: string;
  readonly channel: ChannelId | null;
  readonly allocation?: Allocation | null;
  readonly avoid?: readonly LocationId[];
  readonly expected?: Expected;
  readonly cause: MovementCause;
};

/** How a reservation's part in this counter stands, or ended. */
export type HoldState = "held" | "committed" | "released" | "expired";

export type HoldOutcome =
  | { readonly kind: "held"; readonly holds: readonly Hold[] }
  /** Asked before, with the same content. `holds` are those that are still open. */
  | { readonly kind: "held_already"; readonly state: HoldState; readonly holds: readonly Hold[] }
  | { readonly kind: "hold_key_reused" }
  /** `short`: what is missing, per line of the request (summed per place). */
  | {
      readonly kind: "hold_refused";
      readonly shortage: Shortage;
      readonly short: readonly (HoldLine & { readonly bearable: number })[];
    }
  | { readonly kind: "over_limit"; readonly limit: "holds" | "share"; readonly allowed: number; readonly held: number }
  | { readonly kind: "no_such_location"; readonly known: readonly LocationId[] }
  /** Its end lies in the past. */
  | { readonly kind: "hold_expired" }
  | GuardRefusal;

/** How a reservation's part in this counter ends. */
export type HoldEnd = {
  readonly reservationId: ReservationId;
  readonly cause: MovementCause;
} & (
  | {
      readonly how: "commit";
      /** Null: all. Units per place (null: anywhere); what is held beyond them is released. */
      readonly lines: readonly HoldLine[] | null;
      /** When it was decided: before the end of the hold it counts, however late it is told. */
      readonly decidedAtMs: number;
      /** Handed over at once: the units are never committed. */
      readonly isFulfilled?: boolean;
    }
  | { readonly how: "release" }
);

export type HoldEndOutcome =
  | { readonly kind: "hold_ended"; readonly state: "committed" | "released"; readonly movements: readonly Movement[] }
  | { readonly kind: "hold_ended_already"; readonly state: Exclude<HoldState, "held"> }
  /** More than is held, at a place or in all. */
  | { readonly kind: "exceeds_hold"; readonly held: number }
  | { readonly kind: "unknown_hold" };

export type HoldExtendOutcome =
  | { readonly kind: "hold_extended"; readonly holds: readonly Hold[] }
  | { readonly kind: "hold_ended_already"; readonly state: Exclude<HoldState, "held"> }
  | { readonly kind: "unknown_hold" }
  | { readonly kind: "hold_expired" };
