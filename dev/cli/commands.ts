/** The commands: each asks the API and says the answer, as data and as text. */
import { listAlerts, resetAlert, setAlert } from "./alert-commands.ts";
import { isolateBreaker, listBreakers, releaseBreaker } from "./breaker-commands.ts";
import { callPatiently } from "./call-patiently.ts";
import { CHANNELS_COMMANDS } from "./channels-commands.ts";
import { type Command, type CommandAnswer, type CommandContext, UsageError } from "./command-context.ts";
import { exportLevels, importCounts } from "./csv-commands.ts";
import { DEAD_LETTER_COMMANDS } from "./dead-letter-commands.ts";
import { showMovements, showPastLevels } from "./history-commands.ts";
import { importShop } from "./import-shop.ts";
import { attachListing, reportListings } from "./listing-commands.ts";
import { NOTIFICATION_COMMANDS } from "./notification-commands.ts";
import { listOversells } from "./oversell-commands.ts";
import {
  channelRules,
  clearChannel,
  resumeChannel,
  setChannel,
  showPolicy,
  showSellable,
  stopChannel,
} from "./policy-commands.ts";
import { cancelReconciliation, overwriteFinding, reconcile, reconciliations } from "./reconcile-commands.ts";
import {
  commitReservation,
  deleteBundle,
  extendReservation,
  listBundles,
  putBundle,
  releaseReservation,
  reserve,
  showBundle,
  showReservation,
} from "./reservation-commands.ts";
import { SHOP_COMMANDS } from "./shop-commands.ts";
import { STOCK_COMMANDS } from "./stock-commands.ts";
import { table } from "./table.ts";
import { listEvents, showTrace } from "./trace-commands.ts";

type Subscription = { readonly topic: string; readonly uri: string; readonly includeFields: readonly string[] };
type Change = { readonly topic: string; readonly change: string; readonly was?: string; readonly why?: string };
type Levels = {
  readonly sku: string;
  readonly available: number;
  readonly floor: number;
  readonly committed: number;
  readonly onHand: number;
  readonly version: number;
  readonly source: string;
  readonly locations: readonly { readonly locationId: string; readonly available: number }[];
};
const RECEIVER_PATH = "/webhooks/shopify";

/** Where Shopify shall deliver: a bare host gets the receiver's path, a relay keeps its own. */
function deliveryUri(url: string | undefined): string {
  if (url === undefined) throw new UsageError("Say where Shopify shall deliver: --url https://your-onhand.workers.dev");
  if (!URL.canParse(url)) throw new UsageError(`--url: "${url}" is no URL.`);
  const { origin, pathname, search } = new URL(url);
  return pathname === "/" ? `${origin}${RECEIVER_PATH}` : `${origin}${pathname}${search}`;
}

const syncWebhooks: Command = async ({ client, shop, flags }) => {
  const uri = deliveryUri(flags.url);
  const answer = await callPatiently<{ subscriptions: Subscription[]; changes: Change[]; elsewhere: Subscription[] }>(
    client,
    `/v1/shops/${shop()}/webhooks/sync`,
    { uri, replace: flags.replace ?? false },
  );
  const rows = answer.changes.map(({ topic, change, was, why }) => [
    topic,
    was === undefined || was === uri ? change : `${change} (was ${was})`,
    why ?? uri,
  ]);
  const elsewhere = answer.elsewhere.map(({ topic, uri: there }) => [topic, "elsewhere", there]);
  const note =
    elsewhere.length === 0
      ? ""
      : "\nThose elsewhere were left alone: another deployment may live by them. If they are yours, say --replace.";
  return { answer, text: table(["TOPIC", "", "DELIVERS TO"], [...rows, ...elsewhere]) + note };
};

const listWebhooks: Command = async ({ client, shop }) => {
  const answer = await client.call<{ subscriptions: Subscription[] }>("GET", `/v1/shops/${shop()}/webhooks`);
  const rows = answer.subscriptions.map(({ topic, uri, includeFields }) => [topic, uri, includeFields.length || "all"]);
  return { answer, text: rows.length === 0 ? "No subscriptions." : table(["TOPIC", "DELIVERS TO", "FIELDS"], rows) };
};

const runImport: Command = async ({ client, shop, flags }) => {
  const tells = !flags.json && process.stderr.isTTY;
  const tell = (text: string): void => void (tells && process.stderr.write(`\r\x1b[K${text} …`));
  const answer = await importShop(client, shop(), {
    onPage: ({ items, connected }) => tell(`${items} items, ${connected} connected`),
    onWait: (reason) => tell(`waiting for Shopify: ${reason}`),
  });
  if (!flags.json && process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  const { locations, items, connected, levels, findings } = answer;
  const summary = `${locations} locations, ${items} inventory items, ${connected} connected with ${levels} levels.`;
  if (findings.length === 0) return { answer, text: `${summary}\nNothing to report.` };
  const rows = findings.map(({ kind, sku, variantId, title, detail }) => [
    kind,
    sku || "(none)",
    variantId,
    title,
    detail,
  ]);
  return {
    answer,
    text: `${summary}\n\n${findings.length} not synced, or not wholly:\n${table(["WHY", "SKU", "VARIANT", "TITLE", "DETAIL"], rows)}`,
  };
};

const showLevels: Command = async (context) => {
  const { client, args, flags } = context;
  if (flags["as-of"] !== undefined) return showPastLevels(context);
  if (args.length === 0) throw new UsageError("Name a SKU.");
  type Batch = { items: Levels[]; missing: string[]; unavailable: string[] };
  const answer = await client.call<Batch>("POST", "/v1/inventory/batch", { skus: args });
  const rows = answer.items.map((levels) => [
    ...[levels.sku, levels.available, levels.floor, levels.committed, levels.onHand],
    levels.locations.map(({ locationId, available }) => `${locationId}: ${available}`).join(", "),
    levels.source,
  ]);
  const text = [
    ...(rows.length === 0
      ? []
      : [table(["SKU", "AVAILABLE", "FLOOR", "COMMITTED", "ON HAND", "AVAILABLE AT", "SOURCE"], rows)]),
    ...(answer.missing.length === 0 ? [] : [`Unknown: ${answer.missing.join(", ")}`]),
    ...(answer.unavailable.length === 0 ? [] : [`Not to be read just now: ${answer.unavailable.join(", ")}`]),
  ].join("\n");
  return { answer, text, code: rows.length === 0 ? 1 : 0 };
};

/** The next import may give the SKU to another item. */
const releaseListing: Command = async ({ client, shop, args: [item, sku] }) => {
  if (item === undefined || sku === undefined)
    throw new UsageError("Name the inventory item that holds the SKU, and the SKU.");
  const path = `/v1/shops/${shop()}/listings/${encodeURIComponent(item)}/release`;
  const answer = await client.call<{ released: "listing" | "former_sku" }>("POST", path, { sku });
  const what =
    answer.released === "listing"
      ? `Item ${item} is released, and its stock is out of the count of ${sku}`
      : `${sku} no longer leads to the counter of item ${item}, which goes on under its present SKU`;
  return { answer, text: `${what}. The next import may give ${sku} to another item.` };
};

type Gate = {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly pausedReason: string | null;
  readonly breaker?: { readonly state: string };
};
type AllGates = { readonly shops: readonly { readonly shop: string; readonly status: Gate }[] };

/** One shop's, or with --all those of every shop of the deployment. */
const gatePath = ({ shop, flags }: CommandContext): string => (flags.all ? "/v1/gate" : `/v1/shops/${shop()}/gate`);

const gateStatus: Command = async (context) => {
  const answer = await context.client.call("GET", gatePath(context));
  return { answer, text: JSON.stringify(answer, null, 2) };
};

const setGate: Command = async (context) => {
  const { flags } = context;
  if (flags["read-only"] && flags.writable) throw new UsageError("--read-only or --writable: say one of them.");
  if (flags.stop && flags.go) throw new UsageError("--stop or --go: say one of them.");
  const deltaMax = flags["delta-max"] === undefined ? undefined : unitsOf("--delta-max", flags["delta-max"]);
  const readOnly = flags["read-only"] ? true : flags.writable ? false : undefined;
  const stopped = flags.stop ? true : flags.go ? false : undefined;
  const given = Object.entries({ readOnly, stopped, deltaMax }).filter(([, value]) => value !== undefined);
  if (given.length === 0)
    throw new UsageError("Say what to set: --read-only | --writable, --stop | --go, --delta-max N.");
  return configure(context, Object.fromEntries(given));
};

function unitsOf(name: string, given: string): number {
  if (!/^\d{1,9}$/.test(given)) throw new UsageError(`${name}: "${given}" is no number of units.`);
  return Number(given);
}

const stopGate: Command = (context) => configure(context, { stopped: true });
const startGate: Command = (context) => configure(context, { stopped: false });

async function configure(context: CommandContext, settings: Readonly<Record<string, unknown>>): Promise<CommandAnswer> {
  const answer = await context.client.call<Gate | AllGates>("PATCH", gatePath(context), settings);
  if (!("shops" in answer)) return { answer, text: JSON.stringify(answer.settings, null, 2) };
  const rows = answer.shops.map(({ shop, status }) => [
    shop,
    JSON.stringify(status.settings),
    status.pausedReason ?? "",
  ]);
  return { answer, text: table(["SHOP", "SETTINGS", "PAUSED BY"], rows) };
}

/** The cause of a pause is gone. */
const resumeGate: Command = async ({ client, shop }) => {
  const answer = await client.call<Gate>("POST", `/v1/shops/${shop()}/gate/resume`);
  const isTrying = answer.pausedReason === null || answer.breaker?.state === "half_open";
  return { answer, text: isTrying ? "The gate tries again." : `Still: ${answer.pausedReason}.` };
};

const heldPushes: Command = async ({ client, shop }) => {
  type Held = {
    pushKey: string;
    listingId: string;
    state: string;
    reason: string;
    rows: { location: string; delta: number }[];
  };
  const answer = await client.call<{ pushes: Held[] }>("GET", `/v1/shops/${shop()}/gate/pushes`);
  const rows = answer.pushes.map((p) => [
    p.pushKey,
    p.listingId,
    p.rows.map((row) => `${row.location}: ${row.delta}`).join(", "),
    p.state,
    p.reason,
  ]);
  return {
    answer,
    text: rows.length === 0 ? "Nothing is held." : table(["PUSH", "LISTING", "ROWS", "STATE", "WHY"], rows),
  };
};

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ["webhooks sync", syncWebhooks],
  ["webhooks list", listWebhooks],
  ["import", runImport],
  ["levels", showLevels],
  ["movements", showMovements],
  ["oversells", listOversells],
  ["alerts", listAlerts],
  ["alerts set", setAlert],
  ["alerts reset", resetAlert],
  ["trace", showTrace],
  ["events", listEvents],
  ["reconcile", reconcile],
  ["reconcile cancel", cancelReconciliation],
  ["reconcile overwrite", overwriteFinding],
  ["reconciliations", reconciliations],
  ["reserve", reserve],
  ["reservation show", showReservation],
  ["reservation commit", commitReservation],
  ["reservation release", releaseReservation],
  ["reservation extend", extendReservation],
  ["bundles list", listBundles],
  ["bundles show", showBundle],
  ["bundles put", putBundle],
  ["bundles delete", deleteBundle],
  ["export", exportLevels],
  ["import-counts", importCounts],
  ...DEAD_LETTER_COMMANDS,
  ["listings release", releaseListing],
  ["listings report", reportListings],
  ["listings attach", attachListing],
  ["policy", showPolicy],
  ["sellable", showSellable],
  ["channel stop", stopChannel],
  ["channel resume", resumeChannel],
  ["channel set", setChannel],
  ["channel clear", clearChannel],
  ["channel rules", channelRules],
  ...SHOP_COMMANDS,
  ...NOTIFICATION_COMMANDS,
  ...[...CHANNELS_COMMANDS, ...STOCK_COMMANDS].map(([name, , command]) => [name, command] as const),
  ["breakers", listBreakers],
  ["breakers isolate", isolateBreaker],
  ["breakers release", releaseBreaker],
  ["gate status", gateStatus],
  ["gate set", setGate],
  ["gate stop", stopGate],
  ["gate go", startGate],
  ["gate resume", resumeGate],
  ["gate held", heldPushes],
]);

/** Words after the command; one that is not named here takes none. */
const WORDS_MAX: ReadonlyMap<string, number> = new Map([
  ["levels", Number.POSITIVE_INFINITY],
  ["movements", 1],
  ["oversells", 1],
  ["alerts set", 1],
  ["alerts reset", 1],
  ["trace", 1],
  ["reconcile cancel", 1],
  ["reconcile overwrite", 2],
  ["reconciliations", 1],
  ["reserve", Number.POSITIVE_INFINITY],
  ["reservation show", 1],
  ["reservation commit", Number.POSITIVE_INFINITY],
  ["reservation release", 1],
  ["reservation extend", 1],
  ["bundles show", 1],
  ["bundles put", Number.POSITIVE_INFINITY],
  ["bundles delete", 1],
  ["import-counts", 1],
  ["breakers isolate", 1],
  ["breakers release", 1],
  ["dead-letters show", 1],
  ["dead-letters replay", Number.POSITIVE_INFINITY],
  ["dead-letters discard", Number.POSITIVE_INFINITY],
  ["dead-letters edit", 2],
  ["dead-letters jobs", 1],
  ["dead-letters cancel", 1],
  ["audit", 1],
  ["listings release", 2],
  ["listings attach", 2],
  ["policy", 1],
  ["sellable", 2],
  ["channel stop", 2],
  ["channel resume", 2],
  ["channel set", 2],
  ["channel clear", 2],
  ["channel rules", 1],
  ["shop locations", Number.POSITIVE_INFINITY],
  ["notifications", 1],
  ...[...CHANNELS_COMMANDS, ...STOCK_COMMANDS].map(([name, wordsMax]) => [name, wordsMax] as const),
  ...["put", "test", "rotate", "enable", "remove", "deliveries", "resend"].map(
    (what) => [`destinations ${what}`, 1] as const,
  ),
]);

export type Found = { readonly name: string; readonly command: Command; readonly args: readonly string[] };

/** @throws UsageError for a command that is none, and for words that it has no use for */
export function findCommand(words: readonly string[]): Found {
  for (const length of [2, 1]) {
    const name = words.slice(0, length).join(" ");
    const command = COMMANDS.get(name);
    if (command === undefined) continue;
    const args = words.slice(length);
    const surplus = args.slice(WORDS_MAX.get(name) ?? 0);
    if (surplus.length > 0) throw new UsageError(`"${name}" takes no "${surplus.join(" ")}". See --help.`);
    return { name, command, args };
  }
  throw new UsageError(`There is no command "${words.join(" ")}". See --help.`);
}
