/** The event consumer by itself, with telemetry and without, and what telemetry does of its time. */
import { chunksOf } from "../../src/domain/chunks-of.ts";
import worker from "../../src/index.ts";
import { flushNow, meterOf } from "../../src/wiring/telemetry.ts";
import type { ConsumeAnswer, ConsumeOrder, TellOrder } from "./driver.ts";

const QUEUE = "onhand-events";

/** An environment object has its own caches, and its own tally: one for each way of running. */
type Ways = { readonly told: Env; readonly silent: Env };
let ways: Ways | null = null;

function waysOf(env: Env): Ways {
  ways ??= { told: { ...env }, silent: { ...env, TELEMETRY: undefined, METRICS: undefined } as unknown as Env };
  return ways;
}

export async function consume({ envelopes, batchSize, hasTelemetry }: ConsumeOrder, env: Env): Promise<ConsumeAnswer> {
  const given = hasTelemetry ? waysOf(env).told : waysOf(env).silent;
  const settled = { acked: 0, retried: 0 };
  const atMs = Date.now();
  const ack = (): void => {
    settled.acked += 1;
  };
  const retry = (): void => {
    settled.retried += 1;
  };
  for (const chunk of chunksOf(envelopes, batchSize)) {
    const beside: Promise<unknown>[] = [];
    const ctx = { waitUntil: (work: Promise<unknown>) => void beside.push(work), passThroughOnException: () => {} };
    const messages = chunk.map((envelope, i) => ({
      ...{ id: `${i}`, timestamp: new Date(atMs), attempts: 1, ack, retry },
      body: { ...envelope, receivedAt: atMs },
    }));
    await worker.queue({ queue: QUEUE, messages } as never, given, ctx as never);
    await Promise.all(beside);
  }
  return settled;
}

/** As consume-events.ts and dispatch-queue.ts count: twice per event, once per batch, and a flush. */
export async function tell({ batches, batchSize }: TellOrder, env: Env): Promise<null> {
  const { told } = waysOf(env);
  const topic = "orders/create";
  for (let batch = 0; batch < batches; batch += 1) {
    const meter = meterOf(told);
    meter.observe("onhand_queue_wait_seconds", { queue: QUEUE }, 0.01);
    for (let event = 0; event < batchSize; event += 1) {
      meter.count("onhand_events_consumed_total", { topic, outcome: "counted" });
      meter.observe("onhand_event_to_counted_seconds", { topic }, event / 100);
    }
    await flushNow(told);
  }
  return null;
}
