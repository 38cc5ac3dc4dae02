/** Names of the destinations that have ever been called: objects cannot be listed, so their names are kept here. */
import type { D1Database } from "@cloudflare/workers-types";
import { type DestinationName, fromStore } from "../domain/ids.ts";

export interface DestinationNames {
  note(name: DestinationName, nowMs: number): Promise<void>;
  list(): Promise<readonly DestinationName[]>;
}

/** More than an operator could look at. */
const NAMES_MAX = 500;

export const d1Destinations = (db: D1Database): DestinationNames => ({
  async note(name, nowMs) {
    await db
      .prepare("INSERT INTO destinations (name, first_called_at) VALUES (?, ?) ON CONFLICT DO NOTHING")
      .bind(name, nowMs)
      .run();
  },
  async list() {
    const { results } = await db
      .prepare("SELECT name FROM destinations ORDER BY name LIMIT ?")
      .bind(NAMES_MAX)
      .all<{ name: string }>();
    return results.map(({ name }) => fromStore<DestinationName>(name));
  },
});
