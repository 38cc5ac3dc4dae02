/**
 * Which deliveries of a channel were taken, by their webhook-id: so that one that comes again is answered and not queued, and
 * an id that comes with another body is refused. Best effort: what counts once is seen to by the business keys of the events.
 */
import type { ChannelId } from "../../domain/ids.ts";

/** What is known of an id. */
export type Seen = "never" | "same_body" | "other_body";

export interface WebhookInbox {
  /** @param sha256  of the body, hexadecimal. Rejects when its keeper is away. */
  look(channel: ChannelId, webhookId: string, sha256: string): Promise<Seen>;
  /** Durable when it resolves. To be told once the queue has it: whoever dies in between is asked to send it again, and it counts once. */
  note(channel: ChannelId, webhookId: string, sha256: string): Promise<void>;
}

/** RPC of the WebhookInbox object; plain data. */
export interface WebhookInboxStub {
  look(webhookId: string, sha256: string): Promise<Seen>;
  note(webhookId: string, sha256: string): Promise<void>;
}
