/** What the shop tells the outside world. The announcer turns it into webhooks; a shop without subscribers stays silent. */
import type { Level, Order, Product, Refund } from "./shop-model.ts";

export type OrderTopic = "orders/create" | "orders/updated" | "orders/paid" | "orders/cancelled" | "orders/fulfilled";

export interface ShopEvents {
  /** One action of a merchant or buyer, told under several topics that share one event id. */
  orderChanged(order: Order, topics: readonly OrderTopic[], refund: Refund | null): void;
  /** `available` moved: coalesced, only the newest state is told. */
  levelChanged(level: Level): void;
  levelConnected(level: Level): void;
  levelDisconnected(level: Level): void;
  productChanged(product: Product): void;
}
