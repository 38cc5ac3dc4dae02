/** Several shops on one stock: who adopts a level, who shows it, and what stays when a shop leaves. */
import { expect, it } from "vitest";
import { applyBatch, type Booked } from "../../../../src/domain/counter/apply-batch.ts";
import { firstPushes } from "../../../../src/domain/counter/connection.ts";
import type { ConnectMode, CounterEvent } from "../../../../src/domain/counter/counter-event.ts";
import { type CounterState, newCounter } from "../../../../src/domain/counter/counter-state.ts";
import { disconnectListing } from "../../../../src/domain/counter/disconnect-listing.ts";
import { fromStore, type ListingId, type LocationId } from "../../../../src/domain/ids.ts";
import { startPush } from "../../../../src/domain/replica/start.ts";
import { CONFIG } from "./counter-desk.ts";

const OURS = fromStore<ListingId>("first.myshopify.com/1");
const THEIRS = fromStore<ListingId>("second.myshopify.com/2");
const SHELF = fromStore<LocationId>("11");
const BACK_ROOM = fromStore<LocationId>("12");
const correlationId = fromStore<never>("c");
/** No key is used twice here, and nothing is counted. */
const NOTHING_BOOKED: Booked = { movement: () => null, explained: () => 0, onHandSince: () => 0 };
const START_MS = 1_800_000_000_000;

const told = (locationId: LocationId, available: number, atMs = START_MS) => ({
  ...{ locationId, shopLocationId: fromStore<never>(locationId), available, committed: 0, atMs },
});
const connecting = (listingId: ListingId, mode: ConnectMode | undefined, ...levels: ReturnType<typeof told>[]) =>
  ({ kind: "connect", listingId, levels, correlationId, ...(mode === undefined ? {} : { mode }) }) as const;

class World {
  state = newCounter(fromStore("id"), fromStore("CUP"));
  /** Σ of what was booked, per location. */
  readonly booked = new Map<LocationId, number>();

  apply(...events: readonly CounterEvent[]) {
    return this.#take(applyBatch(this.state, events, NOTHING_BOOKED, CONFIG, START_MS)).outcomes.map(
      ({ kind }) => kind,
    );
  }

  disconnect(listingId: ListingId): void {
    this.#take(disconnectListing(this.state, listingId, correlationId, NOTHING_BOOKED, CONFIG, START_MS));
  }

  #take<
    Result extends { state: CounterState; booked: readonly { movement: { locationId: LocationId; delta: number } }[] },
  >(result: Result): Result {
    this.state = result.state;
    for (const { movement } of result.booked)
      this.booked.set(movement.locationId, (this.booked.get(movement.locationId) ?? 0) + movement.delta);
    return result;
  }

  available(locationId: LocationId): number | undefined {
    return this.state.shown.find((level) => level.locationId === locationId)?.available;
  }

  /** Σ of all movements per location is the ledger, whatever happened. */
  proveBooks(): void {
    for (const { locationId, ledger } of this.state.shown)
      expect([locationId, this.booked.get(locationId) ?? 0]).toEqual([locationId, ledger]);
  }

  owed(listingId: ListingId): readonly (readonly [LocationId, number])[] {
    const push = startPush(this.state.merge, listingId, fromStore("p"), START_MS + 10_000, CONFIG.windows);
    return push?.rows.map(({ locationId, delta }) => [locationId, delta]) ?? [];
  }
}

function shared(): World {
  const world = new World();
  world.apply(connecting(OURS, undefined, told(SHELF, 10)));
  return world;
}

it("refuses a second shop's level of a shelf that is known, unless somebody says that it shall show ours", () => {
  const world = shared();
  expect(world.apply(connecting(THEIRS, undefined, told(SHELF, 4)))).toEqual(["unknown_level"]);
  expect(world.available(SHELF)).toBe(10);
  expect(world.apply(connecting(THEIRS, "mirror", told(SHELF, 4)))).toEqual(["noted"]);
  expect(world.available(SHELF)).toBe(10); // one pool of 10 is no pool of 14
  expect(world.owed(THEIRS)).toEqual([[SHELF, 6]]);
  world.proveBooks();
});

