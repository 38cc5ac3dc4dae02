/** Suspects and findings of reconciliation runs in D1. */
import type { D1Database, D1PreparedStatement } from "@cloudflare/workers-types";
import { type FindingId, fromStore, type ReconciliationId } from "../domain/ids.ts";
import type { Remedy } from "../domain/reconcile/after-look.ts";
import type {
  Finding,
  FindingCause,
  FindingFilter,
  FindingPage,
  FindingStore,
  LevelRef,
  Overwritten,
  Progress,
  Suspect,
} from "../services/reconcile/reconcile-deps.ts";

type Row = {
  run_id: string;
  id: string;
  cause: string;
  remedy: string;
  sku_id: string | null;
  sku: string | null;
  listing_id: string | null;
  inventory_item_id: string | null;
  shop_location_id: string | null;
  expected: number | null;
  found: number | null;
  difference: number | null;
  by_shopify: number;
  found_at_ms: number | null;
  detail: string | null;
  looks: number;
  next_look_ms: number;
  reads_before: number | null;
  healed: number;
  healed_at_ms: number | null;
  overwritten: string | null;
  created_at_ms: number;
};

const COLUMNS = `run_id, id, cause, remedy, sku_id, sku, listing_id, inventory_item_id, shop_location_id, expected, found,
  difference, by_shopify, found_at_ms, detail, looks, next_look_ms, reads_before, healed, healed_at_ms, overwritten, created_at_ms`;

export function d1ReconciliationFindings(db: D1Database): FindingStore {
  return {
    async suspects(id, dueMs, limit) {
      const { results } = await db
        .prepare(
          `SELECT ${COLUMNS} FROM reconciliation_findings WHERE run_id = ? AND state = 'suspect' AND next_look_ms <= ?
           ORDER BY next_look_ms, id LIMIT ?`,
        )
        .bind(id, dueMs, limit)
        .all<Row>();
      return results.flatMap((row) => toSuspect(row) ?? []);
    },
    async nextLookMs(id) {
      const row = await db
        .prepare(
          "SELECT MIN(next_look_ms) AS at_ms FROM reconciliation_findings WHERE run_id = ? AND state = 'suspect'",
        )
        .bind(id)
        .first<{ at_ms: number | null }>();
      return row?.at_ms ?? null;
    },
    async unhealed(id, limit) {
      const { results } = await db
        .prepare(
          `SELECT ${COLUMNS} FROM reconciliation_findings
           WHERE run_id = ? AND state = 'found' AND healed = 0 AND listing_id IS NOT NULL ORDER BY checked, id LIMIT ?`,
        )
        .bind(id, limit)
        .all<Row>();
      return results.map(toFinding);
    },
    findings: (id, filter) => findings(db, id, filter),
    async finding(id, finding) {
      const row = await db
        .prepare(`SELECT ${COLUMNS} FROM reconciliation_findings WHERE run_id = ? AND id = ? AND state = 'found'`)
        .bind(id, finding)
        .first<Row>();
      return row === null ? null : toFinding(row);
    },
    async noteRead(id, finding, readsBefore) {
      await db
        .prepare("UPDATE reconciliation_findings SET reads_before = ? WHERE run_id = ? AND id = ?")
        .bind(readsBefore, id, finding)
        .run();
    },
    async noteOverwritten(id, finding, overwritten) {
      await db
        .prepare("UPDATE reconciliation_findings SET overwritten = ? WHERE run_id = ? AND id = ?")
        .bind(JSON.stringify(overwritten), id, finding)
        .run();
    },
  };
}

/** What a step says of findings, to be written with its run. */
export function findingStatements(
  db: D1Database,
  id: ReconciliationId,
  { suspects = [], findings = [], cleared = [], healed = [], asked = [], checked = [] }: Progress,
  nowMs: number,
): D1PreparedStatement[] {
  const suspect = db.prepare(PUT_SUSPECT);
  const found = db.prepare(PUT_FINDING);
  const clear = db.prepare("DELETE FROM reconciliation_findings WHERE run_id = ? AND id = ? AND state = 'suspect'");
  const heal = db.prepare(
    "UPDATE reconciliation_findings SET healed = 1, healed_at_ms = ? WHERE run_id = ? AND id = ? AND healed = 0",
  );
  const ask = db.prepare("UPDATE reconciliation_findings SET reads_before = ? WHERE run_id = ? AND id = ?");
  const check = db.prepare("UPDATE reconciliation_findings SET checked = checked + 1 WHERE run_id = ? AND id = ?");
  return [
    ...cleared.map((each) => clear.bind(id, each)),
    ...suspects.map((each) => suspect.bind(id, each.id, ...levelColumns(each), each.looks, each.nextLookMs, nowMs)),
    ...findings.map((each) =>
      found.bind(
        ...[id, each.id, ...(each.level === null ? [null, null, null, null, null] : levelColumns(each.level))],
        ...[each.cause, each.remedy, each.expected, each.found, each.difference, each.byShopify, each.foundAtMs],
        ...[each.detail, each.readsBefore, each.isHealed ? 1 : 0, each.healedAtMs, each.createdAtMs],
      ),
    ),
    ...asked.map((each) => ask.bind(each.readsBefore, id, each.id)),
    ...healed.map((each) => heal.bind(nowMs, id, each)),
    ...checked.map((each) => check.bind(id, each)),
  ];
}

