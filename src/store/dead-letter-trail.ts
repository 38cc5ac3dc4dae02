/** SQL that puts an entry before the others of a letter's trail, of which the newest are kept. */

/** @param entry  SQL of the entry's JSON */
export const prepended = (entry: string, entriesMax: number): string =>
  `(SELECT json_group_array(json(value)) FROM (
    SELECT ${entry} AS value UNION ALL SELECT value FROM json_each(dead_letters.trail) LIMIT ${entriesMax}))`;

/** @param bound  names of the parameters or columns that hold each part */
export const entryOf = (what: string, bound: { atMs: string; actor: string; detail: string }): string =>
  `json_object('what', '${what}', 'atMs', ${bound.atMs}, 'actor', ${bound.actor}, 'detail', ${bound.detail})`;
