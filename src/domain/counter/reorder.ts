/**
 * When a SKU is ordered anew, and how much. One request is open at a time: it stays so until it is received or cancelled,
 * and nothing is asked for meanwhile. Pure; sales are measured by the counter's object, about once an hour.
 */
import type { LocationId, SkuId } from "../ids.ts";
import type { ReorderNews } from "./counter-news.ts";
import type { Movement } from "./movement.ts";

const DAY_MS = 86_400_000;

export type ReorderRule = {
  readonly when:
    | { readonly kind: "point"; readonly point: number; readonly quantity: number }
    /** Days that an order shall last, days of which sales are looked at, days kept in hand. */
    | { readonly kind: "cover"; readonly coverDays: number; readonly windowDays: number; readonly safetyDays: number };
  /** From request to receipt. */
  readonly leadDays: number;
  /** Quantities are rounded up to whole packs. */
  readonly packSize: number;
  readonly quantityMax: number | null;
  /** Where it is wanted; null: wherever it comes in. */
  readonly locationId: LocationId | null;
};

/** Units sold in so many days, less what was cancelled or came back. */
export type SalesRate = { readonly units: number; readonly days: number; readonly atMs: number };

export type Reorder = {
  /** Made of the counter and the request's number: receipts name it. */
  readonly id: string;
  readonly state: "open" | "received" | "cancelled";
  /** Rises with each change of it. */
  readonly version: number;
  readonly quantity: number;
  readonly received: number;
  readonly trigger: "rule" | "hand";
  /** Of whoever asked by hand; null: the rule did. */
  readonly key: string | null;
  readonly reason: string;
  /** In all, when it was asked for. */
  readonly available: number;
  readonly locationId: LocationId | null;
  readonly requestedAtMs: number;
  readonly neededByMs: number | null;
  readonly closedAtMs: number | null;
  readonly closedReason: string | null;
};

export type ReorderState = {
  /** What was said of the SKU itself (`rule` null: it is never ordered); null: what holds for all. */
  readonly own: { readonly rule: ReorderRule | null } | null;
  readonly ofDefaults: ReorderRule | null;
  readonly revision: number;
  readonly sales: SalesRate | null;
  readonly open: Reorder | null;
  /** The newest that is closed. */
  readonly last: Reorder | null;
  /** Of the newest request. */
  readonly number: number;
  /** After a cancellation the rule waits until stock was above its point, or another rule is set. */
  readonly isArmed: boolean;
  /** Since when stock is at the point or below, while that is not certain (epoch ms). */
  readonly lowSinceMs: number | null;
};

export const NO_REORDERS: ReorderState = {
  ...{ own: null, ofDefaults: null, revision: 0, sales: null, open: null, last: null, number: 0 },
  ...{ isArmed: true, lowSinceMs: null },
};

export type ReorderLook = {
  readonly skuId: SkuId;
  /** In all, and whether nothing of it is in doubt or only announced. */
  readonly available: number;
  readonly isCertain: boolean;
  readonly booked: readonly Movement[];
  /** How long what is not certain must hold. */
  readonly crossingMs: number;
  readonly nowMs: number;
};

export const ruleOf = ({ own, ofDefaults }: ReorderState): ReorderRule | null => (own === null ? ofDefaults : own.rule);

export const onOrder = (open: Reorder | null): number =>
  open === null ? 0 : Math.max(0, open.quantity - open.received);

/** After each batch. The same state when nothing changes. */
export function lookAtReorders(
  before: ReorderState,
  look: ReorderLook,
): { readonly reorder: ReorderState; readonly news: readonly ReorderNews[] } {
  const received = receiptsOf(before, look);
  const asked = askByRule(received.reorder, look);
  return { reorder: asked.reorder, news: [...received.news, ...asked.news] };
}

type Change = { readonly reorder: ReorderState; readonly news: readonly ReorderNews[] };

/** A receipt that names the request, or comes in where it is wanted and names no other. */
function receiptsOf(before: ReorderState, { booked, nowMs }: ReorderLook): Change {
  const { open } = before;
  if (open === null) return { reorder: before, news: [] };
  const units = booked
    .filter((movement) => movement.kind === "receipt" && movement.delta > 0 && answers(movement, open))
    .reduce((sum, { delta }) => sum + delta, 0);
  if (units === 0) return { reorder: before, news: [] };
  const received = open.received + units;
  const now = { ...open, received, version: open.version + 1 };
  if (received < open.quantity) return { reorder: { ...before, open: now }, news: [newsOf(now, nowMs)] };
  return close(before, { ...now, state: "received", closedAtMs: nowMs }, true, nowMs);
}

function answers({ cause, locationId }: Movement, open: Reorder): boolean {
  if (cause.reference === open.id) return true;
  const namesAnother = cause.reference !== null && REORDER_ID.test(cause.reference);
  return !namesAnother && (open.locationId === null || open.locationId === locationId);
}

const REORDER_ID = /^ro_.+_\d+$/;

