/** What must hold after every batch, checked against what the model knows (docs/design/replica-merge.md, "Invariants"). */
import type { ListingId, LocationId } from "../../../src/domain/ids.ts";
import type { LevelReplica, ListingReplica, MergeState } from "../../../src/domain/replica/state.ts";
import { floorTotal, truthOf } from "../../../src/domain/replica/truth.ts";
import type { Evidence } from "./evidence.ts";
import { check } from "./violation.ts";

/** X as the model counts it: the sum of the own movements. */
export type OwnStock = ReadonlyMap<LocationId, number>;

export function checkState(state: MergeState, own: OwnStock, evidence: Evidence): void {
  checkTruth(state, own);
  let ownTotal = 0;
  for (const units of own.values()) ownTotal += units;
  const floor = floorTotal(truthOf(state));
  const known = ownTotal + evidence.knownGenuine();
  check(floor <= known, "G1", () => `floor ${floor} is above what is known to be there, ${known}`);
  for (const [listingId, listing] of state.listings) {
    for (const [locationId, level] of listing.levels) checkLevel(listingId, locationId, level, evidence);
    checkPushes(listingId, listing);
  }
}

/** I1, from its definition: hints, eff and X alone make the truth. */
function checkTruth(state: MergeState, own: OwnStock): void {
  for (const { locationId, available, ledger, doubt, anticipated } of truthOf(state)) {
    let expected = own.get(locationId) ?? 0;
    check(state.own.get(locationId) === expected, "I1", () => `X at ${locationId} is not the sum of its movements`);
    for (const { levels, hints } of state.listings.values()) {
      expected += levels.get(locationId)?.effective ?? 0;
      for (const hint of hints.values()) if (hint.predicted === locationId && hint.left < 0) expected += hint.left;
    }
    check(available === expected, "I1", () => `T at ${locationId} is ${available}, not ${expected}`);
    check(available === ledger - doubt - anticipated, "I1", () => `the parts at ${locationId} do not make T`);
  }
}

function checkLevel(listingId: ListingId, locationId: LocationId, level: LevelReplica, evidence: Evidence): void {
  const where = `${listingId} at ${locationId}`;
  const { settled, effective, lowest } = level;
  check(
    lowest <= effective && effective <= settled,
    "I3",
    () => `${where}: ${lowest} ≤ ${effective} ≤ ${settled} fails`,
  );
  // Stronger than G1, which allows one level to make good for another.
  const known = evidence.knownGenuineAt(listingId, locationId);
  check(lowest <= known, "G1", () => `${where}: the lowest is ${lowest}, and ${known} is known`);
  check(
    evidence.wasGenuine(listingId, locationId, settled),
    "exact",
    () => `${where}: Shopify's own part was never ${settled} in anything shown`,
  );
  let least = settled;
  for (const snapshot of level.pending) {
    least = Math.min(least, evidence.genuineOf(listingId, locationId, snapshot));
  }
  check(effective >= least, "I3", () => `${where}: ${effective} is below ${least}, a loss that nobody saw`);
}

/** I5: one push in flight per level, none beside a read, and a memory that fits what is in flight. */
function checkPushes(listingId: ListingId, listing: ListingReplica): void {
  check(listing.read === null || listing.open.size === 0, "I5", () => `${listingId}: a read overlaps a push`);
  const busy = new Set<LocationId>();
  for (const [key, { kind, rows }] of listing.open) {
    for (const [locationId, delta] of rows) {
      check(!busy.has(locationId), "I5", () => `${listingId}: two pushes in flight at ${locationId}`);
      busy.add(locationId);
      const last = listing.levels.get(locationId)?.pushes.at(-1);
      check(
        last?.key === key && last.kind === kind && last.delta === delta && last.atMs === null,
        "I5",
        () => `${listingId}: the push in flight at ${locationId} is not the last remembered`,
      );
    }
  }
}
