/** inventory_levels/{update,connect,disconnect}. No SKU, no variant, no cause, no actor: that is all Shopify tells. */
import type { Level } from "../model/shop-model.ts";
import { quantityOf } from "../model/shop-store.ts";
import { shopStamp } from "../model/stamps.ts";
import { rawId } from "./raw-json.ts";

/** Its first number is the location's inventory group, not the location: never parse the location out of it. */
export function levelGid(level: Level): string {
  return `gid://shopify/InventoryLevel/${level.location.inventoryGroupId}?inventory_item_id=${level.item.id}`;
}

export function levelBody(level: Level): Record<string, unknown> {
  return {
    inventory_item_id: rawId(level.item.id),
    location_id: rawId(level.location.id),
    // An untracked item has no count; test deliveries of the real shop show null as well.
    available: level.item.tracked ? quantityOf(level, "available") : null,
    updated_at: shopStamp(level.availableAtMs),
    admin_graphql_api_id: levelGid(level),
  };
}

export function levelDisconnectBody(level: Level): Record<string, unknown> {
  return { inventory_item_id: rawId(level.item.id), location_id: rawId(level.location.id) };
}
