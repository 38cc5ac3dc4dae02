/** The topics the simulator can tell, in both spellings: the header's and the enum's. */

export const TOPICS = {
  "orders/create": "ORDERS_CREATE",
  "orders/updated": "ORDERS_UPDATED",
  "orders/paid": "ORDERS_PAID",
  "orders/cancelled": "ORDERS_CANCELLED",
  "orders/fulfilled": "ORDERS_FULFILLED",
  "refunds/create": "REFUNDS_CREATE",
  "inventory_levels/update": "INVENTORY_LEVELS_UPDATE",
  "inventory_levels/connect": "INVENTORY_LEVELS_CONNECT",
  "inventory_levels/disconnect": "INVENTORY_LEVELS_DISCONNECT",
  "products/update": "PRODUCTS_UPDATE",
  "bulk_operations/finish": "BULK_OPERATIONS_FINISH",
} as const;

export type Topic = keyof typeof TOPICS;
