/**
 * A counter's state, read once and written by difference: a part whose reference did not change is not written. History
 * (movements, attributions) is never read here; the first call after an eviction costs what is open, not what was.
 */
import type { CounterState, LevelBook } from "../src/domain/counter/counter-state.ts";
import { levelsOf } from "../src/domain/counter/levels.ts";
import {
  fromStore,
  type HintId,
  type ListingId,
  type LocationId,
  type PushKey,
  type SkuId,
} from "../src/domain/ids.ts";
import { EMPTY_LISTING } from "../src/domain/replica/connect.ts";
import type { Hint, LevelReplica, ListingReplica, MergeState, PushKind } from "../src/domain/replica/state.ts";
import type { Sql } from "./object-storage.ts";
import { readOwnParts, writeOwnParts } from "./sku-counter-own-rows.ts";

/** A listing without what has rows of its own. `Infinity` does not survive JSON: an unset timer is null there. */
type ListingJson = Omit<ListingReplica, "levels" | "hints" | "open" | "auditAtMs" | "doubtAtMs"> & {
  readonly open: readonly (readonly [PushKey, PushKind, readonly (readonly [LocationId, number])[]])[];
  readonly auditAtMs: number | null;
  readonly doubtAtMs: number | null;
};

type LevelRow = { listing_id: string; location_id: string; shop_location_id: string; committed: number; state: string };

/** @returns null while nobody has connected this counter */
export function readCounterState(sql: Sql, skuId: SkuId): CounterState | null {
  const row = sql
    .exec<{ sku: string; version: number; seq: number }>("SELECT sku, version, seq FROM counter")
    .toArray()[0];
  if (row === undefined) return null;
  const own = sql
    .exec<{ location_id: string; own: number }>("SELECT location_id, own FROM own_levels ORDER BY position")
    .toArray();
  const levels = Map.groupBy(sql.exec<LevelRow>("SELECT * FROM levels").toArray(), (level) => level.listing_id);
  const hints = Map.groupBy(
    sql.exec<{ listing_id: string; state: string }>("SELECT listing_id, state FROM hints ORDER BY seen_ms").toArray(),
    (hint) => hint.listing_id,
  );
  const listings = new Map<ListingId, ListingReplica>();
  const books = new Map<ListingId, ReadonlyMap<LocationId, LevelBook>>();
  for (const listing of sql.exec<{ listing_id: string; state: string }>("SELECT listing_id, state FROM listings")) {
    const id = fromStore<ListingId>(listing.listing_id);
    const rows = levels.get(listing.listing_id) ?? [];
    listings.set(id, {
      ...readListing(listing.state),
      levels: new Map(
        rows.map((level) => [fromStore<LocationId>(level.location_id), JSON.parse(level.state) as LevelReplica]),
      ),
      hints: new Map((hints.get(listing.listing_id) ?? []).map(({ state }) => readHint(state))),
    });
    books.set(id, new Map(rows.map(readBook)));
  }
  const merge: MergeState = {
    locations: own.map((level) => fromStore(level.location_id)),
    own: new Map(own.map((level) => [fromStore<LocationId>(level.location_id), level.own])),
    listings,
  };
  const { version, seq } = row;
  const parts = readOwnParts(sql);
  const shown = levelsOf({ merge, books, own: parts.own });
  return { skuId, sku: fromStore(row.sku), version, seq, merge, books, ...parts, shown };
}

function readListing(json: string): ListingReplica {
  const { open, auditAtMs, doubtAtMs, ...rest } = JSON.parse(json) as ListingJson;
  return {
    ...EMPTY_LISTING,
    ...rest,
    open: new Map(open.map(([key, kind, rows]) => [key, { kind, rows: new Map(rows) }])),
    auditAtMs: auditAtMs ?? Number.POSITIVE_INFINITY,
    doubtAtMs: doubtAtMs ?? Number.POSITIVE_INFINITY,
  };
}

const readHint = (json: string): [HintId, Hint] => {
  const hint = JSON.parse(json) as Hint;
  return [hint.id, hint];
};

const readBook = (row: LevelRow): [LocationId, LevelBook] => [
  fromStore(row.location_id),
  { shopLocationId: fromStore(row.shop_location_id), committed: row.committed },
];

