/** Shopify's global ids, to and from the digits by which the house names things. */
import type { InventoryItemId, ShopLocationId } from "../../domain/ids.ts";

export const itemGid = (item: InventoryItemId): string => `gid://shopify/InventoryItem/${item}`;
export const locationGid = (location: ShopLocationId): string => `gid://shopify/Location/${location}`;

/** @returns the digits, or null where the text is no such id */
export const digitsOf = (gid: string): string | null =>
  /^gid:\/\/shopify\/[A-Za-z]+\/(\d{1,20})$/.exec(gid)?.[1] ?? null;
