/**
 * Parts a shop from our stock, a page a call: what each of its listings supplied becomes ours, and nothing more is sent to it.
 * Whoever drives it passes the cursor on; begun anew it finds the same listings and does no harm. Nothing may be under way
 * at Shopify: a call that is repeated after the shop came back would look like a change of Shopify's own.
 */
import {
  type CorrelationId,
  type InventoryItemId,
  type LocationId,
  listingIdOf,
  type ShopDomain,
  type Sku,
} from "../domain/ids.ts";
import type { LevelsView } from "../domain/levels-view.ts";
import type { PauseCause } from "../domain/shop-gate/hold.ts";
import { atMost } from "./at-most.ts";
import type { Counters } from "./counter-contract.ts";
import type { GateStatus } from "./gate-contract.ts";
import type { ShopStore } from "./shop-store.ts";

export type FoldedLevels = { readonly sku: Sku; readonly locationId: LocationId; readonly units: number };

export type DisconnectPage =
  | {
      readonly kind: "page";
      readonly nextCursor: InventoryItemId | null;
      readonly listings: number;
      /** Units that become ours, per SKU and location. */
      readonly folded: readonly FoldedLevels[];
    }
  | { readonly kind: "not_connected" }
  /** Calls of unknown outcome that only an operator can settle. */
  | { readonly kind: "conflict"; readonly message: string }
  | { readonly kind: "later"; readonly afterMs: number; readonly reason: string };

export interface DisconnectDeps {
  readonly shops: Pick<ShopStore, "connection" | "setConnection" | "counted" | "markDisconnected">;
  readonly counters: Counters;
  readonly gate: {
    suspend(cause: PauseCause, by: string): Promise<GateStatus>;
    status(): Promise<GateStatus>;
    forgetQueued(): Promise<number>;
  };
  mirror(views: readonly LevelsView[]): void;
  nowMs(): number;
}

const PAGE = 100;
/** Counters asked at once. */
const AT_ONCE = 20;
const UNDER_WAY_MS = 2_000;
/** Turns of forgetting what waits, 1,000 pushes each. */
const FORGET_TURNS_MAX = 20;

/** @param cursor  null: from the start */
export async function disconnectPage(
  shop: ShopDomain,
  cursor: InventoryItemId | null,
  dryRun: boolean,
  correlationId: CorrelationId,
  deps: DisconnectDeps,
): Promise<DisconnectPage> {
  const connection = await deps.shops.connection(shop);
  if (connection === null) return { kind: "not_connected" };
  if (!dryRun) {
    if (connection.state === "connected") {
      await deps.shops.setConnection(shop, { ...connection, state: "disconnecting" }, deps.nowMs());
      await deps.gate.suspend("disconnected", `disconnect/${correlationId}`);
    }
    const underWay = obstacleOf(await deps.gate.status());
    if (underWay !== null) return underWay;
  }
  const listings = await deps.shops.counted(shop, cursor, PAGE);
  // In this order: a level that is told in between must not connect it again.
  if (!dryRun)
    await deps.shops.markDisconnected(
      shop,
      listings.map(({ item }) => item),
    );
  const parted = await atMost(AT_ONCE, listings, async ({ item, skuId, sku }) => {
    const reply = await deps.counters.of(skuId).disconnect(listingIdOf(shop, item), correlationId, dryRun);
    if (reply.kind !== "disconnected") return [];
    if (!dryRun) deps.mirror([reply.view]);
    return reply.folded.map((level): FoldedLevels => ({ sku, ...level }));
  });
  const nextCursor = listings.length < PAGE ? null : (listings.at(-1)?.item ?? null);
  if (nextCursor === null && !dryRun) await end(shop, deps);
  return { kind: "page", nextCursor, listings: listings.length, folded: parted.flat() };
}

function obstacleOf({ sending, frozen, expired }: GateStatus): DisconnectPage | null {
  if (expired > 0) {
    const message = `${expired} pushes are of unknown outcome: look at the gate's held pushes and resolve them first.`;
    return { kind: "conflict", message };
  }
  return sending + frozen > 0 ? { kind: "later", afterMs: UNDER_WAY_MS, reason: "calls are under way" } : null;
}

async function end(shop: ShopDomain, { shops, gate, nowMs }: DisconnectDeps): Promise<void> {
  for (let turn = 0; turn < FORGET_TURNS_MAX; turn += 1) if ((await gate.forgetQueued()) === 0) break;
  const connection = await shops.connection(shop);
  if (connection !== null) await shops.setConnection(shop, { ...connection, state: "disconnected" }, nowMs());
}
