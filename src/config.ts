/**
 * Every number that bounds something, in one place, each with its unit and its reason; and the environment, parsed once
 * per isolate and frozen. Relations between the numbers are asserted when the module loads: a change that breaks one
 * does not start.
 */

import * as z from "zod/mini";
import en from "zod/v4/locales/en.js"; // one locale is 2 kB; `z.locales` would bring all forty, 44 kB
import { parseShopDomain, type ShopDomain } from "./domain/ids.ts";
import { err, ok, type Result } from "./domain/result.ts";

/** Without a locale every message of the mini build is "Invalid input". They name types and limits, never a value. */
z.config(en());

const SECOND_MS = 1_000;
const DAY_MS = 24 * 60 * 60 * SECOND_MS;

export const LIMITS = Object.freeze({
  /** A delivery in a sender's own format: a purchase order of 500 lines is some 200 kB. */
  adapterBytesMax: 1_000_000,
  /** A range of a running total is told again for so long: senders retry for a day, and keys are kept for 30 days. */
  runningTotalToldMs: 7 * DAY_MS,
  /** A webhook body. Shopify publishes none for HTTPS; its largest orders seen are about 1 MB. Counted while streaming. */
  webhookBytesMax: 2_000_000,
  /** A body on our own API: 250 SKUs of 255 characters, escaped, and room. */
  apiBytesMax: 256_000,
  /** Events of a channel in one request: 100 of them, or one with lines by the hundred, and room. */
  channelEventsBytesMax: 256_000,
  /** Events of one request: one batch of the event queue. */
  channelEventsMax: 100,
  /** Lines of one event: each is a movement of some counter, as many as an array of Shopify's may have. */
  channelEventLinesMax: 250,
  /** A signature older or newer than this is refused: what Standard Webhooks asks for. Clocks differ by less. */
  webhookToleranceMs: 5 * 60 * SECOND_MS,
  /** A delivery's id is known again so long: senders give up on one within days. A row of some 150 B in the channel's inbox. */
  webhookIdKeptMs: 7 * DAY_MS,
  /** An object answers within milliseconds. A delivery waits for it no longer: its repeat would be queued, and count once. */
  webhookInboxMsMax: SECOND_MS,
  /** A queue message may be 128 KB (1 KB = 1000 B) with about 100 B of its own metadata: leave room for both. */
  messageBytesMax: 120_000,
  /** What is kept of a body that could not be read: enough to see what it was, small enough for a D1 row. */
  unreadableTextMax: 64_000,
  /** SKUs per read request; also Shopify's own maximum of an input array. */
  skusPerReadMax: 250,
  /** Rows of one page of a listing endpoint. */
  pageRowsMax: 200,
  /** |delta| of one movement and |level|: Shopify refuses a quantity above 1e9. */
  quantityMax: 1_000_000_000,
  /** Movements, and with them the keys that make them idempotent, are kept this long. Queues keep 14 days at most. */
  movementHorizonMs: 30 * DAY_MS,
  queueRetentionMsMax: 14 * DAY_MS,
  /** An order older than this is asserted no more, whatever tells of it: far beyond returns, and Shopify archives it. */
  orderHorizonMs: 400 * DAY_MS,
  /** Rows pruned into balances per turn: keeps one alarm under ~50 ms on a hot counter. */
  pruneRowsMax: 1_000,
  /** How often a counter looks for movements beyond the horizon. */
  pruneEveryMs: DAY_MS,
  /** Sales that a report of an oversell names, newest first: what a person can call about; 200 B each in a message. */
  shortSalesMax: 50,
  /** Newest movements that are looked through for them: some milliseconds, once per report. */
  shortSalesMovementsMax: 2_000,
  /** Movements that one call to a counter's history looks through: some 20 ms, in which nobody else is answered. */
  historyRowsMax: 20_000,
  /** How often a counter measures what it sells, for reordering: a look at up to that many movements, while nobody waits. */
  salesEveryMs: 60 * 60 * SECOND_MS,
  /** Days of sales that a rule of reordering may look back on: longer than a season says little of the next weeks. */
  salesWindowDaysMax: 365,
  /** Locations for which a SKU has thresholds of its own: a merchant's shops. */
  thresholdLocationsMax: 200,
  /** SKUs of one CSV export: a counter may be called for each, and an invocation may make 10,000 calls. */
  skusPerExportMax: 5_000,
  /** A CSV of counts: 1,000 rows of 255 characters each. Longer files are cut by the command line. */
  importBytesMax: 256_000,
  /** Its rows: a read, a write and some retries each stay far below the 10,000 calls of an invocation. */
  importRowsMax: 1_000,
  /** Counters called at once by an import. */
  importCallsMax: 20,
  /** Rows between two looks at the clock, and how long a run goes on: a caller sees progress, and no proxy gives up. */
  importSliceRows: 50,
  importMsMax: 15 * SECOND_MS,
  /** A dry run may be followed by its real run so long: counted at the time of the dry run, where a row says no other. */
  importPlanMs: DAY_MS,
  /** A dirty signal that was not answered is sent again after this, doubling … */
  signalRetryMs: 10 * SECOND_MS,
  /** … up to this: work of a paused shop waits in the gate, the signal only makes sure that it arrived there. */
  signalRetryMsMax: 300 * SECOND_MS,
  /** Mirrored levels live between these (jitter in between): long enough to spare counters, short enough to heal. */
  mirrorTtlSecondsMin: 30,
  mirrorTtlSecondsMax: 60,
  /** The version must outlive the longest retry (8 tries, at most 900 s apart), or an expired key lets an old write in. */
  mirrorVersionTtlSeconds: 86_400,
  /** Invalidation at the edge rides beside the 200 and may cost it nothing. */
  invalidateMsMax: 50,
  /** SKUs that may wait for the next invalidation of an isolate: some 100 B each. */
  invalidateSkusMax: 10_000,
  /** Longest pause between two tries of a queue message. */
  retryDelaySecondsMax: 900,
  /** A catalogue answer is believed this long within an isolate: nothing on the hot path waits for D1. */
  catalogueTtlMs: 60 * SECOND_MS,
  /** D1 answers in some 10 ms; what takes longer than this is an outage, and what the isolate last knew has to do. */
  catalogueMsMax: 2 * SECOND_MS,
  /** Listings kept in an isolate's catalogue cache: about 200 B each. */
  catalogueEntriesMax: 50_000,
  /** A document that has waited so long is signalled again: its channel was paused, or its message got lost. */
  documentResendMs: 300 * SECOND_MS,
  /** … so many a minute: one message each, and a batch takes 100. */
  documentsResentMax: 100,
  /** Documents that one answer tells, some 1 kB each; SKUs of a preview, each a call of its counter. */
  documentsPageMax: 200,
  previewPageMax: 200,
  /** Documents, and what is known of the orders behind them: returns and complaints are over by then. */
  documentRetentionMs: 90 * DAY_MS,
  /** What is known of a channel is believed this long within an isolate: a pause, or a new secret, holds everywhere after it. */
  channelTtlMs: 10 * SECOND_MS,
  /** Machines of one platform are set by the same clock; what one stamped is compared with what another read. */
  clockSkewMs: 1 * SECOND_MS,
  /** News of an order that nobody could be named for, while D1 is away, is looked at again after this. */
  unaddressedRetryMs: 15 * SECOND_MS,
  /** That there is no channel of a name; and how soon D1 is asked again after it was away. Short: a new one is used at once. */
  channelUnknownTtlMs: 3 * SECOND_MS,
  /** Channels known to an isolate, about 2 kB each; and names of which it is known that there are none. */
  channelEntriesMax: 1_000,
  /** Alerts, metrics and rounds go on with the environment's shops when nobody says within this which others there are. */
  knownShopsMsMax: 250,
  /** Names of locations that one channel has: a warehouse company's largest customers have some dozens. */
  channelLocationsMax: 250,
  /** Items of a channel in one call: a body of 256 kB, and one statement of D1. */
  channelListingsPerCallMax: 1_000,
  /** A signing secret goes on beside the new one for a day, unless asked otherwise … */
  channelSecretKeptSeconds: 86_400,
  /** … and for a month at most: a rotation that is never over is none. */
  channelSecretKeptSecondsMax: 30 * 86_400,
  /** A receiver answers within a second; this is what most senders give it. */
  channelCallMsMax: 10 * SECOND_MS,
  /** Documents that go to one channel at a time: an invocation has six connections, and levels need one, too. */
  channelDocumentsAtOnce: 4,
  /** Read of what a receiver answers: a page of an error is longer, and says nothing more. */
  replyBytesMax: 10_000,
  /** … and kept of it, with each try: enough to know it by, and some 10 kB for the twenty tries that one delivery shows. */
  replyCharsMax: 500,
  /** D1 binds at most 100 parameters per statement. */
  d1ParametersMax: 100,
  /** Counters called at once from one read request: spreads 250 misses without a burst of new objects. */
  counterCallsMax: 50,
  /** Counters called at once from one batch of events: a hundred orders of a hundred lines would else wake ten thousand. */
  counterCallsPerBatchMax: 200,
  /** Counters that learn a channel's new rules in one round, a minute: some 10 ms each, 50 at once, and 1,000 calls are allowed. */
  rulesCountersPerRound: 500,
  /** A counter answers in milliseconds. One that takes this long is stuck, and its lines come again with their message. */
  counterCallMsMax: 30 * SECOND_MS,
  /** A lease: long enough to set up a flash sale or to count a shelf, short enough that a forgotten one hurts nobody long. */
  leaseMsMax: 600 * SECOND_MS,
  /** Who is kept out by a lease waits so long for its end: below the timeout of common HTTP clients (10 s). */
  leaseWaitMsMax: 5 * SECOND_MS,
  /** A part that has not said within this that it lives does not live, for whoever decides where to send traffic. */
  readinessMsMax: 3 * SECOND_MS,
  /** Who knows a metric answers within milliseconds; a scraper gives up after ten seconds. */
  metricSourceMsMax: 2 * SECOND_MS,
  /** Objects that add metrics up: one takes some hundreds of flushes a second, an isolate makes one per batch of 100 events. */
  telemetryShards: 4,
  /** Requests of one isolate tell together, once in this time. */
  telemetryFlushEveryMs: SECOND_MS,
  /** Analytics Engine takes 250 data points of one invocation, and a series is one. */
  telemetryFlushSeriesMax: 250,
  /** Flushes that wait to be told; the tally gathers on behind them, and is bounded by its labels. */
  telemetryPendingMax: 3,
  /** An object answers within milliseconds. A queue's next batch may wait for it … */
  telemetrySendMsMax: 500,
  /** … once in this time, while it does not answer. */
  telemetryRestMs: 5 * SECOND_MS,
  /** An object stores its sums as often: a row is written, whatever came meanwhile. A life that is cut off loses as much. */
  telemetryWriteEveryMs: SECOND_MS,
  /** Flushes that an object knows again: a lost reply is followed by its repeat within seconds. */
  telemetryFlushesMax: 256,
  /** Series that an object adds up: some 400 B each, in a row of 2 MB at most. */
  telemetrySeriesMax: 2_000,
  /** A minute of the alerts' clock, in which their durations and windows are counted. The cron comes as often. */
  alertMinuteMs: 60 * SECOND_MS,
  /** What an operator may have an alert hold before it is told: beyond a day it would be no alert. */
  alertForMinutesMax: 1_440,
  /** An evaluation asks a dozen parts, each with a time of its own; it ends before the next one. */
  alertsMsMax: 30 * SECOND_MS,
  /** Receivers of webhooks answer within a second; ten are what most senders give them. */
  alertWebhookMsMax: 10 * SECOND_MS,
  /** An alert's news older than this helps nobody whom it could not reach: it stands among the changes. */
  alertAgeMsMax: DAY_MS,
  /**
   * Pauses before a notification is told again: the first ones for a receiver that restarts, the last for one that is down
   * over a night. 23 hours in all, as the example of Standard Webhooks; then it is given up, and can be resent.
   */
  notifyPausesMs: [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 21_600, 32_400].map((s) => s * SECOND_MS),
  /** Of one that waits for a breaker of which nobody knows when it lets calls pass. */
  notifyUnknownWaitMs: 300 * SECOND_MS,
  /** A message that was not heard of for so long after it was due is sent again: a queue is rarely slower. */
  notifyQueuedMs: 120 * SECOND_MS,
  /** Nothing but failures for a day, and these many: nobody is there any more. */
  notifyDisableAfterMs: DAY_MS,
  notifyDisableAfterFailures: 20,
  /** That a channel or a destination has come to a stop is news for so long, should it not have been told at once. */
  notifyStopAgeMsMax: DAY_MS,
  /** News of one digest: some 50 kB, which Slack and mail still take. */
  notifyDigestItemsMax: 100,
  /** Deliveries that a minute queues: two requests to the queue; the rest is for the next one. */
  notifyDuePerMinute: 200,
  /** Notifications, and what became of telling them, are kept for the record this long. */
  notificationRetentionMs: 90 * DAY_MS,
  /** Destinations of notifications: every piece of news makes a row for each that takes it. */
  notifyDestinationsMax: 50,
  /** What a filter names. */
  notifyFilterNamesMax: 200,
  /** Changes of alerts that one look shows: some days of an ordinary shop. */
  alertChangesShown: 100,
  /** Changes of alerts, and who was told of them, are kept for the record this long. */
  alertRetentionMs: 90 * DAY_MS,
  /** What changed at Shopify is compared this often: a missed webhook is late by as much at most. */
  reconcileChangedEveryMs: 15 * 60 * SECOND_MS,
  /** Everything is compared this often: the only cure when all news of a change was lost, and its stamp, too. */
  reconcileAllEveryMs: DAY_MS,
  /** A webhook mostly comes within a second or two. What has not come within this is missed. */
  webhookWindowMs: 60 * SECOND_MS,
  /** Looks at one level before a difference that passes by itself (a push under way) is reported all the same. */
  reconcileLooksMax: 3,
  /** Runs look this far back before the last one: searches at Shopify lag, and a page may be read as an order comes. */
  reconcileOverlapMs: 5 * 60 * SECOND_MS,
  /** Levels wait no longer for orders to be fetched: a shop on the smallest plan gives some 25 of them a second. */
  reconcileOrdersMsMax: 5 * 60 * SECOND_MS,
  /** Listings per query of levels: as an import's page. */
  reconcileListingsPerStep: 100,
  /** Rows of a bulk result per step: a thousand counters answer within seconds, some 300 kB are in memory. */
  reconcileBulkRowsPerStep: 1_000,
  /** Locations that one bulk query names; a shop with more of them is read page by page. */
  reconcileLocationsPerBulkMax: 50,
  /** Reads that a run asked for are waited for as long: a full bucket reads some 10,000 listings in it. */
  reconcileSettleMs: 10 * 60 * SECOND_MS,
  /** How often they are looked for, and a bulk query. */
  reconcilePollMs: 2 * SECOND_MS,
  /** Tries to start a bulk query while others take all places, and to fetch a part of its result; then page by page. */
  reconcileBulkTriesMax: 5,
  /** A driver of a run that has not written for so long is gone: a step takes seconds, its longest wait is for points. */
  reconcileLeaseMs: 90 * SECOND_MS,
  /** Steps that fail in a row, with pauses up to 5 min between them: about two hours. */
  reconcileFailuresMax: 30,
  /** A run that is not over by then never will be. */
  reconcileRunMsMax: 12 * 60 * 60 * SECOND_MS,
  /** Runs of one shop that wait or run. */
  reconcileOpenRunsMax: 10,
  /** A cron's turn ends before the next; a request's background work may take 30 s. */
  reconcileCronBudgetMs: 45 * SECOND_MS,
  reconcileRequestBudgetMs: 20 * SECOND_MS,
  /** SKUs of one run on demand. */
  reconcileSkusMax: 250,
  /** Runs and their findings are kept for the record this long. */
  reconciliationRetentionMs: 90 * DAY_MS,
  /** Settled dead letters (replayed, discarded) are kept for the record this long. */
  deadLetterRetentionMs: 90 * DAY_MS,
  /** The reason of a delivery before the last: its message is in the queue, then in the dead-letter queue, at most so long. */
  lastReasonRetentionMs: 2 * 14 * DAY_MS,
  /** The event journal: long enough to ask what became of last week's order, short enough to stay small. */
  journalRetentionMs: 7 * DAY_MS,
  /** Entries of single requests wait so long for each other: at a hundred webhooks a second an isolate makes four inserts. */
  journalGatherMs: 250,
  /** Entries that an isolate keeps while D1 is away: some 300 B each. */
  journalWaitingMax: 5_000,
  /** Rows of one insert: some 150 kB of JSON, of the 2 MB that a parameter of D1 may have. */
  journalRowsMax: 500,
  /** D1 answers in some 10 ms. What takes this long is left, and sent again later. */
  journalMsMax: SECOND_MS,
  /** Failed inserts in a row (one may be chance) after which D1 is left alone … */
  journalFaultsMax: 2,
  /** … for this long: its outage then costs a consumer one second in five at most. */
  journalRestMs: 5 * SECOND_MS,
  /** Entries that one page of a list looks through: some 20 ms of D1. */
  journalScanRowsMax: 20_000,
  /** A trace: entries, counters, movements of each, pushes and dead letters that it shows. An order of 100 lines fits. */
  traceEntriesMax: 500,
  traceSkusMax: 20,
  traceMovementsMax: 100,
  tracePushesMax: 100,
  traceLettersMax: 50,
  /** A person waits for it: who does not answer by then is named instead. */
  traceCallMsMax: 5 * SECOND_MS,
  /** Entries kept, however young: some 2.3 GB. The catalogue and the dead letters share the 10 GB that D1 may have. */
  journalKeptMax: 5_000_000,
  /** What is beyond is forgotten this often: looking for it reads an index over all that is kept. */
  journalPruneEveryMinutes: 10,
  /** Entries forgotten by one statement, so that nobody waits long behind it … */
  journalPruneRowsMax: 5_000,
  /** … and by one turn, of a million each. */
  journalPruneTurnsMax: 200,
  /** Errors kept per dead letter, newest first. */
  deadLetterErrorsMax: 10,
  /** Characters of an error's message: what a person reads, and no body in disguise. */
  deadLetterMessageCharsMax: 1_000,
  /** Entries of a letter's trail, newest first; deaths of one class in a row are one. */
  deadLetterTrailMax: 50,
  /** Items and SKUs by which a letter is found: an order of more lines is found by its first ones. */
  deadLetterRefsMax: 250,
  /** A payload of no known shape is kept so long, then its outline: what could be personal in it is gone by then. */
  deadLetterFreeFormMs: 7 * DAY_MS,
  /** Of them outlined per minute: each is unpacked and packed. */
  deadLetterOutlinesPerMinute: 200,
  /** An automatic replay without a death so long after it has succeeded: nine deliveries take six minutes, a slow queue more. */
  deadLetterAutoForgetMs: 2 * 60 * 60 * SECOND_MS,
  /** Text that is looked for in letters: every one of them is read for it. */
  deadLetterTextMax: 100,
  /** Letters that a dry run shows. */
  deadLetterSampleMax: 10,
  /** Replayed letters that may be under way at once, over all jobs: some 20 batches, so that live events still pass by. */
  replayInFlightMax: 2_000,
  /** Letters of one step: five requests to a queue, one write. */
  replayPageRows: 500,
  /** Of a step's payloads, gzipped: unpacked they are some 20 MB at most, of the 128 MB that an isolate has. */
  replayPageBytesMax: 2_000_000,
  /** Letters of one job: a row each, written in one statement; the rest is for another job. */
  replayJobLettersMax: 100_000,
  /** What was sent and not heard of so long is waited for no more: nine deliveries take six minutes, but one outage must not stop all. */
  replayUnheardMs: 60 * SECOND_MS,
  /** A driver of a job that has not written for so long is gone: a step takes a second. */
  replayLeaseMs: 20 * SECOND_MS,
  /** How often a driver looks whether there is room again. */
  replayPollMs: 100,
  /** How long a driver goes on beside a request, and in the turn of a notification, behind which others wait. */
  replayRequestBudgetMs: 20 * SECOND_MS,
  replayTurnBudgetMs: 5 * SECOND_MS,
  /** Jobs without a driver that a minute hands on. */
  replayJobsPerMinute: 20,
  /** Jobs are kept for the record this long after their end. */
  replayJobRetentionMs: 90 * DAY_MS,
  /** Who did what is kept longer than what it was done to. */
  auditRetentionMs: 400 * DAY_MS,
  /** Lines of one reservation: a large basket. */
  reservationLinesMax: 100,
  /** Stocked SKUs of one reservation, bundles resolved: each is a counter to ask, and to tell again what was decided. */
  reservationSkusMax: 250,
  /** A checkout takes minutes, an offer to a person days. Longer is no reservation but a sale. */
  reservationTtlMsMin: SECOND_MS,
  reservationTtlMsMax: 7 * DAY_MS,
  /** A reservation is asked for by somebody who waits: a counter that has not answered by then refuses it. */
  reservationCallMsMax: 5 * SECOND_MS,
  /** Asking every counter takes this long at most; what is undecided after it was cut off, and is undone. */
  reservationPrepareMs: 30 * SECOND_MS,
  /** A hold that was asked for, and not answered, may be on its way this long: it is released again after it. */
  reservationStragglerMs: 60 * SECOND_MS,
  /** So close to its expiry a hold is made to last longer before it is sold: the sale must be told before others may have the units. */
  reservationCommitMarginMs: 5 * SECOND_MS,
  /** What was decided and not heard is told again after this, doubling … */
  reservationRetryMs: SECOND_MS,
  /** … up to this. */
  reservationRetryMsMax: 300 * SECOND_MS,
  /** An ended reservation, and its key, is remembered as long as the keys of movements. */
  reservationKeptMs: 30 * DAY_MS,
  /** The holds of a sale that is held and sold in one call: long enough to ask every counter. */
  saleHoldMs: 60 * SECOND_MS,
  /** Bundles kept in an isolate's cache: about 2 kB each at most. */
  bundleEntriesMax: 5_000,
  /** Stocked SKUs of one bundle, nested ones resolved. */
  bundleComponentsMax: 30,
});

const assertRelation = (holds: boolean, relation: string): void => {
  if (!holds) throw new Error(`config: ${relation} does not hold`);
};
assertRelation(
  LIMITS.movementHorizonMs > 2 * LIMITS.queueRetentionMsMax,
  "movement horizon > two retentions (queue, then dead letter)",
);
assertRelation(LIMITS.orderHorizonMs > LIMITS.movementHorizonMs, "order horizon > movement horizon");
assertRelation(LIMITS.mirrorTtlSecondsMin < LIMITS.mirrorTtlSecondsMax, "mirror TTL min < max");
assertRelation(LIMITS.mirrorVersionTtlSeconds > 8 * LIMITS.retryDelaySecondsMax, "mirror version TTL > longest retry");
assertRelation(LIMITS.lastReasonRetentionMs >= 2 * LIMITS.queueRetentionMsMax, "last reason >= queue and its DLQ");
assertRelation(
  LIMITS.reservationTtlMsMax + LIMITS.reservationRetryMsMax < LIMITS.movementHorizonMs,
  "longest reservation < movement horizon: a counter must know what became of its hold",
);
assertRelation(LIMITS.reservationKeptMs >= LIMITS.reservationTtlMsMax, "reservation is remembered >= its longest TTL");
assertRelation(LIMITS.reservationStragglerMs > 2 * LIMITS.reservationCallMsMax, "straggler > two calls");
assertRelation(LIMITS.reservationPrepareMs > LIMITS.reservationCallMsMax, "prepare > one call");
assertRelation(LIMITS.saleHoldMs > LIMITS.reservationPrepareMs, "holds of a sale outlast the asking");
assertRelation(LIMITS.reconcileCronBudgetMs < LIMITS.reconcileLeaseMs, "a cron's turn < the lease of a run");
assertRelation(LIMITS.webhookWindowMs < LIMITS.reconcileOverlapMs, "webhook window < overlap of runs");
assertRelation(LIMITS.replayPageRows <= LIMITS.replayInFlightMax, "a page of a replay <= what may be in flight");
assertRelation(LIMITS.replayTurnBudgetMs < LIMITS.replayLeaseMs, "a driver's turn < its lease");
assertRelation(LIMITS.deadLetterFreeFormMs < LIMITS.deadLetterRetentionMs, "outline < retention");
assertRelation(LIMITS.auditRetentionMs > LIMITS.deadLetterRetentionMs, "audit log outlives letters");
assertRelation(LIMITS.telemetrySeriesMax * 1_000 <= 2_000_000, "series of telemetry, of 1 kB at most, <= one row");
assertRelation(LIMITS.telemetrySendMsMax < LIMITS.telemetryRestMs / 5, "waiting for telemetry < a fifth of the time");
assertRelation(LIMITS.messageBytesMax < 128_000, "message < the platform's 128 KB");

const wholeMs = z.number().check(z.int(), z.nonnegative());
/** The local stack runs windows scaled down; production leaves this out. */
const timingSchema = z.partial(
  z.strictObject({
    tieMs: wholeMs,
    slackMs: wholeMs,
    graceMs: wholeMs,
    settleMs: wholeMs,
    minReadMs: wholeMs,
    verifyMs: wholeMs,
    hintTtlMs: wholeMs,
    spareTtlMs: wholeMs,
    failBackoffMs: wholeMs,
    failBackoffMsMax: wholeMs,
    readTimeoutMs: wholeMs,
    signalRetryMs: wholeMs,
    reconcileChangedEveryMs: wholeMs,
    reconcileAllEveryMs: wholeMs,
    reconcileOverlapMs: wholeMs,
    reconcileOrdersMsMax: wholeMs,
    webhookWindowMs: wholeMs,
    catalogueTtlMs: wholeMs,
    channelTtlMs: wholeMs,
    mirrorTtlSecondsMin: wholeMs,
    mirrorTtlSecondsMax: wholeMs,
    crossingMs: wholeMs,
    salesEveryMs: wholeMs,
    alertMinuteMs: z.number().check(z.int(), z.positive()),
  }),
);
export type Timing = z.infer<typeof timingSchema>;

