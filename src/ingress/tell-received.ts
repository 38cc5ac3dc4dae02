/** That a channel's events were taken, or not: in numbers and in the journal one by one, in the log once per type. */
import type { CorrelationId } from "../domain/ids.ts";
import type { JournalEntry } from "../domain/journal/entry.ts";
import type { Meter } from "../domain/telemetry/meter.ts";
import type { Log } from "../observability/log.ts";
import type { ChannelEnvelope } from "../queues/envelope.ts";

/** `accepted` and `dropped` (a duplicate) were answered 202; `not_queued` 503, and the sender will send it again. */
export type ReceivedOutcome = "accepted" | "dropped" | "not_queued";

export interface TellReceivedDeps {
  readonly correlationId: CorrelationId;
  journal(entries: readonly JournalEntry[]): void;
  readonly log: Log;
  readonly meter: Meter;
  nowMs(): number;
}

export function tellReceived(
  envelopes: readonly ChannelEnvelope[],
  outcome: ReceivedOutcome,
  deps: TellReceivedDeps,
  reason?: string,
): void {
  for (const [topic, those] of Map.groupBy(envelopes, ({ kind }) => kind)) {
    for (const _ of those) countOne(topic, outcome, deps.meter);
    const [first] = those;
    if (first === undefined) continue;
    const why = outcome === "dropped" ? DUPLICATE : reason;
    deps.log(outcome === "not_queued" ? "error" : "info", `webhook.${outcome}`, {
      ...{ topic, shop: first.channel.id, correlationId: deps.correlationId, counts: { events: those.length } },
      ...(why === undefined ? {} : { reason: why }),
    });
  }
  deps.journal(envelopes.map((envelope) => entryOf(envelope, outcome, deps.nowMs())));
}

const DUPLICATE = "duplicate";

function countOne(topic: string, outcome: ReceivedOutcome, meter: Meter): void {
  if (outcome === "dropped") meter.count("onhand_webhook_dropped_total", { topic, reason: DUPLICATE });
  else meter.count(`onhand_webhook_${outcome}_total`, { topic });
}

const entryOf = (
  { id, kind, channel, correlationId, receivedAt }: ChannelEnvelope,
  outcome: ReceivedOutcome,
  nowMs: number,
): JournalEntry => ({
  ...{ atMs: receivedAt, correlationId, step: "received", eventId: id, topic: kind, shop: channel.id },
  ...{ outcome: outcome === "accepted" ? "queued" : outcome, ms: nowMs - receivedAt },
  ...(outcome === "dropped" ? { code: DUPLICATE } : {}),
});
