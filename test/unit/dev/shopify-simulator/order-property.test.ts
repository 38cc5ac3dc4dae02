/** Stock is conserved: whatever buyers and merchants do, each level is the sum of its logged changes, and on_hand adds up. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { ChangeLog } from "../../../../dev/shopify-simulator/model/change-log.ts";
import { dumpLevels } from "../../../../dev/shopify-simulator/model/level-dump.ts";
import { SeededRandom } from "../../../../dev/shopify-simulator/model/seeded-random.ts";
import type { ShopEvents } from "../../../../dev/shopify-simulator/model/shop-events.ts";
import { ShopStore } from "../../../../dev/shopify-simulator/model/shop-store.ts";
import { ShopOperations } from "../../../../dev/shopify-simulator/shop-operations.ts";

const silent: ShopEvents = {
  orderChanged: () => undefined,
  levelChanged: () => undefined,
  levelConnected: () => undefined,
  levelDisconnected: () => undefined,
  productChanged: () => undefined,
  productDeleted: () => undefined,
  orderFulfilled: () => undefined,
  orderEdited: () => undefined,
  itemChanged: () => undefined,
  locationChanged: () => undefined,
  appUninstalled: () => undefined,
};

function openShop(): ShopOperations {
  const random = new SeededRandom(1);
  const log = new ChangeLog(100_000);
  const store = new ShopStore({ now: () => 1_000, random, events: silent, log, stampJitterMs: () => 0 });
  const shop = new ShopOperations({ store, log, random, orderSkewMs: () => 0 });
  shop.seedCatalogue({ skus: 3, locations: 2, stock: [0, 6], continueRate: 0.3, specials: { bundle: true } });
  return shop;
}

const index = fc.nat(3);
const units = fc.integer({ min: 1, max: 4 });
const step = fc.oneof(
  fc.record({
    kind: fc.constant("buy" as const),
    lines: fc.array(fc.tuple(index, units), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant("cancel" as const), order: fc.nat(9), restock: fc.boolean() }),
  fc.record({ kind: fc.constant("ship" as const), order: fc.nat(9), quantity: units }),
  fc.record({
    kind: fc.constant("refund" as const),
    order: fc.nat(9),
    quantity: units,
    restockType: fc.constantFrom("no_restock" as const, "cancel" as const, "return" as const),
  }),
  fc.record({
    kind: fc.constant("edit" as const),
    item: index,
    location: fc.nat(1),
    delta: fc.integer({ min: -5, max: 5 }),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function play(shop: ShopOperations, move: Step): void {
  const { orders, variants, locations } = shop.store;
  if (move.kind === "buy") {
    const lines = move.lines.map(([which, quantity]) => ({ variantId: variants[which]?.id ?? "", quantity }));
    shop.createOrder({ lines });
    return;
  }
  if (move.kind === "edit") {
    const itemId = variants[Math.min(move.item, 2)]?.item.id ?? "";
    shop.editLevel({ itemId }, locations[move.location]?.id ?? "", { delta: move.delta });
    return;
  }
  const order = orders[move.order % Math.max(1, orders.length)];
  if (order === undefined) return;
  const lineId = order.lines[0]?.id ?? "";
  if (move.kind === "cancel") shop.cancelOrder(order.id, { restock: move.restock });
  if (move.kind === "ship") shop.fulfilOrder(order.id, { lines: [{ lineId, quantity: move.quantity }] });
  if (move.kind === "refund") {
    shop.refundOrder(order.id, { lines: [{ lineId, quantity: move.quantity, restockType: move.restockType }] });
  }
}

it("explains every level by its log, commits exactly what is unshipped, and never loses a unit of a line", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (moves) => {
      const shop = openShop();
      for (const move of moves) play(shop, move);
      const logged = new Map<string, number>();
      for (const change of shop.changes()) {
        const key = `${change.itemId} ${change.locationId} ${change.name}`;
        logged.set(key, (logged.get(key) ?? 0) + change.delta);
      }
      const parents = new Set(
        shop.store.variants.filter((each) => each.components.length > 0).map((each) => each.item.id),
      );
      for (const level of dumpLevels(shop.store).filter((each) => !parents.has(each.itemId))) {
        const key = `${level.itemId} ${level.locationId}`;
        expect(level.available).toBe(logged.get(`${key} available`) ?? 0);
        expect(level.committed).toBe(logged.get(`${key} committed`) ?? 0);
        expect(level.committed).toBeGreaterThanOrEqual(0);
        expect(level.onHand).toBe(level.available + level.committed);
      }
      const committed = dumpLevels(shop.store).reduce((sum, level) => sum + level.committed, 0);
      const unshipped = shop.store.orders.flatMap((order) => order.lines.map((line) => line.fulfillableQuantity));
      expect(committed).toBe(unshipped.reduce((sum, quantity) => sum + quantity, 0));
      for (const line of shop.store.orders.flatMap((order) => order.lines)) {
        expect(line.currentQuantity).toBe(line.fulfillableQuantity + line.fulfilledQuantity);
        const allocated = line.allocations.reduce((sum, allocation) => sum + allocation.quantity, 0);
        expect(allocated).toBe(line.fulfillableQuantity);
      }
    }),
    { numRuns: 300, seed: 20261122 },
  );
});
