/** A Durable Object's SQL storage on node:sqlite: the real journal, with real tables, in Node. */
import { DatabaseSync } from "node:sqlite";
import type { JournalStorage, SqlValue } from "../../../durable-objects/shop-gate-journal.ts";
import { SHOP_GATE_SCHEMA } from "../../../durable-objects/shop-gate-schema.ts";

export class SqliteStorage implements JournalStorage {
  readonly database = new DatabaseSync(":memory:");
  #depth = 0;

  constructor() {
    for (const step of SHOP_GATE_SCHEMA) this.database.exec(step.sql);
  }

  readonly sql = {
    exec: <T extends Record<string, SqlValue>>(query: string, ...bindings: SqlValue[]) => {
      const rows = this.database.prepare(query).all(...bindings) as T[];
      return { toArray: () => rows };
    },
  };

  /** Nested closures join the outer one, as they do in a Durable Object. */
  transactionSync<T>(closure: () => T): T {
    if (this.#depth > 0) return closure();
    this.database.exec("BEGIN");
    this.#depth += 1;
    try {
      const value = closure();
      this.database.exec("COMMIT");
      return value;
    } catch (error) {
      this.database.exec("ROLLBACK");
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }
}