const text = z.string().check(z.minLength(1));

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/** Where something of ours is sent: over https, or not off the machine. */
const outbound = z
  .url()
  .check(
    z.refine((given) => URL.canParse(given) && isOutbound(new URL(given)), "must be https (http only to this machine)"),
  );

const isOutbound = ({ protocol, hostname }: URL): boolean =>
  protocol === "https:" || (protocol === "http:" && LOOPBACK.includes(hostname));

/** AES-256. */
const CHANNEL_KEY_BYTES = 32;
const channelKey = z
  .string()
  .check(z.refine((given) => bytesInBase64(given) === CHANNEL_KEY_BYTES, "must be base64 of 32 random bytes"));

function bytesInBase64(given: string): number | null {
  try {
    return atob(given).length;
  } catch {
    return null;
  }
}

const environmentSchema = z.object({
  ENVIRONMENT: z.enum(["production", "development"]),
  SHOPIFY_SHOPS: z.string(),
  ADMIN_TOKEN: z.string().check(
    z.minLength(16),
    z.refine((token) => !/change-?me/i.test(token), "is the example's: make one of your own"),
  ),
  SHOPIFY_CLIENT_ID: text,
  SHOPIFY_CLIENT_SECRET: text,
  SHOPIFY_CLIENT_SECRET_PREVIOUS: z.optional(text),
  SHOPIFY_ACCESS_TOKEN: z.optional(text),
  SHOPIFY_ORIGIN: z.optional(z.url()),
  SHOPIFY_ORIGINS: z.optional(text),
  UPSTASH_REDIS_REST_URL: z.optional(z.url()),
  UPSTASH_REDIS_REST_TOKEN: z.optional(text),
  SENTRY_DSN: z.optional(outbound),
  ALERT_WEBHOOK_URL: z.optional(outbound),
  ALERT_WEBHOOK_SECRET: z.optional(
    z.string().check(
      z.minLength(16),
      z.refine(
        (secret) => !secret.startsWith("whsec_") || /^whsec_[A-Za-z0-9+/]+={0,2}$/.test(secret),
        'after "whsec_" comes base64',
      ),
    ),
  ),
  CHANNEL_KEY: z.optional(channelKey),
  CHANNEL_KEY_PREVIOUS: z.optional(channelKey),
  NOTIFICATIONS_FROM: z.optional(z.email()),
  TIMING: z.optional(z.string()),
});

