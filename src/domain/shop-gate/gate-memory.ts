/**
 * What a gate has learned and must not forget when it is evicted: bucket, breakers, costs, counts. One JSON value in
 * storage, written together with every outcome. How each reply changes it is decided here.
 */
import {
  afterFailure,
  afterShut,
  afterSuccess,
  type Breaker,
  closedBreaker,
  hastened,
  probing,
  revivedBreaker,
} from "../breaker/breaker.ts";
import { type BreakerNews, withNews } from "../breaker/news.ts";
import { SHOPIFY_BREAKER as POLICY } from "../breaker/policies.ts";
import {
  type Budget,
  newBudget,
  rateLimited,
  revivedBudget,
  settle,
  type Ticket,
  throttled,
  unlimited,
} from "./budget.ts";
import type { Trouble } from "./judge-reply.ts";
import { CALL_ROWS_MAX, OTHER_COSTS_MAX, QUERY_POINTS_MAX, SHUT_BACKOFF } from "./limits.ts";
import { afterBreaker, noOutage, type Outage } from "./outage.ts";
import type { QueryCost } from "./reply.ts";

export type GateCounts = {
  readonly mutations: number;
  readonly reads: number;
  readonly other: number;
  /** THROTTLED and 429. */
  readonly rateLimited: number;
  readonly rowsSent: number;
  readonly levelsRead: number;
  /** Submitted under a known key with other rows: a bug. */
  readonly conflicts: number;
  /** IDEMPOTENCY_KEY_PARAMETER_MISMATCH: a bug. */
  readonly mismatches: number;
  readonly expiredCalls: number;
};

export type GateMemory = {
  readonly budget: Budget;
  /** Stops everything. */
  readonly breaker: Breaker;
  /** Its changes that are not told yet. */
  readonly breakerNews: BreakerNews;
  readonly outage: Outage;
  /** Stops reads alone: a query that Shopify refuses must not hold up pushes. */
  readonly readBreaker: Breaker;
  /** Stops the asking for tokens. */
  readonly tokenBreaker: Breaker;
  /** With which code the token endpoint refused for good; null when it grants, or may yet. */
  readonly tokenRefusal: string | null;
  /** 401s in a row. The first makes a new token, the second a pause. */
  readonly unauthorized: number;
  /** Points that the last adjustment asked for. */
  readonly mutationCost: number;
  /** Points that reads ask for per unit of weight (chunk-reads.ts). */
  readonly pointsPerWeight: number;
  /** Points that callers' own queries ask for, by the name they gave them; the newest last. */
  readonly otherCosts: Readonly<Record<string, number>>;
  /** Rows of one call: shrinks if Shopify finds calls too large. */
  readonly rowsMax: number;
  readonly counts: GateCounts;
};

/** Recordings suggest that `nodes` of 250 items cost as much as of one: then a unit of weight costs next to nothing. */
const POINTS_PER_WEIGHT_MIN = 0.001;

export const newMemory = (nowMs: number): GateMemory => ({
  budget: newBudget(nowMs),
  breaker: closedBreaker,
  breakerNews: [],
  outage: noOutage,
  readBreaker: closedBreaker,
  tokenBreaker: closedBreaker,
  tokenRefusal: null,
  unauthorized: 0,
  mutationCost: 15, // recorded: 13 with the group's changes
  pointsPerWeight: 1, // recorded: 12 for one item with five levels, whose weight is 11; what many cost is learned
  otherCosts: {},
  rowsMax: CALL_ROWS_MAX,
  counts: {
    mutations: 0,
    reads: 0,
    other: 0,
    rateLimited: 0,
    rowsSent: 0,
    levelsRead: 0,
    conflicts: 0,
    mismatches: 0,
    expiredCalls: 0,
  },
});

/** From storage, in a new life. Fields that an older version did not know get their first value. */
export function revivedMemory(stored: Partial<GateMemory>, nowMs: number): GateMemory {
  const fresh = newMemory(nowMs);
  const counts = { ...fresh.counts, ...stored.counts };
  return {
    ...fresh,
    ...stored,
    counts,
    budget: revivedBudget(stored.budget ?? fresh.budget, nowMs),
    breaker: revivedBreaker(stored.breaker, nowMs),
    readBreaker: revivedBreaker(stored.readBreaker, nowMs),
    tokenBreaker: revivedBreaker(stored.tokenBreaker, nowMs),
  };
}

