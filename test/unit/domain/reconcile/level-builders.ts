/** Expectations and levels with honest defaults: a level of ten, quiet since second 100. */
import { fromStore } from "../../../../src/domain/ids.ts";
import type { FoundLevel, LookContext } from "../../../../src/domain/reconcile/classify-level.ts";
import type { LevelExpectation, ListingExpectation } from "../../../../src/domain/reconcile/expectation.ts";

export const atS = (seconds: number): number => 1_000_000_000 + seconds * 1_000;

export const expectation = (given: Partial<LevelExpectation> = {}): LevelExpectation => ({
  locationId: fromStore("1"),
  shopLocationId: fromStore("1"),
  shown: 10,
  inFlight: 0,
  owed: 0,
  toBuffer: 0,
  anticipated: 0,
  doubt: 0,
  committed: 0,
  parked: null,
  atMs: atS(100),
  ...given,
});

export const listing = (given: Partial<ListingExpectation> = {}): ListingExpectation => ({
  listingId: fromStore("a.myshopify.com/1"),
  reads: 0,
  isReadDue: false,
  levels: [expectation()],
  ...given,
});

export const found = (available: number, at = 100, committed: number | null = 0): FoundLevel => ({
  available,
  committed,
  atMs: atS(at),
});

/** Seen at second 300: what changed before second 240 should have been told. */
export const context = (given: Partial<LookContext> = {}): LookContext => ({
  nowMs: atS(300),
  webhookWindowMs: 60_000,
  isHeld: false,
  ...given,
});
