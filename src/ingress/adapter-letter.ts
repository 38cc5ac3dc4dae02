/** A signed delivery that its adapter could not read, as a dead letter: cut to the fields that may be kept. */
import type { CorrelationId } from "../domain/ids.ts";
import { refsInBody } from "../queues/letter-refs.ts";
import { type DeadLetter, deadLetterId } from "../services/dead-letters.ts";
import { sha256Hex } from "../services/sha256.ts";
import type { SeenDelivery } from "./adapter-webhook.ts";

const DEPTH_MAX = 10;
const TEXT_MAX = 255;

/**
 * Only known fields, and of them only numbers, flags, and texts that can be no address: a body of unknown shape may hold a
 * name anywhere.
 */
export function keptOf(value: unknown, fields: ReadonlySet<string>, depth = 0): unknown {
  if (depth > DEPTH_MAX) return "…";
  if (Array.isArray(value)) return value.map((each) => keptOf(each, fields, depth + 1));
  if (typeof value === "string") return value.length <= TEXT_MAX && !/[@\n]/.test(value) ? value : "(string)";
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => fields.has(key));
  return Object.fromEntries(kept.map(([key, each]) => [key, keptOf(each, fields, depth + 1)]));
}

export async function adapterLetter(
  { adapter, channel, raw, eventId, topic }: SeenDelivery,
  body: unknown,
  problems: readonly string[],
  how: { readonly correlationId: CorrelationId; readonly nowMs: number; readonly textMax: number },
): Promise<DeadLetter> {
  const kept = body === null ? "(not JSON)" : keptOf(body, adapter.keptFields);
  const text = JSON.stringify(kept);
  const truncated = text.length > how.textMax;
  const name = `channel/${channel.id}/${eventId}`;
  return {
    id: await deadLetterId("ingress/adapter", name),
    ...{ origin: "ingress/adapter", topic, shop: channel.id, correlationId: how.correlationId, eventId: name },
    subject: null,
    errors: [{ code: "wrong_shape", message: problems.join("; "), atMs: how.nowMs, attempt: 1 }],
    attempts: 1,
    payload: truncated ? text.slice(0, how.textMax) : kept,
    refs: refsInBody(channel.id, kept),
    ...{ isFreeForm: true, truncated, received: { bytes: raw.byteLength, sha256: await sha256Hex(raw) } },
    occurredAtMs: how.nowMs,
  };
}
