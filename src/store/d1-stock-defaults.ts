/** What holds for all SKUs of watching and ordering, in D1. */
import type { D1Database } from "@cloudflare/workers-types";
import type { ReorderRule } from "../domain/counter/reorder.ts";
import type { StockThresholds } from "../domain/counter/thresholds.ts";
import type { StockDefaults, StockDefaultsStore } from "../services/stock-defaults.ts";
import { NEWEST_WORD, sayWord } from "./d1-words.ts";

type Row = { thresholds: string | null; reorder_rule: string | null; revision: number; updated_at_ms: number };

const COLUMNS = "thresholds, reorder_rule, revision, updated_at_ms";

export const d1StockDefaults = (db: D1Database): StockDefaultsStore => ({
  async read() {
    return defaultsOf(await db.prepare(`SELECT ${COLUMNS} FROM stock_defaults`).first<Row>());
  },
  async put({ thresholds, reorderRule }, nowMs) {
    const json = (value: unknown): string | null =>
      value === undefined || value === null ? null : JSON.stringify(value);
    const [, , written] = await db.batch<Row>([
      ...sayWord(db, "stock"),
      db
        .prepare(
          `INSERT INTO stock_defaults (one, ${COLUMNS}) VALUES (1, ?1, ?2, ${NEWEST_WORD}, ?3)
           ON CONFLICT (one) DO UPDATE SET revision = excluded.revision, updated_at_ms = excluded.updated_at_ms,
             thresholds = IIF(?4, excluded.thresholds, stock_defaults.thresholds),
             reorder_rule = IIF(?5, excluded.reorder_rule, stock_defaults.reorder_rule)
           RETURNING ${COLUMNS}`,
        )
        .bind(
          json(thresholds),
          json(reorderRule),
          nowMs,
          thresholds === undefined ? 0 : 1,
          reorderRule === undefined ? 0 : 1,
        ),
    ]);
    return defaultsOf(written?.results[0] ?? null);
  },
});

/** It was parsed when it was put. */
const defaultsOf = (row: Row | null): StockDefaults => ({
  thresholds: row === null || row.thresholds === null ? null : (JSON.parse(row.thresholds) as StockThresholds),
  reorderRule: row === null || row.reorder_rule === null ? null : (JSON.parse(row.reorder_rule) as ReorderRule),
  revision: row?.revision ?? 0,
  updatedAtMs: row?.updated_at_ms ?? null,
});
