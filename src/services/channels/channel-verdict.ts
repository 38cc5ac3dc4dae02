/** What comes of a message to a channel, for the queue that brought it. */
import { NOT_CALLED } from "../../domain/reply-beginning.ts";
import type { RetryCode } from "../take-in-events.ts";
import type { ChannelCalled } from "./channel-call.ts";

export type ChannelVerdict =
  /** `told`: the channel has it. `nothing`: it has it already, or is told nothing. `withheld`: read-only. */
  | { readonly kind: "done"; readonly outcome: "told" | "nothing" | "withheld" | "paused" }
  | { readonly kind: "retry"; readonly reason: string; readonly code: RetryCode }
  | { readonly kind: "wait"; readonly untilMs: number | null; readonly reason: string }
  | { readonly kind: "refused"; readonly reason: string };

/** A message that a read-only channel would have been sent. */
export const WITHHELD = { kind: "withheld", ...NOT_CALLED } as const;

export function verdictOf(called: ChannelCalled | typeof WITHHELD): ChannelVerdict {
  switch (called.kind) {
    case "taken":
      return { kind: "done", outcome: "told" };
    case "withheld":
      return { kind: "done", outcome: "withheld" };
    case "gone":
      return { kind: "done", outcome: "paused" };
    case "refused":
      return { kind: "refused", reason: called.reason };
    case "failed":
      return { kind: "retry", reason: called.reason, code: "channel" };
    case "wait":
      return { kind: "wait", untilMs: called.untilMs, reason: called.reason };
  }
}
