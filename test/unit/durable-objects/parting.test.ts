/** What falls due in the moment in which a listing leaves its counter is booked with that, on the shipped SQL. */
import { expect, it } from "vitest";
import { fromStore, type ListingId, type LocationId } from "../../../src/domain/ids.ts";
import { asked, count, hold, sale } from "../../support/counter/asked.ts";
import { deskOn } from "../../support/counter/desk-on.ts";

const START_MS = 1_800_000_000_000;
const LISTING = fromStore<ListingId>("leaving.myshopify.com/1");
const HERE = fromStore<LocationId>("11");
const correlationId = fromStore<never>("c");

class World {
  nowMs = START_MS;
  readonly desk = deskOn({ nowMs: () => this.nowMs });

  constructor() {
    const level = { locationId: HERE, shopLocationId: fromStore<never>("1"), available: 5, committed: 0 };
    const levels = [{ ...level, atMs: START_MS }];
    this.desk.connectListing({ sku: fromStore("CUP"), listingId: LISTING, levels, correlationId });
  }

  /** Kind, ledger before and after, oldest first: each begins where the one before ended. */
  get history(): readonly string[] {
    const { movements } = this.desk.movements({ beforeSeq: null, limit: 50 });
    return movements.toReversed().map(({ kind, before, after }) => `${kind} ${before}→${after}`);
  }
}

it("a hold that is over when its shop is disconnected is booked as over", () => {
  const w = new World();
  w.desk.apply([hold("r", 2, { expiresAtMs: START_MS + 1_000 })]);
  w.nowMs += 2_000;
  expect(w.desk.disconnect(LISTING, correlationId)).toMatchObject({ view: { available: 5, reserved: 0 } });
  expect(w.history).toEqual(["shopify 0→5", "hold 5→3", "expiry 3→5"]);
});

it("a count that waited for the listing's reading keeps what happened since the shelf was seen", () => {
  const w = new World();
  w.desk.apply([sale("s", 2, { occurredAtMs: START_MS - 10_000 })]);
  const seenMs = w.nowMs;
  w.nowMs += 5_000;
  const shipped = { kind: "shipment", delta: 0, moves: { committed: -2 }, occurredAtMs: w.nowMs } as const;
  w.desk.apply([asked("ship", shipped), count("k", HERE, 5, "on_hand", seenMs)]);
  w.nowMs += 1_000;
  // Five were seen, two of them have left since: three are there, and none is owed to anybody.
  expect(w.desk.disconnect(LISTING, correlationId)).toMatchObject({ view: { available: 3, committed: 0, onHand: 3 } });
});

it("a listing that is released in doubt takes what its lowest level leaves, and the history goes on without a gap", () => {
  const w = new World();
  const told = {
    kind: "snapshot",
    listingId: LISTING,
    locationId: HERE,
    shopLocationId: fromStore<never>("1"),
  } as const;
  const atMs = START_MS + 60_000;
  w.desk.apply([4, 3].map((available) => ({ ...told, available, atMs, correlationId })));
  w.nowMs += 61_000;
  w.desk.release(LISTING, correlationId);
  expect(w.history).toEqual(["shopify 0→5", "shopify 5→3", "adjustment 3→0"]);
  expect(w.desk.levels()).toMatchObject({ available: 0 });
});
