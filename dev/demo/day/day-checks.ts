/** What the verdict asks of the day's channels and of the news that was told. Pure: the outside's own books against what Onhand has. */
import { type Check, none, some } from "../checks.ts";

export type DayFound = {
  readonly marketplaceOrders: number;
  readonly tillReceipts: number;
  readonly squareSales: number;
  readonly squareItems: number;
  /** Items of which Square shows something else than the counters have at the store. */
  readonly squareOtherwise: readonly string[];
  /** Adjustments at Square that took effect more than once. */
  readonly squareTwice: number;
  readonly returns: number;
  readonly cancellations: number;
  readonly shipments: number;
  readonly warehouseDocuments: number;
  readonly levelsShown: number;
  /** Items of which a channel shows something else than the counters have, after its buffer. */
  readonly shownOtherwise: readonly string[];
  /** SKUs whose shelf holds something else than Onhand has on hand. */
  readonly shelvesOtherwise: readonly string[];
  readonly shelves: number;
  /** Orders that the warehouse was told, and has not sent out; and those of buyers who wait for their parcel. */
  readonly unshipped: number;
  /** Units committed at the warehouse, of SKUs that its parcels alone commit and ship, beyond what shops still owe. */
  readonly committedLeft: number;
  readonly heldCounts: number;
  readonly heldCountsExpected: number;
  readonly badSignatures: number;
  readonly idsReused: number;
  readonly forged: number;
  readonly forgedRefused: number;
  readonly refusals: number;
  readonly notifications: number;
  /** Of them those that the chat did not hear of. */
  readonly chatLacks: number;
  readonly toldTwice: readonly string[];
  /** Goods that ran low, and what came of each. */
  readonly restocked: readonly Restocked[];
};

/** What Onhand asked for of one SKU, what the warehouse bought, and what people heard of it. */
export type Restocked = {
  readonly sku: string;
  /** As Onhand tells them. */
  readonly reorders: readonly { readonly state: string; readonly quantity: number; readonly received: number }[];
  /** Units that came, by the warehouse's books. */
  readonly bought: number;
  /** News of it: low, requested, received. */
  readonly news: readonly [low: number, requested: number, received: number];
};

const isBoughtOnce = ({ reorders, bought }: Restocked): boolean => {
  const [only, ...others] = reorders;
  return others.length === 0 && only?.state === "received" && only.quantity === bought && only.received === bought;
};

export function dayChecks(found: DayFound): readonly Check[] {
  const signed = `${found.forgedRefused} of ${found.forged} forgeries refused`;
  return [
    some("orders at the marketplace", found.marketplaceOrders),
    some("receipts at the till", found.tillReceipts),
    some("… and units taken back there and at the marketplace", found.returns),
    some("… and units cancelled, before or with their order", found.cancellations),
    some("units sold at Square's till, that counts by itself", found.squareSales),
    some("… levels that it shows", found.squareItems),
    none("… other than the counters'", found.squareOtherwise.length),
    none("… pushes that it took twice", found.squareTwice),
    some("units shipped by the warehouse", found.shipments),
    none("… orders not sent out", found.unshipped),
    none("… units still committed", found.committedLeft),
    some("receipts, counts, corrections, transfers, damages there", found.warehouseDocuments),
    some("shelves counted alike: the warehouse's and Onhand's", found.shelves - found.shelvesOtherwise.length),
    none("… that differ", found.shelvesOtherwise.length),
    {
      name: "counts that wait for a person",
      value: found.heldCounts,
      holds: found.heldCounts === found.heldCountsExpected,
    },
    some("levels shown by marketplace and warehouse", found.levelsShown),
    none("… other than the counters' after buffers", found.shownOtherwise.length),
    {
      name: "channels' signatures",
      value: signed,
      holds: found.forged > 0 && found.forged === found.forgedRefused && found.badSignatures === 0,
    },
    none("… ids used for two contents", found.idsReused),
    none("events that Onhand did not want", found.refusals),
    {
      name: "goods that ran low, asked for once, and received",
      value: `${found.restocked.filter(isBoughtOnce).length} of ${found.restocked.length}`,
      holds: found.restocked.length > 0 && found.restocked.every(isBoughtOnce),
    },
    {
      name: "… low, requested, received: told once each",
      value: `${found.restocked.filter(({ news }) => news.every((n) => n === 1)).length} of ${found.restocked.length}`,
      holds: found.restocked.every(({ news }) => news.every((n) => n === 1)),
    },
    some("notifications told", found.notifications),
    none("… more than once", found.toldTwice.length),
    none("… and not in the chat", found.chatLacks),
  ];
}
