/** The part of a Durable Object's storage that the objects use. node:sqlite can stand in for it, with the same SQL. */
export type SqlValue = string | number | null;

export interface Rows<T> extends Iterable<T> {
  toArray(): T[];
  /** Throws unless there is exactly one row. */
  one(): T;
}

export interface Sql {
  /** Runs at once. Several statements in one text take no bindings. */
  exec<T extends Record<string, SqlValue>>(query: string, ...bindings: SqlValue[]): Rows<T>;
}

export interface TableStorage {
  readonly sql: Sql;
  /** What the closure writes is one commit; what it throws rolls back. Nested closures join the outer one. */
  transactionSync<T>(closure: () => T): T;
}

export interface ObjectStorage extends TableStorage {
  setAlarm(atMs: number): Promise<void>;
}
