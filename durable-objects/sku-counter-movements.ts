/** A counter's history: movements, what explains them, and the daily balances that the oldest are folded into. */
import type { BookedMovement } from "../src/domain/counter/apply-batch.ts";
import type { Movement, MovementKind } from "../src/domain/counter/movement.ts";
import type { Moves } from "../src/domain/counter/own-book.ts";
import { type ChannelId, fromStore, type HintId, type ListingId, type MovementKey } from "../src/domain/ids.ts";
import type { Attribution } from "../src/domain/replica/events.ts";
import type { MovementEntry, MovementPart, MovementsPage, MovementsQuery } from "../src/services/counter-contract.ts";
import type { Sql, SqlValue } from "./object-storage.ts";
import { noteFolded, seqAt } from "./sku-counter-history.ts";

type MovementRow = {
  seq: number;
  key: string;
  kind: string;
  location_id: string;
  delta: number;
  before: number;
  after: number;
  reason: string;
  reference: string | null;
  source: string;
  actor: string;
  correlation_id: string;
  occurred_at_ms: number;
  recorded_at_ms: number;
  listing_id: string | null;
  fingerprint: string;
  reserved: number;
  committed: number;
  damaged: number;
  safety_stock: number;
  channel: string | null;
  states_after: string | null;
};

/** Those of `keys` that are booked already: one statement, however many keys. */
export function readMovementsByKey(sql: Sql, keys: readonly MovementKey[]): ReadonlyMap<MovementKey, BookedMovement> {
  if (keys.length === 0) return new Map();
  const rows = sql.exec<MovementRow>(
    "SELECT * FROM movements WHERE key IN (SELECT value FROM json_each(?))",
    JSON.stringify(keys),
  );
  return new Map(
    Array.from(rows, (row) => [fromStore(row.key), { movement: toMovement(row), fingerprint: row.fingerprint }]),
  );
}

const COLUMNS = [
  ...["seq", "key", "kind", "location_id", "delta", "before", "after", "reason", "reference", "source", "actor"],
  ...["correlation_id", "occurred_at_ms", "recorded_at_ms", "listing_id", "fingerprint"],
  ...["reserved", "committed", "damaged", "safety_stock", "channel", "states_after"],
] as const;

/** One statement for all: calling into SQLite for each took half of a hot counter's time. */
const INSERT = `INSERT INTO movements (${COLUMNS.join(", ")})
  SELECT ${COLUMNS.map((_, i) => `value ->> ${i}`).join(", ")} FROM json_each(?)`;

export function insertMovements(sql: Sql, booked: readonly BookedMovement[]): void {
  if (booked.length === 0) return;
  const rows = booked.map(({ movement, fingerprint }) => {
    const { seq, key, kind, locationId, delta, before, after, cause, occurredAtMs, recordedAtMs, listingId } = movement;
    const { moves, channel, statesAfter } = movement;
    const { reason, reference, source, actor, correlationId } = cause;
    return [
      ...[seq, key, kind, locationId, delta, before, after, reason, reference, source, actor],
      ...[correlationId, occurredAtMs, recordedAtMs, listingId, fingerprint],
      ...[moves.reserved, moves.committed, moves.damaged, moves.safetyStock, channel],
      statesAfter === undefined ? null : JSON.stringify(statesAfter),
    ];
  });
  sql.exec(INSERT, JSON.stringify(rows));
}

/** Movements are immutable; what explains one may come later, so it has rows of its own. */
export function insertAttribution(sql: Sql, part: Attribution): void {
  sql.exec(
    `INSERT INTO attributions (listing_id, location_id, settlement, hint_id, quantity, commits) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (listing_id, location_id, settlement, hint_id) DO UPDATE SET quantity = quantity + excluded.quantity`,
    part.listingId,
    part.locationId,
    part.settlement,
    part.hintId,
    part.quantity,
    part.commits ? 1 : 0,
  );
}

/** Units of these orders and restocks that changes are attributed to: one statement, however many. */
export function readExplained(sql: Sql, hints: readonly HintId[]): ReadonlyMap<ListingId, ReadonlyMap<HintId, number>> {
  const units = new Map<ListingId, Map<HintId, number>>();
  if (hints.length === 0) return units;
  const rows = sql.exec<{ listing_id: string; hint_id: string; quantity: number }>(
    `SELECT listing_id, hint_id, SUM(quantity) AS quantity FROM attributions
     WHERE hint_id IN (SELECT value FROM json_each(?)) GROUP BY 1, 2`,
    JSON.stringify(hints),
  );
  for (const row of rows) {
    const listing = fromStore<ListingId>(row.listing_id);
    const known = units.get(listing) ?? new Map<HintId, number>();
    units.set(listing, known.set(fromStore<HintId>(row.hint_id), row.quantity));
  }
  return units;
}

/**
 * Newest first. Looks through so many rows at most, whatever the filter finds: a page may be short, or empty, and have a next.
 * @param rowsMax  rows looked through
 */
