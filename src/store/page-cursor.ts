/** Where a page of rows by time and id ends, so that the next one can begin there. */
export type PageFilter = { readonly limit: number; readonly cursor?: string | undefined };

export type Condition = { readonly sql: string; readonly values: readonly (string | number)[] };

/** @param timeColumn  what the rows are ordered by, newest first, before `id` */
export function afterCursor({ cursor }: PageFilter, timeColumn: string): readonly Condition[] {
  const after = /^(\d{1,16})\.(.+)$/.exec(cursor ?? "");
  return after === null ? [] : [{ sql: `(${timeColumn}, id) < (?, ?)`, values: [Number(after[1]), after[2] ?? ""] }];
}

export const equals = (column: string, value: string | undefined): readonly Condition[] =>
  value === undefined ? [] : [{ sql: `${column} = ?`, values: [value] }];

export const whereOf = (conditions: readonly Condition[]): string =>
  conditions.length === 0 ? "" : `WHERE ${conditions.map(({ sql }) => sql).join(" AND ")}`;

/** @param rows  one more than `limit`, if there are so many */
export function pageOf<Row extends { readonly id: string }>(
  rows: readonly Row[],
  { limit }: PageFilter,
  atMs: (row: Row) => number,
): { readonly rows: readonly Row[]; readonly nextCursor: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { rows: page, nextCursor: rows.length > limit && last !== undefined ? `${atMs(last)}.${last.id}` : null };
}
