/**
 * A bounded request. Not `AbortSignal.timeout`: its timer outlives the reply, and a pending timer keeps an object awake,
 * and billed, for the whole of it.
 */
export async function withDeadline<Value>(
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new DOMException("no reply in time", "TimeoutError")), timeoutMs);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** For work that takes no signal (D1, RPC): it goes on by itself, and nobody waits for it any longer. */
export function inTime<Value>(timeoutMs: number, work: () => Promise<Value>): Promise<Value> {
  return withDeadline(timeoutMs, (signal) => {
    const late = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
    return Promise.race([work(), late]);
  });
}