export type Config = {
  readonly environment: "production" | "development";
  readonly shops: ReadonlySet<ShopDomain>;
  readonly adminToken: string;
  readonly shopify: {
    readonly clientId: string;
    /** Current first; the previous one signs for up to an hour after a rotation. */
    readonly webhookSecrets: readonly string[];
    readonly clientSecret: string;
    /** Of an app made before 2026; else tokens come from the client-credentials grant. */
    readonly fixedAccessToken: string | null;
    /** Development only: another Shopify-compatible origin. */
    readonly originOverride: string | null;
    /** The same, of single shops. */
    readonly origins: ReadonlyMap<ShopDomain, string>;
  };
  readonly redis: { readonly url: string; readonly token: string } | null;
  readonly sentryDsn: string | null;
  readonly alertWebhook: { readonly url: string; readonly secret: string } | null;
  /** Base64 of 32 bytes: the present one, under which secrets of channels are stored, then the one before it. Empty: none is set. */
  readonly channelKeys: readonly string[];
  /** From whom e-mails are; null: none are sent. */
  readonly notificationsFrom: string | null;
  readonly timing: Timing;
};

/** What must never be told, in a log or elsewhere. */
export const secretsOf = ({
  adminToken,
  shopify,
  redis,
  sentryDsn,
  alertWebhook,
  channelKeys,
}: Config): readonly (string | null)[] => [
  ...[...channelKeys, adminToken, shopify.clientSecret, ...shopify.webhookSecrets, shopify.fixedAccessToken],
  ...[redis?.token ?? null, sentryDsn, alertWebhook?.url ?? null, alertWebhook?.secret ?? null],
];

