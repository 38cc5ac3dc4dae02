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

export interface AlertDestination {
  /** Of few values: "log", "webhook", "sentry". */
  readonly name: string;
  /** Throws when it was not told. */
  tell(change: Told): Promise<void>;
}

export interface TellAlertDeps {
  readonly destinations: readonly AlertDestination[];
  readonly store: Pick<AlertStore, "told" | "noteTold">;
  readonly meter: Meter;
  readonly log: Log;
  nowMs(): number;
}

/** Throws, naming them, when destinations could not be told: the same again tells those alone. */
export async function tellAlert(change: Told, deps: TellAlertDeps): Promise<void> {
  const told = await toldOf(change, deps);
  const failures = await Promise.all(
    deps.destinations.filter(({ name }) => !told.has(name)).map((destination) => tell(destination, change, deps)),
  );
  const failed = failures.filter((failure) => failure !== null);
  if (failed.length > 0) throw new Error(failed.join("; "));
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

async function tell(destination: AlertDestination, change: Told, deps: TellAlertDeps): Promise<string | null> {
  const { name } = destination;
  const { log, meter, store } = deps;
  try {
    await destination.tell(change);
  } catch (error) {
    const reason = reasonOf(error);
    meter.count("onhand_notification_sent_total", { destination: name, outcome: "failed" });
    log("warn", "notification.sent", { code: name, outcome: "failed", eventId: change.id, reason });
    return `${name}: ${reason}`;
  }
  meter.count("onhand_notification_sent_total", { destination: name, outcome: "sent" });
  log("info", "notification.sent", { code: name, outcome: "sent", eventId: change.id });
  try {
    await store.noteTold(change.id, name, deps.nowMs());
  } catch (error) {
    log("warn", "notification.not_noted", { code: name, eventId: change.id, reason: reasonOf(error) });
  }
  return null;
}
