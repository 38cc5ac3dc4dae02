/** Shopify's own published payloads (SOURCES.md) through the projection: what they mean for stock, line by line. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { OrderEvent, RefundEvent } from "../../../src/domain/shop-event.ts";
import { parseExactJson } from "../../../src/ingress/exact-json.ts";
import { projectShopify, type ShopifyTopic } from "../../../src/ingress/project-shopify.ts";

const FOLDER = new URL("./payloads/", import.meta.url);

/** A webhook's body is the REST resource unwrapped. */
function bodyOf(file: string, index = 0): unknown {
  const parsed = parseExactJson(readFileSync(new URL(file, FOLDER), "utf8"));
  if (!parsed.ok) throw new Error(`${file} is not JSON`);
  const json = parsed.value as Record<string, unknown>;
  const wrapped = ["order", "refund", "refunds", "inventory_level", "inventory_levels"].find(
    (key) => Object.keys(json)[0] === key,
  );
  const inner = wrapped === undefined ? json : json[wrapped];
  return Array.isArray(inner) ? inner[index] : inner;
}

function project(topic: ShopifyTopic, file: string, index = 0) {
  const projected = projectShopify(topic, bodyOf(file, index));
  if (!projected.ok) throw new Error(`${file}: ${JSON.stringify(projected.error)}`);
  return projected.value;
}

function orderOf(topic: "orders/create" | "orders/cancelled", file: string): OrderEvent {
  const projected = project(topic, file);
  if (projected.kind !== "event" || projected.event.kind !== "order") throw new Error(`${file}: no order`);
  return projected.event;
}

describe("published payloads", () => {
  it("reads the published order sample without losing a digit of its 18-digit ids", () => {
    const order = orderOf("orders/create", "webhook_orders_sample_shopify_docs.json");
    expect(order.orderId).toBe("820982911946154508");
    expect(
      order.lines.map(({ lineId, variantId, sku, quantity, skip }) => [lineId, variantId, sku, quantity, skip]),
    ).toEqual([
      ["487817672276298554", null, "SKU2006-001", 1, "untracked"],
      ["976318377106520349", null, "SKU2006-020", 1, "untracked"],
      ["315789986012684393", null, "SKU2006-035", 1, "untracked"],
    ]);
    expect(order.location).toBeNull();
  });

  it("changes nothing for a test delivery of a level, whose quantity is null and not zero", () => {
    expect(project("inventory_levels/update", "webhook_inventory_levels_update_admin_test_2020.json")).toEqual({
      kind: "nothing",
      reason: "no_quantity",
    });
  });

  it("takes the trimmed refund sample, which restocks nothing", () => {
    expect(project("refunds/create", "webhook_refunds_create_sample_TRIMMED.json")).toEqual({
      kind: "nothing",
      reason: "no_lines",
    });
  });

  it("takes restocks from refund lines of type legacy_restock, keyed by the refund line", () => {
    const projected = project("refunds/create", "rest_refund.list_legacy_restock_509562969.json");
    const refund = (projected.kind === "event" ? projected.event : null) as RefundEvent;
    expect(
      refund.restocks.map(({ refundLineId, lineId, quantity, restockType, location }) => [
        refundLineId,
        lineId,
        quantity,
        restockType,
        location,
      ]),
    ).toEqual([
      ["104689539", "703073504", 1, "legacy_restock", "487838322"],
      ["709875399", "466157049", 1, "legacy_restock", "487838322"],
    ]);
  });

  it.each(["rest_refund.create_no_restock_929361472.json", "rest_refund.create_no_lines_929361471.json"])(
    "puts nothing back for %s",
    (file) => {
      expect(project("refunds/create", file)).toEqual({ kind: "nothing", reason: "no_lines" });
    },
  );

  it("re-asserts every line of a cancelled order as it was ordered, and restocks only what a refund line restocks", () => {
    const order = orderOf("orders/cancelled", "rest_order.cancel_with_preexisting_refund_450789469.json");
    expect(order.lines.map(({ quantity }) => quantity)).toEqual([1, 1, 1]);
    expect(order.restocks.map(({ refundLineId, restockType }) => [refundLineId, restockType])).toEqual([
      ["104689539", "legacy_restock"],
      ["709875399", "legacy_restock"],
    ]);
  });

  it.each([
    "rest_order.cancel_refund_no_restock_450789469.json",
    "rest_order.cancel_partial_refund_no_restock_450789469.json",
  ])("restocks nothing that %s does not restock", (file) => {
    const order = orderOf("orders/cancelled", file);
    expect(order.lines).toHaveLength(3);
    expect(order.restocks.filter(({ atMs }) => atMs > order.createdAtMs && atMs > Date.parse("2026-01-01"))).toEqual(
      [],
    );
  });

  it("skips custom lines, which have no variant", () => {
    const order = orderOf("orders/create", "rest_order.create_two_custom_lines_1073459963.json");
    expect(order.lines.map(({ variantId, skip }) => [variantId, skip])).toEqual(Array(3).fill([null, "custom_line"]));
  });

  it("keeps no personal field of any published payload", () => {
    for (const file of readdirSync(FOLDER).filter((name) => /order|refund/.test(name) && name.endsWith(".json"))) {
      const topic = file.includes("order") ? "orders/create" : "refunds/create";
      expect(JSON.stringify(project(topic, file))).not.toMatch(
        /norman|@example|Street|Chestnut|browser_ip|phone|first_name/i,
      );
    }
  });

  it.each([
    "rest_inventory_level.adjust.json",
    "rest_inventory_level.connect.json",
    "rest_inventory_level.set.json",
    "rest_inventory_levels.list.json",
  ])("reads %s as a level", (file) => {
    const projected = project("inventory_levels/update", file);
    expect(projected).toMatchObject({ kind: "event", event: { kind: "level", available: expect.any(Number) } });
  });
});
