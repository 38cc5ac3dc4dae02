/**
 * A warehouse on loopback: it keeps its own shelf, sends out what it is told to, buys what it is asked for, counts, and
 * tells of everything in signed events. README.md has its rules.
 */
import { answerControl, controlToken } from "../channel-link/control.ts";
import { EventSender } from "../channel-link/event-sender.ts";
import { NewestLevels } from "../channel-link/newest-levels.ts";
import { type Behaviour, type Received, SignedReceiver } from "../channel-link/signed-receiver.ts";
import type { FulfilmentTold, IncomingCall, LevelTold, ReorderTold } from "../channel-link/wire.ts";
import { PendingWork } from "../shopify-simulator/model/pending-work.ts";
import { SeededRandom } from "../shopify-simulator/model/seeded-random.ts";
import { controlRoutes } from "./control-routes.ts";
import { Dispatch, type Parcel } from "./dispatch.ts";
import { type Delivery, Purchasing } from "./purchasing.ts";
import { Shelf } from "./shelf.ts";

export type WmsOptions = {
  readonly port?: number;
  readonly seed?: number;
  /** Where goods lie that no location is named for. */
  readonly homeLocation: string;
  readonly pickMs?: readonly [number, number];
  readonly leadMs?: readonly [number, number];
  /** Of reorders that arrive in two parts. */
  readonly twoPartsRate?: number;
  /** Told of each parcel that leaves: a shop's own fulfilment is made by whoever ships. */
  onShipped?(parcel: Parcel): void;
};

export class WmsSimulator {
  readonly shelf = new Shelf();
  readonly levels = new NewestLevels();
  readonly dispatch = new Dispatch();
  readonly purchasing = new Purchasing();
  readonly receiver: SignedReceiver;
  readonly sender: EventSender;
  readonly controlToken = controlToken();
  /** Calls by type. */
  readonly calls = new Map<string, number>();
  readonly #options: WmsOptions;
  readonly #random: SeededRandom;
  readonly #pending = new PendingWork();
  readonly #timers = new Set<NodeJS.Timeout>();
  #documents = 0;
  #lastMs = 0;
  #eventsUrl = "";

