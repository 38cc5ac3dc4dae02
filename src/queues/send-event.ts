/**
 * Puts an event on its queue. One queue takes 5,000 messages a second; a deployment that needs more adds bindings
 * `EVENTS_1`, `EVENTS_2` … (queues `onhand-events-1` …), which are found by name.
 */
import type { Queue } from "@cloudflare/workers-types";
import { LIMITS } from "../config.ts";
import { chunksOf } from "../domain/chunks-of.ts";
import { type Envelope, isOfShop } from "./envelope.ts";
import { sendBatches } from "./send-batches.ts";
import { splitEnvelope } from "./split-event.ts";

/** The event queues of this deployment, the unnumbered one first. */
export function eventShards(env: object): readonly Queue[] {
  const shards: Queue[] = [];
  const bindings = env as Readonly<Record<string, unknown>>;
  for (let i = 0; ; i += 1) {
    const queue = bindings[i === 0 ? "EVENTS" : `EVENTS_${i}`];
    if (queue === undefined) return shards;
    shards.push(queue as Queue);
  }
}

/** Durable when it resolves; rejects when the queue refuses. A long order goes as several messages in one request. */
export async function sendEvent(shards: readonly Queue[], envelope: Envelope): Promise<void> {
  const shard = shards[shardOf(envelope, shards.length)];
  if (shard === undefined) throw new Error("no event queue is bound");
  const parts = splitEnvelope(envelope, LIMITS.messageBytesMax);
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) await shard.send(first);
  else for (const chunk of chunksOf(parts, PARTS_PER_REQUEST)) await shard.sendBatch(chunk.map((body) => ({ body })));
}

/** All of them, in few requests. Rejects when a queue refuses, and what stood before is sent: business keys count it once. */
export async function sendEvents(shards: readonly Queue[], envelopes: readonly Envelope[]): Promise<void> {
  for (const [shard, those] of Map.groupBy(envelopes, (envelope) => shards[shardOf(envelope, shards.length)])) {
    if (shard === undefined) throw new Error("no event queue is bound");
    const parts = those.flatMap((envelope) => splitEnvelope(envelope, LIMITS.messageBytesMax));
    await sendBatches(shard, parts);
  }
}

/** Parts of one batch request: 256 KB and two parts of the most that a message may be. */
const PARTS_PER_REQUEST = 2;

/** What tells of the same order or item goes the same way: fewer counters are called from two batches at once. */
function shardOf(envelope: Envelope, shards: number): number {
  const key = keyOf(envelope);
  let hash = 0;
  for (let i = 0; i < key.length; i += 1) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) >>> 0;
  return hash % Math.max(1, shards);
}

function keyOf(envelope: Envelope): string {
  if (isOfShop(envelope)) {
    const { data, channel } = envelope;
    return "item" in data ? data.item : "orderId" in data ? data.orderId : channel.shop;
  }
  const { data, id } = envelope;
  if ("orderId" in data && data.orderId !== null) return data.orderId;
  // Steps of one reservation; of other documents each stands alone.
  return "reservationId" in data ? data.reservationId : id;
}
