/**
 * Backlog and lag of a queue, as its producer binding tells them. The local runtime's queues know what lies in them and not
 * what waits for its next try; the platform's know both.
 */
import { gaugeOf } from "../../domain/telemetry/family-of.ts";
import type { MetricSource } from "./read-metrics.ts";

/** Of a runtime that knows its queues' metrics; an older one has no such method. */
export type MeasuredQueue = {
  metrics?(): Promise<{
    readonly backlogCount: number;
    readonly backlogBytes: number;
    readonly oldestMessageTimestamp?: Date;
  }>;
};

export const queueSource = (queue: string, binding: MeasuredQueue, nowMs: () => number): MetricSource => ({
  name: `queue ${queue}`,
  async read() {
    if (typeof binding.metrics !== "function") return [];
    const { backlogCount, backlogBytes, oldestMessageTimestamp } = await binding.metrics();
    const labels = { queue };
    const backlog = [
      gaugeOf("onhand_queue_backlog_messages", [{ value: backlogCount, labels }]),
      gaugeOf("onhand_queue_backlog_bytes", [{ value: backlogBytes, labels }]),
    ];
    const lag = lagSeconds(backlogCount, oldestMessageTimestamp, nowMs());
    return lag === null ? backlog : [...backlog, gaugeOf("onhand_queue_lag_seconds", [{ value: lag, labels }])];
  },
});

/** Null: messages wait, and nobody says since when. An empty queue tells the epoch's first moment, or no time at all. */
function lagSeconds(waiting: number, oldest: Date | undefined, nowMs: number): number | null {
  if (waiting === 0) return 0;
  const atMs = oldest?.getTime() ?? 0;
  return atMs > 0 ? Math.max(0, nowMs - atMs) / 1_000 : null;
}