/** A finding stays one when its level is screened again. */
const PUT_SUSPECT = `INSERT INTO reconciliation_findings (run_id, id, state, sku_id, sku, listing_id, inventory_item_id,
    shop_location_id, looks, next_look_ms, created_at_ms) VALUES (?1, ?2, 'suspect', ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
  ON CONFLICT (run_id, id) DO UPDATE SET looks = MAX(looks, excluded.looks), next_look_ms = excluded.next_look_ms
    WHERE state = 'suspect'`;

const PUT_FINDING = `INSERT INTO reconciliation_findings (run_id, id, state, sku_id, sku, listing_id, inventory_item_id,
    shop_location_id, cause, remedy, expected, found, difference, by_shopify, found_at_ms, detail, reads_before, healed, healed_at_ms,
    created_at_ms)
  VALUES (?1, ?2, 'found', ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
  ON CONFLICT (run_id, id) DO UPDATE SET state = 'found', cause = excluded.cause, remedy = excluded.remedy,
    expected = excluded.expected, found = excluded.found, difference = excluded.difference, by_shopify = excluded.by_shopify,
    found_at_ms = excluded.found_at_ms, detail = excluded.detail, reads_before = excluded.reads_before,
    healed = excluded.healed, healed_at_ms = excluded.healed_at_ms`;

const levelColumns = ({ skuId, sku, listingId, item, location }: LevelRef) => [skuId, sku, listingId, item, location];

async function findings(
  db: D1Database,
  id: ReconciliationId,
  { cause, isHealed, limit, after }: FindingFilter,
): Promise<FindingPage> {
  const conditions = ["run_id = ?", "state = 'found'"];
  const values: (string | number)[] = [id];
  const where = (condition: string, value: string | number) => {
    conditions.push(condition);
    values.push(value);
  };
  if (cause !== undefined) where("cause = ?", cause);
  if (isHealed !== undefined) where("healed = ?", isHealed ? 1 : 0);
  if (after !== undefined) where("id > ?", after);
  const { results } = await db
    .prepare(`SELECT ${COLUMNS} FROM reconciliation_findings WHERE ${conditions.join(" AND ")} ORDER BY id LIMIT ?`)
    .bind(...values, limit + 1)
    .all<Row>();
  const page = results.slice(0, limit).map(toFinding);
  return { findings: page, nextAfter: results.length > limit ? (page.at(-1)?.id ?? null) : null };
}

function levelOf(row: Row): LevelRef | null {
  const { sku_id, sku, listing_id, inventory_item_id, shop_location_id } = row;
  if (sku_id === null || sku === null || listing_id === null) return null;
  if (inventory_item_id === null || shop_location_id === null) return null;
  return {
    skuId: fromStore(sku_id),
    sku: fromStore(sku),
    listingId: fromStore(listing_id),
    item: fromStore(inventory_item_id),
    location: fromStore(shop_location_id),
  };
}

function toSuspect(row: Row): Suspect | null {
  const level = levelOf(row);
  if (level === null) return null;
  return { ...level, id: fromStore<FindingId>(row.id), looks: row.looks, nextLookMs: row.next_look_ms };
}

const toFinding = (row: Row): Finding => ({
  id: fromStore<FindingId>(row.id),
  runId: fromStore<ReconciliationId>(row.run_id),
  cause: row.cause as FindingCause,
  remedy: row.remedy as Remedy,
  level: levelOf(row),
  expected: row.expected,
  found: row.found,
  difference: row.difference,
  byShopify: row.by_shopify,
  foundAtMs: row.found_at_ms,
  detail: row.detail,
  isHealed: row.healed === 1,
  healedAtMs: row.healed_at_ms,
  readsBefore: row.reads_before,
  overwritten: row.overwritten === null ? null : (JSON.parse(row.overwritten) as Overwritten),
  createdAtMs: row.created_at_ms,
});