/** The breaker that stops everything becomes another: what follows for outages, and what is to be told. */
export function withBreaker(memory: GateMemory, breaker: Breaker, nowMs: number): GateMemory {
  if (breaker === memory.breaker) return memory;
  const breakerNews = withNews(memory.breakerNews, memory.breaker, breaker, nowMs);
  return { ...memory, breaker, breakerNews, outage: afterBreaker(memory.outage, breaker, nowMs) };
}

export const counted = (memory: GateMemory, more: Partial<GateCounts>): GateMemory => {
  const counts = { ...memory.counts };
  for (const [name, by] of Object.entries(more) as [keyof GateCounts, number][]) counts[name] += by;
  return { ...memory, counts };
};

export type ReplyNews = {
  readonly ticket: Ticket;
  /** When the call left. */
  readonly startedMs: number;
  /** Whose document it was: a caller's own may be bad without any harm to the gate's. */
  readonly asker: "gate" | "caller";
  readonly cost: QueryCost | null;
  /** Null: Shopify answered, whatever it said of the rows. */
  readonly trouble: Trouble | null;
  /** Weight of a read query that says something about many; null of others. */
  readonly weight: number | null;
  /** Of a caller's query whose cost is to be remembered. */
  readonly costName: string | null;
  /** A token that cannot be renewed: its first 401 is final. */
  readonly isTokenFixed: boolean;
  /** The call went out with the token that the gate would use now. */
  readonly isTokenCurrent: boolean;
};

/** Bucket, costs, breakers and counts after one reply of any kind. */
export function afterReply(memory: GateMemory, news: ReplyNews, nowMs: number, random: () => number): GateMemory {
  const { ticket, cost, trouble } = news;
  const name = news.asker === "caller" ? "other" : ticket.kind === "mutation" ? "mutations" : "reads";
  const isRateLimited = trouble?.kind === "throttled" || trouble?.kind === "rate_limited";
  const settled = counted(learned(memory, news), { [name]: 1, rateLimited: isRateLimited ? 1 : 0 });
  const budget = settle(settled.budget, ticket, cost, nowMs);
  const next = { ...settled, budget: trouble?.kind === "rate_limited" ? budget : unlimited(budget) };
  return trouble === null ? afterAnswer(next, news, nowMs) : afterTrouble(next, news, trouble, nowMs, random);
}

/** Shopify answered what was asked; only an answered read of ours says that reads are welcome again. */
function afterAnswer(memory: GateMemory, news: ReplyNews, nowMs: number): GateMemory {
  const isOwnRead = news.asker === "gate" && news.ticket.kind === "read";
  const readBreaker = isOwnRead ? closedBreaker : memory.readBreaker;
  return { ...answered(memory, news, nowMs), readBreaker, unauthorized: 0 };
}

function afterTrouble(
  memory: GateMemory,
  news: ReplyNews,
  trouble: Trouble,
  nowMs: number,
  random: () => number,
): GateMemory {
  const { startedMs } = news;
  switch (trouble.kind) {
    case "unclear": {
      if (trouble.blames === "call") return answered(memory, news, nowMs);
      const failure = { startedMs, reason: trouble.code, retryAfterSeconds: trouble.retryAfterSeconds };
      return withBreaker(memory, afterFailure(memory.breaker, failure, POLICY, nowMs, random), nowMs);
    }
    case "throttled":
      return answered({ ...memory, budget: throttled(memory.budget, news.cost, nowMs) }, news, nowMs);
    case "rate_limited": {
      // Its pace is the matter, not its health: the bucket waits, and the breaker learns nothing.
      const limit = { retryAfterSeconds: trouble.retryAfterSeconds, cost: news.ticket.cost };
      return { ...memory, budget: rateLimited(memory.budget, limit, nowMs, random) };
    }
    case "unauthorized": {
      // Of a token that was dropped or replaced while the call was under way: it says nothing about its successor.
      if (!news.isTokenCurrent) return memory;
      const unauthorized = memory.unauthorized + 1;
      if (unauthorized < 2 && !news.isTokenFixed) return { ...memory, unauthorized };
      return { ...shut(memory, news, "unauthorized", nowMs, random), unauthorized };
    }
    case "shut":
      return shut(memory, news, trouble.reason, nowMs, random);
    case "denied":
    case "refused":
      return afterRefusal(memory, news, trouble, nowMs, random);
    case "too_large":
      return afterTooLarge(memory, news, nowMs, random);
  }
}

