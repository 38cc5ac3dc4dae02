/** What a receiver took: written down where it was sent, so that what becomes of it is counted against something outside of Onhand. */
import type { Delivery } from "../shopify-simulator/webhooks/courier.ts";

export type AcceptedEvent = {
  /** As Onhand names it: `shopify/<shop>/<webhook id>`. */
  readonly eventId: string;
  readonly topic: string;
  /** Deliveries of it that got a 2xx. */
  times: number;
};

export class AcceptedNews {
  readonly #events = new Map<string, AcceptedEvent>();

  note(delivery: Delivery): void {
    const eventId = `shopify/${delivery.headers["X-Shopify-Shop-Domain"]}/${delivery.webhookId}`;
    const known = this.#events.get(eventId);
    if (known === undefined) this.#events.set(eventId, { eventId, topic: delivery.topic, times: 1 });
    else known.times += 1;
  }

  all(): readonly AcceptedEvent[] {
    return [...this.#events.values()];
  }

  get size(): number {
    return this.#events.size;
  }
}
