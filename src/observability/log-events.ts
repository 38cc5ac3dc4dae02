/**
 * Every event that is logged, once: how grave it is, and what it means. `thing.happened`, as in the metrics: what is logged
 * as "webhook.accepted" is counted by `onhand_webhook_accepted_total`. docs/observability/logs.md shows this table.
 */
export type LogLevel = "info" | "warn" | "error";

type EventSpec = {
  /** As it is mostly logged. An end may be milder than its beginning. */
  readonly level: LogLevel;
  readonly meaning: string;
};

export const LOG_EVENTS = {
  "webhook.accepted": {
    level: "info",
    meaning: "A webhook, or a channel's events of one type, was answered 2xx: the queue has it.",
  },
  "webhook.dropped": {
    level: "info",
    meaning: "A webhook was answered 2xx and says nothing new to us; `reason` says why.",
  },
  "webhook.refused": {
    level: "warn",
    meaning: "A webhook was refused: its signature, its sender, its size, its shape or its method.",
  },
  "webhook.not_queued": {
    level: "error",
    meaning: "The queue refused; the webhook was answered 503, and its sender sends it again.",
  },
  "webhook.not_verified": {
    level: "error",
    meaning: "Who the sender is could not be looked up: answered 503, and sent again.",
  },
  "webhook.not_noted": {
    level: "warn",
    meaning: "That a delivery was taken could not be noted, or not looked up: its repeat is queued, and counts once.",
  },
  "webhook.not_kept": {
    level: "error",
    meaning: "A body of no known shape could not be stored as a dead letter either: answered 503.",
  },
  "channel.conflict": {
    level: "warn",
    meaning: "What a channel says to be so was refused; people are told of it.",
  },
  "events.consumed": {
    level: "info",
    meaning: "One batch of events: how many, what became of them, how long it took.",
  },
  "sync.consumed": {
    level: "info",
    meaning: "Signals of one shop were answered: pushes and reads handed to its gate.",
  },
  "message.retried": { level: "warn", meaning: "A message will come again after `delaySeconds`." },
  "message.postponed": { level: "info", meaning: "A message waits for a circuit breaker, and spends no try." },
  "batch.failed": {
    level: "error",
    meaning: "A whole batch failed in a way that nobody foresaw; each message is tried again.",
  },
  "last_reason.not_noted": {
    level: "warn",
    meaning: "Why a message failed could not be written down before its last try.",
  },
  "dead_letter.stored": {
    level: "warn",
    meaning: "A message died and waits for a person, or for the end of an outage.",
  },
  "dead_letter.not_stored": {
    level: "error",
    meaning: "D1 could not take a dead letter; it goes to the dead-letter queue, or comes again.",
  },
  "dead_letter.not_queued": {
    level: "error",
    meaning: "Neither D1 nor the dead-letter queue took it: the message comes again.",
  },
  "dead_letter.replayed": {
    level: "info",
    meaning: "Dead letters were sent again; `outcome` says how that was asked for.",
  },
  "dead_letter.discarded": { level: "info", meaning: "An operator discarded a dead letter." },
  "dead_letter_job.started": { level: "info", meaning: "A replay of many dead letters began." },
  "dead_letter_job.not_driven": { level: "warn", meaning: "A step of it failed; the next minute goes on." },
  "dead_letter_job.not_noted": { level: "warn", meaning: "What a step of it did could not be written down." },
  "dead_letters.not_tended": {
    level: "warn",
    meaning: "Automatic replays and retention of dead letters failed this minute.",
  },
  "level.parked": {
    level: "warn",
    meaning: "Shopify refused a push for a level, or stocks it no more: pushes to it wait.",
  },
  "signal.not_sent": {
    level: "warn",
    meaning: "A counter could not signal that it has something; its alarm signals again.",
  },
  "oversell.not_told": { level: "warn", meaning: "A report of an oversell could not be queued; it is sent again." },
  "notice.not_told": { level: "warn", meaning: "A counter's news could not be queued; it is sent again." },
  "sku.oversold": { level: "warn", meaning: "More is sold of a SKU than there is." },
  "sku.oversell_resolved": { level: "info", meaning: "An oversell is over." },
  "counter.alarm_failed": { level: "error", meaning: "A counter's alarm failed; it rings again." },
  "counter.prune_failed": { level: "error", meaning: "Old movements could not be folded into balances; tried again." },
  "levels.not_read": { level: "warn", meaning: "A SKU's levels could not be read for a caller." },
  "mirror.fault": { level: "warn", meaning: "A call to Redis failed; `outcome` says which." },
  "mirror.not_invalidated": {
    level: "warn",
    meaning: "Mirrored levels could not be forgotten in time; they expire by themselves.",
  },
  "catalogue.refreshed": { level: "info", meaning: "Items that a shop's news named were asked for, and placed." },
  "listing.retired": {
    level: "info",
    meaning: "An item was deleted at Shopify; its units stay in the count, as ours.",
  },
  "shop.uninstalled": { level: "error", meaning: "A shop has removed the app: its gate pauses." },
  "rules.not_spread": { level: "warn", meaning: "Counters could not be told a word at once; the next minute does." },
  "rules.spread": {
    level: "info",
    meaning: "Counters learnt words: default rules of channels, what channels are told of, and the like.",
  },
  "gate.call_applied": { level: "info", meaning: "Shopify applied a call." },
  "gate.call_rows_refused": { level: "warn", meaning: "Shopify refused rows of a call." },
  "gate.call_call_refused": { level: "warn", meaning: "Shopify refused a whole call; its pushes are queued again." },
  "gate.call_previous_failed": {
    level: "warn",
    meaning: "Shopify says that the earlier attempt of a call in doubt failed.",
  },
  "gate.call_mismatch": {
    level: "error",
    meaning: "Shopify knows a call's key with other variables: a bug, and frozen.",
  },
  "gate.call_unclear": {
    level: "warn",
    meaning: "The outcome of a call is unknown: it is frozen, and sent again as it was.",
  },
  "gate.call_throttled": { level: "warn", meaning: "Shopify refused a call for its cost." },
  "gate.call_rate_limited": { level: "warn", meaning: "Shopify refused a call for its rate." },
  "gate.call_unauthorized": { level: "warn", meaning: "Shopify did not take the token: another one is fetched." },
  "gate.call_shut": { level: "warn", meaning: "The shop takes no calls: frozen, locked, closed, or moved." },
  "gate.call_denied": { level: "warn", meaning: "The app lacks a scope for the call." },
  "gate.call_refused": { level: "error", meaning: "Shopify refused the call's document or variables: a bug." },
  "gate.call_too_large": {
    level: "warn",
    meaning: "A call asks for more points than the bucket holds; it gets fewer rows.",
  },
  "gate.call_expired": {
    level: "error",
    meaning: "A call is in doubt for 23 hours: an operator must say whether it was applied.",
  },
  "gate.calls_tainted": {
    level: "warn",
    meaning: "Calls were cut off by the object's end, and are sent again as they were.",
  },
  "gate.read_failed": { level: "warn", meaning: "Levels could not be read at Shopify." },
  "gate.report_failed": {
    level: "warn",
    meaning: "A counter did not hear what became of its pushes; it is told again.",
  },
  "gate.push_conflict": { level: "error", meaning: "A push came again with other rows: a bug." },
  "gate.push_returned": { level: "info", meaning: "A push that a catch held was given back to its counter." },
  "gate.push_settled_by_operator": { level: "warn", meaning: "An operator said what became of a push in doubt." },
  "gate.token_granted": { level: "info", meaning: "Shopify gave a token." },
  "gate.token_refused": { level: "warn", meaning: "Shopify gave no token." },
  "gate.suspended": { level: "warn", meaning: "A shop takes part no more." },
  "gate.bug": {
    level: "error",
    meaning: "Something failed in the gate that nobody foresaw; what is in doubt stays so.",
  },
  "gate.alarm_failed": { level: "error", meaning: "A gate's alarm failed; it rings again." },
  "shopify.deprecated": { level: "warn", meaning: "Shopify says that something we use will go." },
  "shopify.version_unsupported": {
    level: "error",
    meaning: "Shopify answers in another API version than was asked for.",
  },
  "breaker.changed": {
    level: "warn",
    meaning: "A circuit breaker came to another state; `code` names its destination.",
  },
  "channels.not_listed": {
    level: "warn",
    meaning: "Which shops there are besides those of the environment could not be asked; they are left out this time.",
  },
  "webhook.shop_unsure": {
    level: "error",
    meaning:
      "A webhook of a shop of which nobody can say just now whether it is ours: answered 503, Shopify sends it again.",
  },
  "gate.not_resumed": {
    level: "warn",
    meaning: "New credentials of a shop are stored; its gate did not answer, and uses them after its pause.",
  },
  "channel.paused": { level: "warn", meaning: "A part of ours paused a channel, and why; an operator resumes it." },
  "audit.not_written": { level: "error", meaning: "What an operator did to a breaker is in this log alone." },
  "breaker.isolated": { level: "warn", meaning: "An operator isolated a destination." },
  "breaker.released": { level: "info", meaning: "An operator let it go again." },
  "breaker.not_announced": { level: "warn", meaning: "A change of a breaker could not be queued; it is sent again." },
  "breaker.not_asked": {
    level: "warn",
    meaning: "A breaker could not be asked; nothing is sent for some seconds.",
  },
  "breaker.not_told": { level: "warn", meaning: "A breaker could not be told how a call ended." },
  "destination.not_noted": { level: "warn", meaning: "A destination's state could not be noted for the overview." },
  "channel_sync.consumed": {
    level: "info",
    meaning: "Signals of one channel were answered: it was told levels, or had them already.",
  },
  "channel.called": {
    level: "info",
    meaning: "A channel was told levels or a document; `outcome` says how it answered.",
  },
  "channel.not_paused": {
    level: "warn",
    meaning: "A channel that wants no more could not be paused; its next answer tries again.",
  },
  "levels.not_acknowledged": {
    level: "warn",
    meaning: "A counter could not be told what became of levels for a channel; it signals once more.",
  },
  "document.not_noted": {
    level: "warn",
    meaning: "That a document became a dead letter could not be written down: it is sent again by itself.",
  },
  "orders.unaddressed": {
    level: "warn",
    meaning:
      "Nobody could say who sends out what was ordered: the news waits without a name until the database answers.",
  },
  "documents.resent": { level: "info", meaning: "Documents that waited for a channel were signalled again." },
  "reservation.settled": { level: "info", meaning: "A reservation was asked for, or ended; `outcome` says how." },
  "reservation.unanswered": {
    level: "warn",
    meaning: "A counter did not answer a reservation in time: it was refused.",
  },
  "reservation.alarm_failed": { level: "error", meaning: "A reservation's alarm failed; it rings again." },
  "reconciliation.ended": { level: "info", meaning: "A run came to its end." },
  "reconciliation.mismatches": { level: "warn", meaning: "A run found levels that differ from Shopify's." },
  "reconciliation.failed": { level: "error", meaning: "A run failed for good." },
  "reconciliation.step_failed": { level: "warn", meaning: "A step of a run failed; it is tried again." },
  "reconciliation.not_driven": { level: "warn", meaning: "Nobody could go on with a run this minute." },
  "finding.not_noted": { level: "warn", meaning: "A finding of a shop's news could not be written down." },
  "alert.changed": { level: "warn", meaning: "An alert fired, escalated or recovered." },
  "alerts.not_evaluated": { level: "error", meaning: "Alerts could not be evaluated this minute." },
  "alerts.not_told": { level: "error", meaning: "A changed alert could not be queued; it is told next minute." },
  "alerts.source_failed": { level: "warn", meaning: "A part that alerts ask did not answer; they go on without it." },
  "notification.published": {
    level: "info",
    meaning: "News was stored for whoever wants to hear of it; `topic` says of what kind.",
  },
  "notification.not_queued": {
    level: "warn",
    meaning: "The queue refused a delivery: the minute finds its row, and queues it again.",
  },
  "notification.not_tried": {
    level: "warn",
    meaning: "A delivery could not be read or noted because the database was away: the minute brings it again.",
  },
  "notifications.not_tended": {
    level: "warn",
    meaning: "Digests and late deliveries could not be looked for: the next minute does.",
  },
  "notification.sent": { level: "info", meaning: "A notification went out, or could not; `outcome` says which." },
  "notification.not_known": { level: "warn", meaning: "What was sent out before could not be looked up." },
  "notification.not_noted": {
    level: "warn",
    meaning: "That a notification went out could not be written down: it may go out twice.",
  },
  "journal.dropped": {
    level: "warn",
    meaning: "Entries of the event journal made room for newer ones while D1 was away.",
  },
  "journal.fault": {
    level: "warn",
    meaning: "D1 did not take entries of the event journal; they wait in the isolate.",
  },
  "metrics.source_failed": { level: "warn", meaning: "A part that metrics ask did not answer; they lack its numbers." },
  "metrics.not_told": { level: "warn", meaning: "Numbers could not be told to Telemetry; they are gathered again." },
  "metrics.not_written": { level: "warn", meaning: "Numbers could not be written to Analytics Engine." },
  "readiness.failed": { level: "error", meaning: "A part did not answer `/readyz` in time." },
  "request.unavailable": { level: "warn", meaning: "A request was answered 503: a part that it needs is away." },
  "request.failed": { level: "error", meaning: "A request was answered 500: a bug of ours." },
  "minute.failed": {
    level: "error",
    meaning: "A part of the minute's work failed; the others went on, and the next minute tries again.",
  },
  "config.invalid": { level: "error", meaning: "The environment lacks something, or has it wrong: nothing can run." },
  "report.failed": { level: "error", meaning: "An error could not be reported: the environment cannot be read." },
} as const satisfies Record<string, EventSpec>;

export type LogEvent = keyof typeof LOG_EVENTS;

/** Counters that have no line of their own, and where what they count can be read. */
export const METRICS_WITHOUT_EVENT: Readonly<Record<string, string>> = {
  onhand_events_duplicate_total: "counts within `events.consumed`: one line per batch, never one per event",
  onhand_mirror_read_total: "a read that was served is no decision, and comes a thousand times a second",
  onhand_gate_call_total: "one event per outcome: `gate.call_applied`, `gate.call_throttled` …",
  onhand_gate_rate_limited_total: "`gate.call_throttled` and `gate.call_rate_limited`",
};
