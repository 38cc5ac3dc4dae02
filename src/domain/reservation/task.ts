/** What a coordinator asks of one counter, and what it hears back. */
import type { HoldId, LocationId, ReservationId, SkuId } from "../ids.ts";
import type { Refusal } from "./refusal.ts";
import type { Part, ReservationCause, Stray } from "./reservation.ts";

export type Task =
  | {
      readonly kind: "hold";
      readonly skuId: SkuId;
      readonly holdKey: ReservationId;
      readonly parts: readonly Part[];
      readonly expiresAtMs: number;
      readonly fingerprint: string;
      readonly client: string;
      readonly channel: string | null;
      readonly cause: ReservationCause;
    }
  | { readonly kind: "extend"; readonly skuId: SkuId; readonly holdKey: ReservationId; readonly expiresAtMs: number }
  | {
      readonly kind: "commit";
      readonly skuId: SkuId;
      readonly holdKey: ReservationId;
      /** What is not named is released. Never empty: that would be a release. */
      readonly holds: readonly {
        readonly holdId: HoldId;
        readonly quantity: number;
        readonly locationId: LocationId;
      }[];
      readonly decidedAtMs: number;
      readonly cause: ReservationCause;
    }
  | {
      readonly kind: "release";
      readonly skuId: SkuId;
      readonly holdKey: ReservationId;
      readonly cause: ReservationCause;
    }
  | { readonly kind: "release_stray"; readonly skuId: SkuId; readonly stray: Stray };

/** The counter's own hold; in the order of the parts, a split part's holds one after the other. */
export type AnsweredHold = { readonly holdId: HoldId; readonly locationId: LocationId; readonly quantity: number };

export type TaskAnswer =
  | { readonly kind: "held"; readonly holds: readonly AnsweredHold[] }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  /** Extended, committed or released: now, or when it was asked before. */
  | { readonly kind: "done" }
  /** Extend: the hold has gone. Release: there was none. */
  | { readonly kind: "gone" }
  /** No answer in time, or a broken one: it may have been done. */
  | { readonly kind: "unanswered"; readonly reason: string };

export type Answered = { readonly task: Task; readonly answer: TaskAnswer };
