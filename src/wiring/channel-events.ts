/** Events of channels, wired: from their receipt to the queue. */
import * as z from "zod/mini";
import { LIMITS } from "../config.ts";
import type { CorrelationId } from "../domain/ids.ts";
import { channelEventArrayBody, channelEventBody } from "../ingress/channel-event-schema.ts";
import type { ChannelEventsDeps } from "../ingress/channel-events.ts";
import { consoleLog as log, reasonOf } from "../observability/log.ts";
import type { ChannelEnvelope } from "../queues/envelope.ts";
import { eventShards, sendEvents } from "../queues/send-event.ts";
import { durableWebhookInboxes } from "../store/durable-webhook-inboxes.ts";
import { mirrorOf } from "../wiring.ts";
import { channelsOf } from "./channels.ts";
import { journalOf } from "./journal.ts";
import { meterOf } from "./telemetry.ts";

/** For the object, which has no other business with the limits. */
export const WEBHOOK_INBOX_KEPT_MS = LIMITS.webhookIdKeptMs;

export function channelEventsDeps(env: Env, ctx: ExecutionContext, correlationId: CorrelationId): ChannelEventsDeps {
  const shards = eventShards(env);
  return {
    correlationId,
    bodyBytesMax: LIMITS.channelEventsBytesMax,
    eventsMax: LIMITS.channelEventsMax,
    toleranceMs: LIMITS.webhookToleranceMs,
    channel: (id) => channelsOf(env).get(id),
    inbox: durableWebhookInboxes(env.WEBHOOK_INBOX, LIMITS.webhookInboxMsMax),
    enqueue: (envelopes) => sendEvents(shards, envelopes),
    invalidate: (envelopes) => ctx.waitUntil(forgetNamed(env, envelopes)),
    journal: (entries) => ctx.waitUntil(journalOf(env).gather(entries)),
    log,
    meter: meterOf(env),
    nowMs: () => Date.now(),
  };
}

/** By the names that the events use. What is not forgotten expires by itself, and the consumer writes the new levels anyway. */
export async function forgetNamed(env: Env, envelopes: readonly ChannelEnvelope[]): Promise<void> {
  const named = envelopes.flatMap(({ data }) => ("lines" in data ? data.lines.map(({ item }) => item.sku) : []));
  const skus = new Set(named.filter((sku) => sku !== null));
  if (skus.size === 0) return;
  try {
    await mirrorOf(env).invalidate([...skus], LIMITS.invalidateMsMax);
  } catch (error) {
    log("warn", "mirror.not_invalidated", { reason: reasonOf(error) });
  }
}

let published: string | null = null;

/** JSON Schema (draft 2020-12) of what a channel may post: of one event, of an array, of either. Made once per isolate. */
export function channelEventsSchemaText(): string {
  if (published !== null) return published;
  const { $schema, ...event } = z.toJSONSchema(channelEventBody, { io: "input" });
  const { $schema: _, ...events } = z.toJSONSchema(channelEventArrayBody, { io: "input" });
  const one = { $ref: "#/$defs/event" };
  published = JSON.stringify({
    ...{ $schema, $id: "urn:onhand:schema:channel-events", title: "Events that a channel posts to Onhand" },
    anyOf: [one, { $ref: "#/$defs/events" }],
    // In an array nothing else tells them apart.
    $defs: { event, events: { ...events, items: { allOf: [one], required: ["id"] } } },
  });
  return published;
}
