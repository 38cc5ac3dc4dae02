/**
 * `POST /webhooks/shopify`: verify, project, enqueue, and only then answer 200. A 2xx to Shopify means that the event is
 * durable. Nothing here waits for D1, Redis or a counter, except when a body cannot be read at all.
 */
import type { CorrelationId, ShopDomain } from "../domain/ids.ts";
import { correlationIdFrom } from "../domain/ids.ts";
import type { ShopEvent } from "../domain/shop-event.ts";
import type { Log } from "../observability/log.ts";
import { reasonOf } from "../observability/log.ts";
import type { Envelope } from "../queues/envelope.ts";
import { type DeadLetter, deadLetterId } from "../services/dead-letters.ts";
import { sha256Hex } from "../services/sha256.ts";
import { parseExactJson } from "./exact-json.ts";
import { isShopifyTopic, projectShopify, type ShopifyTopic } from "./project-shopify.ts";
import { readCapped } from "./read-capped.ts";
import { scrub } from "./scrub.ts";
import { readShopifyHeaders, type ShopifyHeaders } from "./shopify-headers.ts";
import { isSignedByShopify } from "./shopify-hmac.ts";

export interface ShopifyWebhookDeps {
  readonly secrets: readonly string[];
  readonly shops: ReadonlySet<ShopDomain>;
  readonly bodyBytesMax: number;
  readonly unreadableTextMax: number;
  /** Whether it certainly says nothing new: known without asking anybody. */
  isOldNews(shop: ShopDomain, event: ShopEvent): boolean;
  /** Durable when it resolves; rejects when the queue refuses. */
  enqueue(envelope: Envelope): Promise<void>;
  /** Durable when it resolves; rejects when the store is away. */
  deadLetter(letter: DeadLetter): Promise<void>;
  /** Best effort, bounded, beside the answer: forget the mirrored levels that this event touches. */
  invalidate(envelope: Envelope): void;
  readonly log: Log;
  nowMs(): number;
  newId(): string;
}

const RETRY_AFTER_SECONDS = 5; // Shopify retries on its own schedule; this is for proxies and for people

/** @returns 200 · 400 missing headers · 401 · 405 · 413 · 503 with Retry-After. Never throws for a request's sake. */
export async function receiveShopifyWebhook(request: Request, deps: ShopifyWebhookDeps): Promise<Response> {
  if (request.method !== "POST") return answer(405, "method not allowed", { allow: "POST" });
  const headers = readShopifyHeaders(request.headers);
  if (!headers.ok) return answer(400, `missing headers: ${headers.error.names.join(", ")}`);
  const raw = await readCapped(request, deps.bodyBytesMax);
  if (!raw.ok) return answer(413, `body over ${raw.error.bytesMax} bytes`);
  const { topic, shop, signature } = headers.value;
  const isSigned = await isSignedByShopify(raw.value, signature, deps.secrets);
  if (!isSigned || shop === null || !deps.shops.has(shop)) {
    deps.log("warn", "webhook.refused", {
      topic,
      shop: shop ?? "?",
      reason: isSigned ? "shop_unknown" : "signature_mismatch",
    });
    return answer(401, "unauthorized"); // one body for both: a stranger learns nothing
  }
  if (!isShopifyTopic(topic)) {
    deps.log("info", "webhook.dropped", { topic, shop, reason: "topic_not_needed" });
    return answer(200, "ok");
  }
  return takeIn(raw.value, { ...headers.value, topic, shop }, deps);
}

type Delivery = ShopifyHeaders & { readonly topic: ShopifyTopic; readonly shop: ShopDomain };

async function takeIn(raw: Uint8Array<ArrayBuffer>, delivery: Delivery, deps: ShopifyWebhookDeps): Promise<Response> {
  const { topic, shop } = delivery;
  const correlationId = correlationIdFrom(delivery.eventId ?? delivery.webhookId, deps.newId);
  const seen = { topic, shop, correlationId };
  const json = parseExactJson(new TextDecoder().decode(raw));
  const projected = json.ok ? projectShopify(topic, json.value) : json;
  if (!projected.ok) {
    const problems = projected.error.kind === "not_json" ? ["not JSON"] : projected.error.problems;
    const kept = json.ok ? scrub(json.value) : "(not JSON)";
    return keepUnreadable(raw, kept, problems, delivery, correlationId, deps);
  }
  if (projected.value.kind === "nothing") {
    deps.log("info", "webhook.dropped", { ...seen, reason: projected.value.reason });
    return answer(200, "ok");
  }
  if (deps.isOldNews(shop, projected.value.event)) {
    deps.log("info", "webhook.dropped", { ...seen, reason: "known" });
    return answer(200, "ok");
  }
  const receivedAt = deps.nowMs();
  const envelope: Envelope = {
    v: 1,
    id: await eventIdOf(raw, delivery),
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
    deps.log("error", "webhook.not_queued", { ...seen, reason: reasonOf(error) });
    return answer(503, "try again", { "retry-after": String(RETRY_AFTER_SECONDS) });
  }
  deps.invalidate(envelope);
  return answer(200, "ok");
}

/** Signed, and not of the shape we know: not the sender's to retry, so it waits as a dead letter for a person. */
async function keepUnreadable(
  raw: Uint8Array<ArrayBuffer>,
  scrubbed: unknown,
  problems: readonly string[],
  delivery: Delivery,
  correlationId: CorrelationId,
  deps: ShopifyWebhookDeps,
): Promise<Response> {
  const { topic, shop } = delivery;
  const eventId = await eventIdOf(raw, delivery);
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
    truncated,
    received: { bytes: raw.byteLength, sha256: await sha256Hex(raw) },
    occurredAtMs: nowMs,
  };
  try {
    await deps.deadLetter(letter);
  } catch (error) {
    deps.log("error", "webhook.not_kept", { topic, shop, correlationId, reason: reasonOf(error) });
    return answer(503, "try again", { "retry-after": String(RETRY_AFTER_SECONDS) });
  }
  deps.log("warn", "dead_letter.stored", { topic, shop, correlationId, deadLetterId: letter.id, code: "wrong_shape" });
  return answer(200, "ok");
}

/** The delivery's id, the same across retries; a body without one is its own name. */
async function eventIdOf(raw: Uint8Array<ArrayBuffer>, { shop, topic, webhookId }: Delivery): Promise<string> {
  return `shopify/${shop}/${webhookId ?? `${topic}/${await sha256Hex(raw)}`}`;
}

const answer = (status: number, text: string, headers: Record<string, string> = {}): Response =>
  new Response(text, { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers } });
