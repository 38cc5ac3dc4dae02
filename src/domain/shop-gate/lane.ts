/**
 * Which waiting pushes lead the next call. `urgent`: the shop shows more than there is until it has arrived. `hot`: its
 * listing was pushed a moment ago, so it sells now; it must not wait behind a stocktake of thousands. `rest`: the others,
 * the longest waiting first. No lane starves: whoever leads gives way after some calls, and a call's free rows go to the others.
 */
import { CALL_ROWS_MAX, HOT_CALL_ROWS_MAX, HOT_LEADS_IN_ROW_MAX, URGENT_LEADS_IN_ROW_MAX } from "./limits.ts";

export const LANES = ["urgent", "hot", "rest"] as const;
export type Lane = (typeof LANES)[number];
export type LanesDue = Readonly<Record<Lane, boolean>>;

/** Calls in a row that each lane has led since the rest did: plain counts of this life. */
export type Leads = { readonly urgent: number; readonly hot: number };
export const noLeads: Leads = { urgent: 0, hot: 0 };

/** @returns null where nothing waits */
export function nextLane(due: LanesDue, leads: Leads): Lane | null {
  const mayUrgent = due.urgent && (leads.urgent < URGENT_LEADS_IN_ROW_MAX || !(due.hot || due.rest));
  if (mayUrgent) return "urgent";
  const mayHot = due.hot && (leads.hot < HOT_LEADS_IN_ROW_MAX || !due.rest);
  if (mayHot) return "hot";
  return due.rest ? "rest" : due.urgent ? "urgent" : null;
}

export const leadsAfter = (leads: Leads, lane: Lane): Leads => {
  if (lane === "rest") return noLeads;
  return lane === "urgent" ? { ...leads, urgent: leads.urgent + 1 } : { urgent: 0, hot: leads.hot + 1 };
};

/** The lane that leads, then the others in their order: what a call still has room for. */
export const orderOf = (lane: Lane): readonly Lane[] => [lane, ...LANES.filter((each) => each !== lane)];

/**
 * Rows of a call. One bad row sends a whole call back, and a slow call holds each of its SKUs: what sells now shares its
 * call with few.
 * @param rowsMax  what Shopify was found to take at once
 */
export const rowsOfCall = (lane: Lane, rowsMax: number): number =>
  Math.min(rowsMax, lane === "hot" ? HOT_CALL_ROWS_MAX : CALL_ROWS_MAX);
