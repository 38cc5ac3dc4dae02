/** A filter over dead letters as SQL. Every list and every job reads by it, so that a dry run counts what a run will take. */
import type { DeadLetterMatch } from "../services/dead-letters.ts";

export type Where = { readonly condition: string; readonly values: readonly (string | number)[] };

/** A SKU's letters: those that name it, its counter, or an item or variant that it is, or was, sold as. */
const NAMES_SKU = `id IN (SELECT letter_id FROM dead_letter_refs WHERE ref IN (
  SELECT 'sku:' || ?
  UNION SELECT 'skuId:' || sku_id FROM sku_aliases WHERE sku = ?
  UNION SELECT 'sku:' || s.sku FROM skus s JOIN sku_aliases a ON a.sku_id = s.sku_id WHERE a.sku = ?
  UNION SELECT 'item:' || l.shop || '/' || l.inventory_item_id FROM listings l JOIN sku_aliases a ON a.sku_id = l.sku_id WHERE a.sku = ?
  UNION SELECT 'variant:' || l.shop || '/' || l.variant_id FROM listings l JOIN sku_aliases a ON a.sku_id = l.sku_id WHERE a.sku = ?))`;

/** `instr` knows no wildcards, and no limit of 50 bytes as D1's LIKE does. */
const CONTAINS = `(instr(lower(COALESCE(subject, '')), lower(?)) > 0
  OR EXISTS (SELECT 1 FROM json_each(dead_letters.errors) WHERE instr(lower(json_extract(value, '$.message')), lower(?)) > 0))`;

export function whereOf(match: DeadLetterMatch): Where {
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  const where = (condition: string, ...given: (string | number)[]) => {
    conditions.push(condition);
    values.push(...given);
  };
  const { status, origin, topic, codes, shop, correlationId, sku, fromMs, toMs, text } = match;
  if (status !== undefined) where("status = ?", status);
  if (origin !== undefined) where("origin = ?", origin);
  if (topic !== undefined) where("topic = ?", topic);
  if (codes !== undefined) where("code IN (SELECT value FROM json_each(?))", JSON.stringify(codes));
  if (shop !== undefined) where("shop = ?", shop);
  if (correlationId !== undefined) where("correlation_id = ?", correlationId);
  if (fromMs !== undefined) where("died_at_ms >= ?", fromMs);
  if (toMs !== undefined) where("died_at_ms < ?", toMs);
  if (sku !== undefined) where(NAMES_SKU, sku, sku, sku, sku, sku);
  if (text !== undefined) where(CONTAINS, text, text);
  return { condition: conditions.length === 0 ? "TRUE" : conditions.join(" AND "), values };
}
