/** Dead letters of senders' own formats, wired: read again, and sent. */
import { LIMITS } from "../config.ts";
import type { ChannelId, CorrelationId } from "../domain/ids.ts";
import { envelopesOf } from "../ingress/adapter-envelopes.ts";
import { adapterOf } from "../ingress/adapters/adapters.ts";
import { eventShards, sendEvents } from "../queues/send-event.ts";
import type { ReplayMark } from "../services/dead-letters/jobs.ts";
import type { TakenInAgain } from "../services/replay-dead-letter.ts";
import { reach } from "../services/unavailable.ts";
import { d1RunningTotals } from "../store/d1-running-totals.ts";
import { channelsOf } from "./channels.ts";

export const totalsOf = (env: Env) => d1RunningTotals(env.DB, LIMITS.catalogueMsMax);

type Letter = {
  readonly topic: string;
  readonly payload: unknown;
  readonly eventId: string;
  readonly correlationId: CorrelationId;
};

/** A body that could not be read when it came, as a person has mended it, or as its adapter reads it by now. */
export async function takeInAdapterLetter(
  env: Env,
  id: ChannelId,
  { topic, payload, eventId: name, correlationId }: Letter,
  mark: ReplayMark | null,
): Promise<TakenInAgain> {
  const known = await reach("channels", () => channelsOf(env).get(id));
  const adapter = adapterOf(topic.slice(0, topic.indexOf("/")));
  if (known === null || adapter === undefined || adapter.name !== known.channel.adapter)
    return { why: "its channel is gone, or speaks another format by now" };
  const { channel } = known;
  if (channel.type === "shopify") return { why: "its channel is a shop" };
  const nowMs = Date.now();
  const eventId = name.slice(`channel/${id}/`.length);
  const projected = adapter.project(payload, { channel, eventId, receivedAtMs: nowMs });
  if (projected.kind === "nothing") return "nothing";
  if (projected.kind === "unreadable")
    return { why: `it is still not of the expected shape: ${projected.problems.join("; ")}` };
  const { envelopes } = await envelopesOf(
    projected.news,
    { ...channel, type: channel.type },
    {
      ...{ correlationId, eventId, topic: projected.topic, receivedAtMs: nowMs },
      occurredAtMs: projected.occurredAtMs ?? nowMs,
    },
    {
      listed: async () => null,
      ranges: (totals) =>
        reach("channels", () => totalsOf(env).tell(id, totals, { nowMs, sinceMs: nowMs - LIMITS.runningTotalToldMs })),
    },
  );
  if (envelopes.length === 0) return "nothing";
  const marked = envelopes.map((envelope) => (mark === null ? envelope : { ...envelope, replay: mark }));
  await reach("queue", () => sendEvents(eventShards(env), marked));
  return "sent";
}
