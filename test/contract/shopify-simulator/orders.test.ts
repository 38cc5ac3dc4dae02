import { describe, expect, it } from "vitest";
import type { Order } from "../../../dev/shopify-simulator/model/shop-model.ts";
import { type SmallShop, startSmallShop } from "./support/shop.ts";

/** [available, committed, on hand] of a SKU at a location. */
function stock(shop: SmallShop, sku: string, where: "near" | "far" = "near"): number[] {
  const level = shop.simulator.level({ sku }, shop[where].id);
  return level === undefined ? [] : [level.available, level.committed, level.onHand];
}

function buy(shop: SmallShop, sku: string, quantity: number): Order {
  const outcome = shop.simulator.createOrder({ lines: [{ sku, quantity }] });
  if (outcome.kind !== "created") throw new Error(JSON.stringify(outcome));
  return outcome.order;
}

describe("order routing", () => {
  it("ships from the first location that has the whole line", async () => {
    const shop = await startSmallShop();
    shop.addItem("A-1", [2, 5]);
    buy(shop, "A-1", 2);
    buy(shop, "A-1", 2);
    expect([stock(shop, "A-1"), stock(shop, "A-1", "far")]).toEqual([
      [0, 2, 2],
      [3, 2, 5],
    ]);
  });

  it("splits a line when no location has it all but the shop has", async () => {
    const shop = await startSmallShop();
    shop.addItem("A-1", [2, 3]);
    const order = buy(shop, "A-1", 4);
    expect(order.lines[0]?.allocations.map(({ level, quantity }) => [level.location.name, quantity])).toEqual([
      ["Shop location", 2],
      ["My Custom Location", 2],
    ]);
    expect([stock(shop, "A-1"), stock(shop, "A-1", "far")]).toEqual([
      [0, 2, 2],
      [1, 2, 3],
    ]);
  });

  it("does not sell what it does not have under DENY, and takes nothing for the other lines", async () => {
    const shop = await startSmallShop();
    shop.addItem("A-1", [5, 0]);
    shop.addItem("A-2", [1, 1]);
    const outcome = shop.simulator.createOrder({
      lines: [
        { sku: "A-1", quantity: 1 },
        { sku: "A-2", quantity: 3 },
      ],
    });
    expect(outcome).toEqual({ kind: "out_of_stock", sku: "A-2", wanted: 3, available: 2 });
    expect(stock(shop, "A-1")).toEqual([5, 0, 5]);
    expect(shop.simulator.store.orders).toEqual([]);
  });

  it("counts two lines of one SKU together", async () => {
    const shop = await startSmallShop();
    shop.addItem("A-1", [3, null]);
    const lines = [
      { sku: "A-1", quantity: 2 },
      { sku: "A-1", quantity: 2 },
    ];
    expect(shop.simulator.createOrder({ lines })).toMatchObject({ kind: "out_of_stock", available: 1 });
  });

  it("sells below zero at the first location under CONTINUE", async () => {
    const shop = await startSmallShop();
    shop.addItem("A-1", [0, 0], { policy: "CONTINUE" });
    buy(shop, "A-1", 2);
    expect(stock(shop, "A-1")).toEqual([-2, 2, 0]);
  });

  it("leaves out locations that are closed or do not ship online", async () => {
    const shop = await startSmallShop();
    shop.addItem("A-1", [5, 5]);
    shop.simulator.setLocationActive(shop.near.id, false);
    buy(shop, "A-1", 1);
    expect([stock(shop, "A-1"), stock(shop, "A-1", "far")]).toEqual([
      [5, 0, 5],
      [4, 1, 5],
    ]);
  });

  it("takes a POS sale from its own location, below zero if need be", async () => {
    const shop = await startSmallShop();
    shop.addItem("A-1", [5, 0]);
    const outcome = shop.simulator.createOrder({
      source: "pos",
      locationId: shop.far.id,
      lines: [{ sku: "A-1", quantity: 1 }],
    });
    expect(outcome).toMatchObject({ kind: "created", order: { sourceName: "pos", location: { id: shop.far.id } } });
    expect([stock(shop, "A-1"), stock(shop, "A-1", "far")]).toEqual([
      [5, 0, 5],
      [-1, 1, 0],
    ]);
  });

  it("leaves stock alone for custom lines, gift cards, untracked items and pre-orders", async () => {
    const shop = await startSmallShop();
    shop.addItem("PRE", [3, null]);
    shop.addItem("SEAT", [null, null], { tracked: false });
    shop.simulator.addProduct({ title: "Gift Card", isGiftCard: true, variants: [{ sku: "GIFT", priceCents: 5_000 }] });
    const outcome = shop.simulator.createOrder({
      lines: [
        { title: "Engraving", priceCents: 500, quantity: 1 },
        { sku: "GIFT", quantity: 1 },
        { sku: "SEAT", quantity: 2 },
        { sku: "PRE", quantity: 2, reservesOnFulfillment: true },
      ],
    });
    expect(outcome.kind).toBe("created");
    expect(shop.simulator.changes().filter((change) => change.cause !== "seed")).toEqual([]);
    const order = shop.simulator.store.orders[0];
    shop.simulator.fulfilOrder(order?.id ?? "");
    expect(stock(shop, "PRE")).toEqual([1, 0, 1]);
  });

  it("lists a bundle as its components, grouped, and takes their stock", async () => {
    const shop = await startSmallShop();
    const one = shop.addItem("ONE", [5, 0]);
    const two = shop.addItem("TWO", [5, 0]);
    shop.addItem("SET", [0, null], {
      components: [
        { variant: one, quantity: 2 },
        { variant: two, quantity: 1 },
      ],
    });
    const order = buy(shop, "SET", 2);
    expect(order.lines.map((line) => [line.sku, line.quantity, line.group?.variant.item.sku])).toEqual([
      ["ONE", 4, "SET"],
      ["TWO", 2, "SET"],
    ]);
    expect([stock(shop, "ONE"), stock(shop, "TWO")]).toEqual([
      [1, 4, 5],
      [3, 2, 5],
    ]);
  });
});

