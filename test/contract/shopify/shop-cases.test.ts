/**
 * What a Shopify shop can do to stock beside selling it, played by the simulator and counted by the shipped code: pre-orders,
 * untracked items, selling below zero, closed locations, drafts, cancellations, returns, edits, shipments.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fromStore } from "../../../src/domain/ids.ts";
import { LeapingClock, LittleOnhand } from "../../support/shops/little-onhand.ts";
import { type SmallShop, startSmallShop } from "../shopify-simulator/support/shop.ts";

/** Longer than a hint waits for its level, and than an explained one waits to be verified. */
const LONG_MS = 70_000;

let shop: SmallShop;
let onhand: LittleOnhand;

beforeEach(async () => {
  const clock = new LeapingClock();
  shop = await startSmallShop({ now: clock.now });
  onhand = new LittleOnhand([shop.simulator], clock);
});
afterEach(() => onhand.close());

/** Opens: the catalogue is imported, and webhooks come. */
async function open(): Promise<void> {
  await onhand.import(shop.simulator);
  await onhand.listen();
  await onhand.wait(10_000); // orders come well after the levels that the import has read
}
const order = (input: Parameters<SmallShop["simulator"]["createOrder"]>[0]) => {
  const outcome = shop.simulator.createOrder(input);
  if (outcome.kind !== "created") throw new Error(JSON.stringify(outcome));
  return outcome.order;
};
const shown = (sku: string) => {
  const levels = onhand.levels(sku);
  if (levels === null) throw new Error(`no ${sku}`);
  const { available, committed, onHand } = levels;
  return { available, committed, onHand };
};
/** Level by level what Shopify shows: `available`, and what is committed there. */
function agree(sku: string): void {
  const levels = shop.simulator.levelsBySku(sku);
  const available = levels.reduce((sum, level) => sum + level.available, 0);
  const committed = levels.reduce((sum, level) => sum + level.committed, 0);
  expect(shown(sku)).toEqual({ available, committed, onHand: available + committed });
}

describe("a pre-order", () => {
  it("reserves for a moment and then counts nothing until it ships: Shopify has not touched its stock either", async () => {
    shop.addItem("PRE", [5, null]);
    await open();
    const { id } = order({ lines: [{ sku: "PRE", quantity: 2, reservesOnFulfillment: true }] });
    await onhand.settle();
    expect(shown("PRE").available).toBe(3); // for all we know it was sold
    await onhand.wait(LONG_MS);
    expect(shown("PRE")).toEqual({ available: 5, committed: 0, onHand: 5 });
    shop.simulator.fulfilOrder(id);
    await onhand.settle();
    await onhand.wait(LONG_MS);
    agree("PRE");
    expect(shown("PRE")).toEqual({ available: 3, committed: 0, onHand: 3 });
  });
});

describe("an untracked item", () => {
  it("is none of our stock, and its orders are no dead letters", async () => {
    shop.addItem("SEAT", [null, null], { tracked: false });
    shop.addItem("CUP", [5, null]);
    await open();
    order({
      lines: [
        { sku: "SEAT", quantity: 3 },
        { sku: "CUP", quantity: 1 },
      ],
    });
    await onhand.settle();
    expect([onhand.levels("SEAT"), shown("CUP").available, onhand.dead]).toEqual([null, 4, []]);
  });

  it("that was tracked before is reported when it turns, and its levels count no more", async () => {
    const { item } = shop.addItem("TURNS", [5, null]);
    await open();
    shop.simulator.setTracked({ sku: "TURNS" }, false);
    await onhand.settle();
    expect(await onhand.findings(shop.simulator)).toEqual([{ subject: `item ${item.id}`, kind: "untracked" }]);
    shop.simulator.setTracked({ sku: "TURNS" }, true);
    await onhand.settle();
    expect(await onhand.findings(shop.simulator)).toEqual([]);
    order({ lines: [{ sku: "TURNS", quantity: 1 }] });
    await onhand.settle();
    await onhand.wait(LONG_MS);
    agree("TURNS");
  });
});

