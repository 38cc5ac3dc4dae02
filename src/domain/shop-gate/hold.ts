/** The operator's catches, as they meet one waiting push. */
import { largestDelta, type PushKind, type Row } from "./push.ts";

/** Why a shop takes part no more, for now. `disconnected`: what is under way ends, nothing new begins. */
export type PauseCause = "app_uninstalled" | "disconnected";

export type HoldReason = "stopped" | "read_only" | "delta_above_max" | PauseCause;

/**
 * Why a push that waits may not go, whatever pace and bucket say; null where no catch holds it. A move changes nothing that
 * is on hand, and stop-sell must not wait for approval: the largest delta is a catch for adjusts alone.
 */
export function holdOf(
  push: { readonly kind?: PushKind; readonly rows: readonly Row[]; readonly isApproved: boolean },
  catches: {
    readonly stopped: boolean;
    readonly readOnly: boolean;
    readonly deltaMax: number;
    readonly paused?: PauseCause | null;
  },
): HoldReason | null {
  if (catches.paused != null) return catches.paused;
  if (catches.stopped) return "stopped";
  if (catches.readOnly) return "read_only";
  if (push.kind === "move") return null;
  return !push.isApproved && largestDelta(push.rows) > catches.deltaMax ? "delta_above_max" : null;
}
