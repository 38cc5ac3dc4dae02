/**
 * Who takes part in a day of trade beside the shops: a warehouse, a marketplace, a till, a till of Square's that keeps its own
 * counts, and whoever is told of what happens.
 */
import {
  type MarketplaceSimulator,
  startMarketplaceSimulator,
} from "../../marketplace-simulator/marketplace-simulator.ts";
import { type NotificationSink, startNotificationSink } from "../../notification-sink/notification-sink.ts";
import { type SquareSimulator, startSquareSimulator } from "../../square-simulator/square-simulator.ts";
import type { Neighbours } from "../../stack/stack-file.ts";
import type { Parcel } from "../../wms-simulator/dispatch.ts";
import { startWmsSimulator, type WmsSimulator } from "../../wms-simulator/wms-simulator.ts";
import { PosClient } from "../pos-client.ts";

/** Onhand's names of them. */
export const WMS = "wms-main";
export const MARKETPLACE = "market-main";
export const TILL = "till-main";
export const SQUARE = "till-square";

/** Their own names of the shop's two locations: the first one's goods are the warehouse's, the second is a store. */
export const WAREHOUSE = "WH-1";
export const STORE = "STORE-1";
/** Square's name of the store. */
export const SQUARE_PLACE = "LSTORE0000001";

export type Day = {
  readonly wms: WmsSimulator;
  readonly marketplace: MarketplaceSimulator;
  readonly till: PosClient;
  readonly square: SquareSimulator;
  readonly sink: NotificationSink;
  /** For `.dev/stack.json`. */
  readonly neighbours: Neighbours;
  /** Told of each parcel of another shop's order. */
  onShopParcel(parcel: Parcel): void;
  /** Nothing of theirs is under way. */
  idle(): Promise<void>;
  close(): Promise<void>;
};

/** Those that tell Onhand of what happens with them, by its names of them. */
export const tellersOf = ({ wms, marketplace, till }: Pick<Day, "wms" | "marketplace" | "till">) =>
  [
    [WMS, wms],
    [MARKETPLACE, marketplace],
    [TILL, till],
  ] as const;

/** Orders that are taken back come 300 ms after their cancellation: nothing is picked before that could be told. */
const PICK_MS = [800, 1_600] as const;

export async function startDay(seed: number): Promise<Day> {
  const marketplace = await startMarketplaceSimulator({
    seed,
    // The warehouse sent it out, and takes it back.
    onReturned: (sku, units) => wms.shelf.takeBack(sku, WAREHOUSE, units),
  });
  const sink = await startNotificationSink();
  const square = await startSquareSimulator({ seed });
  const till = new PosClient(STORE, seed);
  let onShopParcel: Day["onShopParcel"] = () => {};
  const wms = await startWmsSimulator({
    seed,
    homeLocation: WAREHOUSE,
    pickMs: PICK_MS,
    onShipped(parcel) {
      if (parcel.orderChannel === MARKETPLACE) marketplace.shipped(parcel.orderId);
      else day.onShopParcel(parcel);
    },
  });
  const neighbours = {
    wms: { url: wms.receiver.url, controlToken: wms.controlToken },
    marketplace: { url: marketplace.receiver.url, controlToken: marketplace.controlToken },
    square: { url: square.endpoint, controlToken: square.controlToken },
    notifications: { url: `${sink.url}/_notifications`, controlToken: sink.controlToken },
  };
  const day: Day = {
    ...{ wms, marketplace, till, square, sink, neighbours },
    get onShopParcel() {
      return onShopParcel;
    },
    set onShopParcel(told) {
      onShopParcel = told;
    },
    idle: async () => {
      await Promise.all([wms.idle(), marketplace.idle(), till.idle(), square.idle()]);
    },
    async close() {
      till.close();
      await Promise.all([wms.close(), marketplace.close(), square.close(), sink.close()]);
    },
  };
  return day;
}
