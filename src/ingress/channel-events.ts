/**
 * `POST /v1/channels/{id}/events`: read, verify, parse, enqueue, and only then say 202. What is answered stands in
 * src/services/channels/received-events.ts; src/api gives it its words. Nothing here waits for D1, but where nobody knows the
 * channel yet, nor for a counter.
 */

import type { Channel, ChannelType } from "../domain/channel/channel.ts";
import type { ChannelId, CorrelationId } from "../domain/ids.ts";
import { parseChannelId } from "../domain/ids.ts";
import type { JournalEntry } from "../domain/journal/entry.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { Meter } from "../domain/telemetry/meter.ts";
import type { Log } from "../observability/log.ts";
import { reasonOf } from "../observability/log.ts";
import type { ChannelEnvelope } from "../queues/envelope.ts";
import type { KnownChannel } from "../services/channels/channel-directory.ts";
import { type EventProblem, mayTell, type ReceivedEvents } from "../services/channels/received-events.ts";
import type { WebhookInbox } from "../services/channels/webhook-inbox.ts";
import { sha256Hex } from "../services/sha256.ts";
import { type ParsedEvent, type ParsedItem, parseChannelEvents } from "./parse-channel-events.ts";
import { readCapped } from "./read-capped.ts";
import { PAUSED_RETRY_SECONDS, RETRY_SECONDS } from "./retry-seconds.ts";
import { type Verified, verifyWebhook } from "./standard-webhooks.ts";
import { tellReceived } from "./tell-received.ts";

export interface ChannelEventsDeps {
  /** Of the request: what its headers say, or a new one. */
  readonly correlationId: CorrelationId;
  readonly bodyBytesMax: number;
  readonly eventsMax: number;
  readonly toleranceMs: number;
  /** Rejects when nobody can be asked, and the isolate never knew. */
  channel(id: ChannelId): Promise<KnownChannel | null>;
  /** Best effort: which ids were taken, and with which body. */
  readonly inbox: WebhookInbox;
  /** Durable when it resolves; rejects when a queue refuses any of them. */
  enqueue(envelopes: readonly ChannelEnvelope[]): Promise<void>;
  /** Best effort, bounded, beside the answer: forget the mirrored levels that these events touch. */
  invalidate(envelopes: readonly ChannelEnvelope[]): void;
  /** Best effort, beside the answer. */
  journal(entries: readonly JournalEntry[]): void;
  readonly log: Log;
  readonly meter: Meter;
  nowMs(): number;
}

export async function receiveChannelEvents(
  channelText: string,
  request: Request,
  deps: ChannelEventsDeps,
): Promise<ReceivedEvents> {
  const raw = await readCapped(request, deps.bodyBytesMax);
  if (!raw.ok) {
    deps.meter.count("onhand_webhook_refused_total", { reason: "too_large" });
    return { kind: "too_large", bytesMax: raw.error.bytesMax };
  }
  const id = parseChannelId(channelText);
  if (!id.ok) return unauthorized("?", "channel_unknown", deps);
  let known: KnownChannel | null;
  try {
    known = await deps.channel(id.value);
  } catch (error) {
    deps.log("error", "webhook.not_verified", { shop: id.value, reason: reasonOf(error) });
    return { kind: "later", why: "The channel cannot be looked up just now.", afterSeconds: RETRY_SECONDS };
  }
  if (known === null) return unauthorized(id.value, "channel_unknown", deps);
  const when = { nowMs: deps.nowMs(), toleranceMs: deps.toleranceMs };
  const verified = await verifyWebhook(request.headers, raw.value, known.secrets.signing, when);
  if (!verified.ok) return unauthorized(id.value, REFUSALS[verified.error.kind], deps);
  const { channel } = known;
  if (!isSender(channel)) return { kind: "not_a_sender", why: whyNot(channel) };
  if (channel.state === "paused")
    return { kind: "later", why: "The channel is paused.", afterSeconds: PAUSED_RETRY_SECONDS };
  return takeIn(raw.value, { ...verified.value, channel, receivedAtMs: when.nowMs }, deps);
}

const REFUSALS = {
  headers: "headers_missing",
  stale: "timestamp_out_of_tolerance",
  signature: "signature_mismatch",
} as const;

function unauthorized(shop: string, reason: string, deps: ChannelEventsDeps): ReceivedEvents {
  deps.meter.count("onhand_webhook_refused_total", { reason });
  deps.log("warn", "webhook.refused", { shop, reason });
  return { kind: "unauthorized" };
}

/** One that tells us what happened, in our words. */
type Sender = Channel & { readonly type: Exclude<ChannelType, "shopify"> };

const isSender = (channel: Channel): channel is Sender =>
  channel.adapter === "onhand" && channel.type !== "shopify" && channel.direction !== "out";

/** It has signed, so it may be told what it is. */
const whyNot = ({ adapter, direction }: Channel): string =>
  direction === "out"
    ? "This channel is told, and tells nothing (direction)."
    : `This channel speaks ${adapter}: its events have an address of their own.`;

type Delivery = Verified & { readonly channel: Sender; readonly receivedAtMs: number };