export type ConfigError = { readonly kind: "misconfigured"; readonly problems: readonly string[] };

/** Those that may be left out. Set to nothing is left out: `.dev.vars` is often filled in by half. */
const OPTIONAL = [
  ...["SHOPIFY_CLIENT_SECRET_PREVIOUS", "SHOPIFY_ACCESS_TOKEN", "SHOPIFY_ORIGIN", "SHOPIFY_ORIGINS"],
  ...["UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN", "SENTRY_DSN", "TIMING"],
  ...["ALERT_WEBHOOK_URL", "ALERT_WEBHOOK_SECRET", "CHANNEL_KEY", "CHANNEL_KEY_PREVIOUS"],
  "NOTIFICATIONS_FROM",
];

function settingsOf(env: object): Readonly<Record<string, unknown>> {
  const bindings = env as Readonly<Record<string, unknown>>;
  const names = Object.keys(environmentSchema.shape).filter(
    (name) => bindings[name] !== undefined && !(OPTIONAL.includes(name) && bindings[name] === ""),
  );
  return Object.fromEntries(names.map((name) => [name, bindings[name]]));
}

/** @param env  the Worker's bindings; what is no text setting is ignored */
export function parseConfig(env: object): Result<Config, ConfigError> {
  const parsed = environmentSchema.safeParse(settingsOf(env));
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join(".") || "env"}: ${issue.message}`);
    return err({ kind: "misconfigured", problems });
  }
  const given = parsed.data;
  const isDevelopment = given.ENVIRONMENT === "development";
  const shops = readShops(given.SHOPIFY_SHOPS);
  if (!shops.ok) return shops;
  const timing = readTiming(given.TIMING);
  if (!timing.ok) return timing;
  const origins = readOrigins(isDevelopment ? given.SHOPIFY_ORIGINS : undefined);
  if (!origins.ok) return origins;
  const redis = readPair(
    ["UPSTASH_REDIS_REST_URL", given.UPSTASH_REDIS_REST_URL],
    ["UPSTASH_REDIS_REST_TOKEN", given.UPSTASH_REDIS_REST_TOKEN],
  );
  if (!redis.ok) return redis;
  const webhook = readPair(
    ["ALERT_WEBHOOK_URL", given.ALERT_WEBHOOK_URL],
    ["ALERT_WEBHOOK_SECRET", given.ALERT_WEBHOOK_SECRET],
  );
  if (!webhook.ok) return webhook;
  const previous = given.SHOPIFY_CLIENT_SECRET_PREVIOUS;
  return ok({
    environment: given.ENVIRONMENT,
    shops: shops.value,
    adminToken: given.ADMIN_TOKEN,
    shopify: {
      clientId: given.SHOPIFY_CLIENT_ID,
      clientSecret: given.SHOPIFY_CLIENT_SECRET,
      webhookSecrets: previous === undefined ? [given.SHOPIFY_CLIENT_SECRET] : [given.SHOPIFY_CLIENT_SECRET, previous],
      fixedAccessToken: given.SHOPIFY_ACCESS_TOKEN ?? null,
      originOverride: isDevelopment ? (given.SHOPIFY_ORIGIN ?? null) : null,
      origins: origins.value,
    },
    redis: redis.value === null ? null : { url: redis.value[0], token: redis.value[1] },
    sentryDsn: given.SENTRY_DSN ?? null,
    alertWebhook: webhook.value === null ? null : { url: webhook.value[0], secret: webhook.value[1] },
    channelKeys: given.CHANNEL_KEY === undefined ? [] : [given.CHANNEL_KEY, ...listOf(given.CHANNEL_KEY_PREVIOUS)],
    notificationsFrom: given.NOTIFICATIONS_FROM ?? null,
    timing: timing.value,
  });
}

const listOf = (given: string | undefined): readonly string[] => (given === undefined ? [] : [given]);

type Setting = readonly [name: string, value: string | undefined];

/** An address and its secret. Half of it is a slip, and would be slow reads, or alerts, that nobody notices to be missing. */
function readPair(url: Setting, secret: Setting): Result<readonly [string, string] | null, ConfigError> {
  if (url[1] !== undefined && secret[1] !== undefined) return ok([url[1], secret[1]]);
  if (url[1] === undefined && secret[1] === undefined) return ok(null);
  const [given, missing] = url[1] === undefined ? [secret, url] : [url, secret];
  return err({
    kind: "misconfigured",
    problems: [`${missing[0]}: missing, while ${given[0]} is set: give both, or neither`],
  });
}

function readShops(given: string): Result<ReadonlySet<ShopDomain>, ConfigError> {
  const shops = new Set<ShopDomain>();
  for (const name of given
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")) {
    const shop = parseShopDomain(name);
    if (!shop.ok)
      return err({ kind: "misconfigured", problems: [`SHOPIFY_SHOPS: "${name}" is no myshopify.com domain`] });
    shops.add(shop.value);
  }
  return ok(shops);
}

/** `name.myshopify.com=http://…, …`: several simulated shops behind one deployment. */
function readOrigins(given: string | undefined): Result<ReadonlyMap<ShopDomain, string>, ConfigError> {
  const origins = new Map<ShopDomain, string>();
  for (const pair of given?.split(",") ?? []) {
    const [name, url = ""] = pair.trim().split("=", 2);
    const shop = parseShopDomain(name);
    if (!shop.ok || !URL.canParse(url))
      return err({ kind: "misconfigured", problems: [`SHOPIFY_ORIGINS: "${pair}" is no shop=URL`] });
    origins.set(shop.value, url);
  }
  return ok(origins);
}

/** Where a shop's Shopify is; null: where it says. */
export const originOf = ({ shopify }: Config, shop: ShopDomain): string | null =>
  shopify.origins.get(shop) ?? shopify.originOverride;

function readTiming(given: string | undefined): Result<Timing, ConfigError> {
  if (given === undefined) return ok({});
  try {
    const parsed = timingSchema.safeParse(JSON.parse(given));
    if (parsed.success) return ok(parsed.data);
    return err({
      kind: "misconfigured",
      problems: parsed.error.issues.map((i) => `TIMING.${i.path.join(".")}: ${i.message}`),
    });
  } catch {
    return err({ kind: "misconfigured", problems: ["TIMING: no JSON"] });
  }
}
