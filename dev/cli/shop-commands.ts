/** How a shop is connected to our stock, and parted from it again. */
import { callPatiently } from "./call-patiently.ts";
import { type Command, type CommandContext, UsageError } from "./command-context.ts";
import { table } from "./table.ts";

type FirstPush = {
  readonly sku: string;
  readonly shopLocation: string;
  readonly locationId: string;
  readonly connection: string;
  readonly level: number;
  readonly ours: number;
  readonly delta: number;
};
type ConnectPage = {
  readonly nextCursor: string | null;
  readonly counts: { readonly items: number };
  readonly findings: readonly { readonly kind: string; readonly sku: string; readonly detail: string }[];
  readonly firstPushes: readonly FirstPush[];
};
type DisconnectPage = {
  readonly nextCursor: string | null;
  readonly listings: number;
  readonly folded: readonly { readonly sku: string; readonly locationId: string; readonly units: number }[];
};
type Locations = {
  readonly locations: readonly {
    readonly shopLocationId: string;
    readonly locationId: string | null;
    readonly name: string;
    readonly isActive: boolean;
  }[];
  readonly ours: readonly { readonly locationId: string; readonly name: string }[];
};

const teller =
  ({ flags }: CommandContext) =>
  (text: string): void =>
    void (!flags.json && process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text} …`));

/** Its catalogue is imported; levels adopt, or mirror, as it is said. */
const connect: Command = async (context) => {
  const { client, shop, flags } = context;
  const { mode } = flags;
  if (mode !== "adopt" && mode !== "mirror") {
    throw new UsageError("Say how: --mode adopt (its levels are stock) or --mode mirror (they shall show ours).");
  }
  const dryRun = flags["dry-run"] === true;
  const tell = teller(context);
  const pages: ConnectPage[] = [];
  let cursor: string | null = null;
  do {
    const body = { cursor, mode, dryRun };
    const page: ConnectPage = await callPatiently(client, `/v1/shops/${shop()}/import`, body, tell);
    pages.push(page);
    tell(`${pages.length} pages`);
    cursor = page.nextCursor;
  } while (cursor !== null);
  const pushes = pages.flatMap(({ firstPushes }) => firstPushes);
  const findings = pages.flatMap((page) => page.findings);
  const rows = pushes.map((p) => [
    p.sku,
    `${p.shopLocation} = ${p.locationId}`,
    p.connection,
    p.level,
    p.ours,
    signed(p.delta),
  ]);
  const items = pages.reduce((sum, { counts }) => sum + counts.items, 0);
  const text = [
    `${items} items; ${pushes.length} levels ${dryRun ? "would be" : "were"} connected anew.`,
    ...(rows.length === 0 ? [] : [table(["SKU", "LOCATION", "HOW", "SHOPIFY", "OURS", "FIRST PUSH"], rows)]),
    ...(findings.length === 0
      ? []
      : [
          table(
            ["WHY NOT", "SKU", "DETAIL"],
            findings.map(({ kind, sku, detail }) => [kind, sku || "(none)", detail]),
          ),
        ]),
    ...(dryRun ? ["Nothing was changed. Without --dry-run it is done."] : []),
  ].join("\n\n");
  return { answer: { dryRun, items, firstPushes: pushes, findings }, text };
};

const signed = (units: number): string => (units > 0 ? `+${units}` : units < 0 ? `−${-units}` : "0");

/** What it supplied becomes ours; begun anew after a break, it goes on. */
const disconnect: Command = async (context) => {
  const { client, shop, flags } = context;
  const dryRun = flags["dry-run"] === true;
  const tell = teller(context);
  const pages: DisconnectPage[] = [];
  let cursor: string | null = null;
  do {
    const page: DisconnectPage = await callPatiently(
      client,
      `/v1/shops/${shop()}/disconnect`,
      { cursor, dryRun },
      tell,
    );
    pages.push(page);
    cursor = page.nextCursor;
  } while (cursor !== null);
  const folded = pages.flatMap((page) => page.folded);
  const listings = pages.reduce((sum, page) => sum + page.listings, 0);
  const rows = folded.map(({ sku, locationId, units }) => [sku, locationId, units]);
  const what = dryRun
    ? `${listings} listings would leave; these units would become ours. Nothing was changed.`
    : `${listings} listings have left; their units are ours. Nothing more is sent to ${shop()}.`;
  const text = rows.length === 0 ? what : `${what}\n\n${table(["SKU", "LOCATION", "UNITS"], rows)}`;
  return { answer: { dryRun, listings, folded }, text };
};

/** Without words: which is which. With THEIRS=OURS …: each of those is that one of ours from now on. */
const locations: Command = async ({ client, shop, args }) => {
  const path = `/v1/shops/${shop()}/locations`;
  if (args.length > 0) {
    const mappings = args.map((pair) => {
      const [, shopLocationId, locationId] = /^(\d+)=(\d+)$/.exec(pair) ?? [];
      if (shopLocationId === undefined || locationId === undefined)
        throw new UsageError(`"${pair}": say THEIRS=OURS, two numbers as "shop locations" lists them.`);
      return { shopLocationId, locationId };
    });
    const answer = await client.call("PUT", path, { locations: mappings });
    return { answer, text: mappings.map((m) => `${m.shopLocationId} is ${m.locationId} of ours.`).join("\n") };
  }
  const answer = await client.call<Locations>("GET", path);
  const rows = answer.locations.map((l) => [
    l.shopLocationId,
    l.name,
    l.isActive ? "" : "deactivated",
    l.locationId ?? "–",
  ]);
  const ours = answer.ours.map(({ locationId, name }) => [locationId, name]);
  return {
    answer,
    text: `${table(["THEIRS", "NAME", "", "OURS"], rows)}\n\n${table(["OURS", "NAME"], ours)}`,
  };
};

const findings: Command = async ({ client, shop }) => {
  type Found = {
    connection: { mode: string; state: string } | null;
    findings: { subject: string; kind: string; sku: string; detail: string; seenAt: string }[];
  };
  const answer = await client.call<Found>("GET", `/v1/shops/${shop()}/findings`);
  const { connection } = answer;
  const how = connection === null ? "Never imported." : `The shop is ${connection.state} (${connection.mode}).`;
  const rows = answer.findings.map((f) => [f.seenAt, f.kind, f.subject, f.sku || "–", f.detail]);
  const text = rows.length === 0 ? "Nothing to report." : table(["SINCE", "WHAT", "ABOUT", "SKU", "DETAIL"], rows);
  return { answer, text: `${how}\n${text}` };
};

export const SHOP_COMMANDS: readonly (readonly [string, Command])[] = [
  ["shop connect", connect],
  ["shop disconnect", disconnect],
  ["shop locations", locations],
  ["shop findings", findings],
];
