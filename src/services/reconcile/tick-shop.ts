/** A shop's minute: what is due is asked for, what runs is driven. */
import { type CorrelationId, fromStore, type ShopDomain } from "../../domain/ids.ts";
import { dueRun, marksAfter, type ShopMarks } from "../../domain/reconcile/schedule.ts";
import { advanceShop } from "./advance-shop.ts";
import type { ReconcileDeps } from "./reconcile-deps.ts";
import { requestUnlessWaiting } from "./request-run.ts";

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
  const correlationId = fromStore<CorrelationId>(`reconcile:${deps.newId()}`);
  await requestUnlessWaiting({ shop, ...due, isDry: false, actor: due.trigger, correlationId }, deps);
  await deps.marks.putMarks(shop, marksAfter(marks, due, outageEndedMs, nowMs));
}

const firstMarks = (nowMs: number): ShopMarks => ({
  allAtMs: nowMs,
  changedAtMs: nowMs,
  ordersSinceMs: null,
  levelsSinceMs: null,
  outageEndedMs: nowMs,
});
