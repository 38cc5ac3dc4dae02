/** A shop or a till is connected to our stock, or parted from it, page by page; what came of all pages is told as one. */
import { callPatiently } from "./call-patiently.ts";
import type { CommandAnswer, CommandContext } from "./command-context.ts";
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

const teller =
  ({ flags }: CommandContext) =>
  (text: string): void =>
    void (!flags.json && process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text} …`));

/** @param theirs  heading of what the other side shows now */
export async function connectPages(
  context: CommandContext,
  path: string,
  mode: "adopt" | "mirror" | undefined,
  theirs: string,
): Promise<CommandAnswer> {
  const dryRun = context.flags["dry-run"] === true;
  const tell = teller(context);
  const pages: ConnectPage[] = [];
  let cursor: string | null = null;
  do {
    const body = { cursor, ...(mode === undefined ? {} : { mode }), dryRun };
    const page: ConnectPage = await callPatiently(context.client, path, body, tell);
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
    ...(rows.length === 0 ? [] : [table(["SKU", "LOCATION", "HOW", theirs, "OURS", "FIRST PUSH"], rows)]),
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
}

const signed = (units: number): string => (units > 0 ? `+${units}` : units < 0 ? `−${-units}` : "0");

/** What it supplied becomes ours; begun anew after a break, it goes on. */
export async function disconnectPages(context: CommandContext, path: string, whom: string): Promise<CommandAnswer> {
  const dryRun = context.flags["dry-run"] === true;
  const tell = teller(context);
  const pages: DisconnectPage[] = [];
  let cursor: string | null = null;
  do {
    const page: DisconnectPage = await callPatiently(context.client, path, { cursor, dryRun }, tell);
    pages.push(page);
    cursor = page.nextCursor;
  } while (cursor !== null);
  const folded = pages.flatMap((page) => page.folded);
  const listings = pages.reduce((sum, page) => sum + page.listings, 0);
  const rows = folded.map(({ sku, locationId, units }) => [sku, locationId, units]);
  const what = dryRun
    ? `${listings} listings would leave; these units would become ours. Nothing was changed.`
    : `${listings} listings have left; their units are ours. Nothing more is sent to ${whom}.`;
  const text = rows.length === 0 ? what : `${what}\n\n${table(["SKU", "LOCATION", "UNITS"], rows)}`;
  return { answer: { dryRun, listings, folded }, text };
}
