/** Reservations and bundles from the command line. */
import { randomUUID } from "node:crypto";
import { type Command, type CommandContext, UsageError } from "./command-context.ts";
import { table } from "./table.ts";

type Reservation = {
  readonly id: string;
  readonly status: string;
  readonly settled: boolean;
  readonly expiresAt: string;
  readonly reference: string | null;
  readonly lines: readonly { readonly sku: string; readonly quantity: number; readonly committed?: number }[];
  readonly holds: readonly { readonly sku: string; readonly locationId: string; readonly quantity: number }[];
};

type Line = { readonly sku: string; readonly quantity: number; readonly locationId?: string };

/** `SKU=2` or `SKU=2@LOCATION`; a SKU may hold a "=" itself. */
function lineOf(word: string): Line {
  const [, sku, quantity, locationId] = /^(.+)=(\d{1,10})(?:@(\d{1,20}))?$/.exec(word) ?? [];
  if (sku === undefined || quantity === undefined)
    throw new UsageError(`"${word}" is no line: say SKU=QUANTITY, or SKU=QUANTITY@LOCATION.`);
  return { sku, quantity: Number(quantity), ...(locationId === undefined ? {} : { locationId }) };
}

function secondsOf(given: string | undefined, otherwise: number): number {
  if (given === undefined) return otherwise;
  if (!/^\d{1,6}$/.test(given)) throw new UsageError(`--ttl: "${given}" is no number of seconds.`);
  return Number(given);
}

const TTL_SECONDS = 900; // a checkout

export const reserve: Command = async ({ client, args, flags }) => {
  if (args.length === 0) throw new UsageError("Name what to reserve: SKU=QUANTITY …");
  const body = {
    lines: args.map(lineOf),
    ttlSeconds: secondsOf(flags.ttl, TTL_SECONDS),
    ...(flags.reference === undefined ? {} : { reference: flags.reference }),
  };
  const path = `/v1/reservations${flags["dry-run"] ? "?dryRun=true" : ""}`;
  const headers = { "idempotency-key": flags.key ?? randomUUID() };
  const answer = await client.call<Reservation>("POST", path, body, headers);
  return { answer, text: (flags["dry-run"] ? "Nothing was held. It would be:\n" : "") + textOf(answer) };
};

export const showReservation: Command = async (context) => {
  const answer = await context.client.call<Reservation>("GET", pathOf(context));
  return { answer, text: textOf(answer) };
};

export const commitReservation: Command = async (context) => {
  const lines = context.args.slice(1).map(lineOf);
  const body = lines.length === 0 ? {} : { lines };
  const answer = await context.client.call<Reservation>("POST", `${pathOf(context)}/commit`, body);
  return { answer, text: textOf(answer) };
};

export const releaseReservation: Command = async (context) => {
  const answer = await context.client.call<Reservation>("POST", `${pathOf(context)}/release`, {});
  return { answer, text: textOf(answer) };
};

export const extendReservation: Command = async (context) => {
  const ttlSeconds = secondsOf(context.flags.ttl, TTL_SECONDS);
  const answer = await context.client.call<Reservation>("POST", `${pathOf(context)}/extend`, { ttlSeconds });
  return { answer, text: textOf(answer) };
};

function pathOf({ args: [id] }: CommandContext): string {
  if (id === undefined) throw new UsageError("Name a reservation's id.");
  return `/v1/reservations/${encodeURIComponent(id)}`;
}

function textOf({ id, status, settled, expiresAt, lines, holds }: Reservation): string {
  const places = (sku: string): string =>
    holds
      .filter((hold) => hold.sku === sku)
      .map(({ locationId, quantity }) => `${locationId}: ${quantity}`)
      .join(", ");
  const rows = lines.map(({ sku, quantity, committed }) => [sku, quantity, committed ?? null, places(sku)]);
  const others = [...new Set(holds.map(({ sku }) => sku))].filter((sku) => lines.every((line) => line.sku !== sku));
  const parts = others.map((sku) => ["  of a bundle: ".concat(sku), null, null, places(sku)]);
  const until = status === "open" ? `, until ${expiresAt}` : settled ? "" : ", not yet at every counter";
  return `${id}: ${status}${until}\n${table(["SKU", "QUANTITY", "COMMITTED", "HELD AT"], [...rows, ...parts])}`;
}

type Bundle = {
  readonly sku: string;
  readonly revision: number;
  readonly components: readonly { readonly sku: string; readonly quantity: number }[];
  readonly takes?: readonly { readonly sku: string; readonly quantity: number }[];
  readonly fault?: string;
  readonly effectiveWithinSeconds?: number;
};

const made = (components: Bundle["components"]): string =>
  components.map(({ sku, quantity }) => `${quantity} × ${sku}`).join(", ");

export const listBundles: Command = async ({ client }) => {
  const bundles: Bundle[] = [];
  for (let after: string | null = ""; after !== null; ) {
    const query: string = new URLSearchParams({ limit: "200", ...(after === "" ? {} : { after }) }).toString();
    const page = await client.call<{ bundles: Bundle[]; next: string | null }>("GET", `/v1/bundles?${query}`);
    bundles.push(...page.bundles);
    after = page.next;
  }
  const rows = bundles.map(({ sku, revision, components }) => [sku, revision, made(components)]);
  const text = rows.length === 0 ? "No bundles." : table(["SKU", "REVISION", "MADE OF"], rows);
  return { answer: { bundles }, text };
};

export const showBundle: Command = async (context) => {
  const answer = await context.client.call<Bundle>("GET", bundlePath(context));
  const takes = answer.fault ?? `Takes ${made(answer.takes ?? [])} from stock.`;
  return { answer, text: `${answer.sku} is made of ${made(answer.components)}.\n${takes}` };
};

export const putBundle: Command = async (context) => {
  const { client, args, flags } = context;
  const components = args.slice(1).map(lineOf);
  if (components.length === 0) throw new UsageError("Say what it is made of: COMPONENT=QUANTITY …");
  if (components.some(({ locationId }) => locationId !== undefined))
    throw new UsageError("A component has no location.");
  const query = flags["dry-run"] ? "?dryRun=true" : "";
  const answer = await client.call<Bundle>("PUT", `${bundlePath(context)}${query}`, { components });
  const when = flags["dry-run"] ? "Nothing was changed." : `In effect within ${answer.effectiveWithinSeconds} s.`;
  return { answer, text: `${answer.sku} is made of ${made(answer.components)}. ${when}` };
};

export const deleteBundle: Command = async (context) => {
  const answer = await context.client.call<Bundle>("DELETE", bundlePath(context));
  return { answer, text: `${answer.sku} is no bundle any more, within ${answer.effectiveWithinSeconds} s.` };
};

function bundlePath({ args: [sku] }: CommandContext): string {
  if (sku === undefined) throw new UsageError("Name a bundle's SKU.");
  return `/v1/bundles/${encodeURIComponent(sku)}`;
}
