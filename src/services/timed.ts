/** How long a call takes that others make, or do not make: a breaker, a pace. */
export type Timed<Value> = {
  readonly run: () => Promise<Value>;
  /** Of the call, however it ended; 0: it was not made. */
  tookMs(): number;
};

export function timed<Value>(call: () => Promise<Value>, nowMs: () => number): Timed<Value> {
  let tookMs = 0;
  return {
    async run() {
      const startedMs = nowMs();
      try {
        return await call();
      } finally {
        tookMs = nowMs() - startedMs;
      }
    },
    tookMs: () => tookMs,
  };
}
