/**
 * `POST /webhooks/shopify`: verify, project, enqueue, and only then answer 200. A 2xx to Shopify means that the event is
 * durable. Nothing here waits for D1, Redis or a counter, except when a body cannot be read at all, and when
 * the isolate has not heard yet of a shop that the environment does not name.
 */
import type { CorrelationId, ShopDomain } from "../domain/ids.ts";
import type { JournalEntry } from "../domain/journal/entry.ts";
import type { ShopEvent } from "../domain/shop-event.ts";
import type { Meter } from "../domain/telemetry/meter.ts";
import type { Log } from "../observability/log.ts";
import { reasonOf } from "../observability/log.ts";
import type { ShopEnvelope } from "../queues/envelope.ts";
import { refsInBody } from "../queues/letter-refs.ts";
import { type DeadLetter, deadLetterId } from "../services/dead-letters.ts";
import { sha256Hex } from "../services/sha256.ts";
import { parseExactJson } from "./exact-json.ts";
import { isShopifyTopic, projectShopify, type ShopifyTopic } from "./project-shopify.ts";
import { readCapped } from "./read-capped.ts";
import { scrub } from "./scrub.ts";
import { readShopifyHeaders } from "./shopify-headers.ts";
import { isSignedByShopify } from "./shopify-hmac.ts";

export interface ShopifyWebhookDeps {
  /** Of the request: what its headers say, or a new one. */
  readonly correlationId: CorrelationId;
  /** What signs this shop's webhooks; null: it is no shop of ours. Rejects when nobody can say just now. */
  secretsOf(shop: ShopDomain): Promise<readonly string[] | null>;
  readonly bodyBytesMax: number;
  readonly unreadableTextMax: number;
  /** Whether it certainly says nothing new: known without asking anybody. */
  isOldNews(shop: ShopDomain, event: ShopEvent): boolean;
  /** Durable when it resolves; rejects when the queue refuses. */
  enqueue(envelope: ShopEnvelope): Promise<void>;
  /** Durable when it resolves; rejects when the store is away. */
  deadLetter(letter: DeadLetter): Promise<void>;
  /** Best effort, bounded, beside the answer: forget the mirrored levels that this event touches. */
  invalidate(envelope: ShopEnvelope): void;
  /** Best effort, beside the answer. */
  journal(entry: JournalEntry): void;
  readonly log: Log;
  readonly meter: Meter;
  nowMs(): number;
}

const RETRY_AFTER_SECONDS = 5; // Shopify retries on its own schedule; this is for proxies and for people

/** @returns 200 · 400 missing headers · 401 · 405 · 413 · 503 with Retry-After. Never throws for a request's sake. */
export async function receiveShopifyWebhook(request: Request, deps: ShopifyWebhookDeps): Promise<Response> {
  const refused = (reason: string): void => deps.meter.count("onhand_webhook_refused_total", { reason });
  if (request.method !== "POST") {
    refused("method");
    return answer(405, "method not allowed", { allow: "POST" });
  }
  const headers = readShopifyHeaders(request.headers);
  if (!headers.ok) {
    refused("headers_missing");
    return answer(400, `missing headers: ${headers.error.names.join(", ")}`);
  }
  const raw = await readCapped(request, deps.bodyBytesMax);
  if (!raw.ok) {
    refused("too_large");
    return answer(413, `body over ${raw.error.bytesMax} bytes`);
  }
  const { topic, shop, signature } = headers.value;
  const secrets = shop === null ? null : await secretsOf(shop, deps);
  if (secrets === "unknown") {
    refused("shop_unsure");
    return answer(503, "try again", { "retry-after": String(RETRY_AFTER_SECONDS) });
  }
  const isSigned = await isSignedByShopify(raw.value, signature, secrets ?? []);
  if (!isSigned || shop === null) {
    const reason = secrets === null ? "shop_unknown" : "signature_mismatch";
    refused(reason);
    deps.log("warn", "webhook.refused", { topic, shop: shop ?? "?", reason });
    return answer(401, "unauthorized"); // one body for both: a stranger learns nothing
  }
  if (!isShopifyTopic(topic)) {
    deps.meter.count("onhand_webhook_dropped_total", { topic: "other", reason: "topic_not_needed" });
    deps.log("info", "webhook.dropped", { topic, shop, reason: "topic_not_needed" });
    return answer(200, "ok");
  }
  const receivedAtMs = deps.nowMs();
  const eventId = await eventIdOf(raw.value, topic, shop, headers.value.webhookId);
  return takeIn(raw.value, { topic, shop, eventId, correlationId: deps.correlationId, receivedAtMs }, deps);
}

/** A shop of which nobody can say whether it is ours may not be told that it is not: Shopify would give up on us. */
async function secretsOf(shop: ShopDomain, deps: ShopifyWebhookDeps): Promise<readonly string[] | null | "unknown"> {
  try {
    return await deps.secretsOf(shop);
  } catch (error) {
    deps.log("error", "webhook.shop_unsure", { shop, reason: reasonOf(error) });
    return "unknown";
  }
}

type Delivery = {
  readonly topic: ShopifyTopic;
  readonly shop: ShopDomain;
  readonly eventId: string;
  readonly correlationId: CorrelationId;
  readonly receivedAtMs: number;
};

