/** Drives an import page by page. One that was stopped begins anew the next time, which does no harm: pages may be repeated. */
import { setTimeout as sleep } from "node:timers/promises";
import { ApiProblem, type OnhandClient } from "./client.ts";

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

const WAITS_MAX = 60; // of a page that Shopify has no points for: some minutes

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
    const page: ImportPage = await importPage(client, shop, cursor, listener);
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

async function importPage(
  client: OnhandClient,
  shop: string,
  cursor: string | null,
  { onWait }: ImportListener,
): Promise<ImportPage> {
  for (let waits = 0; ; waits += 1) {
    try {
      return await client.call<ImportPage>("POST", `/v1/shops/${shop}/import`, { cursor });
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status !== 503 || waits >= WAITS_MAX) throw error;
      onWait?.(error.message);
      await sleep((error.retryAfterSeconds ?? 2) * 1_000);
    }
  }
}
