/**
 * What the coordinator of a reservation answers to (RPC of the ReservationCoordinator object). Plain data; refusals are
 * values. Worker and objects of two versions mix for minutes during a deploy: fields are only ever added, and optional.
 */
import type { ReservationId } from "../../domain/ids.ts";
import type {
  MemberRefusal,
  Reservation,
  ReservationRequest,
  ReservationStatus,
} from "../../domain/reservation/reservation.ts";
import type { LineToCommit } from "../../domain/reservation/taken.ts";

/** `isSettled`: every counter has carried out what was decided. */
export type ReservationView = {
  readonly reservation: Reservation;
  readonly status: ReservationStatus;
  readonly isSettled: boolean;
};

export type ReserveReply =
  | ({ readonly kind: "granted" | "replayed" } & ReservationView)
  | { readonly kind: "refused"; readonly refusals: readonly MemberRefusal[] }
  | { readonly kind: "key_reused" }
  /** A counter did not answer in time. What was held is let go; the same key may try again. */
  | { readonly kind: "unanswered"; readonly reason: string };

/** It has ended otherwise, or nobody knows yet. */
export type NotOpenReply = {
  readonly kind: "already_committed" | "already_released" | "expired" | "undecided";
} & ReservationView;

export type FinishReply =
  | ({ readonly kind: "done" | "repeated" } & ReservationView)
  | NotOpenReply
  /** `index`: the line of the request that asks for more than is held. */
  | { readonly kind: "not_held"; readonly index: number; readonly held: number }
  | { readonly kind: "unknown" };

/** `dryRun`: what would be decided; nothing is. */
export type FinishOptions = { readonly dryRun?: boolean };

export interface Coordinator {
  /** Idempotent by the object's own id: the same fingerprint is answered with what became of it. */
  reserve(request: ReservationRequest): Promise<ReserveReply>;
  /** What would be answered; nothing is held or remembered. */
  tryReserve(request: ReservationRequest): Promise<ReserveReply>;
  look(): Promise<ReservationView | null>;
  /** @param lines  null: all of it. What is left out is released. */
  commit(lines: readonly LineToCommit[] | null, options?: FinishOptions): Promise<FinishReply>;
  release(options?: FinishOptions): Promise<FinishReply>;
  /** @param ttlMs  from now on; never shortens */
  extend(ttlMs: number, options?: FinishOptions): Promise<FinishReply>;
}

export interface Coordinators {
  of(id: ReservationId): Coordinator;
}
