/** Totals that grow, kept as ranges that are each told once. */
import type { ChannelId } from "../../domain/ids.ts";

export type RunningTotal = { readonly subject: string; readonly units: number };
/** Units `from` (left out) to `to` of one subject. */
export type ToldRange = { readonly subject: string; readonly from: number; readonly to: number };

export interface RunningTotals {
  /**
   * Note what is new of these totals, all or nothing. Rejects when the store is away.
   * @returns the ranges up to each total that were first told after `sinceMs`, the new ones among them: those of a delivery that
   *   was noted and then not queued come again with the next one, and count once by their keys
   */
  tell(
    channel: ChannelId,
    totals: readonly RunningTotal[],
    times: { readonly nowMs: number; readonly sinceMs: number },
  ): Promise<readonly ToldRange[]>;
}
