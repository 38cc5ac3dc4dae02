import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { call } from "./support/api.ts";
import { SHOP } from "./support/counters.ts";
import { handOver, message } from "./support/queue.ts";

const envelope = {
  v: 1,
  id: "dispatch-1",
  correlationId: "dispatch-test",
  channel: { type: "shopify", shop: SHOP },
  kind: "inventory_levels/update",
  occurredAt: 1,
  receivedAt: 2,
  data: { kind: "level", item: "77", location: "11", available: 1, atMs: 1 },
};

/** The handler itself, with a part of its environment broken. */
async function dispatch(queue: string, attempts: number, broken: object, body: unknown = envelope) {
  const { default: worker } = await import("../../src/index.ts");
  const settled: string[] = [];
  const retry = ({ delaySeconds }: { delaySeconds: number }) => settled.push(`retried in ${delaySeconds}`);
  const messages = [{ ...message("m", body, attempts), ack: () => settled.push("acked"), retry }];
  const ctx = { waitUntil: () => {}, passThroughOnException: () => {}, props: {} } as unknown as ExecutionContext;
  await worker.queue({ queue, messages } as never, { ...env, ...broken } as unknown as Env, ctx);
  return settled;
}

describe("the queue handler", () => {
  it("keeps the messages of a queue that it does not know", async () => {
    expect(await handOver("onhand-tomorrow", message("m", envelope))).toMatchObject({
      outcome: "ok",
      explicitAcks: [],
      retryMessages: [{ msgId: "m", delaySeconds: 60 }],
    });
  });

  it("waits, longer each time, for a deployment that is misconfigured to be mended", async () => {
    const broken = { ADMIN_TOKEN: "short" };
    expect(await dispatch("onhand-events", 1, broken)).toEqual([expect.stringMatching(/^retried in [12]$/)]);
    expect(await dispatch("onhand-events", 4, broken)).toEqual([expect.stringMatching(/^retried in (8|9|1[012])$/)]);
  });

  it("buries with last words what such a deployment has no tries left for", async () => {
    expect(await dispatch("onhand-events", 9, { ADMIN_TOKEN: "short" })).toEqual(["acked"]);
    const { body } = await call("GET", "/v1/dead-letters?correlationId=dispatch-test");
    expect(body["deadLetters"]).toMatchObject([
      { code: "out_of_tries", attempts: 9, error: expect.stringContaining("ADMIN_TOKEN") },
    ]);
  });

  it("does not count a message as kept that neither D1 nor a queue would take", async () => {
    const away = () => {
      throw new Error("away");
    };
    const broken = { ADMIN_TOKEN: "short", DB: { prepare: away }, EVENTS_DLQ: undefined };
    expect(await dispatch("onhand-events", 9, broken)).toEqual([expect.stringMatching(/^retried in \d+$/)]);
  });

  it("never gives a dead letter up", async () => {
    const broken = { DB: undefined };
    expect(await dispatch("onhand-events-dlq", 99, broken)).toEqual(["retried in 3600"]);
  });
});