  constructor(options: WmsOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed ?? 1).fork("wms");
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
      random: this.#random.fork("sender"),
      pending: this.#pending,
    });
  }

  /** Where Onhand posts to. */
  get endpoint(): string {
    return `${this.receiver.url}/onhand`;
  }

  get homeLocation(): string {
    return this.#options.homeLocation;
  }

  set behaviour(behaviour: Behaviour) {
    this.receiver.behaviour = behaviour;
  }

  /** Agreed with Onhand: where its events go, and what both sides sign with. */
  connect(eventsUrl: string, secret: string): void {
    this.#eventsUrl = eventsUrl;
    this.receiver.secrets = [secret, ...this.receiver.secrets];
  }

  /** Nothing of its own is under way: no parcel, no lorry, no event. */
  idle(): Promise<void> {
    return this.#pending.idle();
  }

  close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.sender.close();
    return this.receiver.close();
  }

  receive(sku: string, quantity: number, location = this.#options.homeLocation): void {
    const receiptId = this.#document("rcp");
    this.shelf.receive(sku, location, quantity, receiptId);
    this.#tell("stock.received", receiptId, { receiptId, locationId: location, lines: [{ line: "1", sku, quantity }] });
  }

  adjust(sku: string, delta: number, reason = "found", location = this.#options.homeLocation): void {
    const adjustmentId = this.#document("adj");
    this.shelf.adjust(sku, location, delta, adjustmentId);
    const lines = [{ line: "1", sku, delta, reason }];
    this.#tell("stock.adjusted", adjustmentId, { adjustmentId, locationId: location, lines });
  }

  damage(sku: string, quantity: number, location = this.#options.homeLocation): void {
    const damageId = this.#document("dmg");
    this.shelf.damage(sku, location, quantity, damageId);
    const lines = [{ line: "1", sku, quantity, reason: "broken" }];
    this.#tell("stock.damaged", damageId, { damageId, locationId: location, lines });
  }

  transfer(sku: string, quantity: number, toLocation: string, fromLocation = this.#options.homeLocation): void {
    const transferId = this.#document("trf");
    this.shelf.transfer(sku, fromLocation, toLocation, quantity, transferId);
    const lines = [{ line: "1", sku, quantity }];
    this.#tell("stock.transferred", transferId, {
      transferId,
      fromLocationId: fromLocation,
      toLocationId: toLocation,
      lines,
    });
  }

  /**
   * Looks at the shelf and tells what lies there. `misread`: by so much the number told is wrong, and the shelf is as it was.
   * @returns the count's id
   */
  count(sku: string, misread = 0, location = this.#options.homeLocation): string {
    const countId = this.#document("cnt");
    const counted =
      misread === 0 ? this.shelf.count(sku, location, countId) : this.shelf.lying(sku, location) + misread;
    const countedAt = this.#stamp();
    this.#tell("stock.counted", countId, {
      countId,
      locationId: location,
      countedAt,
      lines: [{ line: "1", sku, counted }],
    });
    return countId;
  }

  #take({ body }: Received): void {
    const { type, data } = body as IncomingCall;
    this.calls.set(type, (this.calls.get(type) ?? 0) + 1);
    switch (type) {
      case "stock.levels":
        this.levels.take(data["levels"] as readonly LevelTold[]);
        return;
      case "order.fulfilment":
        this.#toSendOut(data as unknown as FulfilmentTold);
        return;
      case "reorder.requested":
        this.#buy(data as unknown as ReorderTold);
        return;
      case "reorder.cancelled":
        this.purchasing.cancel(String(data["reorderId"]));
        return;
    }
  }

  #toSendOut(told: FulfilmentTold): void {
    if (!this.dispatch.take(told) || told.state === "cancelled") return;
    this.#later(this.#options.pickMs ?? [300, 900], () => {
      const parcel = this.dispatch.pack(told.orderChannel, told.orderId);
      if (parcel !== null) this.#ship(parcel);
    });
  }

  #ship(parcel: Parcel): void {
    const { shipmentId, orderId, orderChannel } = parcel;
    const lines = parcel.lines.map(({ line, sku, quantity, ordered, location }) => {
      const locationId = location ?? this.#options.homeLocation;
      this.shelf.ship(sku, locationId, quantity, shipmentId);
      return { line, sku, quantity, ordered, locationId };
    });
    this.#tell("shipment.confirmed", shipmentId, { shipmentId, orderId, orderChannel, lines });
    this.#options.onShipped?.(parcel);
  }

  #buy(told: ReorderTold): void {
    const parts = this.#random.chance(this.#options.twoPartsRate ?? 0.5) ? 2 : 1;
    const leadMs = this.#options.leadMs ?? [1_500, 3_000];
    for (const [part, delivery] of this.purchasing.take(told, parts).entries()) {
      const lateMs = part * leadMs[1];
      this.#later([leadMs[0] + lateMs, leadMs[1] + lateMs], () => this.#unload(delivery));
    }
  }

  #unload(delivery: Delivery): void {
    if (!this.purchasing.arrive(delivery)) return;
    const { receiptId, reorderId, sku, quantity } = delivery;
    const locationId = delivery.location ?? this.#options.homeLocation;
    this.shelf.receive(sku, locationId, quantity, receiptId);
    this.#tell("stock.received", receiptId, {
      receiptId,
      reorderId,
      locationId,
      lines: [{ line: "1", sku, quantity }],
    });
  }

  #tell(type: string, documentId: string, data: Readonly<Record<string, unknown>>): void {
    this.sender.send({ id: `${type}:${documentId}`, type, occurredAt: this.#stamp(), data });
  }

  /** No two things happen in one moment at a shelf that is being counted: nobody could say which was first. */
  #stamp(): string {
    this.#lastMs = Math.max(Date.now(), this.#lastMs + 1);
    return new Date(this.#lastMs).toISOString();
  }

  #document(kind: string): string {
    this.#documents += 1;
    return `${kind}-${this.#documents}`;
  }

  #later([fromMs, toMs]: readonly [number, number], action: () => void): void {
    this.#pending.begin();
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        action();
        this.#pending.end();
      },
      this.#random.between(fromMs, toMs),
    );
    this.#timers.add(timer);
  }
}

export async function startWmsSimulator(options: WmsOptions): Promise<WmsSimulator> {
  const wms = new WmsSimulator(options);
  await wms.receiver.listen();
  return wms;
}
