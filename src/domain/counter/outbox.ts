/**
 * Which shops, and which other channels, must be told that this counter has something for them. One entry each: never two signals while one is
 * outstanding, and no entry is dropped before its work is answered for, so a lost signal is only late.
 */
import { type ChannelId, type CorrelationId, fromStore, type ShopDomain } from "../ids.ts";

export type OutboxEntry = {
  /** `signalled`: a signal is on its way. `taken`: its work was handed out and is not answered yet. */
  readonly phase: "signalled" | "taken";
  readonly tries: number;
  /** When to signal again if nothing was heard. */
  readonly againMs: number;
  /** The cause that made the shop dirty. */
  readonly correlationId: CorrelationId;
  /** Receipt of the oldest event in the work that is signalled or handed out; null: unknown. For measuring alone. */
  readonly receivedAtMs: number | null;
  /** … and of the oldest one that came after the hand-out: the next work's. */
  readonly laterReceivedAtMs: number | null;
};

/** `correlationId` null: a batch that only answers, or goes on with something. What is then signalled goes on, too. */
export type OutboxCause = { readonly correlationId: CorrelationId | null; readonly receivedAtMs: number | null };

export type Outbox = ReadonlyMap<ShopDomain, OutboxEntry>;
/** Of channels that are told levels; a shop's entries are its own, even where a channel goes by the same name. */
export type ChannelOutbox = ReadonlyMap<ChannelId, OutboxEntry>;

export type OutboxPolicy = { readonly signalRetryMs: number; readonly signalRetryMsMax: number };

export type OutboxNeeds<Key = ShopDomain> = {
  /** Those for which something could be started now. */
  readonly wanting: ReadonlySet<Key>;
  /** Those with something handed out and unanswered. */
  readonly open: ReadonlySet<Key>;
};

export type OutboxDecision<Key = ShopDomain> = {
  readonly outbox: ReadonlyMap<Key, OutboxEntry>;
  readonly signals: readonly Key[];
};

/** Of work that nobody in particular caused. */
export const NO_CAUSE = fromStore<CorrelationId>("timer");

/** Called after every batch and at every alarm. Unchanged entries keep their identity. */
export function decideOutbox<Key = ShopDomain>(
  outbox: ReadonlyMap<Key, OutboxEntry>,
  needs: OutboxNeeds<Key>,
  { correlationId, receivedAtMs }: OutboxCause,
  policy: OutboxPolicy,
  nowMs: number,
): OutboxDecision<Key> {
  const next = new Map<Key, OutboxEntry>();
  const signals: Key[] = [];
  for (const shop of new Set([...outbox.keys(), ...needs.wanting, ...needs.open])) {
    const entry = outbox.get(shop);
    const isWanting = needs.wanting.has(shop);
    if (!isWanting && !needs.open.has(shop)) continue; // answered for, or no longer needed
    const isLate = entry !== undefined && entry.againMs <= nowMs;
    const isNews = isWanting && entry?.phase !== "signalled";
    if (entry === undefined || isLate || isNews) {
      const tries = isLate ? entry.tries + 1 : 1;
      const cause = correlationId ?? entry?.correlationId ?? NO_CAUSE;
      const received = receivedAfter(entry, isNews, receivedAtMs);
      const againMs = nowMs + pauseMs(tries, policy);
      next.set(shop, { phase: "signalled", tries, againMs, correlationId: cause, ...received });
      signals.push(shop);
    } else next.set(shop, withReceived(entry, receivedAtMs));
  }
  return { outbox: next, signals };
}

/** Its signal came home and the work was handed out: from now on the answer is what is waited for. */
export function markTaken<Key = ShopDomain>(
  outbox: ReadonlyMap<Key, OutboxEntry>,
  shop: Key,
  policy: OutboxPolicy,
  nowMs: number,
): ReadonlyMap<Key, OutboxEntry> {
  const entry = outbox.get(shop);
  if (entry === undefined) return outbox;
  const taken: OutboxEntry = { ...entry, phase: "taken", againMs: nowMs + pauseMs(entry.tries, policy) };
  return new Map(outbox).set(shop, taken);
}

/** It was handed out and could not go yet: its signal is on its way once more, and no second one is needed until then. */
export function markPostponed<Key>(
  outbox: ReadonlyMap<Key, OutboxEntry>,
  shop: Key,
  untilMs: number,
  policy: OutboxPolicy,
): ReadonlyMap<Key, OutboxEntry> {
  const entry = outbox.get(shop);
  if (entry === undefined) return outbox;
  const againMs = Math.max(entry.againMs, untilMs + pauseMs(1, policy));
  return new Map(outbox).set(shop, { ...entry, phase: "signalled", againMs });
}

type Received = Pick<OutboxEntry, "receivedAtMs" | "laterReceivedAtMs">;

/** News opens a work of its own; a signal that is only repeated is of the same work. */
function receivedAfter(entry: OutboxEntry | undefined, isNews: boolean, receivedAtMs: number | null): Received {
  if (entry === undefined) return { receivedAtMs, laterReceivedAtMs: null };
  if (isNews) return { receivedAtMs: older(entry.laterReceivedAtMs, receivedAtMs), laterReceivedAtMs: null };
  const { receivedAtMs: first, laterReceivedAtMs } = withReceived(entry, receivedAtMs);
  return { receivedAtMs: first, laterReceivedAtMs };
}

/** The same entry unless the event is older than what it knows: hundreds of orders on one SKU write no row each. */
function withReceived(entry: OutboxEntry, receivedAtMs: number | null): OutboxEntry {
  const at = entry.phase === "taken" ? "laterReceivedAtMs" : "receivedAtMs";
  const oldest = older(entry[at], receivedAtMs);
  return oldest === entry[at] ? entry : { ...entry, [at]: oldest };
}

const older = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.min(a, b);

/** Before it is sent again: doubles with each try, up to the most. */
export const pauseMs = (tries: number, policy: OutboxPolicy): number =>
  Math.min(policy.signalRetryMs * 2 ** Math.min(tries - 1, 20), policy.signalRetryMsMax);
