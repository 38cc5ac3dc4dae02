/**
 * A till of a shop that is no Shopify POS: goods are handed over at once, some are ordered for later, some come back. It
 * tells in signed events, several at once when it was offline for a while; of Onhand's levels it wants to know nothing.
 */
import { EventSender } from "../channel-link/event-sender.ts";
import { SalesBooks } from "../channel-link/sales-books.ts";
import type { OutgoingEvent } from "../channel-link/wire.ts";
import { PendingWork } from "../shopify-simulator/model/pending-work.ts";
import { SeededRandom } from "../shopify-simulator/model/seeded-random.ts";

/** Ordered for later: collected, or its buyer never comes. */
export type PickUp = "collected" | "cancelled_first";

/** The order of a cancellation that overtook it comes so much later. */
const OVERTAKEN_MS = 300;

export class PosClient {
  readonly books = new SalesBooks();
  readonly sender: EventSender;
  receipts = 0;
  /** Kept back while the till is offline. */
  #offline: OutgoingEvent[] | null = null;
  readonly #location: string;
  readonly #pending = new PendingWork();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #sold: { readonly orderId: string; readonly sku: string; readonly quantity: number }[] = [];
  #returns = 0;
  #eventsUrl = "";
  #secret = "";

  /** @param location  the till's own name of where it stands */
  constructor(location: string, seed = 1) {
    this.#location = location;
    this.sender = new EventSender({
      url: () => this.#eventsUrl,
      secret: () => this.#secret,
      random: new SeededRandom(seed).fork("till"),
      pending: this.#pending,
    });
  }

  connect(eventsUrl: string, secret: string): void {
    this.#eventsUrl = eventsUrl;
    this.#secret = secret;
  }

  sell(sku: string, quantity: number): void {
    const orderId = this.#receipt();
    this.books.enter("sale", sku, quantity);
    this.#sold.push({ orderId, sku, quantity });
    this.#tell("order.created", orderId, { orderId, lines: [{ line: "1", sku, quantity, fulfilled: true }] });
  }

  order(sku: string, quantity: number, pickUp: PickUp): void {
    const orderId = this.#receipt();
    const created = { orderId, lines: [{ line: "1", sku, quantity }] };
    const undone = [{ line: "1", sku, quantity, ordered: quantity }];
    this.books.enter("sale", sku, quantity);
    if (pickUp === "collected") {
      this.#tell("order.created", orderId, created);
      const shipmentId = `collect-${orderId}`;
      this.#tell("shipment.confirmed", shipmentId, { shipmentId, orderId, lines: undone });
      return;
    }
    this.books.enter("cancellation", sku, quantity);
    this.#tell("order.cancelled", orderId, { orderId, lines: undone });
    this.#later(() => this.#tell("order.created", orderId, created));
  }

  /** One unit of an earlier receipt comes back, and goes on the shelf again. @returns whether there was one */
  giveBack(): boolean {
    const sold = this.#sold.shift();
    if (sold === undefined) return false;
    this.#returns += 1;
    const { orderId, sku, quantity } = sold;
    const returnId = `back-${this.#returns}`;
    this.books.enter("return", sku, 1);
    const lines = [{ line: "1", sku, quantity: 1, ordered: quantity, fulfilled: true }];
    this.#tell("order.returned", returnId, { orderId, returnId, lines });
    return true;
  }

  goOffline(): void {
    this.#offline ??= [];
  }

  /** What happened meanwhile is told in one array. */
  goOnline(): void {
    const kept = this.#offline ?? [];
    this.#offline = null;
    this.sender.send(...kept);
  }

  idle(): Promise<void> {
    return this.#pending.idle();
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.sender.close();
  }

  #receipt(): string {
    this.receipts += 1;
    return `till-${this.receipts}`;
  }

  #tell(type: string, documentId: string, data: Readonly<Record<string, unknown>>): void {
    const told = {
      id: `${type}:${documentId}`,
      type,
      occurredAt: new Date().toISOString(),
      data: { ...data, locationId: this.#location },
    };
    if (this.#offline === null) this.sender.send(told);
    else this.#offline.push(told);
  }

  #later(action: () => void): void {
    this.#pending.begin();
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
      this.#pending.end();
    }, OVERTAKEN_MS);
    this.#timers.add(timer);
  }
}
