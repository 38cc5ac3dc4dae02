/** fulfillments/create, and the same object inside `order.fulfillments`. Fields of the published REST sample. */
import { gid } from "../model/ids.ts";
import type { Fulfilment } from "../model/shop-model.ts";
import { shopStamp } from "../model/stamps.ts";
import { lineItemBody } from "./line-item-body.ts";
import { rawId } from "./raw-json.ts";

export function fulfilmentBody(fulfilment: Fulfilment): Record<string, unknown> {
  const at = shopStamp(fulfilment.createdAtMs);
  const { order, location } = fulfilment;
  return {
    id: rawId(fulfilment.id),
    admin_graphql_api_id: gid("Fulfillment", fulfilment.id),
    created_at: at,
    location_id: location === null ? null : rawId(location.id),
    name: `#${order.number}.${order.fulfilments.indexOf(fulfilment) + 1}`,
    order_id: rawId(order.id),
    origin_address: {},
    receipt: {},
    service: "manual",
    shipment_status: null,
    status: "success",
    tracking_company: null,
    tracking_number: null,
    tracking_numbers: [],
    tracking_url: null,
    tracking_urls: [],
    updated_at: at,
    // The line as the order has it, with the units of this fulfilment.
    line_items: fulfilment.lines.map(({ line, quantity }) => ({ ...lineItemBody(line), quantity })),
  };
}
