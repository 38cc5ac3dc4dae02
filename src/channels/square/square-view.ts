/**
 * A till as reconciliation sees it: its counts, through its gate at the lowest priority. It tells of no orders, has no bulk query,
 * and its subscriptions belong to the merchant's application.
 * @see https://developer.squareup.com/reference/square/inventory-api/batch-retrieve-inventory-counts
 */
import { fromStore, type InventoryItemId, type ShopLocationId } from "../../domain/ids.ts";
import type { FoundLevel } from "../../domain/reconcile/classify-level.ts";
import type { LevelAnswer } from "../../domain/shop-gate/reply.ts";
import type { GraphqlGate } from "../../services/patient-gate.ts";
import type { ShopView } from "../../services/reconcile/reconcile-deps.ts";
import { changesRequest } from "./counts.ts";
import { allCounts, askCounts } from "./square-counts.ts";

/** Each row is a question to a counter. As many as of a shop. */
const CHANGED_PAGE = 250;

export type SquareViewDeps = {
  readonly gate: GraphqlGate;
  readonly status: Pick<ShopView, "held" | "outageEndedMs">;
};

export function squareView({ gate, status }: SquareViewDeps): ShopView {
  return {
    ...status,
    news: null,
    bulk: null,
    async levelsSince(location, sinceMs, after) {
      const page = await askCounts(gate, changesRequest(location, sinceMs, CHANGED_PAGE, after));
      if (page.kind !== "ok") return page;
      // What is counted by weight is nobody's stock of ours, and would be no row of a counter.
      const rows = page.value.counts.map(({ item, ...level }) => ({
        item: fromStore<InventoryItemId>(item),
        levels: new Map([[location, foundOf(level)]]),
      }));
      return { kind: "ok", value: { rows, nextAfter: page.value.cursor } };
    },
    async levelsOf(items, locations) {
      const told = await allCounts(gate, items, locations);
      if (told.kind !== "ok") return told;
      const odd = new Set(told.value.odd);
      const byItem = Map.groupBy(told.value.counts, ({ item }) => item);
      const levelAt = (item: InventoryItemId, location: ShopLocationId): FoundLevel | null => {
        const level = byItem.get(item)?.find((each) => each.location === location);
        return level === undefined ? null : foundOf(level);
      };
      const whole = items.filter((item) => !odd.has(item));
      return {
        kind: "ok",
        value: new Map(whole.map((item) => [item, new Map(locations.map((at) => [at, levelAt(item, at)]))])),
      };
    },
  };
}

/** What is sold at a till is handed over: it has nothing to say of units that are sold and still there. */
const foundOf = ({ available, atMs }: Pick<LevelAnswer, "available" | "atMs">): FoundLevel => ({
  available,
  committed: null,
  atMs,
});
