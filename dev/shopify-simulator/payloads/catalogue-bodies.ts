/** inventory_items/*, locations/*, app/uninstalled: fields of Shopify's published samples, as far as the model has them. */
import { gid } from "../model/ids.ts";
import type { InventoryItem, Location } from "../model/shop-model.ts";
import { shopStamp } from "../model/stamps.ts";
import { rawId } from "./raw-json.ts";

export function inventoryItemBody(item: InventoryItem): Record<string, unknown> {
  return {
    id: rawId(item.id),
    sku: item.sku,
    created_at: shopStamp(item.createdAtMs),
    updated_at: shopStamp(item.updatedAtMs),
    requires_shipping: item.requiresShipping,
    cost: null,
    country_code_of_origin: null,
    province_code_of_origin: null,
    harmonized_system_code: null,
    tracked: item.tracked,
    country_harmonized_system_codes: [],
    admin_graphql_api_id: gid("InventoryItem", item.id),
  };
}

export function locationBody(location: Location): Record<string, unknown> {
  const { address } = location;
  return {
    id: rawId(location.id),
    name: location.name,
    address1: address.address1,
    address2: null,
    city: address.city,
    zip: address.zip,
    province: address.province,
    country: address.countryCode,
    phone: null,
    created_at: shopStamp(location.createdAtMs),
    updated_at: shopStamp(location.updatedAtMs),
    country_code: address.countryCode,
    country_name: address.country,
    province_code: address.provinceCode,
    legacy: false,
    active: location.isActive,
    admin_graphql_api_id: gid("Location", location.id),
  };
}

/** The shop itself, its owner included: a receiver has no use for that. */
export const shopBody = (shop: string): Record<string, unknown> => ({
  id: rawId("548380009"),
  name: "Onhand Goods",
  email: "owner@example.com",
  domain: null,
  myshopify_domain: shop,
  shop_owner: "John Smith",
});
