/**
 * Every number of the gate, with its reason. Relations between them are asserted where the module loads: a gate whose
 * numbers contradict each other must not start.
 */

/** Shopify refuses input arrays above 250 items (MAX_INPUT_SIZE_EXCEEDED). */
export const CALL_ROWS_MAX = 250;
/** Rows of a call that hot pushes lead: some shops have 50 SKUs selling at once; one bad row sends no more than these back. */
export const HOT_CALL_ROWS_MAX = 50;
/** A listing that was pushed this lately sells now. Longer than a push takes to be answered and minted anew. */
export const HOT_MS = 10_000;
/** Calls in a row that urgent pushes lead while others wait: the fifth is theirs. */
export const URGENT_LEADS_IN_ROW_MAX = 4;
/** … and hot ones: small calls and full ones take turns, so a stocktake goes on at more than half its pace. */
export const HOT_LEADS_IN_ROW_MAX = 1;
/** Urgent pushes overtake a call of unknown outcome that is due, but no longer than this. */
export const URGENT_BEFORE_FROZEN_MS_MAX = 5_000;
/** `inventoryAdjustQuantities` refuses |delta| above this (INVALID_QUANTITY_TOO_HIGH / _TOO_LOW). */
export const DELTA_UNITS_MAX = 2_000_000_000;

/** A Durable Object has six connections: three mutations, one read, one for imports, and one that is left for tokens. */
export const MUTATIONS_IN_FLIGHT_MAX = 3;
export const READS_IN_FLIGHT_MAX = 1;
export const OTHERS_IN_FLIGHT_MAX = 1;

/** Shopify keeps an idempotency key for 24 h; afterwards the same key is a new operation. One hour of margin. */
export const CALL_EXPIRES_MS = 23 * 3_600_000;
/** A settled push is remembered this long: far beyond any repeat of a signal (queues hold days, signals repeat in seconds). */
export const TOMBSTONE_MS = 48 * 3_600_000;
/** Settled pushes removed per turn: keeps one turn short. */
export const PRUNE_ROWS_MAX = 500;

/** Reads are gathered this long before one query takes them, so that many SKUs share it. */
export const READ_COLLECT_MS = 50;
/** The counter gives a read up after 30 s (B9); the gate says so itself a little earlier. */
export const READ_DEADLINE_MS = 25_000;
/** A read that old is nobody's any more: its counter has long given it up. */
export const READ_FORGET_MS = 60_000;
/** `nodes(ids:)` takes 250 ids at most. */
export const READ_ITEMS_MAX = 250;
/** Locations asked for in one query, unless a single listing has more: keeps the generated document small. */
export const READ_LOCATIONS_MAX = 20;
/** From so many items on, a query teaches what reads cost: one item says nothing about many. */
export const READ_LEARN_ITEMS_MIN = 10;
/** Share of the bucket that one read query may ask for: reads come often and small, never in the way of a push. */
export const READ_BUCKET_SHARE = 0.1;
/** Shopify refuses a single query above 1,000 points; room for what we learn too late. */
export const QUERY_POINTS_MAX = 900;

/** Reads may take this share of the restore rate while pushes wait. */
export const READ_RATE_SHARE = 0.2;
/** Share of the restore rate that pushes leave to imports and the like while those ask: they are never shut out for good. */
export const OTHER_RATE_SHARE = 0.1;
/** A caller that was told to come again is counted on for so long: they come again within seconds. */
export const OTHER_ASKED_MS = 10_000;
/** Share of the bucket that reads leave for pushes while pushes wait … */
export const READ_KEEPS_SHARE = 0.1;
/** … and that imports and the like always leave. */
export const OTHER_KEEPS_SHARE = 0.5;

/** Points of the query that probes a Shopify of which nothing else is asked: one object. */
export const PROBE_COST = 1;

/** Queries of callers whose costs are remembered: an import has a handful. */
export const OTHER_COSTS_MAX = 16;

/** When the breaker opens for what passes by itself, and for how long: SHOPIFY_BREAKER in domain/breaker/policies.ts. */
/** 429 without a Retry-After, in a row: 1, 2, 4 … 30 s. */
export const RATE_LIMIT_BACKOFF = { delaySeconds: 1, delaySecondsMax: 30 } as const;
/** What only a person can repair (frozen shop, missing scope, refused document): 1, 2, 4 … 15 min. */
export const SHUT_BACKOFF = { delaySeconds: 60, delaySecondsMax: 900 } as const;
/** Pause of one frozen call, or of pushes whose call failed as a whole: 1, 2, 4 … 30 s; no longer than the shop's own. */
export const CALL_BACKOFF = { delaySeconds: 1, delaySecondsMax: 30 } as const;
/** Pause of reports to a counter that does not answer: 1, 2, 4 … 60 s. */
export const REPORT_BACKOFF = { delaySeconds: 1, delaySecondsMax: 60 } as const;
/** A Retry-After beyond this is not believed. */
export const RETRY_AFTER_SECONDS_MAX = 900;

/** Tokens live 24 h and are replaced this long before their end. */
export const TOKEN_EARLY_MS = 5 * 60_000;
/** A token this close to its end is not used any more: a call may take ten seconds, and clocks differ. */
export const TOKEN_MARGIN_MS = 30_000;

/** Counters that are told their results at the same time. */
export const REPORTS_IN_FLIGHT_MAX = 16;
/** Results read from the journal at once. */
export const REPORT_ROWS_MAX = 500;

if (READ_DEADLINE_MS >= 30_000) throw new Error("shop-gate: reads must be given up before the counter's 30 s");
if (CALL_EXPIRES_MS >= 24 * 3_600_000) throw new Error("shop-gate: calls must expire before Shopify forgets their key");
if (TOMBSTONE_MS <= CALL_EXPIRES_MS) throw new Error("shop-gate: tombstones must outlive calls");
if (READ_RATE_SHARE + OTHER_RATE_SHARE >= 0.5) throw new Error("shop-gate: pushes keep more than half of the rate");
if (MUTATIONS_IN_FLIGHT_MAX + READS_IN_FLIGHT_MAX + OTHERS_IN_FLIGHT_MAX >= 6) {
  throw new Error("shop-gate: one of the six connections belongs to tokens");
}