/** @param before  null when the counter has no rows yet */
export function writeCounterState(sql: Sql, before: CounterState | null, after: CounterState): void {
  if (before === null || before.version !== after.version || before.seq !== after.seq || before.sku !== after.sku) {
    const upsert = "INSERT INTO counter (id, sku, version, seq) VALUES (1, ?, ?, ?)";
    sql.exec(
      `${upsert} ON CONFLICT (id) DO UPDATE SET sku = excluded.sku, version = excluded.version, seq = excluded.seq`,
      after.sku,
      after.version,
      after.seq,
    );
  }
  writeOwn(sql, before?.merge, after.merge);
  writeOwnParts(sql, before, after);
  for (const [listingId, listing] of after.merge.listings) {
    writeListing(sql, listingId, before?.merge.listings.get(listingId), listing, {
      before: before?.books.get(listingId),
      after: after.books.get(listingId),
    });
  }
  for (const listingId of before?.merge.listings.keys() ?? []) {
    if (!after.merge.listings.has(listingId)) deleteListing(sql, listingId);
  }
}

function deleteListing(sql: Sql, listingId: ListingId): void {
  for (const table of ["listings", "levels", "hints"]) sql.exec(`DELETE FROM ${table} WHERE listing_id = ?`, listingId);
}

function writeOwn(sql: Sql, before: MergeState | undefined, after: MergeState): void {
  if (before?.own === after.own && before.locations === after.locations) return;
  for (const [position, location] of after.locations.entries()) {
    const own = after.own.get(location) ?? 0;
    if (before?.own.get(location) === own && before.locations[position] === location) continue;
    sql.exec(
      "INSERT OR REPLACE INTO own_levels (location_id, position, own) VALUES (?, ?, ?)",
      location,
      position,
      own,
    );
  }
}

type Books = {
  readonly before: ReadonlyMap<LocationId, LevelBook> | undefined;
  readonly after: ReadonlyMap<LocationId, LevelBook> | undefined;
};

function writeListing(
  sql: Sql,
  listingId: ListingId,
  before: ListingReplica | undefined,
  after: ListingReplica,
  books: Books,
): void {
  if (before === after && books.before === books.after) return;
  const json = toJson(after);
  if (before === undefined || toJson(before) !== json) {
    sql.exec("INSERT OR REPLACE INTO listings (listing_id, state) VALUES (?, ?)", listingId, json);
  }
  for (const [locationId, level] of after.levels) {
    const book = books.after?.get(locationId);
    if (book === undefined) continue;
    if (before?.levels.get(locationId) === level && books.before?.get(locationId) === book) continue;
    sql.exec(
      "INSERT OR REPLACE INTO levels (listing_id, location_id, shop_location_id, committed, state) VALUES (?, ?, ?, ?, ?)",
      listingId,
      locationId,
      book.shopLocationId,
      book.committed,
      JSON.stringify(level),
    );
  }
  writeHints(sql, listingId, before?.hints, after.hints);
}

/** `Infinity` becomes null by itself in JSON; a Map has to be spelled out. */
function toJson(listing: ListingReplica): string {
  const { levels: _levels, hints: _hints, open, ...rest } = listing;
  return JSON.stringify({ ...rest, open: Array.from(open, ([key, { kind, rows }]) => [key, kind, [...rows]]) });
}

function writeHints(
  sql: Sql,
  listingId: ListingId,
  before: ReadonlyMap<HintId, Hint> | undefined,
  after: ReadonlyMap<HintId, Hint>,
): void {
  if (before === after) return;
  for (const [id, hint] of after) {
    if (before?.get(id) === hint) continue;
    const row = JSON.stringify(hint);
    sql.exec(
      "INSERT OR REPLACE INTO hints (listing_id, hint_id, seen_ms, state) VALUES (?, ?, ?, ?)",
      listingId,
      id,
      hint.seenMs,
      row,
    );
  }
  for (const id of before?.keys() ?? []) {
    if (!after.has(id)) sql.exec("DELETE FROM hints WHERE listing_id = ? AND hint_id = ?", listingId, id);
  }
}
