/** How a shop is connected to our stock, and parted from it again. */
import { type Command, UsageError } from "./command-context.ts";
import { connectPages, disconnectPages } from "./connect-pages.ts";
import { table } from "./table.ts";

type Locations = {
  readonly locations: readonly {
    readonly shopLocationId: string;
    readonly locationId: string | null;
    readonly name: string;
    readonly isActive: boolean;
  }[];
  readonly ours: readonly { readonly locationId: string; readonly name: string }[];
};

/** Its catalogue is imported; levels adopt, or mirror, as it is said. */
const connect: Command = async (context) => {
  const { mode } = context.flags;
  if (mode !== "adopt" && mode !== "mirror") {
    throw new UsageError("Say how: --mode adopt (its levels are stock) or --mode mirror (they shall show ours).");
  }
  return connectPages(context, `/v1/shops/${context.shop()}/import`, mode, "SHOPIFY");
};

const disconnect: Command = async (context) =>
  disconnectPages(context, `/v1/shops/${context.shop()}/disconnect`, context.shop());

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
