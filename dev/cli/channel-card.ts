/** A channel on a screen: what it is, what it is told, which rules hold, how it is. */
import { table } from "./table.ts";

export type ShownChannel = {
  readonly id: string;
  readonly type: string;
  readonly adapter: string;
  readonly name: string;
  readonly direction: string;
  readonly endpoint: string | null;
  readonly state: string;
  readonly stateReason: string | null;
  readonly stateBy: string | null;
  readonly stateSince: string;
  readonly readOnly: boolean;
  /** Theirs → ours. */
  readonly locations: Readonly<Record<string, string>>;
  readonly listings: string;
  readonly listingCount: number;
  readonly eventTypes: readonly string[] | null;
  readonly outbound: {
    readonly levels: boolean;
    readonly orders: readonly string[];
    readonly reorders: boolean;
    readonly batchMax: number;
    readonly callsPerSecond: number;
  };
  readonly countApproval: { readonly units: number | null; readonly percent: number | null };
  readonly secrets: {
    readonly signing: readonly {
      readonly version: number;
      readonly createdAt: string;
      readonly retiresAt: string | null;
    }[];
    readonly credentials: readonly { readonly name: string; readonly createdAt: string }[];
  };
};

/** Its default rules; null: it has none. */
export type ShownRules = {
  readonly buffer?: { readonly kind: string; readonly units?: number; readonly percent?: number };
  readonly zeroBelow?: number;
  readonly cap?: number | null;
  readonly excludedLocations?: readonly string[];
  readonly isStopped?: boolean;
} | null;

/** Null: it could not be asked for. */
export type ShownHealth = {
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly lastReceivedAt: string | null;
  readonly lastSentAt: string | null;
} | null;

export function channelCard(channel: ShownChannel, rules: ShownRules, health: ShownHealth): string {
  const { id, name, type, adapter, direction, endpoint } = channel;
  const rows: (readonly [string, string])[] = [
    ["health", healthText(health)],
    ["state", stateText(channel)],
    ["type", `${type}, speaks ${adapter}`],
    ["direction", DIRECTIONS[direction] ?? direction],
    ["endpoint", endpoint ?? "none"],
    ["is told", toldText(channel)],
    ["tells", direction === "out" ? "nothing" : (channel.eventTypes?.join(", ") ?? "every type of event")],
    ["listings", channel.listings === "mapped" ? `mapped: ${channel.listingCount} items` : "by our SKUs"],
    ["locations", locationsText(channel.locations)],
    ["counts", approvalText(channel.countApproval)],
    ["rules", rulesText(rules)],
    ["secrets", secretsText(channel.secrets)],
  ];
  const title = name === id ? id : `${id}: ${name}`;
  return `${title}\n${table(["", ""], rows).split("\n").slice(1).join("\n")}`;
}

const DIRECTIONS: Readonly<Record<string, string>> = {
  in: "in: it tells us",
  out: "out: we tell it",
  both: "both: it tells us, and we tell it",
};

function healthText(health: ShownHealth): string {
  if (health === null) return "not known just now";
  const { verdict, reasons, lastReceivedAt, lastSentAt } = health;
  const seen = `last heard ${lastReceivedAt ?? "never"}, last told ${lastSentAt ?? "never"}`;
  return `${[verdict, ...reasons.slice(0, 1)].join(": ")}${reasons.length > 1 ? `, and ${reasons.length - 1} more` : ""} (${seen})`;
}

function stateText({ state, stateReason, stateBy, stateSince, readOnly }: ShownChannel): string {
  const by = stateBy === null ? "" : ` by ${stateBy}`;
  const why = stateReason === null ? "" : `: ${stateReason}`;
  return `${state} since ${stateSince}${by}${why}${readOnly ? "; read-only, nothing is sent to it" : ""}`;
}

function toldText({ direction, endpoint, adapter, outbound }: ShownChannel): string {
  if (direction === "in" || (endpoint === null && adapter === "onhand")) return "nothing";
  const orders = outbound.orders.includes("*") ? "all others" : outbound.orders.join(", ");
  const what = [
    ...(outbound.levels ? [`levels (${outbound.batchMax} a call, ${outbound.callsPerSecond} calls a second)`] : []),
    ...(outbound.orders.length > 0 ? [`orders of ${orders}`] : []),
    ...(outbound.reorders ? ["reorders"] : []),
  ];
  return what.length === 0 ? "nothing" : what.join(", ");
}

function locationsText(locations: ShownChannel["locations"]): string {
  const mapped = Object.entries(locations).map(([theirs, ours]) => `${theirs} = ${ours}`);
  return mapped.length === 0 ? "all, by our ids" : mapped.join(", ");
}

function approvalText({ units, percent }: ShownChannel["countApproval"]): string {
  const beyond = [...(units === null ? [] : [`${units} units`]), ...(percent === null ? [] : [`${percent} %`])];
  return beyond.length === 0 ? "are booked" : `wait for a person beyond ${beyond.join(" or ")}`;
}

function rulesText(rules: ShownRules): string {
  if (rules === null) return "none: it may show all";
  const { buffer, zeroBelow = 0, cap = null, excludedLocations = [], isStopped = false } = rules;
  const said = [
    ...(isStopped ? ["stopped: nothing is sold"] : []),
    ...(buffer?.kind === "fixed" ? [`${buffer.units} kept back`] : []),
    ...(buffer?.kind === "percentage" ? [`${buffer.percent} % kept back`] : []),
    ...(zeroBelow > 0 ? [`0 shown below ${zeroBelow}`] : []),
    ...(cap === null ? [] : [`at most ${cap} shown`]),
    ...(excludedLocations.length === 0 ? [] : [`nothing of ${excludedLocations.join(", ")}`]),
  ];
  return said.length === 0 ? "none: it may show all" : `${said.join(", ")} (a SKU's own go before)`;
}

function secretsText({ signing, credentials }: ShownChannel["secrets"]): string {
  const secrets = signing.map(({ version, createdAt, retiresAt }) =>
    retiresAt === null ? `signing ${version} since ${createdAt}` : `signing ${version} until ${retiresAt}`,
  );
  const theirs = credentials.map(({ name, createdAt }) => `${name} since ${createdAt}`);
  return [...secrets, ...theirs].join(", ") || "none";
}
