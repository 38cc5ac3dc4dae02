/** The variables of one move between available and safety_stock: written once, stored, and sent as they are however often. */
import type { CallKey } from "../../domain/ids.ts";
import type { Row } from "../../domain/shop-gate/push.ts";
import { referenceDocumentUri } from "./adjust-variables.ts";
import { itemGid, locationGid } from "./gid.ts";

/**
 * Shopify keeps quantities other than available by document, and wants to know which. One for all of ours, so that what is
 * put aside and what is given back meet in one account; the call itself is named by its reference.
 */
export const SAFETY_STOCK_LEDGER = "gid://onhand/Buffer/safety_stock";

/**
 * A row's delta is that of available: negative puts units aside, positive gives them back.
 * @returns JSON. `changeFromQuantity: null` is written out, as for adjustments. The ledger document belongs to the terminal
 *   of safety_stock: required there, forbidden for available.
 */
export function moveVariables(callKey: CallKey, rows: readonly Row[]): string {
  return JSON.stringify({
    key: callKey,
    input: {
      reason: "safety_stock",
      referenceDocumentUri: referenceDocumentUri(callKey),
      changes: rows.map(({ item, location, delta }) => {
        const locationId = locationGid(location);
        const shown = { name: "available", locationId, changeFromQuantity: null };
        const aside = {
          name: "safety_stock",
          locationId,
          changeFromQuantity: null,
          ledgerDocumentUri: SAFETY_STOCK_LEDGER,
        };
        return {
          inventoryItemId: itemGid(item),
          quantity: Math.abs(delta),
          from: delta < 0 ? shown : aside,
          to: delta < 0 ? aside : shown,
        };
      }),
    },
  });
}
