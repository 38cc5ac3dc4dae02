/** `inventoryActivate` and `inventoryDeactivate`: where an item is stocked. Plain user errors, without a code. */
import type { GraphQLResolveInfo } from "graphql";
import { parseGid } from "../../model/ids.ts";
import { deactivateLevel, reactivateLevel } from "../../model/merchant.ts";
import type { InventoryItem, Level, Location } from "../../model/shop-model.ts";
import type { CallContext, View } from "../call-context.ts";
import type { UserErrorRow } from "../user-error.ts";
import { levelView } from "../views/inventory-views.ts";
import { runGuarded } from "./guarded-mutation.ts";
import { idOf, QUANTITY_MAX } from "./quantity-rules.ts";

export type ActivateArgs = {
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly available?: number | null;
  readonly onHand?: number | null;
};

export function activateLevel(context: CallContext, args: ActivateArgs, info: GraphQLResolveInfo): View {
  const { store } = context;
  const item = store.itemById(idOf(args.inventoryItemId, "InventoryItem"));
  const location = store.locationById(idOf(args.locationId, "Location"));
  return runGuarded(context, info, {
    resultField: "inventoryLevel",
    args,
    check: () => activationErrors(args, item, location),
    checkStale: () => [],
    apply: (key) => {
      if (item === undefined || location === undefined) return null;
      const known = item.levels.get(location.id);
      const level = known ?? store.connect(item, location);
      reactivateLevel(store, level);
      // A level that was there before keeps the quantities it was left with.
      const opening = known === undefined ? (args.available ?? args.onHand ?? 0) : 0;
      store.change(level, "available", opening, { kind: "api", reference: key });
      context.onRowsChanged(1);
      return levelView(context, level);
    },
    resultOnError: () => {
      const level = location === undefined ? undefined : item?.levels.get(location.id);
      return level?.isActive ? levelView(context, level) : null;
    },
  });
}

function activationErrors(
  args: ActivateArgs,
  item: InventoryItem | undefined,
  location: Location | undefined,
): UserErrorRow[] {
  if (item === undefined) return [{ field: ["inventoryItemId"], message: "Inventory item does not exist" }];
  if (location === undefined || !location.isActive)
    return [{ field: ["locationId"], message: "Location does not exist" }];
  const given = [
    ["available", args.available ?? null, "available"],
    ["onHand", args.onHand ?? null, "on_hand"],
  ] as const;
  const named = given.filter(([, quantity]) => quantity !== null);
  const couldNot = `The product couldn't be stocked at ${location.name} because`;
  if (named.length === 2) {
    const message = `${couldNot} not allowed to set available and on_hand quantities at the same time.`;
    return named.map(([field]) => ({ field: [field], message }));
  }
  const isActive = item.levels.get(location.id)?.isActive === true;
  return named.flatMap(([field, quantity, state]) => {
    const article = state === "on_hand" ? "an " : "";
    if (isActive) {
      const message = `Not allowed to set ${article}${state} quantity when the item is already active at the location.`;
      return [{ field: [field], message }];
    }
    if (Math.abs(quantity ?? 0) <= QUANTITY_MAX) return [];
    return [{ field: [field], message: `${couldNot} the quantity needs to be between -1 billion and 1 billion.` }];
  });
}

/** Not among the mutations that ask for `@idempotent`. */
export function deactivate(context: CallContext, inventoryLevelId: string): View {
  const level = findLevel(context, inventoryLevelId);
  const refuse = (message: string): View => ({ userErrors: [{ field: null, message }] });
  if (level === undefined) return refuse("The product couldn't be unstocked because the product was deleted.");
  const others = [...level.item.levels.values()].filter((other) => other !== level && other.isActive);
  if (others.length === 0) {
    const why = "products need to be stocked at a minimum of 1 location.";
    return refuse(`The product couldn't be unstocked from ${level.location.name} because ${why}`);
  }
  deactivateLevel(context.store, level);
  return { userErrors: [] };
}

/** Finds a level by its GID: the number is the location's inventory group, the item is in the query string. */
export function findLevel(context: CallContext, id: string): Level | undefined {
  const parsed = parseGid(id);
  const itemId = parsed?.search.get("inventory_item_id") ?? null;
  if (parsed === null || parsed.type !== "InventoryLevel" || itemId === null) return undefined;
  return context.store.levelByGid(parsed.id, itemId);
}
