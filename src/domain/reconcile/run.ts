/** A reconciliation of one shop: what it looks at, how far it is, and what it has counted. Plain data, resumable. */
import type { CorrelationId, ReconciliationId, ShopDomain, ShopLocationId, Sku } from "../ids.ts";

export type RunScope =
  /** Levels that Shopify says changed since the last run. */
  { readonly kind: "changed" } | { readonly kind: "all" } | { readonly kind: "skus"; readonly skus: readonly Sku[] };

export type RunTrigger = "schedule" | "outage" | "demand";
export type RunStatus = "queued" | "running" | "done" | "failed" | "cancelled";

/** Where a run goes on after whatever ended the last step. */
export type RunCursor =
  | { readonly phase: "subscriptions" }
  | { readonly phase: "orders"; readonly after: string | null; readonly sinceMs: number }
  /** Shopify's list of levels changed since, one location after the other. */
  | {
      readonly phase: "changed";
      readonly location: ShopLocationId | null;
      readonly after: string | null;
      readonly sinceMs: number;
    }
  /** A bulk query over the whole shop; `offset` bytes of its result are done with. */
  | { readonly phase: "bulk"; readonly operation: string | null; readonly offset: number; readonly tries: number }
  /** Our own listings, read a page at a time: a scope of SKUs, or all where Shopify refuses the bulk query. */
  | { readonly phase: "listings"; readonly after: string | null }
  /** What differed is looked at again, properly. */
  | { readonly phase: "looks" }
  /** Reads that were asked for are waited for, until then. */
  | { readonly phase: "settling"; readonly untilMs: number };

export type RunCounts = {
  readonly listings: number;
  /** Levels compared. */
  readonly levels: number;
  /** Levels that differed at first sight. */
  readonly suspects: number;
  /** Levels that really differ. */
  readonly mismatches: number;
  readonly healed: number;
  /** Listings that a read was asked for, or in a dry run would have been. */
  readonly reads: number;
  /** Items at Shopify without a counter: the import reports them. */
  readonly unmapped: number;
  readonly ordersRead: number;
  /** Orders sent to the event queue; those that had come before change nothing. */
  readonly ordersSent: number;
  readonly subscriptions: number;
  readonly subscriptionsMended: number;
};

export const NO_COUNTS: RunCounts = {
  listings: 0,
  levels: 0,
  suspects: 0,
  mismatches: 0,
  healed: 0,
  reads: 0,
  unmapped: 0,
  ordersRead: 0,
  ordersSent: 0,
  subscriptions: 0,
  subscriptionsMended: 0,
};

export type Run = {
  readonly id: ReconciliationId;
  readonly shop: ShopDomain;
  readonly scope: RunScope;
  readonly isDry: boolean;
  readonly trigger: RunTrigger;
  readonly actor: string;
  readonly correlationId: CorrelationId;
  readonly status: RunStatus;
  readonly cursor: RunCursor;
  readonly counts: RunCounts;
  /** What went otherwise than meant, and did not stop it: "bulk query refused: …". */
  readonly notes: readonly string[];
  readonly createdAtMs: number;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  /** Nothing is to be done before; 0: at once. */
  readonly wakeAtMs: number;
};

export function addCounts(counts: RunCounts, more: Partial<RunCounts>): RunCounts {
  const sum = { ...counts };
  for (const [name, by] of Object.entries(more) as [keyof RunCounts, number][]) sum[name] += by;
  return sum;
}

/** Null before anything was compared. */
export const mismatchRate = ({ mismatches, levels }: RunCounts): number | null =>
  levels === 0 ? null : mismatches / levels;

/** A run of named SKUs is about these alone: no orders, no subscriptions. */
export const firstCursor = (scope: RunScope): RunCursor =>
  scope.kind === "skus" ? { phase: "listings", after: null } : { phase: "subscriptions" };
