/** What is sold and not there. */
import type { Command } from "./command-context.ts";
import { table } from "./table.ts";

type ShortSale = {
  readonly kind: string;
  readonly id: string;
  readonly reference: string | null;
  readonly channel: string | null;
  readonly units: number;
  readonly short: number;
};
type Oversell = {
  readonly id: string;
  readonly sku: string;
  readonly status: string;
  readonly units: number;
  readonly peak: number;
  readonly since: string;
  readonly resolvedAt: string | null;
  readonly shortSales: readonly ShortSale[];
  readonly unexplained: number;
};

const saleText = ({ kind, id, reference, channel, units, short }: ShortSale): string =>
  `${kind} ${reference ?? id}${channel === null ? "" : ` (${channel})`}: ${short} of ${units}`;

export const listOversells: Command = async ({ client, args: [sku], flags }) => {
  const status = flags.status ?? (sku === undefined ? "open" : undefined);
  const query = new URLSearchParams({
    limit: "100",
    ...(sku === undefined ? {} : { sku }),
    ...(status === undefined ? {} : { status }),
  });
  const answer = await client.call<{ oversells: Oversell[]; open: number }>("GET", `/v1/oversells?${query}`);
  if (answer.oversells.length === 0) return { answer, text: `Nothing to show. ${answer.open} oversold in all.` };
  const rows = answer.oversells.map(({ sku: name, units, peak, since, resolvedAt, shortSales, unexplained }) => [
    ...[name, units, peak, since, resolvedAt],
    [...shortSales.map(saleText), ...(unexplained === 0 ? [] : [`unexplained: ${unexplained}`])].join("; "),
  ]);
  const head = ["SKU", "MISSING", "MOST", "SINCE", "RESOLVED", "FALLS SHORT"];
  return { answer, text: `${answer.open} oversold now.\n${table(head, rows)}` };
};
