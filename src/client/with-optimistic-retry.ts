/**
 * For callers of the API: read, decide, write on what was read, and start again when somebody was faster. Needs nothing but
 * `fetch`'s answers, so that it can be copied into any client.
 *
 * @example
 *   await withOptimisticRetry({
 *     read: () => api.get(`/v1/inventory/${sku}`),
 *     write: (levels, version) => api.post(`/v1/inventory/${sku}/counts`, body(levels), { "if-match": `W/"${version}"` }),
 *   });
 */
export type Versioned = { readonly version: number };

/** What a write answered. A 412 carries the levels that are current, so that the next try need not read. */
export type WriteReply<Levels, Value> =
  | { readonly kind: "written"; readonly value: Value }
  | { readonly kind: "stale"; readonly levels: Levels | null }
  /** Anything else: it is the caller's to look at. */
  | { readonly kind: "refused"; readonly value: Value };

export type OptimisticWrite<Levels extends Versioned, Value> = {
  read(): Promise<Levels>;
  /** Sends the version as If-Match. */
  write(levels: Levels, version: number): Promise<WriteReply<Levels, Value>>;
};

export type RetryPolicy = {
  /** Tries in all. Twenty writers on one SKU need a few each; who needs more than this should take the lease. */
  readonly triesMax: number;
  /** First pause, in ms; doubles up to the maximum, with full jitter, so that writers do not meet again. */
  readonly pauseMs: number;
  readonly pauseMsMax: number;
  readonly random: () => number;
  readonly wait: (ms: number) => Promise<void>;
};

const DEFAULTS: RetryPolicy = {
  triesMax: 30,
  pauseMs: 5,
  pauseMsMax: 500,
  random: Math.random,
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

export type OptimisticOutcome<Value> =
  | { readonly kind: "written" | "refused"; readonly value: Value; readonly tries: number }
  /** Somebody was faster each time. */
  | { readonly kind: "contended"; readonly tries: number };

export async function withOptimisticRetry<Levels extends Versioned, Value>(
  { read, write }: OptimisticWrite<Levels, Value>,
  given: Partial<RetryPolicy> = {},
): Promise<OptimisticOutcome<Value>> {
  const policy = { ...DEFAULTS, ...given };
  let levels = await read();
  for (let tries = 1; ; tries++) {
    const reply = await write(levels, levels.version);
    if (reply.kind !== "stale") return { kind: reply.kind, value: reply.value, tries };
    if (tries >= policy.triesMax) return { kind: "contended", tries };
    const pauseMs = Math.min(policy.pauseMs * 2 ** (tries - 1), policy.pauseMsMax);
    await policy.wait(pauseMs * policy.random());
    // What the refusal told may be old after a pause; but it is newer than any mirror.
    levels = reply.levels ?? (await read());
  }
}