async function takeIn(raw: Uint8Array<ArrayBuffer>, delivery: Delivery, deps: ShopifyWebhookDeps): Promise<Response> {
  const { topic, shop, correlationId, receivedAtMs: receivedAt } = delivery;
  const seen = { topic, shop, correlationId };
  const drop = (reason: string): Response => {
    deps.meter.count("onhand_webhook_dropped_total", { topic, reason });
    deps.log("info", "webhook.dropped", { ...seen, reason });
    deps.journal(receivedEntry(delivery, "dropped", deps.nowMs(), reason));
    return answer(200, "ok");
  };
  const json = parseExactJson(new TextDecoder().decode(raw));
  const projected = json.ok ? projectShopify(topic, json.value) : json;
  if (!projected.ok) {
    const problems = projected.error.kind === "not_json" ? ["not JSON"] : projected.error.problems;
    const kept = json.ok ? scrub(json.value) : "(not JSON)";
    return keepUnreadable(raw, kept, problems, delivery, deps);
  }
  if (projected.value.kind === "nothing") return drop(projected.value.reason);
  if (deps.isOldNews(shop, projected.value.event)) return drop("known");
  const envelope: ShopEnvelope = {
    v: 1,
    id: delivery.eventId,
    correlationId,
    channel: { type: "shopify", shop },
    kind: topic,
    occurredAt: projected.value.occurredAtMs ?? receivedAt,
    receivedAt,
    data: projected.value.event,
  };
  try {
    await deps.enqueue(envelope);
  } catch (error) {
    deps.meter.count("onhand_webhook_not_queued_total", { topic });
    deps.log("error", "webhook.not_queued", { ...seen, reason: reasonOf(error) });
    deps.journal(receivedEntry(delivery, "not_queued", deps.nowMs()));
    return answer(503, "try again", { "retry-after": String(RETRY_AFTER_SECONDS) });
  }
  deps.log("info", "webhook.accepted", { ...seen, eventId: envelope.id });
  deps.journal(receivedEntry(delivery, "queued", deps.nowMs()));
  deps.meter.count("onhand_webhook_accepted_total", { topic });
  deps.invalidate(envelope);
  return answer(200, "ok");
}

/** `queued`, `dropped` and `buried` were answered 200; `not_queued` and `not_kept` 503, and Shopify will send it again. */
const receivedEntry = (delivery: Delivery, outcome: string, nowMs: number, code?: string): JournalEntry => ({
  ...{
    atMs: delivery.receivedAtMs,
    correlationId: delivery.correlationId,
    step: "received",
    eventId: delivery.eventId,
  },
  ...{ topic: delivery.topic, shop: delivery.shop, outcome, ms: nowMs - delivery.receivedAtMs },
  ...(code === undefined ? {} : { code }),
});

/** Signed, and not of the shape we know: not the sender's to retry, so it waits as a dead letter for a person. */
async function keepUnreadable(
  raw: Uint8Array<ArrayBuffer>,
  scrubbed: unknown,
  problems: readonly string[],
  delivery: Delivery,
  deps: ShopifyWebhookDeps,
): Promise<Response> {
  const { topic, shop, eventId, correlationId } = delivery;
  const text = JSON.stringify(scrubbed);
  const truncated = text.length > deps.unreadableTextMax;
  const nowMs = deps.nowMs();
  const letter: DeadLetter = {
    id: await deadLetterId("ingress/shopify", eventId),
    origin: "ingress/shopify",
    topic,
    shop,
    correlationId,
    eventId,
    subject: null,
    errors: [{ code: "wrong_shape", message: problems.join("; "), atMs: nowMs, attempt: 1 }],
    attempts: 1,
    payload: truncated ? text.slice(0, deps.unreadableTextMax) : scrubbed,
    refs: refsInBody(shop, scrubbed),
    isFreeForm: true,
    truncated,
    received: { bytes: raw.byteLength, sha256: await sha256Hex(raw) },
    occurredAtMs: nowMs,
  };
  try {
    await deps.deadLetter(letter);
  } catch (error) {
    deps.meter.count("onhand_webhook_not_kept_total", { topic });
    deps.log("error", "webhook.not_kept", { topic, shop, correlationId, reason: reasonOf(error) });
    deps.journal(receivedEntry(delivery, "not_kept", deps.nowMs(), "wrong_shape"));
    return answer(503, "try again", { "retry-after": String(RETRY_AFTER_SECONDS) });
  }
  deps.log("warn", "dead_letter.stored", { topic, shop, correlationId, deadLetterId: letter.id, code: "wrong_shape" });
  deps.journal(receivedEntry(delivery, "buried", deps.nowMs(), "wrong_shape"));
  return answer(200, "ok");
}

/** The delivery's id, the same across retries; a body without one is its own name. */
async function eventIdOf(
  raw: Uint8Array<ArrayBuffer>,
  topic: ShopifyTopic,
  shop: ShopDomain,
  webhookId: string | null,
): Promise<string> {
  return `shopify/${shop}/${webhookId ?? `${topic}/${await sha256Hex(raw)}`}`;
}

const answer = (status: number, text: string, headers: Record<string, string> = {}): Response =>
  new Response(text, { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers } });
