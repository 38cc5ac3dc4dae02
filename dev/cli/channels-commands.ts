/** Warehouses, tills, marketplaces and shops without a deploy: who they are, their secrets, what they are told. */
import { readFileSync } from "node:fs";
import { type Attempt, type Heard, heardText } from "./attempt-text.ts";
import { channelCard, type ShownChannel, type ShownHealth, type ShownRules } from "./channel-card.ts";
import { ApiProblem } from "./client.ts";
import { type Command, UsageError } from "./command-context.ts";
import { connectPages, disconnectPages } from "./connect-pages.ts";
import { credentials } from "./credential-commands.ts";
import { table } from "./table.ts";

type Channel = {
  readonly id: string;
  readonly type: string;
  readonly adapter: string;
  readonly name: string;
  readonly direction: string;
  readonly state: string;
  readonly stateReason: string | null;
  readonly readOnly: boolean;
  readonly endpoint: string | null;
  readonly outbound: { readonly orders: readonly string[] };
  readonly secret?: string;
  readonly inForceAt?: string;
};
type Health = { readonly verdict: string; readonly reasons: readonly string[]; readonly waitingDeadLetters: number };
type Document = {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly version: number;
  readonly state: string;
  readonly attempts: readonly Attempt[];
};

const pathOf = (id: string | undefined, rest = ""): string => {
  if (id === undefined) throw new UsageError("Name the channel: `channels` lists them.");
  return `/v1/channels/${encodeURIComponent(id)}${rest}`;
};

const listChannels: Command = async ({ client }) => {
  const answer = await client.call<{ channels: readonly Channel[]; environmentShops: readonly string[] }>(
    "GET",
    "/v1/channels",
  );
  const rows = answer.channels.map(({ id, type, adapter, name, direction, state, stateReason, readOnly, endpoint }) => [
    ...[id, type, adapter, name, direction, endpoint ?? ""],
    [state === "paused" ? `paused: ${stateReason}` : "", readOnly ? "read-only" : ""].filter(Boolean).join(", "),
  ]);
  const shops =
    answer.environmentShops.length === 0 ? "" : `Shops of SHOPIFY_SHOPS: ${answer.environmentShops.join(", ")}.`;
  const head = ["ID", "TYPE", "SPEAKS", "NAME", "DIRECTION", "ENDPOINT", ""];
  const text = [rows.length === 0 ? "There are no channels." : table(head, rows), shops].filter(Boolean).join("\n\n");
  return { answer, text };
};

/** `--json` has all three together. */
const showChannel: Command = async ({ client, args: [id] }) => {
  const channel = await client.call<ShownChannel>("GET", pathOf(id));
  const { rules } = await client.call<{ readonly rules: ShownRules }>("GET", pathOf(id, "/rules"));
  const health = await client.call<ShownHealth>("GET", pathOf(id, "/health")).catch(unlessAway);
  return { answer: { ...channel, rules, health }, text: channelCard(channel, rules, health) };
};

/** Whoever could say how it is may be away; what it is, is known all the same. */
function unlessAway(error: unknown): null {
  if (error instanceof ApiProblem && error.status < 500) throw error;
  return null;
}

/** The file holds the whole of it, as `PUT /v1/channels/{id}` takes it. */
const putChannel: Command = async ({ client, args: [id, file], flags }) => {
  const path = pathOf(id, flags["dry-run"] ? "?dryRun=true" : "");
  if (file === undefined)
    throw new UsageError("Name the JSON file that says what it is: see `PUT /v1/channels/{id}` in /docs.");
  const answer = await client.call<Channel>("PUT", path, jsonOf(file));
  const secret = answer.secret === undefined ? "" : `\nIts signing secret, shown this once: ${answer.secret}`;
  const done = flags["dry-run"] ? "would be put" : "is put";
  return { answer, text: [`${answer.id} ${done}.${secret}`, ...inForce(answer)].join("\n") };
};

/** Orders are exact, everything else within seconds. */
function inForce({ inForceAt, direction, endpoint, outbound }: Channel): readonly string[] {
  if (inForceAt === undefined) return [];
  const isToldOrders = direction !== "in" && endpoint !== null && outbound.orders.length > 0;
  const orders = isToldOrders ? ["It is told of orders that come from now on."] : [];
  return [...orders, `In force everywhere from ${inForceAt} on.`];
}

function jsonOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : error}`);
  }
}

const rotateChannel: Command = async ({ client, args: [id] }) => {
  const answer = await client.call<{ secret: string; previousRetiresAt: string }>(
    "POST",
    pathOf(id, "/secrets/rotate"),
    {},
  );
  return {
    answer,
    text: `The new secret, shown this once: ${answer.secret}\nThe old one holds beside it until ${answer.previousRetiresAt}.`,
  };
};

const pauseChannel: Command = async ({ client, args: [id], flags }) => {
  const answer = await client.call(
    "POST",
    pathOf(id, "/pause"),
    flags.reason === undefined ? {} : { reason: flags.reason },
  );
  return { answer, text: `${id} is paused. \`channels resume ${id}\` ends that.` };
};

