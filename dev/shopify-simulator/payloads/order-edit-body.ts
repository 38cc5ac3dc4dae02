/** orders/edited. Shopify publishes no schema of it; this is the sample of its webhook reference. Lines are ids and units. */
import type { OrderEdit } from "../model/shop-model.ts";
import { shopStamp } from "../model/stamps.ts";
import { rawId } from "./raw-json.ts";

export function orderEditBody(edit: OrderEdit): Record<string, unknown> {
  const lines = (changes: OrderEdit["additions"]) => changes.map(({ lineId, delta }) => ({ id: rawId(lineId), delta }));
  return {
    order_edit: {
      id: rawId(edit.id),
      app_id: null,
      created_at: shopStamp(edit.createdAtMs),
      notify_customer: false,
      order_id: rawId(edit.order.id),
      reason: "",
      staff_note: "",
      user_id: null,
      line_items: { additions: lines(edit.additions), removals: lines(edit.removals) },
      discounts: { line_item: { additions: [], removals: [] } },
      shipping_lines: { additions: [], removals: [] },
    },
  };
}
