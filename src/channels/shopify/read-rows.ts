/**
 * The result of a bulk query: JSON, a line each, of any length. It is read in parts of so many lines, from a byte on, so
 * that neither memory nor a step grows with the shop; a server that knows no ranges is read from its start and skipped.
 */
import * as z from "zod/mini";
import { fromStore, type InventoryItemId, parseNumericId, type ShopLocationId } from "../../domain/ids.ts";
import type { BulkRows, ScreenRow } from "../../services/reconcile/reconcile-deps.ts";
import { withDeadline } from "../../services/with-deadline.ts";
import { levelSchema, numbersOf } from "./parse-levels.ts";

const TIMEOUT_MS = 30_000;
/** An item with its levels at fifty locations is some 10 kB. What is longer is no row of ours. */
const LINE_BYTES_MAX = 1_000_000;

export type Fetcher = (
  url: string,
  init: { headers: Record<string, string>; signal: AbortSignal },
) => Promise<Response>;

/** Rejects when the result cannot be had. */
export function readRows(
  url: string,
  given: { readonly offset: number; readonly rowsMax: number },
  fetcher: Fetcher,
): Promise<BulkRows> {
  return withDeadline(TIMEOUT_MS, async (signal) => {
    const { offset, rowsMax } = given;
    const response = await fetcher(url, {
      headers: { range: `bytes=${offset}-`, "accept-encoding": "identity" },
      signal,
    });
    // Asked for what comes after the last byte.
    if (response.status === 416) return { rows: [], offset, isEnd: true };
    if (response.status !== 200 && response.status !== 206) throw new Error(`bulk result: HTTP ${response.status}`);
    if (response.body === null) return { rows: [], offset, isEnd: true };
    const skip = response.status === 206 ? 0 : offset;
    return takeRows(response.body as ReadableStream<Uint8Array>, skip, offset, rowsMax);
  });
}

async function takeRows(
  body: ReadableStream<Uint8Array>,
  skip: number,
  from: number,
  rowsMax: number,
): Promise<BulkRows> {
  const rows: ScreenRow[] = [];
  const reader = body.getReader();
  let lines = 0;
  let offset = from;
  let toSkip = skip;
  let rest: Uint8Array = new Uint8Array(0);
  const take = (line: Uint8Array): void => {
    lines += 1;
    const row = parseRow(new TextDecoder().decode(line));
    if (row !== null) rows.push(row);
  };
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const fresh = value.subarray(Math.min(toSkip, value.byteLength));
    toSkip -= value.byteLength - fresh.byteLength;
    rest = joined(rest, fresh);
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      take(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
      offset += end + 1;
      if (lines < rowsMax) continue;
      await reader.cancel();
      return { rows, offset, isEnd: false };
    }
    if (rest.byteLength > LINE_BYTES_MAX) throw new Error("bulk result: a line without end");
  }
  if (rest.byteLength > 0) take(rest);
  return { rows, offset: offset + rest.byteLength, isEnd: true };
}

const NEWLINE = 10;

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  if (one.byteLength === 0) return other;
  const both = new Uint8Array(one.byteLength + other.byteLength);
  both.set(one);
  both.set(other, one.byteLength);
  return both;
}

const rowSchema = z.looseObject({ id: z.string() });
const levelOrNone = z.nullable(levelSchema);

/** @returns null for a line that is no item */
export function parseRow(line: string): ScreenRow | null {
  const json = parseJson(line);
  const row = rowSchema.safeParse(json);
  const item = row.success ? parseNumericId<InventoryItemId>("gid", row.data.id) : null;
  if (!row.success || item === null || !item.ok) return null;
  const levels = new Map<ShopLocationId, ReturnType<typeof numbersOf>>();
  for (const [alias, value] of Object.entries(row.data)) {
    const location = /^l(\d{1,20})$/.exec(alias)?.[1];
    const told = levelOrNone.safeParse(value);
    if (location === undefined || !told.success) continue;
    const numbers = told.data === null ? null : numbersOf(told.data);
    // A level that was not told whole is none: nothing is concluded from it.
    if (told.data === null || numbers !== null) levels.set(fromStore<ShopLocationId>(location), numbers);
  }
  return { item: item.value, levels };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