const resumeChannel: Command = async ({ client, args: [id] }) => {
  const answer = await client.call("POST", pathOf(id, "/resume"));
  return { answer, text: `${id} goes on; what it missed is told now.` };
};

const testChannel: Command = async ({ client, args: [id] }) => {
  type Tested = Heard & { readonly ok: boolean };
  const answer = await client.call<Tested>("POST", pathOf(id, "/test"));
  const text = `${answer.ok ? "Taken" : "Not taken"}: ${heardText(answer)}.`;
  return { answer, text, code: answer.ok ? 0 : 1 };
};

const channelHealth: Command = async ({ client, args: [id] }) => {
  const answer = await client.call<Health>("GET", pathOf(id, "/health"));
  const { verdict, reasons, waitingDeadLetters } = answer;
  const letters = waitingDeadLetters === 0 ? [] : [`${waitingDeadLetters} dead letters wait`];
  const text = [`${id} is ${verdict}.`, ...[...reasons, ...letters].map((reason) => `- ${reason}`)].join("\n");
  return { answer, text, code: verdict === "failing" ? 1 : 0 };
};

/** Rows `itemId,sku`, with or without a heading. */
const mapItems: Command = async ({ client, args: [id, file], flags }) => {
  const path = pathOf(id, `/listings${flags["dry-run"] ? "?dryRun=true" : ""}`);
  if (file === undefined) throw new UsageError("Name a CSV file with the columns itemId and sku.");
  type Mapped = {
    readonly mapped: number;
    readonly errors: readonly { itemId: string; sku: string; reason: string }[];
  };
  const answer = await client.call<Mapped>("PUT", path, { listings: rowsOf(file) });
  const rows = answer.errors.map(({ itemId, sku, reason }) => [itemId, sku, reason]);
  const faults = rows.length === 0 ? "" : `\nNot mapped:\n${table(["ITEM", "SKU", "WHY"], rows)}`;
  return { answer, text: `${answer.mapped} items are mapped.${faults}`, code: rows.length === 0 ? 0 : 1 };
};

function rowsOf(file: string): readonly { readonly itemId: string; readonly sku: string }[] {
  const lines = readFileSync(file, "utf8")
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "");
  const rows = /^"?itemId"?\s*,/i.test(lines[0] ?? "") ? lines.slice(1) : lines;
  return rows.map((line) => {
    const comma = line.indexOf(",");
    if (comma < 1) throw new UsageError(`${file}: "${line}" is no item and SKU.`);
    const unquoted = (text: string): string =>
      text
        .trim()
        .replace(/^"(.*)"$/, "$1")
        .replaceAll('""', '"');
    return { itemId: unquoted(line.slice(0, comma)), sku: unquoted(line.slice(comma + 1)) };
  });
}

/** A till that keeps its own stock. Without --mode it is as before; the first time its counts are taken as stock. */
const connectChannel: Command = async (context) => {
  const path = pathOf(context.args[0], "/connect");
  const { mode } = context.flags;
  if (mode !== undefined && mode !== "adopt" && mode !== "mirror")
    throw new UsageError("--mode adopt (its counts are stock) or --mode mirror (they shall show ours).");
  return connectPages(context, path, mode, "THEIRS");
};

const disconnectChannel: Command = async (context) =>
  disconnectPages(context, pathOf(context.args[0], "/disconnect"), context.args[0] ?? "");

const listDocuments: Command = async ({ client, args: [id] }) => {
  const answer = await client.call<{ documents: readonly Document[] }>("GET", pathOf(id, "/documents"));
  const rows = answer.documents.map(({ id: its, type, subject, version, state, attempts: [newest] }) => {
    const last = newest === undefined ? "" : `${newest.at} ${newest.outcome}: ${heardText(newest)}`;
    return [its, type, subject, version, state, last];
  });
  const head = ["ID", "TYPE", "ABOUT", "VERSION", "STATE", "NEWEST TRY"];
  return { answer, text: rows.length === 0 ? "It was told no documents." : table(head, rows) };
};

export const CHANNELS_COMMANDS: readonly (readonly [name: string, wordsMax: number, Command])[] = [
  ["channels", 0, listChannels],
  ["channels show", 1, showChannel],
  ["channels put", 2, putChannel],
  ["channels rotate", 1, rotateChannel],
  ["channels pause", 1, pauseChannel],
  ["channels resume", 1, resumeChannel],
  ["channels test", 1, testChannel],
  ["channels health", 1, channelHealth],
  ["channels map", 2, mapItems],
  ["channels credentials", 3, credentials],
  ["channels connect", 1, connectChannel],
  ["channels disconnect", 1, disconnectChannel],
  ["channels documents", 1, listDocuments],
];
