/**
 * Takes what an isolate has gathered to the object where it is added up. Best effort: nothing waits for it but its own
 * invocation, and what cannot be told now is told later under the same name. Only data is shared between invocations,
 * never a promise of another's.
 */
import type { Flush } from "../../domain/telemetry/flush.ts";
import type { Tally } from "../../domain/telemetry/tally.ts";
import { type Log, reasonOf } from "../../observability/log.ts";
import { inTime } from "../with-deadline.ts";

export type FlushPolicy = {
  /** Series of one flush: the object that takes it writes a data point for each. */
  readonly seriesMax: number;
  /** Flushes that wait to be told; then the tally gathers on. */
  readonly pendingMax: number;
  /** `flushSoon` flushes once in this time. */
  readonly everyMs: number;
  /** What has not been answered by then is told again. */
  readonly sendMsMax: number;
  /** After a failure nothing is sent for this long: a queue's next batch may wait for what its last one left behind. */
  readonly restMs: number;
};

export interface FlusherDeps {
  readonly tally: Tally;
  readonly policy: FlushPolicy;
  /** Rejects when it may not have been added. The same flush goes to the same place. */
  send(flush: Flush): Promise<void>;
  readonly log: Log;
  nowMs(): number;
  newId(): string;
  wait(ms: number): Promise<unknown>;
}

export interface Flusher {
  /** Now: for an invocation that knows that it is done. Never rejects. */
  flush(): Promise<void>;
  /** Within `everyMs`, together with what others gather until then. Never rejects. */
  flushSoon(): Promise<void>;
}

/** `busyUntilMs` is a time and not a flag: an invocation that is cut off cannot say that it has stopped. */
type Pending = { readonly flush: Flush; busyUntilMs: number };

export function newFlusher(deps: FlusherDeps): Flusher {
  const { tally, policy, log, nowMs } = deps;
  const pending = new Set<Pending>();
  let [dueMs, restsUntilMs] = [0, 0];
  const take = (): void => {
    if (tally.isEmpty || pending.size >= policy.pendingMax) return;
    const flush = { id: deps.newId(), atMs: nowMs(), delta: tally.take(policy.seriesMax) };
    pending.add({ flush, busyUntilMs: 0 });
  };
  const tell = async (each: Pending): Promise<void> => {
    each.busyUntilMs = nowMs() + policy.sendMsMax;
    try {
      await inTime(policy.sendMsMax, () => deps.send(each.flush));
      pending.delete(each);
    } catch (error) {
      each.busyUntilMs = 0;
      restsUntilMs = nowMs() + policy.restMs;
      log("warn", "metrics.not_told", { reason: reasonOf(error) });
    }
  };
  const flush = async (): Promise<void> => {
    if (nowMs() < restsUntilMs) return;
    take();
    await Promise.all(Array.from(pending, (each) => (each.busyUntilMs <= nowMs() ? tell(each) : null)));
  };
  return {
    flush,
    async flushSoon() {
      if ((tally.isEmpty && pending.size === 0) || nowMs() < dueMs) return;
      dueMs = nowMs() + policy.everyMs;
      await deps.wait(policy.everyMs);
      await flush();
    },
  };
}
