/** A Durable Object's storage on node:sqlite: the shipped SQL text and schema steps, with real tables, in Node. */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { ObjectStorage, Rows, SqlValue } from "../../../durable-objects/object-storage.ts";
import { migrate, type SchemaStep } from "../../../durable-objects/schema.ts";

export class SqliteObjectStorage implements ObjectStorage {
  readonly database = new DatabaseSync(":memory:");
  readonly #prepared = new Map<string, StatementSync>();
  #depth = 0;
  /** When the alarm rings; null: it is not set. */
  alarmAtMs: number | null = null;
  /** Rows written so far: as long as it stands still, so do the tables. */
  get changes(): number {
    return Number(this.#statement("SELECT total_changes() AS n")?.get()?.["n"] ?? 0);
  }

  constructor(steps: readonly SchemaStep[]) {
    migrate(this, steps, 0);
  }

  readonly sql = {
    exec: <T extends Record<string, SqlValue>>(query: string, ...bindings: SqlValue[]): Rows<T> => {
      const statement = this.#statement(query);
      if (statement !== null) return new ArrayRows(statement.all(...bindings) as T[]);
      if (bindings.length > 0) throw new Error("several statements in one text take no bindings");
      this.database.exec(query);
      return new ArrayRows<T>([]);
    },
  };

  /** Nested closures join the outer one, as they do in a Durable Object. */
  transactionSync<T>(closure: () => T): T {
    if (this.#depth > 0) return closure();
    this.#run("BEGIN");
    this.#depth += 1;
    try {
      const value = closure();
      this.#run("COMMIT");
      return value;
    } catch (error) {
      this.#run("ROLLBACK");
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  async setAlarm(atMs: number): Promise<void> {
    this.alarmAtMs = atMs;
  }

  /** Tables, rows and alarm, as the platform does it. */
  async deleteAll(): Promise<void> {
    this.#prepared.clear();
    const tables = this.database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    for (const { name } of tables) this.database.exec(`DROP TABLE "${name}"`);
    this.alarmAtMs = null;
  }

  #run(query: string): void {
    this.#statement(query)?.run();
  }

  /** @returns null when the text holds more than one statement, which cannot be prepared */
  #statement(query: string): StatementSync | null {
    const known = this.#prepared.get(query);
    if (known !== undefined) return known;
    const isOne = query.trimEnd().replace(/;$/, "").includes(";") === false;
    const statement = isOne ? this.database.prepare(query) : null;
    // Only what is run again and again is worth keeping; schema steps are not.
    if (statement !== null) this.#prepared.set(query, statement);
    return statement;
  }
}

class ArrayRows<T> implements Rows<T> {
  readonly #rows: T[];

  constructor(rows: T[]) {
    this.#rows = rows;
  }

  toArray(): T[] {
    return this.#rows;
  }

  one(): T {
    const [row] = this.#rows;
    if (row === undefined || this.#rows.length > 1) throw new Error(`one row was expected, not ${this.#rows.length}`);
    return row;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#rows[Symbol.iterator]();
  }
}
