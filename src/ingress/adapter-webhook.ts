/**
 * `POST /webhooks/channels/{id}`: what a sender posts in its own format. Verified by the channel's adapter, read by it, queued,
 * and only then answered 200. A 2xx means that it is durable: in the queue, or as a dead letter where its shape is unknown.
 */
import { type ChannelId, type CorrelationId, parseChannelId } from "../domain/ids.ts";
import type { JournalEntry } from "../domain/journal/entry.ts";
import type { Meter } from "../domain/telemetry/meter.ts";
import { type Log, reasonOf } from "../observability/log.ts";
import type { Envelope } from "../queues/envelope.ts";
import type { KnownChannel } from "../services/channels/channel-directory.ts";
import type { RunningTotals } from "../services/channels/running-totals.ts";
import type { DeadLetter } from "../services/dead-letters.ts";
import { sha256Hex } from "../services/sha256.ts";
import { type AdapterChannel, type EnvelopeDeps, envelopesOf } from "./adapter-envelopes.ts";
import { adapterLetter } from "./adapter-letter.ts";
import type { Adapter, Projected } from "./adapters/adapter.ts";
import { adapterOf } from "./adapters/adapters.ts";
import { parseExactJson } from "./exact-json.ts";
import { readCapped } from "./read-capped.ts";
import { PAUSED_RETRY_SECONDS, RETRY_SECONDS } from "./retry-seconds.ts";

export interface AdapterWebhookDeps extends Pick<EnvelopeDeps, "listed"> {
  readonly correlationId: CorrelationId;
  readonly bodyBytesMax: number;
  readonly unreadableTextMax: number;
  /** Rejects when nobody can be asked, and the isolate never knew. */
  channel(id: ChannelId): Promise<KnownChannel | null>;
  readonly totals: RunningTotals;
  /** Ranges that were first told longer ago are not told again: their keys may be forgotten. */
  readonly rangeMsMax: number;
  /** Durable when it resolves; rejects when a queue refuses any of them. */
  enqueue(envelopes: readonly Envelope[]): Promise<void>;
  /** Durable when it resolves; rejects when the store is away. */
  deadLetter(letter: DeadLetter): Promise<void>;
  /** Best effort, bounded, beside the answer: forget the mirrored levels that these events touch. */
  invalidate(envelopes: readonly Envelope[]): void;
  /** Best effort, beside the answer. */
  journal(entries: readonly JournalEntry[]): void;
  readonly log: Log;
  readonly meter: Meter;
  nowMs(): number;
}

/** @returns 200 · 401 · 405 · 413 · 503 with Retry-After. Never throws for a request's sake. */
export async function receiveAdapterWebhook(
  channelText: string,
  request: Request,
  deps: AdapterWebhookDeps,
): Promise<Response> {
  if (request.method !== "POST") return refused("?", "method", 405, deps, { allow: "POST" });
  const raw = await readCapped(request, deps.bodyBytesMax);
  if (!raw.ok) return refused("?", "too_large", 413, deps);
  const id = parseChannelId(channelText);
  if (!id.ok) return refused("?", "channel_unknown", 401, deps);
  let known: KnownChannel | null;
  try {
    known = await deps.channel(id.value);
  } catch (error) {
    deps.log("error", "webhook.not_verified", { shop: id.value, reason: reasonOf(error) });
    return later(RETRY_SECONDS);
  }
  const adapter = known === null ? undefined : adapterOf(known.channel.adapter);
  if (known === null || adapter === undefined || !isAdapted(known.channel))
    return refused(id.value, "channel_unknown", 401, deps);
  const delivery = { raw: raw.value, headers: request.headers };
  const reason = await adapter.verify(delivery, known.secrets.credentials);
  if (reason !== null) return refused(id.value, reason, 401, deps);
  if (known.channel.state === "paused") return later(PAUSED_RETRY_SECONDS);
  return takeIn({ ...delivery, adapter, channel: known.channel, receivedAtMs: deps.nowMs() }, deps);
}

const isAdapted = (channel: KnownChannel["channel"]): channel is AdapterChannel => channel.type !== "shopify";

export type AdapterDelivery = {
  readonly raw: Uint8Array<ArrayBuffer>;
  readonly headers: Headers;
  readonly adapter: Adapter;
  readonly channel: AdapterChannel;
  readonly receivedAtMs: number;
};

