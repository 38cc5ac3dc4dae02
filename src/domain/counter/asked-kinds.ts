/** Which events somebody asks for; all others are told. */
import type { AskedEvent, CounterEvent } from "./counter-event.ts";

const ASKED: Readonly<Record<AskedEvent["kind"], true>> = {
  movement: true,
  count: true,
  hold: true,
  end_hold: true,
  extend_hold: true,
  lock: true,
  extend_lock: true,
  unlock: true,
  policy: true,
  channel_rules: true,
  channel_stop: true,
  channel_default: true,
  channel_outbound: true,
  stock_default: true,
  thresholds: true,
  reorder_rule: true,
  reorder_ask: true,
  reorder_cancel: true,
  sales_measured: true,
  count_verdict: true,
};

export const isAsked = (event: CounterEvent): event is AskedEvent => event.kind in ASKED;
