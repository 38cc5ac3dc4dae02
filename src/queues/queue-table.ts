/**
 * The queues, each number with its reason. `wrangler.toml` must say the same (test/contract/config/wrangler-toml.test.ts).
 * Delays are whole seconds. A dead-letter queue has none of its own.
 */
export type QueueRole = "events" | "shopify-sync" | "channel-sync" | "notifications" | "dead-letters";

export type QueueSpec = {
  /** As in `batch.queue`. */
  readonly queue: string;
  readonly binding:
    | "EVENTS"
    | "EVENTS_DLQ"
    | "SHOPIFY_SYNC"
    | "SHOPIFY_SYNC_DLQ"
    | "CHANNEL_SYNC"
    | "CHANNEL_SYNC_DLQ"
    | "NOTIFICATIONS"
    | "NOTIFICATIONS_DLQ";
  readonly role: QueueRole;
  readonly deadLetterQueue: string | null;
  readonly batchSizeMax: number;
  readonly batchWaitSeconds: number;
  /** Deliveries after the first. */
  readonly triesMax: number;
  /** First delay; doubles, with jitter, up to the maximum. */
  readonly delaySeconds: number;
  readonly delaySecondsMax: number;
  /** Consumer invocations at once; null: the platform scales by backlog. */
  readonly concurrencyMax: number | null;
  readonly reason: string;
};

export const QUEUES: readonly QueueSpec[] = [
  {
    queue: "onhand-events",
    binding: "EVENTS",
    role: "events",
    deadLetterQueue: "onhand-events-dlq",
    batchSizeMax: 100,
    batchWaitSeconds: 0,
    triesMax: 8,
    delaySeconds: 1,
    delaySecondsMax: 900,
    concurrencyMax: null,
    reason:
      "100 is the platform's largest batch, and a batch is one call per SKU. No wait: a quiet shop's order counts at once, and under load " +
      "messages gather by themselves while batches are under way. 8 tries, doubling from 1 s, outlast four minutes of trouble.",
  },
  {
    queue: "onhand-shopify-sync",
    binding: "SHOPIFY_SYNC",
    role: "shopify-sync",
    deadLetterQueue: "onhand-shopify-sync-dlq",
    batchSizeMax: 50,
    batchWaitSeconds: 0,
    triesMax: 8,
    delaySeconds: 1,
    delaySecondsMax: 900,
    concurrencyMax: 4,
    reason:
      'A signal is only "ask the counter": what it sends waits in the shop\'s gate, which sets the pace and packs rows of many SKUs. So few ' +
      "invocations, small batches, no wait. What is lost is signalled again by the counter's alarm.",
  },
  {
    queue: "onhand-channel-sync",
    binding: "CHANNEL_SYNC",
    role: "channel-sync",
    deadLetterQueue: "onhand-channel-sync-dlq",
    batchSizeMax: 100,
    batchWaitSeconds: 0,
    triesMax: 8,
    delaySeconds: 1,
    delaySecondsMax: 900,
    concurrencyMax: 4,
    reason:
      "100 signals make one call where the receiver takes bulk. No wait: a stop-sell goes at once, and what comes during a call gathers behind it. " +
      "Few invocations: each channel has a pace. 8 tries, doubling from 1 s, outlast four minutes; a breaker's pause spends none.",
  },
  {
    queue: "onhand-notifications",
    binding: "NOTIFICATIONS",
    role: "notifications",
    deadLetterQueue: "onhand-notifications-dlq",
    batchSizeMax: 50,
    batchWaitSeconds: 1,
    triesMax: 8,
    delaySeconds: 1,
    delaySecondsMax: 900,
    concurrencyMax: 2,
    reason:
      "What a person shall hear of: few, and a second does not matter, while it lets reports of one oversell be stored as one. " +
      "8 tries, doubling from 1 s, outlast four minutes without D1.",
  },
  deadLetters("onhand-events-dlq", "EVENTS_DLQ"),
  deadLetters("onhand-shopify-sync-dlq", "SHOPIFY_SYNC_DLQ"),
  deadLetters("onhand-channel-sync-dlq", "CHANNEL_SYNC_DLQ"),
  deadLetters("onhand-notifications-dlq", "NOTIFICATIONS_DLQ"),
];

/** Events may be spread over shards `onhand-events-1`, `onhand-events-2` …, which share the first one's numbers. */
export function specOf(queueName: string): QueueSpec | undefined {
  const first = /^(onhand-events)-\d+$/.exec(queueName)?.[1] ?? queueName;
  return QUEUES.find((spec) => spec.queue === first);
}

function deadLetters(queue: string, binding: QueueSpec["binding"]): QueueSpec {
  return {
    ...{ queue, binding, role: "dead-letters", deadLetterQueue: null, batchSizeMax: 20, batchWaitSeconds: 1 },
    ...{ triesMax: 100, delaySeconds: 1, delaySecondsMax: 3_600, concurrencyMax: null },
    reason:
      "Nothing stands behind a dead-letter queue: 100 tries with delays growing to an hour let D1 be away for days.",
  };
}
