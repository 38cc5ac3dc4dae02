/** The steps before any level is looked at: the subscriptions by which news comes, and orders whose news did not come. */
import { type FindingId, fromStore } from "../../domain/ids.ts";
import type { Run, RunCursor } from "../../domain/reconcile/run.ts";
import { planWebhooks, type SubscriptionChange, syncWebhooks } from "../webhook-subscriptions.ts";
import type { Finding, ReconcileDeps, ShopNews, StepOutcome, SubscriptionCause } from "./reconcile-deps.ts";
import { requestUnlessWaiting } from "./request-run.ts";

export async function stepSubscriptions(run: Run, deps: ReconcileDeps): Promise<StepOutcome> {
  const { news } = deps.shopOf(run.shop);
  if (news === null) return { kind: "progress", cursor: await screenOf(run, deps) };
  const marks = await deps.marks.marks(run.shop);
  const { changedEveryMs, overlapMs } = deps.policy;
  const sinceMs = marks?.ordersSinceMs ?? run.createdAtMs - changedEveryMs - overlapMs;
  const cursor: RunCursor = { phase: "orders", after: null, sinceMs };
  const uri = await deps.marks.callbackUri(run.shop);
  const go = (more: Omit<StepOutcome & { kind: "progress" }, "kind" | "cursor">): StepOutcome => ({
    kind: "progress",
    cursor,
    ...more,
  });
  if (uri === null)
    return go({ notes: ["subscriptions: where Shopify shall deliver is not known: sync webhooks once"] });
  const reply = await (run.isDry ? planned(uri, news) : asserted(uri, news));
  if (reply.kind === "later") return reply;
  if (reply.kind === "refused") {
    const detail = `${reply.code}: ${reply.message}`;
    const findings = [subscriptionFinding(run, "subscription_refused", "all", detail, false, deps.nowMs())];
    return go({ findings, notes: [`subscriptions: ${detail}`] });
  }
  const { value: changes } = reply;
  const findings = changes
    .filter(({ change }) => change !== "kept")
    .map(({ topic, change }) =>
      subscriptionFinding(
        run,
        change === "created" ? "subscription_missing" : "subscription_wrong",
        topic,
        topic,
        !run.isDry,
        deps.nowMs(),
      ),
    );
  const subscriptionsMended = run.isDry ? 0 : findings.length;
  return go({ findings, counts: { subscriptions: changes.length, subscriptionsMended } });
}

type Changes = readonly Pick<SubscriptionChange, "topic" | "change">[];

async function asserted(uri: string, { subscriptions }: ShopNews) {
  const reply = await syncWebhooks(uri, false, subscriptions);
  return reply.kind === "ok" ? { kind: "ok" as const, value: reply.value.changes as Changes } : reply;
}

async function planned(uri: string, { subscriptions }: ShopNews) {
  const existing = await subscriptions.list();
  if (existing.kind !== "ok") return existing;
  const changes = planWebhooks(existing.value, uri, false).steps.map((step) =>
    step.kind === "create"
      ? ({ topic: step.needed.topic, change: "created" } as const)
      : ({ topic: step.subscription.topic, change: step.kind === "keep" ? "kept" : "mended" } as const),
  );
  return { kind: "ok" as const, value: changes as Changes };
}

function subscriptionFinding(
  run: Run,
  cause: SubscriptionCause,
  topic: string,
  detail: string,
  isHealed: boolean,
  nowMs: number,
): Finding {
  return {
    id: fromStore<FindingId>(`webhook-${topic}`),
    ...{ runId: run.id, cause, remedy: "subscribe", level: null, expected: null, found: null, difference: null },
    ...{ byShopify: 0, foundAtMs: null, detail, isHealed, healedAtMs: isHealed ? nowMs : null, readsBefore: null },
    ...{ overwritten: null, createdAtMs: nowMs },
  };
}

/**
 * A page of orders that were updated since the last run, sent like webhooks: those that had come are known by their lines,
 * and change nothing. A dry run only counts them. Where there are more than a shop's points let through in time, levels
 * are compared before the rest: a run that is asked for now goes on with it.
 */
export async function stepOrders(
  run: Run,
  cursor: Extract<RunCursor, { readonly phase: "orders" }>,
  deps: ReconcileDeps,
): Promise<StepOutcome> {
  const { news } = deps.shopOf(run.shop);
  if (news === null) return { kind: "progress", cursor: await screenOf(run, deps) };
  const page = await news.ordersSince(cursor.sinceMs, cursor.after);
  if (page.kind === "later") return page;
  // Levels can be compared without them: what they took is measured.
  if (page.kind === "refused") {
    return { kind: "progress", cursor: await screenOf(run, deps), notes: [`orders: ${page.code}: ${page.message}`] };
  }
  const { orders, nextAfter } = page.value;
  if (!run.isDry) for (const order of orders) await deps.sendOrder(run.shop, order, run.correlationId);
  const counts = { ordersRead: orders.length, ordersSent: run.isDry ? 0 : orders.length };
  const startedAtMs = run.startedAtMs ?? run.createdAtMs;
  if (nextAfter !== null && deps.nowMs() - startedAtMs < deps.policy.ordersMsMax) {
    return { kind: "progress", cursor: { ...cursor, after: nextAfter }, counts };
  }
  // Those within the overlap are told by the next run anyway.
  const toldMs = startedAtMs - deps.policy.overlapMs;
  // They come in the order of their update.
  const fetchedMs = nextAfter === null ? toldMs : Math.min(orders.at(-1)?.updatedAtMs ?? cursor.sinceMs, toldMs);
  if (!run.isDry && fetchedMs < toldMs && fetchedMs > cursor.sinceMs) await requestRest(run, deps);
  const left = `orders: fetched until ${new Date(fetchedMs).toISOString()}; later ones are left to the next run`;
  return {
    kind: "progress",
    cursor: await screenOf(run, deps),
    counts,
    ...(nextAfter === null ? {} : { notes: [left] }),
    ...(run.isDry ? {} : { marks: { ordersSinceMs: fetchedMs } }),
  };
}

/** The run that goes on with the orders of this one. It begins when this one is over. */
function requestRest({ shop, trigger, actor, correlationId }: Run, deps: ReconcileDeps): Promise<void> {
  return requestUnlessWaiting({ shop, scope: { kind: "changed" }, isDry: false, trigger, actor, correlationId }, deps);
}

async function screenOf(run: Run, deps: ReconcileDeps): Promise<RunCursor> {
  if (run.scope.kind !== "changed")
    return deps.shopOf(run.shop).bulk === null
      ? { phase: "listings", after: null }
      : { phase: "bulk", operation: null, offset: 0, tries: 0 };
  const marks = await deps.marks.marks(run.shop);
  const { changedEveryMs, overlapMs } = deps.policy;
  const sinceMs = marks?.levelsSinceMs ?? run.createdAtMs - changedEveryMs - overlapMs;
  return { phase: "changed", location: null, after: null, sinceMs };
}
