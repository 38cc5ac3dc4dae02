import { describe, expect, it } from "vitest";
import { decideMovement, type Standing } from "../../../../src/domain/counter/decide-movement.ts";
import type { Movement, MovementRequest } from "../../../../src/domain/counter/movement.ts";
import { fromStore, type LocationId } from "../../../../src/domain/ids.ts";

const NOW_MS = Date.parse("2026-11-22T12:00:00Z");
const LIMITS = { horizonMs: 1_000, levelMax: 100 };
const [A, B] = [fromStore<LocationId>("1"), fromStore<LocationId>("2")];

const standing = (locationId: LocationId, ledger: number, floor = ledger, available = floor): Standing => ({
  locationId,
  ledger,
  floor,
  available,
});
const take = (given: Partial<MovementRequest> = {}): MovementRequest => ({
  key: fromStore("k"),
  fingerprint: "f",
  locationId: null,
  delta: -1,
  allowNegative: false,
  cause: { reason: "sale", reference: null, source: "api", actor: "test", correlationId: fromStore("correlation") },
  occurredAtMs: NOW_MS,
  ...given,
});
const decide = (
  request: MovementRequest,
  standings: readonly Standing[],
  known: Parameters<typeof decideMovement>[2] = null,
) => decideMovement(request, standings, known, LIMITS, NOW_MS);
/** The one part of a movement that is booked whole. */
const bookedAt = (...given: Parameters<typeof decide>) => {
  const decision = decide(...given);
  return decision.kind === "book" ? decision.parts[0] : decision;
};

describe("decideMovement", () => {
  it("takes at the first location that has enough", () => {
    expect(bookedAt(take({ delta: -3 }), [standing(A, 2), standing(B, 5)])).toEqual({
      locationId: B,
      delta: -3,
      moves: {},
      before: 5,
      after: 2,
    });
  });

  it("counts on what is certain, not on what the ledger shows", () => {
    expect(decide(take({ delta: -3 }), [standing(A, 5, 2)])).toMatchObject({
      kind: "insufficient",
      shortage: { wanted: 3, floor: 2 },
    });
  });

  it("refuses a take that one location could bear while another is as far below zero: proven is the sum", () => {
    expect(decide(take({ delta: -3 }), [standing(A, 5), standing(B, -4)])).toMatchObject({
      kind: "insufficient",
      shortage: { floor: 1 },
    });
  });

  it("does not gather one take from two locations", () => {
    expect(decide(take({ delta: -3 }), [standing(A, 2), standing(B, 2)])).toMatchObject({
      kind: "insufficient",
      shortage: {
        wanted: 3,
        floor: 4,
        locations: [
          { locationId: A, floor: 2, available: 2 },
          { locationId: B, floor: 2, available: 2 },
        ],
      },
    });
  });

  it("tells the largest take that would have been accepted: of one location, within the sum, where it was asked for", () => {
    const bearable = (given: Partial<MovementRequest>, ...standings: readonly Standing[]) => {
      const decision = decide(take(given), standings);
      return decision.kind === "insufficient" ? decision.shortage.bearable : decision.kind;
    };
    expect(bearable({ delta: -5 }, standing(A, 3), standing(B, 3))).toBe(3);
    expect(bearable({ delta: -5 }, standing(A, 4), standing(B, -3))).toBe(1);
    expect(bearable({ delta: -5, locationId: B }, standing(A, 9), standing(B, 2))).toBe(2);
    expect(bearable({ delta: -5 }, standing(A, -2), standing(B, -1))).toBe(-3);
  });

  it("says that a take is refused for want of proof alone, when the units are shown and a read will tell", () => {
    const pending = (given: Partial<MovementRequest>, ...standings: readonly Standing[]) => {
      const decision = decide(take(given), standings);
      return decision.kind === "insufficient" ? decision.shortage.pending : decision.kind;
    };
    expect(pending({ delta: -5 }, standing(A, 6, 4, 5))).toBe(true);
    expect(pending({ delta: -5 }, standing(A, 6, 4, 4))).toBe(false);
    expect(pending({ delta: -5, locationId: B }, standing(A, 9, 3, 9), standing(B, 2))).toBe(false);
    // Shown at one location, and not in all: no read of it would help.
    expect(pending({ delta: -5 }, standing(A, 6, 4, 5), standing(B, -2))).toBe(false);
  });

  it("goes below zero when told to: where there is enough if anywhere, else at the first", () => {
    expect(bookedAt(take({ delta: -3, allowNegative: true }), [standing(A, -9), standing(B, 4)])).toMatchObject({
      locationId: B,
      after: 1,
    });
    expect(bookedAt(take({ delta: -3, allowNegative: true }), [standing(A, 1), standing(B, 2)])).toMatchObject({
      locationId: A,
      after: -2,
    });
  });

  it("gives at the named location, else at the first, whatever stands there", () => {
    expect(bookedAt(take({ delta: 4 }), [standing(A, -9), standing(B, 0)])).toMatchObject({ locationId: A, after: -5 });
    expect(bookedAt(take({ delta: 4, locationId: B }), [standing(A, 0), standing(B, 0)])).toMatchObject({
      locationId: B,
      after: 4,
    });
  });

  it("names the locations there are when it is given another", () => {
    expect(decide(take({ locationId: fromStore<LocationId>("9") }), [standing(A, 1)])).toEqual({
      kind: "unknown_location",
      known: [A],
    });
  });

  it("answers a known key with what was booked, and the same key for something else as an error, before anything else", () => {
    const movement = { seq: 1 } as Movement;
    expect(decide(take({ delta: -999 }), [], { movement, fingerprint: "f" })).toEqual({ kind: "duplicate", movement });
    expect(decide(take({ delta: -999 }), [], { movement, fingerprint: "g" })).toEqual({ kind: "key_reused", movement });
  });

  it("does not count what happened before the horizon, but what happened at it", () => {
    expect(decide(take({ occurredAtMs: NOW_MS - 1_001 }), [standing(A, 5)])).toEqual({
      kind: "too_old",
      horizonMs: 1_000,
    });
    expect(decide(take({ occurredAtMs: NOW_MS - 1_000 }), [standing(A, 5)])).toMatchObject({ kind: "book" });
  });

  it("keeps every level within what Shopify takes", () => {
    expect(decide(take({ delta: 96 }), [standing(A, 5)])).toEqual({ kind: "out_of_range", level: 101, levelMax: 100 });
    expect(decide(take({ delta: -106, allowNegative: true }), [standing(A, 5)])).toEqual({
      kind: "out_of_range",
      level: -101,
      levelMax: 100,
    });
  });
});
