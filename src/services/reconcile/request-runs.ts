/** Runs are asked for: by an operator, by the clock, or by the end of an outage. Asked for is not begun: one runs per shop. */
import { type CorrelationId, fromStore, type ReconciliationId, type ShopDomain } from "../../domain/ids.ts";
import { firstCursor, NO_COUNTS, type Run } from "../../domain/reconcile/run.ts";
import { dueRun, marksAfter, type ShopMarks } from "../../domain/reconcile/schedule.ts";
import { advanceShop } from "./advance-shop.ts";
import type { ReconcileDeps } from "./reconcile-deps.ts";

export type RunRequest = Pick<Run, "shop" | "scope" | "isDry" | "trigger" | "actor" | "correlationId">;

export type Requested =
  | { readonly kind: "queued"; readonly run: Run }
  | { readonly kind: "too_many"; readonly open: number };

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

/** Each minute: ask for what is due, then drive what runs. */
export async function tickShop(shop: ShopDomain, budgetMs: number, deps: ReconcileDeps): Promise<void> {
  await requestDue(shop, deps);
  await advanceShop(shop, budgetMs, deps);
}

async function requestDue(shop: ShopDomain, deps: ReconcileDeps): Promise<void> {
  if (!(await deps.listings.takesPart(shop))) return;
  const nowMs = deps.nowMs();
  const marks = await deps.marks.marks(shop);
  // An import compares as it connects: the first run is due one period after the shop is first seen.
  if (marks === null) return deps.marks.putMarks(shop, firstMarks(nowMs));
  const outageEndedMs = await deps.shopOf(shop).outageEndedMs();
  const due = dueRun(marks, outageEndedMs, deps.policy, nowMs);
  if (due === null) return;
  // One that waits already does what this one would.
  const waiting = (await deps.runs.open(shop)).some(
    ({ status, scope, isDry }) => status === "queued" && scope.kind === due.scope.kind && !isDry,
  );
  const correlationId = fromStore<CorrelationId>(`reconcile:${deps.newId()}`);
  if (!waiting) await requestRun({ shop, ...due, isDry: false, actor: due.trigger, correlationId }, deps);
  await deps.marks.putMarks(shop, marksAfter(marks, due, outageEndedMs, nowMs));
}

const firstMarks = (nowMs: number): ShopMarks => ({
  allAtMs: nowMs,
  changedAtMs: nowMs,
  ordersSinceMs: null,
  levelsSinceMs: null,
  outageEndedMs: nowMs,
});