describe("an item that sells below zero", () => {
  it("counts below zero with it, and refuses every guarded take", async () => {
    shop.addItem("MORE", [1, null], { policy: "CONTINUE" });
    await open();
    order({ lines: [{ sku: "MORE", quantity: 4 }] });
    await onhand.settle();
    await onhand.wait(LONG_MS);
    expect(shown("MORE")).toEqual({ available: -3, committed: 4, onHand: 1 });
    expect(onhand.take("MORE", 1)).toBe(false);
    agree("MORE");
  });
});

describe("an order at a location that was closed since", () => {
  it("is settled by the level, cancelled or not: nothing comes back that Shopify does not put back", async () => {
    shop.addItem("CLOSED", [5, 5]);
    await open();
    const { id } = order({ lines: [{ sku: "CLOSED", quantity: 2 }], paid: false });
    await onhand.settle();
    shop.simulator.setLocationActive(shop.near.id, false);
    await onhand.settle();
    expect(await onhand.findings(shop.simulator)).toEqual([
      { subject: `location ${shop.near.id}`, kind: "location_inactive" },
    ]);
    shop.simulator.cancelOrder(id, { restock: true }); // unpaid: it is cancelled, and restocks nowhere
    await onhand.settle();
    await onhand.wait(LONG_MS);
    agree("CLOSED");
    expect(shown("CLOSED").available).toBe(8);
    shop.simulator.setLocationActive(shop.near.id, true);
    await onhand.settle();
    expect(await onhand.findings(shop.simulator)).toEqual([]);
  });
});

describe("a draft order", () => {
  it("counts when it is completed, like any order", async () => {
    shop.addItem("DRAFT", [5, null]);
    await open();
    order({ lines: [{ sku: "DRAFT", quantity: 2 }], source: "shopify_draft_order" });
    await onhand.settle();
    await onhand.wait(LONG_MS);
    agree("DRAFT");
    expect(shown("DRAFT").available).toBe(3);
  });
});

describe("a cancellation", () => {
  it.each([true, false])("leaves what Shopify leaves, whether it puts units back or not (%s)", async (restock) => {
    shop.addItem("CANCEL", [5, 5]);
    await open();
    const { id } = order({ lines: [{ sku: "CANCEL", quantity: 2 }] });
    await onhand.settle();
    shop.simulator.cancelOrder(id, { restock });
    await onhand.settle();
    await onhand.wait(LONG_MS);
    agree("CANCEL");
    expect(shown("CANCEL")).toEqual({ available: restock ? 10 : 8, committed: 0, onHand: restock ? 10 : 8 });
  });

  it("that overtakes its own order invents no stock", async () => {
    shop.addItem("OVERTAKEN", [5, null]);
    await open();
    shop.simulator.faults = { webhooks: { dropRate: { "orders/create": 1, "inventory_levels/update": 1 } } };
    const { id } = order({ lines: [{ sku: "OVERTAKEN", quantity: 2 }] });
    shop.simulator.cancelOrder(id, { restock: true });
    await onhand.settle();
    expect(shown("OVERTAKEN").available).toBeLessThanOrEqual(5);
    await onhand.wait(LONG_MS);
    agree("OVERTAKEN");
  });
});

describe("goods that come back by the returns flow, without any refund", () => {
  it("are counted by their level, though no refund is ever told", async () => {
    shop.addItem("BACK", [5, null]);
    await open();
    const { id, lines } = order({ lines: [{ sku: "BACK", quantity: 2 }] });
    shop.simulator.fulfilOrder(id);
    await onhand.settle();
    shop.simulator.returnUnits(id, { lineId: lines[0]?.id ?? "", quantity: 1 });
    await onhand.settle();
    await onhand.wait(LONG_MS);
    agree("BACK");
    expect(shown("BACK")).toEqual({ available: 4, committed: 0, onHand: 4 });
  });
});

