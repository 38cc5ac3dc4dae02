/** Drives an import page by page. One that was stopped begins anew the next time, which does no harm: pages may be repeated. */
import { callPatiently } from "./call-patiently.ts";
import type { OnhandClient } from "./client.ts";

export type ImportFinding = {
  readonly kind: string;
  readonly variantId: string;
  readonly sku: string;
  readonly title: string;
  readonly detail: string;
};

type ImportPage = {
  readonly nextCursor: string | null;
  readonly counts: {
    readonly locations: number;
    readonly items: number;
    readonly connected: number;
    readonly levels: number;
  };
  readonly findings: readonly ImportFinding[];
};

export type ImportTotals = {
  readonly locations: number;
  readonly items: number;
  readonly connected: number;
  readonly levels: number;
  readonly pages: number;
  readonly findings: readonly ImportFinding[];
};

export type ImportListener = {
  /** After each page, with the totals so far. */
  readonly onPage?: (totals: ImportTotals) => void;
  /** Before each wait: why Shopify cannot be asked just now. What it throws ends the import. */
  readonly onWait?: (reason: string) => void;
};

export async function importShop(
  client: OnhandClient,
  shop: string,
  listener: ImportListener = {},
): Promise<ImportTotals> {
  let totals: ImportTotals = { locations: 0, items: 0, connected: 0, levels: 0, pages: 0, findings: [] };
  let cursor: string | null = null;
  do {
    const page: ImportPage = await callPatiently(client, `/v1/shops/${shop}/import`, { cursor }, listener.onWait);
    totals = {
      locations: totals.locations + page.counts.locations,
      items: totals.items + page.counts.items,
      connected: totals.connected + page.counts.connected,
      levels: totals.levels + page.counts.levels,
      pages: totals.pages + 1,
      findings: [...totals.findings, ...page.findings],
    };
    listener.onPage?.(totals);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return totals;
}
