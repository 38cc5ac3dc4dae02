/** Hands a batch to the Worker's queue handler, as a queue does, and tells how each message was settled. */
import { exports } from "cloudflare:workers";

export type TestMessage = {
  readonly id: string;
  readonly timestamp: Date;
  readonly attempts: number;
  readonly body: unknown;
};

export type Settled = {
  readonly outcome: string;
  readonly explicitAcks: readonly string[];
  readonly retryMessages: readonly { readonly msgId: string; readonly delaySeconds?: number }[];
};

/** The types of `exports` do not know the extra handlers that `service_binding_extra_handlers` gives. */
type QueueHandler = { queue(queue: string, messages: readonly TestMessage[]): Promise<Settled> };

export const message = (id: string, body: unknown, attempts = 1): TestMessage => ({
  id,
  timestamp: new Date(),
  attempts,
  body,
});

export const handOver = (queue: string, ...messages: readonly TestMessage[]): Promise<Settled> =>
  (exports.default as unknown as QueueHandler).queue(queue, messages);