export function readMovements(
  sql: Sql,
  { beforeSeq, limit, filter = {} }: MovementsQuery,
  rowsMax: number,
): MovementsPage {
  const { oldest, newest } = sql
    .exec<{ oldest: number | null; newest: number | null }>(
      "SELECT MIN(seq) AS oldest, MAX(seq) AS newest FROM movements",
    )
    .one();
  const first = Math.max(oldest ?? 1, filter.fromMs === undefined ? 1 : seqAt(sql, filter.fromMs - 1) + 1);
  const newestWanted = filter.toMs === undefined ? (newest ?? 0) : seqAt(sql, filter.toMs - 1);
  const last = Math.min(newestWanted, (beforeSeq ?? Number.MAX_SAFE_INTEGER) - 1);
  const low = Math.max(first, last - rowsMax + 1);
  const where = conditionsOf(filter);
  const rows = sql
    .exec<MovementRow>(
      `SELECT * FROM movements WHERE seq BETWEEN ? AND ? ${where.map(({ sql: text }) => `AND ${text}`).join(" ")}
       ORDER BY seq DESC LIMIT ?`,
      low,
      last,
      ...where.map(({ value }) => value),
      limit + 1,
    )
    .toArray();
  const movements = rows.slice(0, limit).map((row) => toEntry(sql, row));
  const isCut = rows.length > limit;
  const nextBeforeSeq = isCut ? (movements.at(-1)?.seq ?? null) : low > first ? low : null;
  return { movements, nextBeforeSeq };
}

const FILTER_COLUMNS = {
  ...{ locationId: "location_id", source: "source", reason: "reason", channel: "channel", reference: "reference" },
  ...{ correlationId: "correlation_id" },
} as const;

function conditionsOf(filter: NonNullable<MovementsQuery["filter"]>): readonly { sql: string; value: string }[] {
  const plain = Object.entries(FILTER_COLUMNS).flatMap(([name, column]) => {
    const value = filter[name as keyof typeof FILTER_COLUMNS];
    return value === undefined ? [] : [{ sql: `${column} = ?`, value }];
  });
  const { kinds } = filter;
  if (kinds === undefined) return plain;
  return [...plain, { sql: "kind IN (SELECT value FROM json_each(?))", value: JSON.stringify(kinds) }];
}

function toEntry(sql: Sql, row: MovementRow): MovementEntry {
  if (row.kind !== "shopify") return { ...toMovement(row), explainedBy: [] };
  const parts = sql.exec<MovementPart & Record<string, SqlValue>>(
    "SELECT hint_id AS cause, quantity FROM attributions WHERE listing_id = ? AND location_id = ? AND settlement = ?",
    row.listing_id,
    row.location_id,
    settlementOf(row.key),
  );
  return { ...toMovement(row), explainedBy: parts.toArray().map(({ cause, quantity }) => ({ cause, quantity })) };
}

/** `shopify/<listing>/<location>/<n>` */
const settlementOf = (key: string): number => Number(key.slice(key.lastIndexOf("/") + 1));

function toMovement(row: MovementRow): Movement {
  return {
    seq: row.seq,
    key: fromStore(row.key),
    kind: row.kind as MovementKind,
    locationId: fromStore(row.location_id),
    delta: row.delta,
    before: row.before,
    after: row.after,
    cause: {
      reason: row.reason,
      reference: row.reference,
      source: row.source,
      actor: row.actor,
      correlationId: fromStore(row.correlation_id),
    },
    occurredAtMs: row.occurred_at_ms,
    recordedAtMs: row.recorded_at_ms,
    listingId: row.listing_id === null ? null : fromStore<ListingId>(row.listing_id),
    moves: {
      reserved: row.reserved,
      committed: row.committed,
      damaged: row.damaged,
      safetyStock: row.safety_stock,
    },
    channel: row.channel === null ? null : fromStore<ChannelId>(row.channel),
    ...(row.states_after === null ? {} : { statesAfter: JSON.parse(row.states_after) as Moves }),
  };
}

/** What a movement of ours changes beside the ledger. Of a listing's they are Shopify's, and not summed with ours. */
const STATE_COLUMNS = ["reserved", "committed", "damaged", "safety_stock"] as const;

/**
 * Fold what is older than the horizon into a row per day, location and kind, so that Σ still equals the ledger.
 * @returns whether more is left to do
 */
export function pruneMovements(sql: Sql, beforeMs: number, rowsMax: number): boolean {
  const oldest = sql
    .exec<{ seq: number; recorded_at_ms: number }>(
      "SELECT seq, recorded_at_ms FROM movements ORDER BY seq LIMIT ?",
      rowsMax,
    )
    .toArray();
  const due = oldest.filter((row) => row.recorded_at_ms < beforeMs);
  const last = due.at(-1);
  if (last === undefined) return false;
  sql.exec(
    `INSERT INTO balances (day, location_id, kind, delta, movements, ${STATE_COLUMNS.join(", ")})
     SELECT date(recorded_at_ms / 1000, 'unixepoch'), location_id, kind, SUM(delta), COUNT(*),
       ${STATE_COLUMNS.map((column) => `SUM(IIF(listing_id IS NULL, ${column}, 0))`).join(", ")}
     FROM movements WHERE seq <= ? GROUP BY 1, 2, 3
     ON CONFLICT (day, location_id, kind) DO UPDATE SET delta = delta + excluded.delta,
       movements = movements + excluded.movements,
       ${STATE_COLUMNS.map((column) => `${column} = ${column} + excluded.${column}`).join(", ")}`,
    last.seq,
  );
  const settled = sql
    .exec<{ listing_id: string; location_id: string; key: string }>(
      `SELECT listing_id, location_id, key, MAX(seq) FROM movements WHERE seq <= ? AND kind = 'shopify' GROUP BY 1, 2`,
      last.seq,
    )
    .toArray();
  for (const { listing_id, location_id, key } of settled) {
    sql.exec(
      "DELETE FROM attributions WHERE listing_id = ? AND location_id = ? AND settlement <= ?",
      listing_id,
      location_id,
      settlementOf(key),
    );
  }
  sql.exec("DELETE FROM movements WHERE seq <= ?", last.seq);
  noteFolded(sql, Math.max(...due.map((row) => row.recorded_at_ms)));
  return due.length === rowsMax;
}
