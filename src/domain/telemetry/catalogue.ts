/**
 * Every metric that Onhand tells, once: its kind, its labels and what it means. A counter that counts a decision has the
 * name of that decision's log event: "webhook.accepted" is logged, `onhand_webhook_accepted_total` counts it. Times are
 * seconds. Labels have few values each: never a SKU, an order or an id of anything.
 * @see https://prometheus.io/docs/practices/naming/
 */

export type CounterSpec = { readonly help: string; readonly labels: readonly string[] };
export type HistogramSpec = CounterSpec & { readonly buckets: readonly number[] };
export type GaugeSpec = CounterSpec;

/** 5 ms to 5 min: from a quiet queue's few milliseconds to an outage. Steps of about 2 to 2.5. */
const LATENCY_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300] as const;
/** Rows or items of one call: 250 is Shopify's most. */
const ROWS = [1, 2, 5, 10, 25, 50, 100, 250] as const;

export const COUNTERS = {
  onhand_webhook_accepted_total: { help: "Webhooks answered 200 and queued.", labels: ["topic"] },
  onhand_webhook_dropped_total: {
    help: "Webhooks answered 200 that say nothing new to us.",
    labels: ["topic", "reason"],
  },
  onhand_webhook_refused_total: { help: "Webhooks refused: signature, shop, size, method.", labels: ["reason"] },
  onhand_webhook_not_queued_total: { help: "Webhooks answered 503 because the queue refused.", labels: ["topic"] },
  onhand_webhook_not_kept_total: {
    help: "Webhooks of no shape we know, answered 503 because their dead letter could not be stored.",
    labels: ["topic"],
  },
  onhand_events_consumed_total: { help: "Events taken from the queue, by outcome.", labels: ["topic", "outcome"] },
  onhand_events_duplicate_total: {
    help: "Consumed events of which all had counted before.",
    labels: ["topic"],
  },
  onhand_message_retried_total: { help: "Messages that will be tried again.", labels: ["queue", "code"] },
  onhand_dead_letter_stored_total: { help: "Deaths of messages, by queue and error class.", labels: ["queue", "code"] },
  onhand_dead_letter_replayed_total: {
    help: "Replays of dead letters, by how they were asked for.",
    labels: ["queue", "by"],
  },
  onhand_dead_letter_discarded_total: { help: "Dead letters that an operator discarded.", labels: ["queue"] },
  onhand_gate_call_total: { help: "Calls to Shopify, by kind and outcome.", labels: ["shop", "kind", "outcome"] },
  onhand_channel_called_total: {
    help: "Calls to channels that are told levels or documents, by type and outcome.",
    labels: ["channel", "type", "outcome"],
  },
  onhand_gate_rate_limited_total: {
    help: "Calls that Shopify refused for their rate (THROTTLED, 429).",
    labels: ["shop", "code"],
  },
  onhand_breaker_changed_total: {
    help: "Changes of a circuit breaker, by the state it came to.",
    labels: ["destination", "state"],
  },
  onhand_mirror_read_total: { help: "SKUs looked up in Redis, by outcome.", labels: ["outcome"] },
  onhand_mirror_fault_total: { help: "Calls to Redis that failed.", labels: ["operation", "reason"] },
  onhand_sku_oversold_total: { help: "Notices that a SKU is oversold.", labels: [] },
  onhand_reservation_settled_total: { help: "Reservations asked for or ended, by outcome.", labels: ["outcome"] },
  onhand_alert_changed_total: { help: "Alerts that fired, escalated or recovered.", labels: ["alert", "state"] },
  onhand_notification_published_total: { help: "News handed in to be told, once each.", labels: ["kind", "severity"] },
  onhand_notification_sent_total: {
    help: "Notifications sent out, by destination and outcome.",
    labels: ["destination", "outcome"],
  },
  onhand_journal_dropped_total: {
    help: "Entries of the event journal that D1 could not take in time.",
    labels: [],
  },
} as const satisfies Record<string, CounterSpec>;

/** Counters that a table keeps: its rows are the truth, and no meter counts beside them. */
export const TABLE_COUNTERS = {
  onhand_oversold_units_total: {
    help: "The most units that each oversell was missing, summed over all oversells.",
    labels: [],
  },
} as const satisfies Record<string, CounterSpec>;

export const HISTOGRAMS = {
  onhand_queue_wait_seconds: {
    help: "Age of a batch's oldest message when its handler began, earlier tries included.",
    labels: ["queue"],
    buckets: LATENCY_SECONDS,
  },
  onhand_event_to_counted_seconds: {
    help: "From the receipt of an event to its units being counted.",
    labels: ["topic"],
    buckets: LATENCY_SECONDS,
  },
  onhand_event_to_shopify_seconds: {
    help: "From the receipt of what caused a push to Shopify's confirmation of it.",
    labels: ["shop"],
    buckets: LATENCY_SECONDS,
  },
  onhand_event_to_channel_seconds: {
    help: "From the receipt of what changed a level to its channel's taking it.",
    labels: ["channel"],
    buckets: LATENCY_SECONDS,
  },
  onhand_gate_call_rows: { help: "Rows that one mutation carried.", labels: ["shop"], buckets: ROWS },
  onhand_gate_read_items: { help: "Items that one read asked for.", labels: ["shop"], buckets: ROWS },
} as const satisfies Record<string, HistogramSpec>;

/** Read when somebody asks, from whoever knows. */
export const GAUGES = {
  onhand_queue_backlog_messages: { help: "Messages that wait in a queue.", labels: ["queue"] },
  onhand_queue_backlog_bytes: { help: "Bytes that wait in a queue.", labels: ["queue"] },
  onhand_queue_lag_seconds: {
    help: "Age of the oldest message that waits in a queue; 0 when none does.",
    labels: ["queue"],
  },
  onhand_dead_letters_waiting: {
    help: "Dead letters that wait for a replay, by queue and error class.",
    labels: ["queue", "code"],
  },
  onhand_breaker_state: {
    help: "State of a circuit breaker: 0 closed, 1 half-open, 2 open, 3 isolated by an operator.",
    labels: ["destination"],
  },
  onhand_gate_pushes_waiting: { help: "Pushes that wait in a shop's gate.", labels: ["shop"] },
  onhand_oversells_open: { help: "SKUs oversold now.", labels: [] },
  onhand_oversold_units: { help: "Units sold and missing now.", labels: [] },
  onhand_reconciliation_mismatch_rate: {
    help: "Share of the compared levels that differed from Shopify in the newest run that came to its end.",
    labels: ["shop"],
  },
  onhand_webhook_last_accepted_timestamp_seconds: {
    help: "When a topic's newest webhook was accepted.",
    labels: ["topic"],
  },
  onhand_metrics_source_up: {
    help: "Whether who knows of these metrics answered this time: 1, else 0, and what it knows is left out.",
    labels: ["source"],
  },
  onhand_alerts_firing: { help: "Alerts that fire now: 1, else 0.", labels: ["alert", "severity"] },
} as const satisfies Record<string, GaugeSpec>;

export type CounterName = keyof typeof COUNTERS;
export type HistogramName = keyof typeof HISTOGRAMS;
export type GaugeName = keyof typeof GAUGES;
export type LabelsOf<Spec extends CounterSpec> = Readonly<Record<Spec["labels"][number], string>>;