const answered = (memory: GateMemory, { startedMs }: ReplyNews, nowMs: number): GateMemory =>
  withBreaker(memory, afterSuccess(memory.breaker, startedMs, POLICY, nowMs), nowMs);

/** What only a person can repair. */
const shut = (
  memory: GateMemory,
  { startedMs }: ReplyNews,
  reason: string,
  nowMs: number,
  random: () => number,
): GateMemory =>
  withBreaker(memory, afterShut(memory.breaker, { startedMs, reason }, SHUT_BACKOFF, nowMs, random), nowMs);

/** The token endpoint did not grant one: for now, or until somebody corrects the credentials or the app's installation. */
export function afterTokenRefusal(
  memory: GateMemory,
  refusal: { readonly isFinal: boolean; readonly code: string; readonly retryAfterSeconds: number | null },
  nowMs: number,
  random: () => number,
): GateMemory {
  const { code, retryAfterSeconds } = refusal;
  const breaker = probing(memory.tokenBreaker, nowMs);
  const failure = { startedMs: nowMs, reason: `token_${code}`, retryAfterSeconds };
  const tokenBreaker = refusal.isFinal
    ? afterShut(memory.tokenBreaker, failure, SHUT_BACKOFF, nowMs, random)
    : afterFailure(breaker, failure, POLICY, nowMs, random);
  return { ...memory, tokenBreaker, tokenRefusal: refusal.isFinal ? code : null };
}

/** A token was granted: whatever was wrong with the credentials is mended. */
export const afterTokenGrant = (memory: GateMemory): GateMemory => ({
  ...memory,
  tokenBreaker: closedBreaker,
  tokenRefusal: null,
});

/** An operator says that the cause is gone: every pause ends, the next call is the probe. An isolation stays. */
export const resumed = (memory: GateMemory, nowMs: number): GateMemory => ({
  ...withBreaker(memory, hastened(memory.breaker, nowMs), nowMs),
  budget: { ...memory.budget, blockedUntilMs: 0 },
  readBreaker: closedBreaker,
  tokenBreaker: closedBreaker,
  tokenRefusal: null,
  unauthorized: 0,
});

function afterRefusal(
  memory: GateMemory,
  news: ReplyNews,
  { code }: Trouble,
  nowMs: number,
  random: () => number,
): GateMemory {
  const { asker, ticket, startedMs } = news;
  if (asker === "caller") return answered(memory, news, nowMs);
  if (ticket.kind !== "read") return shut(memory, news, code, nowMs, random);
  const refusal = { startedMs, reason: code };
  return { ...memory, readBreaker: afterShut(memory.readBreaker, refusal, SHUT_BACKOFF, nowMs, random) };
}

function afterTooLarge(memory: GateMemory, news: ReplyNews, nowMs: number, random: () => number): GateMemory {
  const { asker, ticket, trouble } = news;
  if (asker === "caller") return memory;
  if (ticket.kind === "read") {
    return { ...memory, pointsPerWeight: Math.min(QUERY_POINTS_MAX, memory.pointsPerWeight * 2) };
  }
  // One row is the least that a call can carry: then it is the document that asks for too much.
  if (memory.rowsMax === 1) return shut(memory, news, trouble?.code ?? "too_large", nowMs, random);
  return { ...memory, rowsMax: Math.floor(memory.rowsMax / 2) };
}

function learned(memory: GateMemory, { asker, ticket, cost, costName, weight, trouble }: ReplyNews): GateMemory {
  if (cost === null || trouble?.kind === "too_large") return memory;
  if (asker === "caller") return costName === null ? memory : remembered(memory, costName, cost.requested);
  if (ticket.kind === "mutation") return { ...memory, mutationCost: Math.max(1, cost.requested) };
  if (weight === null || weight <= 0) return memory;
  return { ...memory, pointsPerWeight: Math.max(POINTS_PER_WEIGHT_MIN, cost.requested / weight) };
}

/** Bounded: names that come from outside must not fill the memory. */
function remembered(memory: GateMemory, costName: string, requested: number): GateMemory {
  const { [costName]: _, ...others } = memory.otherCosts;
  const kept = Object.entries(others).slice(1 - OTHER_COSTS_MAX);
  return { ...memory, otherCosts: { ...Object.fromEntries(kept), [costName]: Math.max(1, requested) } };
}
