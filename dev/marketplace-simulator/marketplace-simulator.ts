/**
 * A marketplace on loopback: it shows the levels it was told, sells from them under its own names for the items, and tells
 * of orders, cancellations and returns in signed events. README.md has its rules.
 */
import { answerControl, controlToken } from "../channel-link/control.ts";
import { EventSender } from "../channel-link/event-sender.ts";
import { NewestLevels } from "../channel-link/newest-levels.ts";
import { SalesBooks } from "../channel-link/sales-books.ts";
import { type Received, SignedReceiver } from "../channel-link/signed-receiver.ts";
import type { IncomingCall, LevelTold, OutgoingEvent } from "../channel-link/wire.ts";
import { PendingWork } from "../shopify-simulator/model/pending-work.ts";
import { SeededRandom } from "../shopify-simulator/model/seeded-random.ts";
import { controlRoutes } from "./control-routes.ts";

export type MarketplaceOptions = {
  readonly port?: number;
  readonly seed?: number;
  /** Told of each unit that comes back, whole or broken: it lies on a shelf somewhere. */
  onReturned?(sku: string, units: number): void;
};

type Order = { readonly orderId: string; readonly sku: string; readonly quantity: number; isShipped: boolean };

/** An order that its buyer takes back at once: told with it, or before it. */
export type Regret = "in_one_message" | "before_the_order";

/** The order of a cancellation that overtook it comes so much later. */
const OVERTAKEN_MS = 300;

export class MarketplaceSimulator {
  readonly levels = new NewestLevels();
  readonly books = new SalesBooks();
  readonly receiver: SignedReceiver;
  readonly sender: EventSender;
  readonly controlToken = controlToken();
  /** Buyers who found too little on show. */
  soldOut = 0;
  orders = 0;
  readonly #options: MarketplaceOptions;
  readonly #itemOf = new Map<string, string>();
  /** SKU → what it shows: what it was told, less what it sold since. */
  readonly #shown = new Map<string, number>();
  readonly #open: Order[] = [];
  readonly #pending = new PendingWork();
  readonly #timers = new Set<NodeJS.Timeout>();
  #returns = 0;
  #eventsUrl = "";

  constructor(options: MarketplaceOptions = {}) {
    this.#options = options;
    this.receiver = new SignedReceiver({
      ...(options.port === undefined ? {} : { port: options.port }),
      take: (received) => this.#take(received),
      other: (request) =>
        answerControl(
          { controlToken: this.controlToken, receiver: this.receiver, sender: this.sender },
          controlRoutes(this),
          request,
        ),
    });
    this.sender = new EventSender({
      url: () => this.#eventsUrl,
      secret: () => this.receiver.secrets[0] ?? "",
      random: new SeededRandom(options.seed ?? 1).fork("marketplace"),
      pending: this.#pending,
    });
  }

  get endpoint(): string {
    return `${this.receiver.url}/onhand`;
  }

  connect(eventsUrl: string, secret: string): void {
    this.#eventsUrl = eventsUrl;
    this.receiver.secrets = [secret, ...this.receiver.secrets];
  }

  /** It sells that SKU, under a name of its own. */
  list(sku: string, itemId: string): void {
    this.#itemOf.set(sku, itemId);
  }

  get listed(): ReadonlyMap<string, string> {
    return this.#itemOf;
  }

  shown(sku: string): number | null {
    return this.#shown.get(sku) ?? null;
  }

  /** A buyer. @returns the order's id; null: it shows too few */
  sell(sku: string, quantity: number, regret: Regret | null = null): string | null {
    const shown = this.#shown.get(sku) ?? 0;
    const itemId = this.#itemOf.get(sku);
    if (shown < quantity || itemId === undefined) {
      this.soldOut += 1;
      return null;
    }
    this.#shown.set(sku, shown - quantity);
    this.orders += 1;
    const orderId = `mkt-${this.orders}`;
    const lines = [{ line: "1", itemId, quantity }];
    const created = event("order.created", orderId, { orderId, lines });
    this.books.enter("sale", sku, quantity);
    if (regret === null) {
      this.sender.send(created);
      this.#open.push({ orderId, sku, quantity, isShipped: false });
      return orderId;
    }
    const undone = [{ line: "1", itemId, quantity, ordered: quantity }];
    const cancelled = event("order.cancelled", orderId, { orderId, lines: undone });
    this.books.enter("cancellation", sku, quantity);
    if (regret === "in_one_message") this.sender.send(cancelled, created);
    else {
      this.sender.send(cancelled);
      this.#later(OVERTAKEN_MS, () => this.sender.send(created));
    }
    return orderId;
  }

  /** Buyers whose parcel has not left yet. */
  get waiting(): number {
    return this.#open.filter(({ isShipped }) => !isShipped).length;
  }

  /** Whoever ships tells its buyer, too. */
  shipped(orderId: string): void {
    const order = this.#open.find((open) => open.orderId === orderId);
    if (order !== undefined) order.isShipped = true;
  }

  /** One unit of the oldest parcel that has left comes back. @returns whether there was one */
  giveBack(restock: boolean): boolean {
    const at = this.#open.findIndex(({ isShipped }) => isShipped);
    const [order] = at < 0 ? [] : this.#open.splice(at, 1);
    if (order === undefined) return false;
    this.#returns += 1;
    const { orderId, sku, quantity } = order;
    const returnId = `ret-${this.#returns}`;
    const lines = [{ line: "1", itemId: this.#itemOf.get(sku), quantity: 1, ordered: quantity, restock }];
    if (restock) this.books.enter("return", sku, 1);
    this.#options.onReturned?.(sku, 1);
    this.sender.send(event("order.returned", returnId, { orderId, returnId, lines }));
    return true;
  }

  idle(): Promise<void> {
    return this.#pending.idle();
  }

  close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.sender.close();
    return this.receiver.close();
  }

  #take({ body }: Received): void {
    const { type, data } = body as IncomingCall;
    if (type !== "stock.levels") return;
    for (const { sku, available } of this.levels.take(data["levels"] as readonly LevelTold[]))
      this.#shown.set(sku, available);
  }

  #later(waitMs: number, action: () => void): void {
    this.#pending.begin();
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
      this.#pending.end();
    }, waitMs);
    this.#timers.add(timer);
  }
}

const event = (type: string, documentId: string, data: Readonly<Record<string, unknown>>): OutgoingEvent => ({
  id: `${type}:${documentId}`,
  type,
  occurredAt: new Date().toISOString(),
  data,
});

export async function startMarketplaceSimulator(options: MarketplaceOptions = {}): Promise<MarketplaceSimulator> {
  const marketplace = new MarketplaceSimulator(options);
  await marketplace.receiver.listen();
  return marketplace;
}
