/** What a channel is answered that has posted events: plain data, which src/api shows as JSON. */
import type { ChannelEventType } from "../../domain/channel/channel-event.ts";

export type FieldError = { readonly field: string; readonly message: string };

/** What is wrong with an event; its first error names the field at fault. */
export type EventProblem = {
  readonly code: "bad_request" | "not_allowed";
  readonly errors: readonly [FieldError, ...FieldError[]];
};

/** One per event that was posted, same order. `id` null: it has none that could be read. */
export type ReceivedEvent = {
  readonly index: number;
  readonly id: string | null;
  readonly problem: EventProblem | null;
};

export type ReceivedEvents =
  /** Durable: the queue has those without a problem. `isDuplicate`: it had them before, and nothing was queued. */
  | { readonly kind: "accepted"; readonly events: readonly ReceivedEvent[]; readonly isDuplicate: boolean }
  /** No such channel, or not signed by it: a stranger learns nothing. */
  | { readonly kind: "unauthorized" }
  | { readonly kind: "too_large"; readonly bytesMax: number }
  /** None of it can be taken. */
  | { readonly kind: "refused"; readonly problem: EventProblem }
  /** It is a channel, and tells us in another way, or nothing. */
  | { readonly kind: "not_a_sender"; readonly why: string }
  | { readonly kind: "id_reused" }
  /** Paused, or a part of ours is away: the same again, later. */
  | { readonly kind: "later"; readonly why: string; readonly afterSeconds: number };

/** Types that it may tell; null: all. */
export const mayTell = (types: readonly ChannelEventType[] | null, type: ChannelEventType): boolean =>
  types === null || types.includes(type);