function askByRule(before: ReorderState, look: ReorderLook): Change {
  const { available, isCertain, nowMs, crossingMs } = look;
  const rule = ruleOf(before);
  const wanted = rule === null ? null : wantedBy(rule, before);
  if (rule === null || wanted === null || before.open !== null) return { reorder: quiet(before), news: [] };
  if (available > wanted.point) {
    return { reorder: before.isArmed ? quiet(before) : { ...before, isArmed: true, lowSinceMs: null }, news: [] };
  }
  if (!before.isArmed || wanted.quantity === 0) return { reorder: quiet(before), news: [] };
  const lowSinceMs = before.lowSinceMs ?? nowMs;
  if (!isCertain && nowMs - lowSinceMs < crossingMs)
    return { reorder: lowSinceMs === before.lowSinceMs ? before : { ...before, lowSinceMs }, news: [] };
  const reason = `${available} available, at ${wanted.point} or fewer it is ordered`;
  const given = { trigger: "rule", key: null, quantity: wanted.quantity, locationId: rule.locationId, reason } as const;
  return open(before, { ...given, leadDays: rule.leadDays }, look);
}

const quiet = (before: ReorderState): ReorderState =>
  before.lowSinceMs === null ? before : { ...before, lowSinceMs: null };

/** @returns null: nothing is known of its sales yet */
export function wantedBy(
  rule: ReorderRule,
  { sales, open: underWay }: Pick<ReorderState, "sales" | "open">,
): { readonly point: number; readonly quantity: number } | null {
  const { when, leadDays } = rule;
  if (when.kind === "point") return { point: when.point, quantity: inPacks(when.quantity, rule) };
  if (sales === null || sales.days <= 0 || sales.units <= 0) return null;
  const perDay = sales.units / sales.days;
  const point = Math.ceil(perDay * (leadDays + when.safetyDays));
  return { point, quantity: inPacks(Math.ceil(perDay * when.coverDays) - onOrder(underWay), rule) };
}

function inPacks(quantity: number, { packSize, quantityMax }: ReorderRule): number {
  const packs = Math.ceil(Math.max(0, quantity) / packSize);
  const packsMax = quantityMax === null ? Number.POSITIVE_INFINITY : Math.floor(quantityMax / packSize);
  return Math.min(packs, packsMax) * packSize;
}

type Given = Pick<Reorder, "trigger" | "key" | "quantity" | "locationId" | "reason"> & {
  readonly leadDays: number | null;
};

/** @param given  units to order, of whoever asks; only while none is open */
export function open(
  before: ReorderState,
  { leadDays, ...given }: Given,
  { skuId, available, nowMs }: Pick<ReorderLook, "skuId" | "available" | "nowMs">,
): Change & { readonly opened: Reorder } {
  const number = before.number + 1;
  const opened: Reorder = {
    ...{ id: `ro_${skuId}_${number}`, state: "open", version: 1, received: 0, available, ...given },
    ...{ requestedAtMs: nowMs, neededByMs: leadDays === null ? null : nowMs + leadDays * DAY_MS },
    ...{ closedAtMs: null, closedReason: null },
  };
  const reorder = { ...before, open: opened, number, lowSinceMs: null };
  return { reorder, news: [newsOf(opened, nowMs)], opened };
}

/** By a person. The rule asks again when stock was above its point meanwhile. */
export const cancel = (before: ReorderState, underWay: Reorder, reason: string, nowMs: number): Change =>
  close(
    before,
    { ...underWay, state: "cancelled", version: underWay.version + 1, closedAtMs: nowMs, closedReason: reason },
    false,
    nowMs,
  );

function close(before: ReorderState, closed: Reorder, isArmed: boolean, nowMs: number): Change {
  return { reorder: { ...before, open: null, last: closed, isArmed, lowSinceMs: null }, news: [newsOf(closed, nowMs)] };
}

const newsOf = (reorder: Reorder, atMs: number): ReorderNews => ({ kind: "reorder", reorder, atMs });

/** Another rule is looked at afresh, and sales over its window. */
export const withRule = (before: ReorderState, own: ReorderState["own"]): ReorderState => ({
  ...before,
  ...{ own, isArmed: true, sales: null, lowSinceMs: null },
});

/** What holds for all SKUs. An older word than the known one changes nothing. */
export function withDefaultRule(before: ReorderState, ofDefaults: ReorderRule | null, revision: number): ReorderState {
  if (revision <= before.revision) return before;
  const isSame = JSON.stringify(before.ofDefaults) === JSON.stringify(ofDefaults);
  if (isSame) return { ...before, revision };
  const anew = before.own === null ? { isArmed: true, sales: null, lowSinceMs: null } : {};
  return { ...before, ofDefaults, revision, ...anew };
}

/** When sales are measured next; Infinity: no rule asks for them. */
export function nextMeasureMs(state: ReorderState, everyMs: number): number {
  if (ruleOf(state)?.when.kind !== "cover") return Number.POSITIVE_INFINITY;
  return state.sales === null ? 0 : state.sales.atMs + everyMs;
}

/** When what is not certain has held long enough; Infinity: nothing waits. */
export const nextAskMs = ({ lowSinceMs, open: underWay }: ReorderState, crossingMs: number): number =>
  lowSinceMs === null || underWay !== null ? Number.POSITIVE_INFINITY : lowSinceMs + crossingMs;