describe("a shipment", () => {
  it("in parts takes each part out of what is committed once, though it is told by two routes", async () => {
    shop.addItem("SHIP", [5, null]);
    await open();
    const { id, lines } = order({ lines: [{ sku: "SHIP", quantity: 3 }] });
    await onhand.settle();
    expect(shown("SHIP")).toEqual({ available: 2, committed: 3, onHand: 5 });
    shop.simulator.fulfilOrder(id, { lines: [{ lineId: lines[0]?.id ?? "", quantity: 1 }] });
    await onhand.settle();
    expect(shown("SHIP")).toEqual({ available: 2, committed: 2, onHand: 4 });
    shop.simulator.fulfilOrder(id);
    await onhand.settle();
    expect(shown("SHIP")).toEqual({ available: 2, committed: 0, onHand: 2 });
    const shipments = onhand.movements("SHIP").filter(({ kind }) => kind === "shipment");
    expect(shipments.map(({ delta, moves }) => [delta, moves.committed])).toEqual([
      [0, -2],
      [0, -1],
    ]);
    await onhand.wait(LONG_MS);
    agree("SHIP");
  });

  it("whose news are all lost is found by the next read", async () => {
    shop.addItem("UNTOLD", [5, null]);
    await open();
    const { id } = order({ lines: [{ sku: "UNTOLD", quantity: 3 }] });
    await onhand.settle();
    shop.simulator.faults = { webhooks: { dropRate: 1 } };
    shop.simulator.fulfilOrder(id);
    await onhand.settle();
    await onhand.wait(LONG_MS); // the order itself is verified by a read
    agree("UNTOLD");
  });

  it("that is told twice, and again later, counts once", async () => {
    shop.addItem("TWICE", [5, null]);
    await open();
    shop.simulator.faults = { webhooks: { duplicateRate: 1 } };
    const { id } = order({ lines: [{ sku: "TWICE", quantity: 3 }] });
    await onhand.settle();
    shop.simulator.fulfilOrder(id);
    await onhand.settle();
    expect(shown("TWICE")).toEqual({ available: 2, committed: 0, onHand: 2 });
  });
});

describe("an edited order", () => {
  it("takes what was added and gives back what was removed, as Shopify does", async () => {
    shop.addItem("KEPT", [5, null]);
    shop.addItem("ADDED", [5, null]);
    await open();
    const { id, lines } = order({ lines: [{ sku: "KEPT", quantity: 3 }] });
    await onhand.settle();
    shop.simulator.editOrder(id, {
      add: [{ sku: "ADDED", quantity: 2 }],
      remove: [{ lineId: lines[0]?.id ?? "", quantity: 1 }],
    });
    await onhand.settle();
    expect([shown("ADDED").available, onhand.dead]).toEqual([3, []]);
    await onhand.wait(LONG_MS);
    agree("KEPT");
    agree("ADDED");
  });

  it("reserves what was added although the level's news are lost", async () => {
    shop.addItem("LOST", [5, null]);
    shop.addItem("FIRST", [5, null]);
    await open();
    const { id } = order({ lines: [{ sku: "FIRST", quantity: 1 }] });
    await onhand.wait(LONG_MS);
    shop.simulator.faults = { webhooks: { dropRate: { "inventory_levels/update": 1 } } };
    shop.simulator.editOrder(id, { add: [{ sku: "LOST", quantity: 2 }] });
    await onhand.settle();
    expect(shown("LOST").available).toBe(3);
    await onhand.wait(LONG_MS);
    agree("LOST");
  });
});

