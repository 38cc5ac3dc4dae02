/** Messages and queues that note what is done with them. */
import type { Message, MessageBatch, Queue } from "@cloudflare/workers-types";
import { fromStore } from "../../../src/domain/ids.ts";
import type { JournalEntry } from "../../../src/domain/journal/entry.ts";
import type { ShopEvent } from "../../../src/domain/shop-event.ts";
import { newTally } from "../../../src/domain/telemetry/tally.ts";
import type { LastWords } from "../../../src/queues/dead-letter-message.ts";
import type { Envelope } from "../../../src/queues/envelope.ts";
import type { SettleDeps } from "../../../src/queues/settle.ts";
import type { LastReason } from "../../../src/services/dead-letters.ts";

export type Settled = { readonly id: string; readonly how: "acked" | "retried"; readonly delaySeconds?: number };

export function fakeBatch(queue: string, given: readonly { id: string; body: unknown; attempts?: number }[]) {
  const settled: Settled[] = [];
  const messages = given.map(({ id, body, attempts = 1 }) => ({
    ...{ id, body, attempts, timestamp: new Date(0) },
    ack: () => void settled.push({ id, how: "acked" }),
    retry: (options?: { delaySeconds?: number }) => void settled.push({ id, how: "retried", ...options }),
  })) satisfies readonly Message<unknown>[];
  const batch = { queue, messages } as unknown as MessageBatch<unknown>;
  return { batch, settled };
}

/** @param keeps  whether last words can be kept */
export function settleDeps({ keeps = true } = {}) {
  const buried: LastWords[] = [];
  const noted: LastReason[] = [];
  const journalled: JournalEntry[] = [];
  const logged: { readonly event: string; readonly counts?: unknown }[] = [];
  const tally = newTally();
  const deps: SettleDeps = {
    meter: tally,
    deadLetter: async (words) => {
      if (keeps) buried.push(words);
      return keeps;
    },
    noteReason: (reason) => void noted.push(reason),
    journal: (entries) => void Promise.resolve(entries).then((each) => journalled.push(...each)),
    log: (_, event, fields = {}) => void logged.push({ event, ...fields }),
    nowMs: () => 1_000,
    random: () => 0,
  };
  return { deps, buried, noted, logged, journalled, tally };
}

export const envelopeOf = (id: string, data: ShopEvent): Envelope => ({
  v: 1,
  id,
  correlationId: fromStore(`correlation-${id}`),
  channel: { type: "shopify", shop: fromStore("a.myshopify.com") },
  kind: data.kind === "order" ? data.topic : "inventory_levels/update",
  occurredAt: 500,
  receivedAt: 600,
  data,
});

/** @param refuseFrom  the number, from 1, of the first request that is refused */
export function fakeQueue(refuseFrom = Number.POSITIVE_INFINITY) {
  const requests: unknown[][] = [];
  const take = async (bodies: unknown[]) => {
    if (requests.length + 1 >= refuseFrom) throw new Error("Too Many Requests");
    requests.push(bodies);
  };
  const queue = {
    send: (body: unknown) => take([body]),
    sendBatch: (messages: readonly { body: unknown }[]) => take(messages.map(({ body }) => body)),
  } as unknown as Queue;
  return { queue, requests };
}
