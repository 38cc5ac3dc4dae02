/** Oversells as they are kept for people: one per counter and beginning, moved forward by what the counter reports. */
import type { ShortSale } from "../domain/counter/short-sales.ts";
import type { CorrelationId, Sku, SkuId } from "../domain/ids.ts";
import { sha256Hex } from "./sha256.ts";

export type OversellNews = {
  readonly skuId: SkuId;
  readonly sku: Sku;
  /** With the counter, names the oversell. */
  readonly since: number;
  /** Of two pieces of news of one oversell, the higher one is newer. */
  readonly version: number;
  /** Missing now; 0: it is over. */
  readonly units: number;
  readonly peak: number;
  readonly sinceMs: number;
  readonly atMs: number;
  /** The newest that together cover the missing units, newest first. */
  readonly sales: readonly ShortSale[];
  readonly unexplained: number;
  readonly correlationId: CorrelationId;
};

export type Oversell = Omit<OversellNews, "version" | "since"> & {
  readonly id: string;
  readonly resolvedAtMs: number | null;
};

export type OversellFilter = {
  readonly status?: "open" | "resolved" | undefined;
  readonly sku?: Sku | undefined;
  readonly limit: number;
  /** Opaque; from the page before. */
  readonly cursor?: string | undefined;
};

export type OversellCounts = {
  readonly open: number;
  /** Missing now, over all SKUs. */
  readonly units: number;
  /** The most that each oversell was missing, over all there ever were: never falls. */
  readonly unitsEver: number;
};

export interface OversellStore {
  /**
   * Durable when it returns; throws when the store is away.
   * @returns per piece of news, whether it was newer than what was known
   */
  put(news: readonly (OversellNews & { readonly id: string })[]): Promise<readonly boolean[]>;
  list(
    filter: OversellFilter,
  ): Promise<{ readonly oversells: readonly Oversell[]; readonly nextCursor: string | null }>;
  get(id: string): Promise<Oversell | null>;
  counts(): Promise<OversellCounts>;
}

/** Stable: SHA-256 of counter and beginning, shortened to what a person can still paste (96 bits). */
export async function oversellId(skuId: SkuId, since: number): Promise<string> {
  return `os_${(await sha256Hex(new TextEncoder().encode(`${skuId}|${since}`))).slice(0, 24)}`;
}
