/** Runs are asked for: by an operator, by the clock, by the end of an outage, by a run that left orders to the next. */
import { fromStore, type ReconciliationId } from "../../domain/ids.ts";
import { firstCursor, NO_COUNTS, type Run } from "../../domain/reconcile/run.ts";
import type { ReconcileDeps } from "./reconcile-deps.ts";

export type RunRequest = Pick<Run, "shop" | "scope" | "isDry" | "trigger" | "actor" | "correlationId">;

export type Requested =
  | { readonly kind: "queued"; readonly run: Run }
  | { readonly kind: "too_many"; readonly open: number };

/** Asked for is not begun: one runs per shop. */
export async function requestRun(request: RunRequest, deps: ReconcileDeps): Promise<Requested> {
  const open = await deps.runs.open(request.shop);
  if (open.length >= deps.policy.openRunsMax) return { kind: "too_many", open: open.length };
  const run: Run = {
    ...request,
    id: fromStore<ReconciliationId>(`rec_${deps.newId()}`),
    status: "queued",
    cursor: firstCursor(request.scope),
    counts: NO_COUNTS,
    notes: [],
    createdAtMs: deps.nowMs(),
    startedAtMs: null,
    endedAtMs: null,
    wakeAtMs: 0,
  };
  await deps.runs.queue(run);
  return { kind: "queued", run };
}

/** One that waits already does what this one would. */
export async function requestUnlessWaiting(request: RunRequest, deps: ReconcileDeps): Promise<void> {
  const isWaiting = (await deps.runs.open(request.shop)).some(
    ({ status, scope, isDry }) => status === "queued" && scope.kind === request.scope.kind && isDry === request.isDry,
  );
  if (!isWaiting) await requestRun(request, deps);
}
