/** Relay connections as Shopify pages them: keyset cursors, so that rows which come and go do not shift a page. */
import type { CallContext, View } from "./call-context.ts";
import { callError } from "./call-error.ts";

export type PageArgs = {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
  readonly reverse?: boolean | null;
};

type Row = { readonly seq: number };
type SortValue = number | string;

export type ConnectionOptions<T> = {
  readonly view: (row: T) => View;
  /** What to sort by; by order of creation when left out, in which `rows` must already be. */
  readonly sortBy?: ((row: T) => SortValue) | undefined;
  /** A bulk query reads its root connection window by window. */
  readonly isRoot?: boolean;
};

const PAGE_MAX = 250;

export function connection<T extends Row>(
  context: CallContext,
  rows: readonly T[],
  args: PageArgs,
  options: ConnectionOptions<T>,
): View {
  const sortValue = options.sortBy ?? ((row: T): SortValue => row.seq);
  const compare = (one: T, other: T): number => compareKeys(keyOf(one, sortValue), keyOf(other, sortValue));
  const sorted = options.sortBy === undefined ? rows : [...rows].sort(compare);
  const ordered = args.reverse ? [...sorted].reverse() : sorted;
  const [start, end] = pageBounds(context, ordered, args, { sortValue, isRoot: options.isRoot ?? false });
  const page = ordered.slice(start, end);
  const cursor = (row: T): string => encodeCursor(keyOf(row, sortValue));
  return {
    nodes: () => page.map(options.view),
    edges: () => page.map((row) => ({ cursor: cursor(row), node: () => options.view(row) })),
    pageInfo: () => {
      const first = page[0];
      const last = page.at(-1);
      return {
        hasNextPage: end < ordered.length,
        hasPreviousPage: start > 0,
        startCursor: first === undefined ? null : cursor(first),
        endCursor: last === undefined ? null : cursor(last),
      };
    },
  };
}

type Key = { readonly value: SortValue; readonly seq: number };

function keyOf<T extends Row>(row: T, sortValue: (row: T) => SortValue): Key {
  return { value: sortValue(row), seq: row.seq };
}

function compareKeys(one: Key, other: Key): number {
  if (one.value !== other.value) return one.value < other.value ? -1 : 1;
  return one.seq - other.seq;
}

function pageBounds<T extends Row>(
  context: CallContext,
  rows: readonly T[],
  args: PageArgs,
  order: { readonly sortValue: (row: T) => SortValue; readonly isRoot: boolean },
): [number, number] {
  if (context.window !== null) {
    if (!order.isRoot) return [0, rows.length];
    return [context.window.offset, Math.min(rows.length, context.window.offset + context.window.limit)];
  }
  const size = args.first ?? args.last ?? null;
  if (size === null) throw callError("you must provide one of first or last", "BAD_REQUEST");
  if (size < 0 || size > PAGE_MAX) throw callError(`a page has 0 to ${PAGE_MAX} entries, not ${size}`, "BAD_REQUEST");
  const direction = args.reverse ? -1 : 1;
  const place = (row: T, mark: Key): number => direction * compareKeys(keyOf(row, order.sortValue), mark);
  const after = decodeCursor(args.after ?? null);
  const before = decodeCursor(args.before ?? null);
  const low = after === null ? 0 : firstIndex(rows, (row) => place(row, after) > 0);
  const high = before === null ? rows.length : firstIndex(rows, (row) => place(row, before) >= 0);
  return args.first === null || args.first === undefined
    ? [Math.max(low, high - size), high]
    : [low, Math.min(high, low + size)];
}

/** The first index for which the predicate holds; it must be false up to there and true from there on. */
function firstIndex<T>(rows: readonly T[], holds: (row: T) => boolean): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row !== undefined && holds(row)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The real cursors look like this too, once decoded. */
function encodeCursor(key: Key): string {
  return Buffer.from(JSON.stringify({ last_id: key.seq, last_value: key.value })).toString("base64");
}

function decodeCursor(text: string | null): Key | null {
  if (text === null) return null;
  try {
    const parsed = JSON.parse(Buffer.from(text, "base64").toString("utf8")) as Record<string, unknown>;
    const { last_id: seq, last_value: value } = parsed;
    if (typeof seq === "number" && (typeof value === "number" || typeof value === "string")) return { seq, value };
  } catch {
    // Falls through: whatever it was, it is no cursor of ours.
  }
  throw callError("Invalid cursor for current pagination sort.", "BAD_REQUEST");
}
