/** Puts many bodies on a queue in few requests. */
import type { Queue } from "@cloudflare/workers-types";

const encoder = new TextEncoder();

/** The platform's most of one request, with some room for what it adds to each message. */
const MESSAGES_MAX = 100;
const BYTES_MAX = 250_000;

/** Durable when it resolves; rejects when the queue refuses, and what stood before is sent. */
export async function sendBatches(queue: Queue, bodies: readonly unknown[]): Promise<void> {
  let batch: { body: unknown }[] = [];
  let bytes = 0;
  for (const body of bodies) {
    const size = encoder.encode(JSON.stringify(body)).byteLength + 100;
    if (batch.length === MESSAGES_MAX || (batch.length > 0 && bytes + size > BYTES_MAX)) {
      await queue.sendBatch(batch);
      [batch, bytes] = [[], 0];
    }
    batch.push({ body });
    bytes += size;
  }
  if (batch.length === 1) await queue.send(batch[0]?.body);
  else if (batch.length > 1) await queue.sendBatch(batch);
}