async function takeIn(
  raw: Uint8Array<ArrayBuffer>,
  delivery: Delivery,
  deps: ChannelEventsDeps,
): Promise<ReceivedEvents> {
  const read = itemsOf(raw, delivery, deps);
  if (!read.ok) return refused(delivery, read.error, deps);
  const good = read.value.flatMap(({ parsed }) => (parsed.ok ? [parsed.value] : []));
  if (good.length === 0) return refused(delivery, problemOfAll(read.value), deps);
  const events = read.value.map(({ id, parsed }, index) => ({ index, id, problem: parsed.ok ? null : parsed.error }));
  const envelopes = good.map((event) => envelopeOf(event, delivery, deps));
  const sha256 = await sha256Hex(raw);
  const seen = await lookUp(delivery, sha256, deps);
  if (seen === "other_body") return idReused(delivery, deps);
  if (seen === "same_body") {
    tellReceived(envelopes, "dropped", deps);
    return { kind: "accepted", events, isDuplicate: true };
  }
  try {
    await deps.enqueue(envelopes);
  } catch (error) {
    tellReceived(envelopes, "not_queued", deps, reasonOf(error));
    return { kind: "later", why: "The events could not be queued.", afterSeconds: RETRY_SECONDS };
  }
  tellReceived(envelopes, "accepted", deps);
  deps.invalidate(envelopes);
  await note(delivery, sha256, deps);
  return { kind: "accepted", events, isDuplicate: false };
}

/** Each event by itself: what is of no shape we know, and what this channel may not tell, is a problem of its own. */
function itemsOf(
  raw: Uint8Array<ArrayBuffer>,
  { webhookId, signedAtMs, receivedAtMs, channel }: Delivery,
  { toleranceMs, eventsMax }: ChannelEventsDeps,
): Result<readonly ParsedItem[], EventProblem> {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder().decode(raw));
  } catch {
    return err({ code: "bad_request", errors: [{ field: "body", message: "is not JSON" }] });
  }
  const latestMs = receivedAtMs + toleranceMs;
  const parsed = parseChannelEvents(body, { webhookId, signedAtMs, latestMs, eventsMax });
  if (!parsed.ok) return parsed;
  return ok(
    parsed.value.map((item) =>
      item.parsed.ok && !mayTell(channel.eventTypes, item.parsed.value.event.type)
        ? { ...item, parsed: err(NOT_ITS_TYPE) }
        : item,
    ),
  );
}

const NOT_ITS_TYPE: EventProblem = {
  code: "not_allowed",
  errors: [{ field: "type", message: "is none that this channel may tell (eventTypes)" }],
};

/** Of several events, each error with the place of its event. */
function problemOfAll(items: readonly ParsedItem[]): EventProblem {
  const problems = items.flatMap(({ parsed }, index) => (parsed.ok ? [] : [{ index, ...parsed.error }]));
  const [first] = problems;
  if (first === undefined) throw new Error("no event, and none refused");
  if (problems.length === 1) return { code: first.code, errors: first.errors };
  const code = problems.every((problem) => problem.code === "not_allowed") ? "not_allowed" : "bad_request";
  const [one, ...others] = problems.flatMap(({ index, errors: [{ field, message }] }) => [
    { field: `${index}.${field}`, message },
  ]);
  return { code, errors: [one ?? first.errors[0], ...others] };
}

function refused({ channel }: Delivery, problem: EventProblem, { meter, log, correlationId }: ChannelEventsDeps) {
  const reason = problem.code === "not_allowed" ? "type_not_allowed" : "wrong_shape";
  meter.count("onhand_webhook_refused_total", { reason });
  log("warn", "webhook.refused", { shop: channel.id, correlationId, reason });
  return { kind: "refused", problem } as const;
}

function idReused({ channel }: Delivery, { meter, log, correlationId }: ChannelEventsDeps) {
  meter.count("onhand_webhook_refused_total", { reason: "id_reused" });
  log("warn", "webhook.refused", { shop: channel.id, correlationId, reason: "id_reused" });
  return { kind: "id_reused" } as const;
}

function envelopeOf(
  { id, occurredAtMs, event }: ParsedEvent,
  { channel, receivedAtMs }: Delivery,
  { correlationId }: ChannelEventsDeps,
): ChannelEnvelope {
  return {
    ...{ v: 1, id: `channel/${channel.id}/${id}`, correlationId, kind: event.type },
    channel: { type: channel.type, id: channel.id },
    ...{ occurredAt: occurredAtMs, receivedAt: receivedAtMs, data: event },
  };
}

/** Who keeps the ids may be away: the events are taken all the same, and count once. */
async function lookUp({ channel, webhookId }: Delivery, sha256: string, { inbox, log }: ChannelEventsDeps) {
  try {
    return await inbox.look(channel.id, webhookId, sha256);
  } catch (error) {
    log("warn", "webhook.not_noted", { shop: channel.id, outcome: "look", reason: reasonOf(error) });
    return "never";
  }
}

async function note({ channel, webhookId }: Delivery, sha256: string, { inbox, log }: ChannelEventsDeps) {
  try {
    await inbox.note(channel.id, webhookId, sha256);
  } catch (error) {
    log("warn", "webhook.not_noted", { shop: channel.id, outcome: "note", reason: reasonOf(error) });
  }
}