describe("the catalogue at Shopify", () => {
  it("renames, adds and deletes: names follow, stock stays, and what is gone retires", async () => {
    shop.addItem("OLD-NAME", [5, null]);
    shop.addItem("DOOMED", [4, null]);
    await open();
    shop.simulator.renameSku({ sku: "OLD-NAME" }, "NEW-NAME");
    await onhand.settle();
    expect(onhand.levels("OLD-NAME")).toMatchObject({ sku: "NEW-NAME", available: 5 });
    shop.addItem("FRESH", [7, null]);
    await onhand.settle();
    expect(shown("FRESH").available).toBe(7);
    shop.simulator.deleteProduct({ sku: "DOOMED" });
    await onhand.settle();
    expect(shown("DOOMED").available).toBe(4);
    const { results } = (await onhand.d1.db.prepare("SELECT status FROM listings WHERE sku_text = 'DOOMED'").all()) as {
      results: { status: string }[];
    };
    expect(results).toEqual([{ status: "retired" }]);
  });

  it("stocks an item at one more place, stops, and stocks it again: pushes follow", async () => {
    const { item } = shop.addItem("MOVES", [5, null]);
    await open();
    shop.simulator.editLevel({ sku: "MOVES" }, shop.far.id, { available: 3 });
    await onhand.settle();
    expect(shown("MOVES").available).toBe(8);
    shop.simulator.disconnectLevel({ sku: "MOVES" }, shop.far.id);
    await onhand.settle();
    const subject = `item ${item.id} at location ${shop.far.id}`;
    expect(await onhand.findings(shop.simulator)).toEqual([{ subject, kind: "level_disconnected" }]);
    expect(onhand.take("MOVES", 1, { locationId: shop.far.id })).toBe(true);
    await onhand.wait(LONG_MS);
    expect(shop.simulator.level({ sku: "MOVES" }, shop.far.id)?.available).toBe(3); // nothing is pushed there
    shop.simulator.stockAgain({ sku: "MOVES" }, shop.far.id);
    await onhand.settle();
    await onhand.wait(LONG_MS);
    expect(shop.simulator.level({ sku: "MOVES" }, shop.far.id)?.available).toBe(2);
    expect(await onhand.findings(shop.simulator)).toEqual([]);
  });

  it("tells when the app is removed", async () => {
    await open();
    shop.simulator.uninstallApp();
    await onhand.settle();
    expect(onhand.suspended).toEqual([`${shop.simulator.shop}: app_uninstalled`]);
    expect(shop.simulator.registry.all()).toEqual([]);
  });
});

describe("two shops on one shelf", () => {
  it("sell from it together, each sale reaching the other, until one leaves and comes back", async () => {
    const clock = new LeapingClock();
    const first = await startSmallShop({ now: clock.now, shop: "first.myshopify.com", seed: 7 });
    const second = await startSmallShop({ now: clock.now, shop: "second.myshopify.com", seed: 8 });
    first.addItem("SHARED", [10, null]);
    const { item } = second.addItem("SHARED", [4, null]);
    const both = new LittleOnhand([first.simulator, second.simulator], clock);
    await both.import(first.simulator);
    both.d1.database
      .prepare("INSERT INTO shop_locations (shop, shop_location_id, location_id, is_active) VALUES (?, ?, ?, 1)")
      .run("second.myshopify.com", second.near.id, first.near.id);
    const look = await both.import(second.simulator, { mode: "mirror", dryRun: true });
    expect(look.firstPushes).toMatchObject([{ sku: "SHARED", connection: "mirror", level: 4, ours: 10, delta: 6 }]);
    expect(second.simulator.availableOf("SHARED")).toBe(4);
    await both.import(second.simulator, { mode: "mirror" });
    await both.listen();
    await both.wait(10_000);
    const everywhere = () => [
      first.simulator.availableOf("SHARED"),
      second.simulator.availableOf("SHARED"),
      both.levels("SHARED")?.available,
    ];
    expect(everywhere()).toEqual([10, 10, 10]);
    first.simulator.createOrder({ lines: [{ sku: "SHARED", quantity: 2 }] });
    second.simulator.createOrder({ lines: [{ sku: "SHARED", quantity: 3 }] });
    both.take("SHARED", 1);
    await both.settle();
    await both.wait(LONG_MS);
    expect(everywhere()).toEqual([4, 4, 4]);
    await both.disconnect(fromStore("SHARED"), second.simulator, item.id);
    both.d1.database.exec("UPDATE listings SET status = 'disconnected' WHERE shop = 'second.myshopify.com'");
    second.simulator.createOrder({ lines: [{ sku: "SHARED", quantity: 1 }] }); // it goes on by itself
    first.simulator.createOrder({ lines: [{ sku: "SHARED", quantity: 1 }] });
    await both.settle();
    await both.wait(LONG_MS);
    expect(everywhere()).toEqual([3, 3, 3]); // by chance alike: nothing was pushed to the second
    await both.import(second.simulator, { mode: "mirror" });
    both.take("SHARED", 1);
    await both.settle();
    await both.wait(LONG_MS);
    expect(everywhere()).toEqual([2, 2, 2]);
    both.close();
  });
});
