/** The dry run of a stocktake: what each row would change, and every fault, before anything is counted. */
import type { CountRow, RowError } from "../../domain/csv/parse-counts.ts";
import type { SkuId } from "../../domain/ids.ts";
import { atMost } from "../at-most.ts";
import type { Catalogue } from "../catalogue.ts";
import type { Counters } from "../counter-contract.ts";
import { Unavailable } from "../unavailable.ts";
import { type CountedBy, countRowEvent, type RowResult, rowResultOf } from "./count-row.ts";

export interface StocktakeDeps {
  readonly catalogue: Pick<Catalogue, "skuIds">;
  readonly counters: Counters;
  /** Counters called at once. */
  readonly callsMax: number;
}

export type PlannedRow = CountRow & {
  readonly outcome: "counted" | "already" | "waiting";
  readonly difference: number | null;
};

/** Throws Unavailable when the catalogue or a counter is away. */
export async function planCounts(
  rows: readonly CountRow[],
  by: CountedBy,
  deps: StocktakeDeps,
): Promise<{ readonly planned: readonly PlannedRow[]; readonly errors: readonly RowError[] }> {
  const { known, errors } = await resolveRows(rows, deps);
  const planned: PlannedRow[] = [];
  await atMost(deps.callsMax, [...known], async ([skuId, itsRows]) => {
    const results = await tryRows(skuId, itsRows, by, deps);
    for (const [i, row] of itsRows.entries()) {
      const result = results[i];
      if (result?.kind === "refused") errors.push(result.error);
      else if (result !== undefined && result.kind !== "stale")
        planned.push({ ...row, outcome: result.kind, difference: result.difference });
    }
  });
  const byLine = (a: { line: number }, b: { line: number }): number => a.line - b.line;
  return { planned: planned.toSorted(byLine), errors: errors.toSorted(byLine) };
}

/** All rows of a SKU in one go: what the first would change is there for the second. */
async function tryRows(
  skuId: SkuId,
  rows: readonly CountRow[],
  by: CountedBy,
  { counters }: StocktakeDeps,
): Promise<readonly RowResult[]> {
  const events = await Promise.all(rows.map((row) => countRowEvent(row, by)));
  const reply = await counters.of(skuId).apply(events, { dryRun: true });
  if (reply.kind === "not_connected")
    return rows.map(({ line }) => ({
      kind: "refused",
      error: { line, field: "sku", message: "its import is under way" },
    }));
  return rows.map((row, i): RowResult => {
    const outcome = reply.outcomes[i];
    // The real run reads first, and names the version that it read.
    if (outcome?.kind === "precondition_required" && outcome.strategy === "optimistic")
      return { kind: "counted", difference: null };
    return rowResultOf(row, outcome);
  });
}

/** @returns rows by counter, in order of the file */
export async function resolveRows(rows: readonly CountRow[], { catalogue }: Pick<StocktakeDeps, "catalogue">) {
  const { skuIds, fault } = await catalogue.skuIds([...new Set(rows.map(({ sku }) => sku))]);
  const known = new Map<SkuId, CountRow[]>();
  const errors: RowError[] = [];
  for (const row of rows) {
    const skuId = skuIds.get(row.sku);
    if (skuId === undefined) {
      if (fault !== null) throw new Unavailable("catalogue", fault);
      errors.push({ line: row.line, field: "sku", message: "is not in the catalogue" });
      continue;
    }
    const its = known.get(skuId) ?? [];
    known.set(skuId, its);
    its.push(row);
  }
  return { known, errors };
}
