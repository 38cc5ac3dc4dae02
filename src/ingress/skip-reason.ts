/** Why a line of an order, a refund or a fulfilment moves no stock that we count. */
import type { SkipReason } from "../domain/shop-event.ts";

type Skippable = {
  readonly gift_card?: boolean | null | undefined;
  readonly variant_id?: string | null | undefined;
  readonly product_exists?: boolean | null | undefined;
  readonly variant_inventory_management?: string | null | undefined;
};

/** `undefined` means that the body lacks the field: only an explicit null says "no variant" or "not tracked". */
export function skipReason(line: Skippable, quantity: number): SkipReason | null {
  if (line.gift_card === true) return "gift_card";
  // A deleted variant of a product that still exists may yet be known by its SKU.
  if (line.variant_id === null && line.product_exists !== true) return "custom_line";
  if (line.variant_inventory_management === null) return "untracked";
  return quantity === 0 ? "zero_quantity" : null;
}
