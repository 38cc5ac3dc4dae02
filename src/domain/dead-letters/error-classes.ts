/**
 * The one table that says which error class is caused by an outage, and of what. Such letters need no person: they are
 * replayed when the outage is over. A class that is not named here stays until a person has seen to it.
 */
export type OutageOf =
  /** Of a shop, or of a till that keeps its own stock: its breaker tells when it is over. */
  | "gate"
  /** Of a part of ours (counters, gates, D1): nobody tells, so it is tried. */
  | "platform";

type ErrorClass = {
  readonly outageOf: OutageOf;
  /** Automatic replays until a person must look. */
  readonly replaysMax: number;
  readonly means: string;
};

/** Doubling from ten seconds to an hour: 24 replays outlast some 16 hours. */
const PATIENT = 24;
/** What ends its handler without a word may be what kills it: each replay costs its neighbours a delivery. */
const WARY = 3;

const CLASSES: Readonly<Record<string, ErrorClass>> = {
  shopify_away: {
    outageOf: "gate",
    replaysMax: PATIENT,
    means: "Shopify (a till: Square) did not answer, or the gate did not ask it",
  },
  counter_away: { outageOf: "platform", replaysMax: PATIENT, means: "a counter did not answer" },
  gate_away: { outageOf: "platform", replaysMax: PATIENT, means: "the shop's gate did not answer" },
  database_away: { outageOf: "platform", replaysMax: PATIENT, means: "D1 did not answer" },
  out_of_tries: { outageOf: "platform", replaysMax: PATIENT, means: "tried until no try was left" },
  no_answer: { outageOf: "platform", replaysMax: WARY, means: "the handler was cut off or never started" },
};

const classOf = (code: string): ErrorClass | undefined => (Object.hasOwn(CLASSES, code) ? CLASSES[code] : undefined);

/** Destinations that are called through a gate, by what stands before the slash. */
const OF_GATES: ReadonlySet<string> = new Set(["shopify", "square"]);

/** @param kind  before the slash of a breaker's destination */
export const classesCausedBy = (kind: string): readonly string[] =>
  OF_GATES.has(kind) ? Object.keys(CLASSES).filter((code) => CLASSES[code]?.outageOf === "gate") : [];

const CLASS_OF_FAULT: ReadonlyMap<string, string> = new Map([
  ["counter", "counter_away"],
  ["gate", "gate_away"],
  ["shopify", "shopify_away"],
  ["catalogue", "database_away"],
  ["store", "database_away"],
]);

/** @param fault  what kept a message until its last try, as the metrics of retries call it */
export const letterClassOf = (fault: string | undefined): string => CLASS_OF_FAULT.get(fault ?? "") ?? "out_of_tries";

/** A shop's breaker tells when its outage is over: the clock is only the net below it, and must not knock at a shop that is away. */
const FIRST_DELAY_MS: Readonly<Record<OutageOf, number>> = { platform: 10_000, gate: 15 * 60_000 };
const DELAY_MS_MAX = 60 * 60_000;

/** How long after its death a letter of this class is replayed: the first time, the second …; beyond the last a person must look. */
export function automaticDelaysMs(code: string): readonly number[] {
  const found = classOf(code);
  if (found === undefined) return [];
  const firstMs = FIRST_DELAY_MS[found.outageOf];
  return Array.from({ length: found.replaysMax }, (_, i) => Math.min(firstMs * 2 ** i, DELAY_MS_MAX));
}