describe("after the sale", () => {
  it("takes committed away when it ships, and leaves available alone", async () => {
    const shop = await startSmallShop();
    shop.addItem("A-1", [5, 0]);
    const order = buy(shop, "A-1", 3);
    shop.simulator.fulfilOrder(order.id, { lines: [{ lineId: order.lines[0]?.id ?? "", quantity: 1 }] });
    expect(stock(shop, "A-1")).toEqual([2, 2, 4]);
    shop.simulator.fulfilOrder(order.id);
    expect(stock(shop, "A-1")).toEqual([2, 0, 2]);
  });

  it("puts units back where they were to ship from when a cancellation restocks", async () => {
    const shop = await startSmallShop();
    shop.addItem("A-1", [2, 3]);
    const order = buy(shop, "A-1", 4);
    const outcome = shop.simulator.cancelOrder(order.id, { restock: true });
    expect(outcome).toMatchObject({
      kind: "done",
      refund: {
        lines: [
          { quantity: 2, restockType: "cancel", location: { id: shop.near.id } },
          { quantity: 2, restockType: "cancel", location: { id: shop.far.id } },
        ],
      },
    });
    expect([stock(shop, "A-1"), stock(shop, "A-1", "far")]).toEqual([
      [2, 0, 2],
      [3, 0, 3],
    ]);
  });

  it("lets the units vanish when a cancellation does not restock", async () => {
    const shop = await startSmallShop();
    shop.addItem("A-1", [5, 0]);
    const order = buy(shop, "A-1", 2);
    const outcome = shop.simulator.cancelOrder(order.id, { restock: false });
    expect(outcome).toMatchObject({ refund: { lines: [{ restockType: "no_restock", location: null }] } });
    expect(stock(shop, "A-1")).toEqual([3, 0, 3]);
  });

  it("cancels an unpaid order without restock without any refund", async () => {
    const shop = await startSmallShop();
    shop.addItem("A-1", [5, 0]);
    const outcome = shop.simulator.createOrder({ paid: false, lines: [{ sku: "A-1", quantity: 2 }] });
    if (outcome.kind !== "created") throw new Error(outcome.kind);
    expect(shop.simulator.cancelOrder(outcome.order.id, { restock: false })).toMatchObject({
      kind: "done",
      refund: null,
    });
  });

  it("cancels once, and never what has shipped", async () => {
    const shop = await startSmallShop();
    shop.addItem("A-1", [5, 0]);
    const one = buy(shop, "A-1", 1);
    shop.simulator.cancelOrder(one.id, { restock: true });
    expect(shop.simulator.cancelOrder(one.id, { restock: true }).kind).toBe("refused");
    const other = buy(shop, "A-1", 1);
    shop.simulator.fulfilOrder(other.id);
    expect(shop.simulator.cancelOrder(other.id, { restock: true }).kind).toBe("refused");
    expect(stock(shop, "A-1")).toEqual([4, 0, 4]);
  });

  it("refuses to restock a paid order at a closed location, and restocks an unpaid one nowhere", async () => {
    const shop = await startSmallShop();
    shop.addItem("A-1", [5, null]);
    const paid = buy(shop, "A-1", 1);
    const unpaid = shop.simulator.createOrder({ paid: false, lines: [{ sku: "A-1", quantity: 1 }] });
    if (unpaid.kind !== "created") throw new Error(unpaid.kind);
    shop.simulator.setLocationActive(shop.near.id, false);
    expect(shop.simulator.cancelOrder(paid.id, { restock: true }).kind).toBe("refused");
    expect(shop.simulator.cancelOrder(unpaid.order.id, { restock: true }).kind).toBe("done");
    expect(stock(shop, "A-1")).toEqual([3, 1, 4]);
  });

  it("refunds unshipped units as cancel, shipped ones as return, at the location that was named", async () => {
    const shop = await startSmallShop();
    shop.addItem("A-1", [9, 0]);
    const order = buy(shop, "A-1", 5);
    const lineId = order.lines[0]?.id ?? "";
    shop.simulator.fulfilOrder(order.id, { lines: [{ lineId, quantity: 2 }] });
    expect(stock(shop, "A-1")).toEqual([4, 3, 7]);
    shop.simulator.refundOrder(order.id, { lines: [{ lineId, quantity: 1, restockType: "cancel" }] });
    expect(stock(shop, "A-1")).toEqual([5, 2, 7]);
    const locationId = shop.far.id;
    shop.simulator.refundOrder(order.id, { lines: [{ lineId, quantity: 2, restockType: "return", locationId }] });
    expect([stock(shop, "A-1"), stock(shop, "A-1", "far")]).toEqual([
      [5, 2, 7],
      [2, 0, 2],
    ]);
    shop.simulator.refundOrder(order.id, { lines: [{ lineId, quantity: 2, restockType: "no_restock" }] });
    expect(stock(shop, "A-1")).toEqual([5, 0, 5]);
    expect(order.lines[0]).toMatchObject({ currentQuantity: 0, fulfillableQuantity: 0, fulfilledQuantity: 0 });
  });

  it("refunds money alone without touching a unit", async () => {
    const shop = await startSmallShop();
    shop.addItem("A-1", [5, 0]);
    const order = buy(shop, "A-1", 1);
    const outcome = shop.simulator.refundOrder(order.id, { lines: [], amountCents: 300 });
    expect(outcome).toMatchObject({ kind: "done", refund: { lines: [], amountCents: 300 } });
    expect(stock(shop, "A-1")).toEqual([4, 1, 5]);
  });

  it("refuses more than was bought, and more than is unshipped or shipped", async () => {
    const shop = await startSmallShop();
    shop.addItem("A-1", [5, 0]);
    const order = buy(shop, "A-1", 2);
    const lineId = order.lines[0]?.id ?? "";
    const kind = (quantity: number, restockType: "cancel" | "return" | "no_restock"): string =>
      shop.simulator.refundOrder(order.id, { lines: [{ lineId, quantity, restockType }] }).kind;
    expect([kind(3, "no_restock"), kind(3, "cancel"), kind(1, "return")]).toEqual(["refused", "refused", "refused"]);
    expect(stock(shop, "A-1")).toEqual([3, 2, 5]);
  });
});

describe("the change log", () => {
  it("explains every level by its entries, with cause and reference", async () => {
    const shop = await startSmallShop();
    shop.addItem("A-1", [5, 0]);
    const order = buy(shop, "A-1", 2);
    shop.simulator.editLevel({ sku: "A-1" }, shop.near.id, { available: 10 });
    shop.simulator.cancelOrder(order.id, { restock: true });
    const available = shop.simulator.changes().filter((change) => change.name === "available");
    expect(available.map(({ cause, reference, delta, after }) => [cause, reference, delta, after])).toEqual([
      ["seed", null, 5, 5],
      ["order", order.id, -2, 3],
      ["merchant", null, 7, 10],
      ["cancellation", order.id, 2, 12],
    ]);
    expect(shop.simulator.changes(2, 1)).toMatchObject([{ seq: 3, name: "committed", delta: 2 }]);
  });
});
