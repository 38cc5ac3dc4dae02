/**
 * Orders that the warehouse was told to send out. Onhand tells the whole state each time: the highest version wins, and
 * what has left the house already is not sent again.
 */
import type { FulfilmentTold } from "../channel-link/wire.ts";

export type Parcel = {
  readonly shipmentId: string;
  readonly orderId: string;
  readonly orderChannel: string;
  readonly lines: readonly {
    readonly line: string;
    readonly sku: string;
    readonly quantity: number;
    readonly ordered: number;
    readonly location: string | null;
  }[];
};

type Order = { told: FulfilmentTold; readonly shipped: Map<string, number>; parcels: number };

export class Dispatch {
  readonly #orders = new Map<string, Order>();
  told = 0;
  stale = 0;
  /** Cancelled when it had left. */
  tooLate = 0;

  /** @returns whether it is news */
  take(told: FulfilmentTold): boolean {
    this.told += 1;
    const key = keyOf(told);
    const known = this.#orders.get(key);
    if (known === undefined) {
      this.#orders.set(key, { told, shipped: new Map(), parcels: 0 });
      return true;
    }
    if (known.told.version >= told.version) {
      this.stale += 1;
      return false;
    }
    if (told.state === "cancelled" && known.shipped.size > 0) this.tooLate += 1;
    known.told = told;
    return true;
  }

  /** What of it is to leave now; null: nothing, or not any more. From then on it counts as shipped. */
  pack(orderChannel: string, orderId: string): Parcel | null {
    const order = this.#orders.get(keyOf({ orderChannel, orderId }));
    if (order === undefined || order.told.state === "cancelled") return null;
    const lines = order.told.lines.flatMap(({ line, sku, quantity, locationId }) => {
      const open = quantity - (order.shipped.get(line) ?? 0);
      return open > 0 ? [{ line, sku, quantity: open, ordered: quantity, location: locationId }] : [];
    });
    if (lines.length === 0) return null;
    order.parcels += 1;
    for (const { line, quantity } of lines) order.shipped.set(line, (order.shipped.get(line) ?? 0) + quantity);
    return { shipmentId: `shp-${orderChannel}-${orderId}-${order.parcels}`, orderId, orderChannel, lines };
  }

  /** Orders of which something should have left by now. */
  waiting(): number {
    return [...this.#orders.values()].filter(
      ({ told, shipped }) =>
        told.state === "open" && told.lines.some(({ line, quantity }) => quantity > (shipped.get(line) ?? 0)),
    ).length;
  }

  get size(): number {
    return this.#orders.size;
  }

  shippedUnits(): number {
    return [...this.#orders.values()].reduce(
      (sum, { shipped }) => sum + [...shipped.values()].reduce((units, n) => units + n, 0),
      0,
    );
  }
}

const keyOf = ({ orderChannel, orderId }: Pick<FulfilmentTold, "orderChannel" | "orderId">): string =>
  JSON.stringify([orderChannel, orderId]);
