/** What a receiver took: written down where it was sent, so that what becomes of it is counted against something outside of Onhand. */
import type { OutgoingEvent } from "../channel-link/wire.ts";
import type { Delivery } from "../shopify-simulator/webhooks/courier.ts";

export type AcceptedEvent = {
  /** As Onhand names it: `shopify/<shop>/<webhook id>`, `channel/<channel>/<event id>`. */
  readonly eventId: string;
  readonly topic: string;
  /** Deliveries of it that got a 2xx. */
  times: number;
};

export class AcceptedNews {
  readonly #events = new Map<string, AcceptedEvent>();

  note({ headers, webhookId, topic }: Delivery): void {
    this.#note(`shopify/${headers["X-Shopify-Shop-Domain"]}/${webhookId}`, topic);
  }

  noteOf(channel: string, events: readonly OutgoingEvent[]): void {
    for (const { id, type } of events) this.#note(`channel/${channel}/${id}`, type);
  }

  #note(eventId: string, topic: string): void {
    const known = this.#events.get(eventId);
    if (known === undefined) this.#events.set(eventId, { eventId, topic, times: 1 });
    else known.times += 1;
  }

  all(): readonly AcceptedEvent[] {
    return [...this.#events.values()];
  }

  get size(): number {
    return this.#events.size;
  }
}
