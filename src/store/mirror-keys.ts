/** The two keys of a SKU in Redis. The text in braces is the hash tag: it keeps both in one slot of a cluster. */
import type { Sku } from "../domain/ids.ts";

/** The cached answer; expires soon. */
export const levelsKey = (sku: Sku): string => `onhand:{${escaped(sku)}}:levels`;
/** The newest version that was mirrored; outlives every retry. */
export const versionKey = (sku: Sku): string => `onhand:{${escaped(sku)}}:version`;

/**
 * Two SKUs never share a key, and the tag is always the whole SKU: a brace would end it early, so braces are escaped, and
 * with them the escape character. A lone half of a surrogate pair is escaped because on the wire all of them become one
 * and the same replacement character. Every other SKU stands as it is, readable in redis-cli.
 */
function escaped(sku: Sku): string {
  return sku.replace(/[%{}]|\p{Surrogate}/gu, (character) => `%${character.charCodeAt(0).toString(16)};`);
}