async function takeIn(delivery: AdapterDelivery, deps: AdapterWebhookDeps): Promise<Response> {
  const { adapter, channel, raw, headers, receivedAtMs } = delivery;
  const json = parseExactJson(new TextDecoder().decode(raw));
  const body = json.ok ? json.value : null;
  const eventId = adapter.eventId(body, headers) ?? (await sha256Hex(raw));
  const projected: Projected = json.ok
    ? adapter.project(body, { channel, eventId, receivedAtMs })
    : { kind: "unreadable", topic: `${adapter.name}/unreadable`, problems: ["not JSON"] };
  const seen = { ...delivery, eventId, topic: projected.topic };
  if (channel.direction === "out") return dropped(seen, "direction_out", deps);
  if (projected.kind === "nothing") return dropped(seen, projected.reason, deps);
  if (projected.kind === "unreadable") return keep(seen, body, projected.problems, deps);
  const { correlationId } = deps;
  const stamp = { correlationId, eventId, topic: projected.topic, receivedAtMs };
  try {
    const { envelopes, reason } = await envelopesOf(
      projected.news,
      channel,
      { ...stamp, occurredAtMs: projected.occurredAtMs ?? receivedAtMs },
      {
        listed: deps.listed,
        ranges: (totals) =>
          deps.totals.tell(channel.id, totals, { nowMs: receivedAtMs, sinceMs: receivedAtMs - deps.rangeMsMax }),
      },
    );
    if (envelopes.length === 0) return dropped(seen, reason, deps);
    await deps.enqueue(envelopes);
    deps.invalidate(envelopes);
  } catch (error) {
    deps.meter.count("onhand_webhook_not_queued_total", { topic: seen.topic });
    deps.log("error", "webhook.not_queued", { ...named(seen, deps), reason: reasonOf(error) });
    deps.journal([entryOf(seen, "not_queued", deps)]);
    return later(RETRY_SECONDS);
  }
  deps.meter.count("onhand_webhook_accepted_total", { topic: seen.topic });
  deps.log("info", "webhook.accepted", { ...named(seen, deps), eventId });
  deps.journal([entryOf(seen, "queued", deps)]);
  return taken(adapter);
}

export type SeenDelivery = AdapterDelivery & { readonly eventId: string; readonly topic: string };

function dropped(seen: SeenDelivery, reason: string, deps: AdapterWebhookDeps): Response {
  deps.meter.count("onhand_webhook_dropped_total", { topic: seen.topic, reason });
  deps.log("info", "webhook.dropped", { ...named(seen, deps), reason });
  deps.journal([entryOf(seen, "dropped", deps, reason)]);
  return taken(seen.adapter);
}

/** Signed, and not of the shape we know: not the sender's to retry, so it waits as a dead letter for a person. */
async function keep(
  seen: SeenDelivery,
  body: unknown,
  problems: readonly string[],
  deps: AdapterWebhookDeps,
): Promise<Response> {
  const { topic } = seen;
  const letter = await adapterLetter(seen, body, problems, {
    ...{ correlationId: deps.correlationId, nowMs: deps.nowMs(), textMax: deps.unreadableTextMax },
  });
  try {
    await deps.deadLetter(letter);
  } catch (error) {
    deps.meter.count("onhand_webhook_not_kept_total", { topic });
    deps.log("error", "webhook.not_kept", { ...named(seen, deps), reason: reasonOf(error) });
    deps.journal([entryOf(seen, "not_kept", deps, "wrong_shape")]);
    return later(RETRY_SECONDS);
  }
  deps.log("warn", "dead_letter.stored", { ...named(seen, deps), deadLetterId: letter.id, code: "wrong_shape" });
  deps.journal([entryOf(seen, "buried", deps, "wrong_shape")]);
  return taken(seen.adapter);
}

const named = ({ topic, channel }: SeenDelivery, { correlationId }: AdapterWebhookDeps) => ({
  ...{ topic, shop: channel.id, correlationId },
});

const entryOf = (seen: SeenDelivery, outcome: string, deps: AdapterWebhookDeps, code?: string): JournalEntry => ({
  ...{ atMs: seen.receivedAtMs, correlationId: deps.correlationId, step: "received" },
  ...{ eventId: `channel/${seen.channel.id}/${seen.eventId}`, topic: seen.topic, shop: seen.channel.id },
  ...{ outcome, ms: deps.nowMs() - seen.receivedAtMs, ...(code === undefined ? {} : { code }) },
});

/** One body for whatever is wrong with who it is: a stranger learns nothing. */
function refused(
  shop: string,
  reason: string,
  status: 401 | 405 | 413,
  deps: AdapterWebhookDeps,
  headers: Record<string, string> = {},
): Response {
  deps.meter.count("onhand_webhook_refused_total", { reason });
  deps.log("warn", "webhook.refused", { shop, reason });
  return answer(status, { 401: "unauthorized", 405: "method not allowed", 413: "body too large" }[status], headers);
}

const later = (seconds: number): Response => answer(503, "try again", { "retry-after": String(seconds) });

function taken(adapter: Adapter): Response {
  const isJson = adapter.answer.startsWith("{");
  return answer(200, adapter.answer, isJson ? { "content-type": "application/json" } : {});
}

const answer = (status: number, text: string, headers: Record<string, string> = {}): Response =>
  new Response(text, { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers } });
