/**
 * Tells a change of an alert to everyone who wants to know. Destinations are independent: each is told, and what was told is
 * noted, so that a second delivery of the notification, or a try for the sake of another destination, tells nobody twice.
 * Between telling and noting lies a moment in which a crash makes it twice; so does a database that is away. Receivers of the
 * webhook know by its id what they have had.
 */
import type { AlertChange } from "../../domain/alerts/evaluate.ts";
import type { Meter } from "../../domain/telemetry/meter.ts";
import { type Log, reasonOf } from "../../observability/log.ts";
import type { AlertStore } from "./alert-store.ts";

export type Told = Omit<AlertChange, "alert" | "id"> & { readonly alert: string; readonly id: string };

export type TellOutcome =
  | { readonly kind: "told" }
  /** Nothing was sent: its circuit breaker is not closed. @see queues/postpone.ts; null: nobody knows until when */
  | { readonly kind: "wait"; readonly untilMs: number | null; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string };

export interface AlertDestination {
  /** Of few values: "log", "webhook", "sentry". */
  readonly name: string;
  /** May reject: it was not told. */
  tell(change: Told): Promise<TellOutcome>;
}

export interface TellAlertDeps {
  readonly destinations: readonly AlertDestination[];
  readonly store: Pick<AlertStore, "told" | "noteTold">;
  /** What could not be told for so long is told no more: it stands among the changes. */
  readonly ageMsMax: number;
  readonly meter: Meter;
  readonly log: Log;
  nowMs(): number;
}

/** The same again tells those alone who have not been told. `failed` before `wait` where there are both. */
export async function tellAlert(change: Told, deps: TellAlertDeps): Promise<TellOutcome> {
  const told = await toldOf(change, deps);
  const open = deps.destinations.filter(({ name }) => !told.has(name));
  const outcomes = await Promise.all(open.map((destination) => tell(destination, change, deps)));
  const reasons = outcomes.flatMap((outcome) => (outcome.kind === "failed" ? [outcome.reason] : []));
  if (reasons.length > 0) return { kind: "failed", reason: reasons.join("; ") };
  return outcomes.find(({ kind }) => kind === "wait") ?? { kind: "told" };
}

/** Better twice than not at all: while the database is away nobody counts as told. */
async function toldOf(change: Told, { store, log }: TellAlertDeps): Promise<ReadonlySet<string>> {
  try {
    return await store.told(change.id);
  } catch (error) {
    log("warn", "notification.not_known", { eventId: change.id, reason: reasonOf(error) });
    return new Set();
  }
}

async function tell(destination: AlertDestination, change: Told, deps: TellAlertDeps): Promise<TellOutcome> {
  const { name } = destination;
  const outcome = await guarded(destination, change);
  const isExpired = outcome.kind !== "told" && deps.nowMs() - change.atMs > deps.ageMsMax;
  said(name, isExpired ? "expired" : outcome.kind, outcome, change, deps);
  if (outcome.kind !== "told") return isExpired ? { kind: "told" } : outcome;
  try {
    await deps.store.noteTold(change.id, name, deps.nowMs());
  } catch (error) {
    deps.log("warn", "notification.not_noted", { code: name, eventId: change.id, reason: reasonOf(error) });
  }
  return outcome;
}

async function guarded({ name, tell }: AlertDestination, change: Told): Promise<TellOutcome> {
  try {
    return await tell(change);
  } catch (error) {
    return { kind: "failed", reason: `${name}: ${reasonOf(error)}` };
  }
}

const OUTCOMES = { told: "sent", wait: "postponed", failed: "failed", expired: "expired" } as const;

function said(
  destination: string,
  kind: keyof typeof OUTCOMES,
  told: TellOutcome,
  { id: eventId }: Told,
  { log, meter }: Pick<TellAlertDeps, "log" | "meter">,
): void {
  const outcome = OUTCOMES[kind];
  meter.count("onhand_notification_sent_total", { destination, outcome });
  const reason = told.kind === "told" ? {} : { reason: told.reason };
  log(kind === "told" ? "info" : "warn", "notification.sent", { code: destination, outcome, eventId, ...reason });
}
