/**
 * Queues whose messages come again at once: all the tries that a message has pass within a second instead of ten minutes.
 * Which try it is, and what happens after the last one, is the platform's own doing as ever.
 */
const hurried = new Set<string>();

export const hurry = (queue: string): unknown => hurried.add(queue);
export const slowDown = (queue: string): unknown => hurried.delete(queue);

const AT_ONCE = { delaySeconds: 0 } as const;

/** The batch as its consumer gets it: whatever pause it asks for, none is kept. */
export function withoutPauses(batch: MessageBatch<unknown>): MessageBatch<unknown> {
  if (!hurried.has(batch.queue)) return batch;
  const messages = batch.messages.map((message) => ({
    ...{ id: message.id, timestamp: message.timestamp, body: message.body, attempts: message.attempts },
    ack: () => message.ack(),
    retry: () => message.retry(AT_ONCE),
  }));
  const { queue, metadata } = batch;
  return { queue, metadata, messages, ackAll: () => batch.ackAll(), retryAll: () => batch.retryAll(AT_ONCE) };
}

/** A handler that threw has its whole batch tried again: here at once. */
export async function afterCutOff(batch: MessageBatch<unknown>, handling: Promise<void>): Promise<void> {
  try {
    await handling;
  } catch (error) {
    if (!hurried.has(batch.queue)) throw error;
    batch.retryAll(AT_ONCE);
  }
}
