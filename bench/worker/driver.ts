/** What the driver in the Worker is asked and answers: plain data, known to both sides. */

export type ConnectOrder = {
  readonly skuId: string;
  readonly listingId: string;
  readonly levels: readonly { readonly locationId: string; readonly available: number }[];
};

export type ApplyOrder = {
  readonly skuId: string;
  readonly listingId: string;
  /** A guarded take of our own, or an order line of Shopify's. */
  readonly kind: "take" | "order";
  readonly calls: number;
  /** Events of one call. */
  readonly size: number;
  /** Calls at a time. */
  readonly inFlight: number;
  /** Of the keys: a new one for each run. */
  readonly prefix: string;
  readonly atMs: number;
};
/** Outcomes by kind. */
export type ApplyAnswer = { readonly counts: Readonly<Record<string, number>> };

/** Envelopes without their time of receipt: that is when they are sent. */
export type QueueOrder = { readonly envelopes: readonly object[] };

/** Messages as they are, on a queue by its binding. */
export type SendOrder = { readonly to: "EVENTS_DLQ" | "NOTIFICATIONS"; readonly bodies: readonly object[] };

/** Batches handed to the consumer one after the other, as a queue does: the next when all of the last is done with. */
export type ConsumeOrder = {
  readonly envelopes: readonly object[];
  readonly batchSize: number;
  readonly hasTelemetry: boolean;
};
export type ConsumeAnswer = { readonly acked: number; readonly retried: number };

/** What telemetry does for a batch, and nothing else, so many times. */
export type TellOrder = { readonly batches: number; readonly batchSize: number };

export type LevelsOrder = { readonly skuIds: readonly string[] };
export type Sums = { readonly skuId: string; readonly available: number | null };
