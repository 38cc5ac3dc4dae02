/** What a coordinator asks of one counter, and what it hears back. */
import type { MovementCause } from "../counter/movement.ts";
import type { ChannelId, LocationId, ReservationId, SkuId } from "../ids.ts";
import type { Refusal } from "./refusal.ts";
import type { HeldUnits, Part, Stray } from "./reservation.ts";

export type Task =
  | {
      readonly kind: "hold";
      readonly skuId: SkuId;
      readonly holdKey: ReservationId;
      readonly parts: readonly Part[];
      readonly expiresAtMs: number;
      readonly fingerprint: string;
      readonly client: string;
      readonly channel: ChannelId | null;
      readonly cause: MovementCause;
    }
  | {
      readonly kind: "extend";
      readonly skuId: SkuId;
      readonly holdKey: ReservationId;
      readonly expiresAtMs: number;
      readonly cause: MovementCause;
    }
  | {
      readonly kind: "commit";
      readonly skuId: SkuId;
      readonly holdKey: ReservationId;
      /** Units per place (null: anywhere that is held). What is held beyond them is released. Never empty. */
      readonly units: readonly { readonly locationId: LocationId | null; readonly quantity: number }[];
      readonly decidedAtMs: number;
      readonly isFulfilled: boolean;
      readonly cause: MovementCause;
    }
  | {
      readonly kind: "release";
      readonly skuId: SkuId;
      readonly holdKey: ReservationId;
      readonly cause: MovementCause;
    }
  | { readonly kind: "release_stray"; readonly skuId: SkuId; readonly stray: Stray };

export type TaskAnswer =
  | { readonly kind: "held"; readonly held: readonly HeldUnits[] }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  /** Extended, committed or released: now, or when it was asked before. */
  | { readonly kind: "done" }
  /** Extend: the hold has gone. Release: there was none. */
  | { readonly kind: "gone" }
  /** No answer in time, or a broken one: it may have been done. */
  | { readonly kind: "unanswered"; readonly reason: string };

export type Answered = { readonly task: Task; readonly answer: TaskAnswer };
