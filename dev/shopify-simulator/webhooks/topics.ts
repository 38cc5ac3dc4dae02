/** The topics the simulator can tell, in both spellings: the header's and the enum's. */

export const TOPICS = {
  "orders/create": "ORDERS_CREATE",
  "orders/updated": "ORDERS_UPDATED",
  "orders/paid": "ORDERS_PAID",
  "orders/cancelled": "ORDERS_CANCELLED",
  "orders/fulfilled": "ORDERS_FULFILLED",
  "orders/partially_fulfilled": "ORDERS_PARTIALLY_FULFILLED",
  "orders/edited": "ORDERS_EDITED",
  "fulfillments/create": "FULFILLMENTS_CREATE",
  "refunds/create": "REFUNDS_CREATE",
  "inventory_levels/update": "INVENTORY_LEVELS_UPDATE",
  "inventory_levels/connect": "INVENTORY_LEVELS_CONNECT",
  "inventory_levels/disconnect": "INVENTORY_LEVELS_DISCONNECT",
  "products/update": "PRODUCTS_UPDATE",
  "products/delete": "PRODUCTS_DELETE",
  "inventory_items/create": "INVENTORY_ITEMS_CREATE",
  "inventory_items/update": "INVENTORY_ITEMS_UPDATE",
  "inventory_items/delete": "INVENTORY_ITEMS_DELETE",
  "locations/create": "LOCATIONS_CREATE",
  "locations/update": "LOCATIONS_UPDATE",
  "locations/activate": "LOCATIONS_ACTIVATE",
  "locations/deactivate": "LOCATIONS_DEACTIVATE",
  "locations/delete": "LOCATIONS_DELETE",
  "app/uninstalled": "APP_UNINSTALLED",
  "bulk_operations/finish": "BULK_OPERATIONS_FINISH",
} as const;

export type Topic = keyof typeof TOPICS;
