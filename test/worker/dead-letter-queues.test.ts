import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { call } from "./support/api.ts";
import { list } from "./support/catalogue.ts";
import { handOver, message } from "./support/queue.ts";
import { until } from "./support/until.ts";

const envelope = (id: string, variant: string) => ({
  v: 1,
  id,
  correlationId: `correlation-${id}`,
  channel: { type: "shopify", shop: "test-shop.myshopify.com" },
  kind: "orders/create",
  occurredAt: Date.now(),
  receivedAt: Date.now(),
  data: {
    kind: "order",
    topic: "orders/create",
    orderId: id,
    createdAtMs: Date.now(),
    location: null,
    lines: [{ lineId: "1", variantId: variant, sku: null, quantity: 1, fulfilled: false, skip: null }],
    restocks: [],
  },
});

async function letter(correlationId: string): Promise<Record<string, unknown> | undefined> {
  const { body } = await call("GET", `/v1/dead-letters?correlationId=${correlationId}`);
  return (body["deadLetters"] as Record<string, unknown>[])[0];
}

/** D1 without its table: every statement on dead letters really fails, until it is back. */
const breakD1 = () => env.DB.exec("ALTER TABLE dead_letters RENAME TO dead_letters_away");
const mendD1 = () => env.DB.exec("ALTER TABLE dead_letters_away RENAME TO dead_letters");

describe("dead-letter queues", () => {
  it("store a bare message with its origin, its attempts and what little is known of why", async () => {
    const answer = await handOver("onhand-events-dlq", message("m1", envelope("bare-1", "1")));
    expect(answer).toMatchObject({ explicitAcks: ["m1"] });
    expect(await letter("correlation-bare-1")).toMatchObject({
      queue: "onhand-events",
      code: "no_answer",
      attempts: 9,
      topic: "orders/create",
      eventId: "bare-1",
    });
  });

  it("say why a message died whose last delivery was cut off: the one before has written it down", async () => {
    await list("DLQ-4", "954");
    const body = envelope("cut-off-1", "954");
    expect(await handOver("onhand-events", message("m7", body, 8))).toMatchObject({ explicitAcks: [] });
    // Nothing more is heard of it, so the platform moves it.
    await until(
      () => env.DB.prepare("SELECT * FROM last_reasons WHERE event_id = 'cut-off-1'").all(),
      ({ results }) => results.length === 1,
    );
    await handOver("onhand-events-dlq", message("m8", body));
    const found = await letter("correlation-cut-off-1");
    expect(found).toMatchObject({
      code: "no_answer",
      errors: [{ code: "no_answer" }, { message: expect.stringContaining("not connected yet"), attempt: 8 }],
    });
  });

  it("store a letter although D1 failed 20 times running, waiting longer each time", async () => {
    await breakD1();
    const delays: (number | undefined)[] = [];
    for (let attempt = 1; attempt <= 20; attempt += 1) {
      const answer = await handOver("onhand-events-dlq", message("m2", envelope("outage-1", "1"), attempt));
      expect(answer).toMatchObject({ outcome: "ok", explicitAcks: [], retryMessages: [{ msgId: "m2" }] });
      delays.push(answer.retryMessages[0]?.delaySeconds);
    }
    await mendD1();
    expect(delays.slice(-3)).toEqual([3600, 3600, 3600]);
    expect(delays[0]).toBeLessThanOrEqual(2);
    const answer = await handOver("onhand-events-dlq", message("m2", envelope("outage-1", "1"), 21));
    expect(answer).toMatchObject({ explicitAcks: ["m2"], retryMessages: [] });
    expect(await letter("correlation-outage-1")).toMatchObject({ status: "waiting", eventId: "outage-1" });
  });

  it("carry the reason of a message that died while D1 was away", async () => {
    await breakD1();
    // Unknown variant: the consumer cannot keep it in D1, so it goes, with its reason, to the real dead-letter queue.
    const { default: worker } = await import("../../src/index.ts");
    const sent: unknown[] = [];
    const broken = { ...env, EVENTS_DLQ: { send: async (body: unknown) => void sent.push(body) } } as unknown as Env;
    const acked: string[] = [];
    const batch = {
      queue: "onhand-events",
      messages: [
        {
          ...message("m3", envelope("away-1", "424242")),
          ack: () => acked.push("m3"),
          retry: () => acked.push("retried"),
        },
      ],
    };
    const ctx = { waitUntil: () => {}, passThroughOnException: () => {}, props: {} } as unknown as ExecutionContext;
    await worker.queue(batch as unknown as MessageBatch<unknown>, broken, ctx);
    expect(acked).toEqual(["m3"]);
    await mendD1();
    expect(await handOver("onhand-events-dlq", message("m4", sent[0]))).toMatchObject({ explicitAcks: ["m4"] });
    expect(await letter("correlation-away-1")).toMatchObject({
      code: "unknown_variant",
      subject: "variant 424242",
      queue: "onhand-events",
      attempts: 1,
    });
  });

  it("get what ran out of tries, with the reason of the last one, and a replay of it counts", async () => {
    const { counter, connect } = await list("DLQ-1", "951");
    const answer = await handOver("onhand-events", message("m5", envelope("tries-1", "951"), 9));
    expect(answer).toMatchObject({ explicitAcks: ["m5"] });
    const found = await letter("correlation-tries-1");
    expect(found).toMatchObject({
      code: "out_of_tries",
      attempts: 9,
      error: expect.stringContaining("not connected yet"),
    });
    await connect(5);
    await call("POST", `/v1/dead-letters/${found?.["id"]}/replay`);
    await until(
      () => counter.levels(),
      (levels) => levels?.available === 4,
    );
  });

  it("get, from the queue itself, a message whose handler gave no reason", async () => {
    await list("DLQ-3", "953");
    await env.EVENTS.send(envelope("real-1", "953"));
    const found = await until(
      () => letter("correlation-real-1"),
      (one) => one !== undefined,
    );
    expect(found).toMatchObject({ code: "no_answer", queue: "onhand-events", status: "waiting", deaths: 1 });
  });

  it("let a message be tried again after 1, 2, 4, 8 … seconds and up to half as much, before it dies", async () => {
    await list("DLQ-2", "952");
    const delays: number[] = [];
    for (const attempt of [1, 2, 3, 4, 8]) {
      const answer = await handOver("onhand-events", message("m6", envelope("retry-1", "952"), attempt));
      delays.push(answer.retryMessages[0]?.delaySeconds ?? -1);
    }
    for (const [i, least] of [1, 2, 4, 8, 128].entries()) {
      expect(delays[i]).toBeGreaterThanOrEqual(least);
      expect(delays[i]).toBeLessThanOrEqual(Math.ceil(least * 1.5));
    }
  });
});
