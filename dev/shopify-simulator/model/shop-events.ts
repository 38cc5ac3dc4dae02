/** What the shop tells the outside world. The announcer turns it into webhooks; a shop without subscribers stays silent. */
import type { Fulfilment, InventoryItem, Level, Location, Order, OrderEdit, Product, Refund } from "./shop-model.ts";

export type OrderTopic =
  | "orders/create"
  | "orders/updated"
  | "orders/paid"
  | "orders/cancelled"
  | "orders/fulfilled"
  | "orders/partially_fulfilled";
export type ItemTopic = "inventory_items/create" | "inventory_items/update" | "inventory_items/delete";
export type LocationTopic =
  | "locations/create"
  | "locations/update"
  | "locations/activate"
  | "locations/deactivate"
  | "locations/delete";

export interface ShopEvents {
  /** One action of a merchant or buyer, told under several topics that share one event id. */
  orderChanged(order: Order, topics: readonly OrderTopic[], refund: Refund | null): void;
  /** `available` moved: coalesced, only the newest state is told. */
  levelChanged(level: Level): void;
  levelConnected(level: Level): void;
  levelDisconnected(level: Level): void;
  productChanged(product: Product): void;
  productDeleted(product: Product): void;
  orderFulfilled(order: Order, fulfilments: readonly Fulfilment[]): void;
  orderEdited(edit: OrderEdit): void;
  itemChanged(item: InventoryItem, topic: ItemTopic): void;
  locationChanged(location: Location, topic: LocationTopic): void;
  /** Told before the app's subscriptions and tokens are gone. */
  appUninstalled(): void;
}
