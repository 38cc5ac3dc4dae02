/** The event journal in D1. One insert for a whole batch: its rows travel as one JSON parameter, of which D1 allows a hundred. */
import type { D1Database } from "@cloudflare/workers-types";
import { fromStore, type ShopDomain, type SkuId } from "../domain/ids.ts";
import { JOURNAL_SKUS_MAX, type JournalStep, type StoredEntry } from "../domain/journal/entry.ts";
import type { JournalFilter, JournalPage, JournalStore } from "../services/journal.ts";

type Row = {
  at_ms: number;
  key: string;
  correlation_id: string;
  step: string;
  event_id: string | null;
  topic: string;
  shop: string | null;
  sku_ids: string | null;
  outcome: string;
  code: string | null;
  ms: number | null;
  mirrored: string | null;
  mirrored_ms: number | null;
};

const COLUMNS =
  "at_ms, key, correlation_id, step, event_id, topic, shop, sku_ids, outcome, code, ms, mirrored, mirrored_ms";

/** Sent again after an answer that got lost, an entry meets itself; and no entry may keep its batch out. */
const PUT = `INSERT OR IGNORE INTO event_journal (${COLUMNS})
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7, value ->> 8,
    value ->> 9, value ->> 10, value ->> 11, value ->> 12 FROM json_each(?1)`;

/** Of texts that come from outside. Ours are shorter. */
const TEXT_CHARS_MAX = 200;
const cut = (text: string): string => text.slice(0, TEXT_CHARS_MAX);

/** @param scanRowsMax  entries that one page of a list looks through */
export function d1Journal(db: D1Database, scanRowsMax: number): JournalStore {
  return {
    async put(entries) {
      if (entries.length === 0) return;
      await db
        .prepare(PUT)
        .bind(JSON.stringify(entries.map(rowOf)))
        .run();
    },
    list: (filter) => list(db, filter, scanRowsMax),
    async ofCorrelation(correlationId, limit) {
      const { results } = await db
        .prepare(`SELECT ${COLUMNS} FROM event_journal WHERE correlation_id = ? ORDER BY at_ms, key LIMIT ?`)
        .bind(correlationId, limit)
        .all<Row>();
      return results.map(toEntry);
    },
    async beyond(keptMax) {
      const row = await db
        .prepare("SELECT at_ms FROM event_journal ORDER BY at_ms DESC, key DESC LIMIT 1 OFFSET ?")
        .bind(keptMax)
        .first<{ at_ms: number }>();
      return row?.at_ms ?? null;
    },
    async prune(beforeMs, rowsMax) {
      const { meta } = await db
        .prepare(
          `DELETE FROM event_journal WHERE (at_ms, key) IN (
             SELECT at_ms, key FROM event_journal WHERE at_ms < ? ORDER BY at_ms, key LIMIT ?)`,
        )
        .bind(beforeMs, rowsMax)
        .run();
      return meta.changes;
    },
  };
}

const rowOf = (entry: StoredEntry): readonly unknown[] => [
  Math.round(entry.atMs),
  entry.key,
  cut(entry.correlationId),
  entry.step,
  entry.eventId === null ? null : cut(entry.eventId),
  cut(entry.topic),
  entry.shop,
  entry.skuIds === undefined || entry.skuIds.length === 0
    ? null
    : JSON.stringify(entry.skuIds.slice(0, JOURNAL_SKUS_MAX)),
  cut(entry.outcome),
  entry.code === undefined ? null : cut(entry.code),
  entry.ms === undefined ? null : Math.round(entry.ms),
  entry.mirrored?.outcome ?? null,
  entry.mirrored === undefined ? null : Math.round(entry.mirrored.atMs),
];

/** What has no index is looked for among the newest `scanRowsMax`: a rare outcome must not read a week of rows at once. */
async function list(db: D1Database, filter: JournalFilter, scanRowsMax: number): Promise<JournalPage> {
  const bounds = boundsOf(filter);
  const asked = askedOf(filter);
  const scanned = `SELECT ${COLUMNS} FROM event_journal ${whereOf(bounds)} ORDER BY at_ms DESC, key DESC`;
  const { results } = await db
    .prepare(`SELECT ${COLUMNS} FROM (${scanned} LIMIT ?) ${whereOf(asked)} ORDER BY at_ms DESC, key DESC LIMIT ?`)
    .bind(...bounds.flatMap(valuesOf), scanRowsMax, ...asked.flatMap(valuesOf), filter.limit + 1)
    .all<Row>();
  const page = results.slice(0, filter.limit);
  const last = page.at(-1);
  if (results.length > filter.limit && last !== undefined)
    return { entries: page.map(toEntry), nextCursor: cursorOf(last) };
  const end = await db
    .prepare(`${scanned} LIMIT 1 OFFSET ?`)
    .bind(...bounds.flatMap(valuesOf), scanRowsMax - 1)
    .first<Row>();
  return { entries: page.map(toEntry), nextCursor: end === null ? null : cursorOf(end) };
}

type Condition = { readonly sql: string; readonly values: readonly (string | number)[] };
const whereOf = (conditions: readonly Condition[]): string =>
  conditions.length === 0 ? "" : `WHERE ${conditions.map(({ sql }) => sql).join(" AND ")}`;
const valuesOf = ({ values }: Condition) => values;

const cursorOf = ({ at_ms, key }: Row): string => `${at_ms}.${key}`;

/** What an index answers. */
function boundsOf({ fromMs, toMs, cursor, correlationId, eventId }: JournalFilter): readonly Condition[] {
  const bounds: Condition[] = [];
  if (correlationId !== undefined) bounds.push({ sql: "correlation_id = ?", values: [correlationId] });
  if (eventId !== undefined) bounds.push({ sql: "event_id = ?", values: [eventId] });
  if (fromMs !== undefined) bounds.push({ sql: "at_ms >= ?", values: [fromMs] });
  if (toMs !== undefined) bounds.push({ sql: "at_ms < ?", values: [toMs] });
  const after = /^(\d{1,16})\.(.+)$/.exec(cursor ?? "");
  if (after !== null) bounds.push({ sql: "(at_ms, key) < (?, ?)", values: [Number(after[1]), after[2] ?? ""] });
  return bounds;
}

function askedOf({ topic, step, outcome, shop, skuId }: JournalFilter): readonly Condition[] {
  const asked: Condition[] = [];
  for (const [column, value] of Object.entries({ topic, step, outcome, shop }))
    if (value !== undefined) asked.push({ sql: `${column} = ?`, values: [value] });
  if (skuId !== undefined)
    asked.push({ sql: "EXISTS (SELECT 1 FROM json_each(sku_ids) WHERE value = ?)", values: [skuId] });
  return asked;
}

const toEntry = (row: Row): StoredEntry => ({
  atMs: row.at_ms,
  key: row.key,
  correlationId: fromStore(row.correlation_id),
  step: row.step as JournalStep,
  eventId: row.event_id,
  topic: row.topic,
  shop: row.shop === null ? null : fromStore<ShopDomain>(row.shop),
  ...(row.sku_ids === null ? {} : { skuIds: JSON.parse(row.sku_ids) as readonly SkuId[] }),
  outcome: row.outcome,
  ...(row.code === null ? {} : { code: row.code }),
  ...(row.ms === null ? {} : { ms: row.ms }),
  ...(row.mirrored === null ? {} : { mirrored: { outcome: row.mirrored, atMs: row.mirrored_ms ?? row.at_ms } }),
});
