/** D1 on node:sqlite, with the real migrations: real statements in Node. It can be away, or hang. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { D1Database } from "@cloudflare/workers-types";

const MIGRATIONS = new URL("../../../migrations", import.meta.url).pathname;

export class SqliteD1 {
  readonly database = new DatabaseSync(":memory:");
  /** Every statement that was asked for, in order. */
  readonly asked: string[] = [];
  state: "well" | "away" | "hanging" = "well";

  constructor() {
    for (const name of readdirSync(MIGRATIONS).sort()) this.database.exec(readFileSync(join(MIGRATIONS, name), "utf8"));
  }

  /** As the Worker's binding. */
  get db(): D1Database {
    const prepare = (sql: string) => new Statement(this, sql);
    const batch = async (statements: readonly Statement[]) => {
      const results = [];
      for (const statement of statements) results.push(await statement.all());
      return results;
    };
    return { prepare, batch } as unknown as D1Database;
  }

  async run(sql: string, values: readonly SQLInputValue[]): Promise<Record<string, unknown>[]> {
    this.asked.push(sql);
    if (this.state === "away") throw new Error("D1_ERROR: Network connection lost.");
    if (this.state === "hanging") await new Promise(() => {});
    return this.database.prepare(sql).all(...values) as Record<string, unknown>[];
  }
}

class Statement {
  readonly #d1: SqliteD1;
  readonly #sql: string;
  readonly #values: readonly SQLInputValue[];

  constructor(d1: SqliteD1, sql: string, values: readonly SQLInputValue[] = []) {
    this.#d1 = d1;
    this.#sql = sql;
    this.#values = values;
  }

  bind(...values: readonly unknown[]): Statement {
    const bound = values.map((value) => (value instanceof ArrayBuffer ? new Uint8Array(value) : value));
    return new Statement(this.#d1, this.#sql, bound as SQLInputValue[]);
  }

  async all() {
    return { results: await this.#d1.run(this.#sql, this.#values) };
  }

  async first() {
    return (await this.#d1.run(this.#sql, this.#values))[0] ?? null;
  }

  async run() {
    await this.#d1.run(this.#sql, this.#values);
    const changes = this.#d1.database.prepare("SELECT changes() AS changes").get()?.["changes"];
    return { meta: { changes: Number(changes) } };
  }
}
