/** The variables of one adjustment: written once, stored by the journal, and sent as they are however often. */
import type { CallKey } from "../../domain/ids.ts";
import type { Row } from "../../domain/shop-gate/push.ts";
import { itemGid, locationGid } from "./gid.ts";

/** Shopify shows the app's name and this id in the merchant's inventory history: it leads from there to the journal. */
export const referenceDocumentUri = (callKey: CallKey): string => `gid://onhand/Push/${callKey}`;

/**
 * @returns JSON. `changeFromQuantity: null` is written out: the API demands the field, and null opts out of the check,
 *   which here could only add failures (a delta is right whatever was sold meanwhile).
 */
export function adjustVariables(callKey: CallKey, rows: readonly Row[]): string {
  return JSON.stringify({
    key: callKey,
    input: {
      name: "available",
      // One of the 17 reasons that Shopify accepts. The cause itself is a movement of ours, found by the reference.
      reason: "correction",
      referenceDocumentUri: referenceDocumentUri(callKey),
      changes: rows.map(({ item, location, delta }) => ({
        inventoryItemId: itemGid(item),
        locationId: locationGid(location),
        delta,
        changeFromQuantity: null,
      })),
    },
  });
}
