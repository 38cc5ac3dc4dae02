import { expect, it } from "vitest";
import { projectShopify } from "../../../src/ingress/project-shopify.ts";

const AT = "2026-11-22T10:00:01.987Z";
const AT_MS = Date.UTC(2026, 10, 22, 10, 0, 1);

it("cuts the times of levels, orders and refunds to whole seconds, as the merge compares them", () => {
  const level = projectShopify("inventory_levels/update", {
    ...{ inventory_item_id: 1, location_id: 2, available: 3, updated_at: AT },
  });
  const refund = {
    ...{ id: 9, order_id: 5, created_at: AT },
    refund_line_items: [{ id: 8, line_item_id: 7, quantity: 1, restock_type: "cancel" }],
  };
  const order = projectShopify("orders/create", {
    ...{ id: 5, created_at: AT, line_items: [{ id: 7, quantity: 1 }], refunds: [refund] },
  });
  expect(level.ok && level.value).toMatchObject({ event: { atMs: AT_MS } });
  expect(order.ok && order.value).toMatchObject({ event: { createdAtMs: AT_MS, restocks: [{ atMs: AT_MS }] } });
});