it("lets a shop that mirrors adopt what nobody else supplies: it would be emptied else", () => {
  const world = shared();
  world.apply(connecting(THEIRS, "mirror", told(SHELF, 4), told(BACK_ROOM, 7)));
  expect(world.available(BACK_ROOM)).toBe(7);
  expect(world.owed(THEIRS)).toEqual([[SHELF, 6]]);
});

it("says before it is done what each first push would be, and changes nothing by that", () => {
  const { state } = shared();
  const levels = [told(SHELF, 4), told(BACK_ROOM, 7)];
  const after = (mode: ConnectMode) => {
    const event = connecting(THEIRS, mode, ...levels);
    return applyBatch(state, [event], NOTHING_BOOKED, CONFIG, START_MS).state;
  };
  expect(firstPushes(state, after("mirror"), THEIRS, levels, "mirror")).toEqual([
    { locationId: SHELF, connection: "mirror", level: 4, ours: 10, delta: 6 },
    { locationId: BACK_ROOM, connection: "adopt", level: 7, ours: 7, delta: 0 },
  ]);
  expect(firstPushes(state, after("adopt"), THEIRS, levels, "adopt")[0]).toMatchObject({
    connection: "refused",
    delta: 0,
  });
});

it("carries a sale of either shop to the other once, and no echo back", () => {
  const world = shared();
  world.apply(connecting(THEIRS, "mirror", told(SHELF, 10)));
  const snapshot = (listingId: ListingId, available: number, atMs: number): CounterEvent => ({
    ...{ kind: "snapshot", listingId, locationId: SHELF, shopLocationId: fromStore<never>("11") },
    ...{ available, atMs, correlationId },
  });
  world.apply(snapshot(THEIRS, 7, START_MS + 60_000)); // sold three
  expect([world.available(SHELF), world.owed(OURS), world.owed(THEIRS)]).toEqual([7, [[SHELF, -3]], []]);
  world.apply(snapshot(OURS, 9, START_MS + 60_000)); // sold one, and does not have our push yet
  expect([world.available(SHELF), world.owed(OURS), world.owed(THEIRS)]).toEqual([6, [[SHELF, -3]], [[SHELF, -1]]]);
  world.proveBooks();
});

it("keeps the stock of a shop that leaves as ours, so that the others go on showing it", () => {
  const world = shared();
  world.apply(connecting(THEIRS, "mirror", told(SHELF, 10)));
  world.disconnect(OURS);
  expect([world.available(SHELF), world.owed(THEIRS)]).toEqual([10, []]);
  world.disconnect(THEIRS);
  expect(world.available(SHELF)).toBe(10);
  world.proveBooks();
});

it("lets a shop that left come back as one that shows our stock, and not as its opening stock once more", () => {
  const world = shared();
  world.disconnect(OURS);
  expect(world.apply(connecting(OURS, "adopt", told(SHELF, 10, START_MS + 60_000)))).toEqual(["unknown_level"]);
  expect(world.apply(connecting(OURS, "mirror", told(SHELF, 8, START_MS + 60_000)))).toEqual(["noted"]);
  expect([world.available(SHELF), world.owed(OURS)]).toEqual([10, [[SHELF, 2]]]);
  world.disconnect(OURS);
  world.apply(connecting(OURS, "mirror", told(SHELF, 8, START_MS + 120_000)));
  expect(world.available(SHELF)).toBe(10);
  world.proveBooks(); // settlements of the second time have numbers of their own
});

it("shows our empty shelf, too, to a shop that comes back: units that it has now are none that we know", () => {
  const world = new World();
  world.apply(connecting(OURS, undefined, told(SHELF, 0)));
  world.disconnect(OURS);
  world.apply(connecting(OURS, "mirror", told(SHELF, 5, START_MS + 60_000)));
  expect([world.available(SHELF), world.owed(OURS)]).toEqual([0, [[SHELF, -5]]]);
});

it("counts units that an order has taken as gone when its shop leaves before their level came", () => {
  const world = shared();
  const id = fromStore<never>("order/1/1");
  const order = { kind: "hint", listingId: OURS, id, atMs: START_MS + 60_000, quantity: -3, commits: true } as const;
  world.apply({ ...order, locationId: null, correlationId });
  const floor = world.state.shown[0]?.floor;
  world.disconnect(OURS);
  expect([floor, world.state.shown[0]?.floor, world.available(SHELF)]).toEqual([7, 7, 7]);
  world.proveBooks();
});
