/** Objects of the local stack by their names: their ends, and their rows. */
import type { Stack } from "../../../dev/stack/stack.ts";
import { OBJECTS_PATH, type Treatment } from "./breakage.ts";

export type Binding =
  | "SKU_COUNTER"
  | "SHOP_GATE"
  | "RESERVATION_COORDINATOR"
  | "DESTINATION"
  | "TELEMETRY"
  | "WEBHOOK_INBOX";
export type Row = Readonly<Record<string, string | number | null>>;

/** The name of the counter that a SKU has. */
export async function skuIdOf({ worker }: Stack, sku: string): Promise<string> {
  const { DB } = await worker.bindings();
  const { results } = await DB.prepare("SELECT sku_id FROM sku_aliases WHERE sku = ?")
    .bind(sku)
    .all<{ sku_id: string }>();
  const [row] = results;
  if (row === undefined) throw new Error(`${sku} has no counter`);
  return row.sku_id;
}

export async function treat(
  { client }: Stack,
  binding: Binding,
  name: string,
  treatment: Treatment,
): Promise<readonly (readonly Row[])[]> {
  const path = `${OBJECTS_PATH}${binding}/${encodeURIComponent(name)}`;
  const response = await fetch(`${client.url}${path}`, { method: "POST", body: JSON.stringify(treatment) });
  if (!response.ok) throw new Error(`${binding} ${name}: ${await response.text()}`);
  return (await response.json()) as readonly (readonly Row[])[];
}

/** Its life ends, whatever it was about: the next call finds what it had written. */
export async function endLife(stack: Stack, binding: Binding, name: string): Promise<void> {
  await treat(stack, binding, name, { dies: true });
}

/** @returns puts the object back to what it was now, as a point-in-time recovery does */
export async function rememberObject(stack: Stack, binding: Binding, name: string): Promise<() => Promise<void>> {
  const own = "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 1) <> '_'";
  const [found = []] = await treat(stack, binding, name, { sql: [{ text: own }] });
  const tables = found.map((row) => String(row["name"]));
  const contents = await treat(stack, binding, name, {
    sql: tables.map((table) => ({ text: `SELECT * FROM ${table}` })),
  });
  const sql = tables.flatMap((table, i) => [
    { text: `DELETE FROM ${table}` },
    ...(contents[i] ?? []).map((row) => ({
      text: `INSERT INTO ${table} (${Object.keys(row).join(", ")}) VALUES (${Object.keys(row)
        .map(() => "?")
        .join(", ")})`,
      values: Object.values(row),
    })),
  ]);
  return async () => {
    await treat(stack, binding, name, { sql, dies: true });
  };
}
