/**
 * The real run of a stocktake, so many rows at a time and in order of the file, until its time is up: what is left is gone
 * on with by the same call, and what was counted counts no second time.
 */
import { withOptimisticRetry } from "../../client/with-optimistic-retry.ts";
import { chunksOf } from "../../domain/chunks-of.ts";
import type { CountRow, RowError } from "../../domain/csv/parse-counts.ts";
import type { SkuId } from "../../domain/ids.ts";
import type { LevelsView } from "../../domain/levels-view.ts";
import { atMost } from "../at-most.ts";
import type { Counter } from "../counter-contract.ts";
import { type CountedBy, countRowEvent, type RowResult, rowResultOf } from "./count-row.ts";
import { resolveRows, type StocktakeDeps } from "./plan-counts.ts";

export interface RunCountsDeps extends StocktakeDeps {
  mirror(views: readonly LevelsView[]): void;
  nowMs(): number;
  wait(ms: number): Promise<void>;
  random(): number;
  /** Rows between two looks at the clock. */
  readonly sliceRows: number;
  readonly msMax: number;
}

export type CountsRun = {
  /** Line to go on with; null: all rows are done. */
  readonly nextLine: number | null;
  readonly counted: number;
  readonly already: number;
  readonly waiting: number;
  /** Rows that were not counted. */
  readonly failed: readonly RowError[];
};

/** Throws Unavailable when a part is away: the same call again counts nothing twice. */
export async function runCounts(rows: readonly CountRow[], by: CountedBy, deps: RunCountsDeps): Promise<CountsRun> {
  const startedMs = deps.nowMs();
  const tally = { counted: 0, already: 0, waiting: 0 };
  const failed: RowError[] = [];
  for (const slice of chunksOf(rows, deps.sliceRows)) {
    if (deps.nowMs() - startedMs >= deps.msMax && slice[0] !== rows[0])
      return { nextLine: slice[0]?.line ?? null, ...tally, failed };
    const { known, errors } = await resolveRows(slice, deps);
    failed.push(...errors);
    const views: LevelsView[] = [];
    await atMost(deps.callsMax, [...known], async ([skuId, itsRows]) => {
      // One after the other: rows of one SKU would only get in each other's way.
      for (const row of itsRows) {
        const { result, view } = await countRow(skuId, row, by, deps);
        if (view !== null) views.push(view);
        if (result.kind === "refused") failed.push(result.error);
        else if (result.kind !== "stale") tally[result.kind] += 1;
      }
    });
    if (views.length > 0) deps.mirror(views);
  }
  return { nextLine: null, ...tally, failed: failed.toSorted((a, b) => a.line - b.line) };
}

type Counted = { readonly result: RowResult; readonly view: LevelsView | null };

async function countRow(skuId: SkuId, row: CountRow, by: CountedBy, deps: RunCountsDeps): Promise<Counted> {
  const counter = deps.counters.of(skuId);
  const refused = (message: string): Counted => ({
    result: { kind: "refused", error: { line: row.line, field: "sku", message } },
    view: null,
  });
  const first = await counter.levels();
  if (first === null) return refused("its import is under way");
  const { wait, random } = deps;
  let read: LevelsView | null = first;
  const outcome = await withOptimisticRetry<LevelsView, Counted>(
    {
      async read() {
        const levels = read ?? (await counter.levels()) ?? first;
        read = null;
        return levels;
      },
      write: (_, version) => writeRow(counter, row, by, version),
    },
    { wait, random },
  );
  return outcome.kind === "contended" ? refused("others were faster each time: give the file again") : outcome.value;
}

async function writeRow(counter: Counter, row: CountRow, by: CountedBy, version: number) {
  const reply = await counter.apply([await countRowEvent(row, by, version)]);
  if (reply.kind === "not_connected") throw new Error("the counter forgot that it is connected");
  const result = rowResultOf(row, reply.outcomes[0]);
  if (result.kind === "stale") return { kind: "stale", levels: reply.view } as const;
  const view = result.kind === "counted" ? reply.view : null;
  return { kind: result.kind === "refused" ? "refused" : "written", value: { result, view } } as const;
}
