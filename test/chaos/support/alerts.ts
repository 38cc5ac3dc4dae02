/** What an operator would have seen of a scenario: alerts that fired and were over by themselves. */
import type { OnhandClient } from "../../../dev/cli/client.ts";
import type { AlertName } from "../../../src/domain/alerts/alert-table.ts";
import { waitUntil } from "./wait-until.ts";

/** Of the table; or that it cannot be evaluated. */
export type AnyAlert = AlertName | "not_evaluated";

export type AlertChange = {
  readonly alert: AnyAlert;
  readonly subject: string;
  readonly change: "fired" | "escalated" | "recovered";
};

type AlertsView = {
  /** Null: never yet. */
  readonly evaluatedAt: string | null;
  readonly firing: readonly { readonly alert: AnyAlert; readonly subject: string }[];
  /** Newest first. */
  readonly changes: readonly AlertChange[];
};

export const readAlerts = (client: OnhandClient): Promise<AlertsView> => client.call("GET", "/v1/alerts");

/** From then on a rise is seen: what rose before the first look began there. */
export const untilEvaluated = (client: OnhandClient, patienceMs: number): Promise<boolean> =>
  waitUntil(async () => (await readAlerts(client)).evaluatedAt !== null, patienceMs);

export async function setThreshold(client: OnhandClient, alert: AlertName, threshold: number): Promise<void> {
  await client.call("PUT", `/v1/alerts/thresholds/${alert}`, { threshold, forMinutes: 0, reason: "chaos suite" });
}

/** Waits until the alert has fired and nothing of it fires any more. @throws with what there was, at the deadline */
export async function firedAndOver(
  client: OnhandClient,
  alert: AnyAlert,
  patienceMs: number,
): Promise<readonly AlertChange[]> {
  const own = async (): Promise<readonly AlertChange[]> =>
    (await readAlerts(client)).changes.filter((change) => change.alert === alert);
  const isOver = async (): Promise<boolean> => {
    const { firing, changes } = await readAlerts(client);
    const kinds = changes.filter((change) => change.alert === alert).map(({ change }) => change);
    return kinds.includes("fired") && kinds.includes("recovered") && !firing.some((each) => each.alert === alert);
  };
  if (await waitUntil(isOver, patienceMs)) return own();
  const { firing, changes } = await readAlerts(client);
  throw new Error(
    `${alert} should have fired and be over.\nFiring: ${JSON.stringify(firing)}\nChanges: ${JSON.stringify(changes)}`,
  );
}
