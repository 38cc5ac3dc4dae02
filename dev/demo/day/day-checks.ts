/** What the verdict asks of the day's channels and of the news that was told. Pure: the outside's own books against what Onhand has. */
import { type Check, none, some } from "../checks.ts";

export type DayFound = {
  readonly marketplaceOrders: number;
  readonly tillReceipts: number;
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
  /** Orders that the warehouse was told, and has not sent out. */
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
  readonly toldTwice: readonly string[];
};

export function dayChecks(found: DayFound): readonly Check[] {
  const signed = `${found.forgedRefused} of ${found.forged} forgeries refused`;
  return [
    some("orders at the marketplace", found.marketplaceOrders),
    some("receipts at the till", found.tillReceipts),
    some("… and units taken back at both", found.returns),
    some("… and units cancelled, before or with their order", found.cancellations),
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
    some("notifications told", found.notifications),
    none("… more than once", found.toldTwice.length),
  ];
}
