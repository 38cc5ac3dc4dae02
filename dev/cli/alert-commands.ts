/** What fires, what changed, and thresholds of the operator's own. */
import { type Command, UsageError } from "./command-context.ts";
import { table } from "./table.ts";

type Firing = {
  readonly alert: string;
  readonly subject: string;
  readonly severity: string;
  readonly value: number | null;
  readonly threshold: number;
  readonly unit: string;
  readonly since: string;
  readonly known: boolean;
};
type Change = { readonly at: string; readonly change: string; readonly severity: string; readonly text: string };
type Override = { readonly threshold: number; readonly reason: string; readonly actor: string };
type Threshold = {
  readonly name: string;
  readonly threshold: number;
  readonly default: number;
  readonly unit: string;
  readonly forSeconds: number;
  readonly override: Override | null;
  readonly reason: string;
};
type Alerts = {
  readonly evaluatedAt: string | null;
  readonly stale: boolean;
  readonly destinations: readonly string[];
  readonly firing: readonly Firing[];
  readonly changes: readonly Change[];
  readonly thresholds: readonly Threshold[];
};

const CHANGES_SHOWN = 10;
const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;

export const listAlerts: Command = async ({ client, flags }) => {
  const answer = await client.call<Alerts>("GET", "/v1/alerts");
  const { firing, changes, evaluatedAt, stale, destinations } = answer;
  const rows = firing.map(({ alert, subject, severity, value, threshold, unit, since, known }) => [
    ...[severity, alert, subject, `${value === null ? "–" : rounded(value)} of ${threshold} ${unit}`, since],
    known ? "" : "not to be read just now",
  ]);
  const recent = changes.slice(0, CHANGES_SHOWN).map(({ at, change, severity, text }) => [at, change, severity, text]);
  const text = [
    rows.length === 0 ? "Nothing fires." : table(["SEVERITY", "ALERT", "ABOUT", "VALUE", "SINCE", ""], rows),
    ...(recent.length === 0 ? [] : ["", table(["AT", "CHANGE", "SEVERITY", "WHAT"], recent)]),
    ...(flags.all ? ["", thresholdTable(answer.thresholds)] : []),
    "",
    `Evaluated ${evaluatedAt ?? "never"}${stale ? ", which is too long ago: look at the log (alerts.not_evaluated)" : ""}. Told to: ${destinations.join(", ")}.`,
  ].join("\n");
  return { answer, text };
};

const thresholdTable = (thresholds: readonly Threshold[]): string =>
  table(
    ["ALERT", "THRESHOLD", "FOR", "SET BY", "REASON"],
    thresholds.map(({ name, threshold, unit, forSeconds, override, reason }) => [
      ...[name, `${threshold} ${unit}`, `${forSeconds} s`, override?.actor ?? "", override?.reason ?? reason],
    ]),
  );

export const setAlert: Command = async ({ client, args: [name], flags }) => {
  const { threshold, minutes, reason } = flags;
  if (name === undefined || threshold === undefined || reason === undefined)
    throw new UsageError("Name the alert, and say --threshold N and --reason TEXT. `alerts --all` shows them.");
  const body = {
    threshold: numberOf("--threshold", threshold),
    ...(minutes === undefined ? {} : { forMinutes: numberOf("--minutes", minutes) }),
    reason,
  };
  const answer = await client.call("PUT", `/v1/alerts/thresholds/${encodeURIComponent(name)}`, body);
  return { answer, text: `${name} now fires at ${threshold}. \`alerts reset ${name}\` undoes it.` };
};

export const resetAlert: Command = async ({ client, args: [name] }) => {
  if (name === undefined) throw new UsageError("Name the alert whose own threshold shall hold again.");
  const answer = await client.call("DELETE", `/v1/alerts/thresholds/${encodeURIComponent(name)}`);
  return { answer, text: `${name} has its own threshold again.` };
};

function numberOf(flag: string, given: string): number {
  if (!/^\d+(\.\d+)?$/.test(given)) throw new UsageError(`${flag}: "${given}" is no number.`);
  return Number(given);
}
