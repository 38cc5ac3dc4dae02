/** Requests for more stock as people ask for them: one row per request, moved forward by what its counter tells. */
import type { Reorder } from "../domain/counter/reorder.ts";
import type { CorrelationId, Sku, SkuId } from "../domain/ids.ts";

export type StoredReorder = Omit<Reorder, "key"> & {
  readonly skuId: SkuId;
  readonly sku: Sku;
  readonly correlationId: CorrelationId;
  readonly updatedAtMs: number;
};

export type ReorderFilter = {
  readonly state?: Reorder["state"] | undefined;
  readonly sku?: Sku | undefined;
  readonly limit: number;
  /** Opaque; from the page before. */
  readonly cursor?: string | undefined;
};

export interface ReorderStore {
  /** Durable when it returns. An older version than the known one changes nothing. */
  put(reorder: StoredReorder): Promise<void>;
  /** Newest request first. */
  list(
    filter: ReorderFilter,
  ): Promise<{ readonly reorders: readonly StoredReorder[]; readonly nextCursor: string | null }>;
  get(id: string): Promise<StoredReorder | null>;
}
