import { describe, expect, it } from "vitest";
import { postpone } from "../../../src/queues/postpone.ts";
import { specOf } from "../../../src/queues/queue-table.ts";
import { fakeBatch, settleDeps } from "../../support/queues/fake-queue.ts";

const spec = specOf("onhand-notifications");
if (spec === undefined) throw new Error("no such queue");

async function postponed({ untilMs = 31_000 as number | null, attempts = 8, isRefused = false } = {}) {
  const { batch, settled } = fakeBatch("onhand-notifications", [{ id: "1", body: { v: 1 }, attempts }]);
  const settle = settleDeps();
  const sent: unknown[] = [];
  const sendAgain = async (queue: string, body: unknown, delaySeconds: number): Promise<void> => {
    if (isRefused) throw new Error("Too Many Requests");
    sent.push({ queue, body, delaySeconds });
  };
  const [message] = batch.messages;
  if (message === undefined || spec === undefined) throw new Error("no message");
  await postpone(message, spec, { untilMs, reason: "webhook/a: HTTP_503" }, { ...settle.deps, sendAgain });
  return { settled, sent, logged: settle.logged };
}

describe("a message that waits for a breaker", () => {
  it("goes again as a new one when the breaker may be tried: on its last try it is not buried", async () => {
    expect(await postponed()).toEqual({
      settled: [{ id: "1", how: "acked" }],
      sent: [{ queue: "onhand-notifications", body: { v: 1 }, delaySeconds: 30 }],
      logged: [
        { event: "message.postponed", queue: "onhand-notifications", delaySeconds: 30, reason: "webhook/a: HTTP_503" },
      ],
    });
  });

  it("is looked at again within five minutes when nobody knows until when", async () => {
    expect((await postponed({ untilMs: null })).sent).toMatchObject([{ delaySeconds: 300 }]);
    expect((await postponed({ untilMs: 900_000_000 })).sent).toMatchObject([{ delaySeconds: 300 }]);
    expect((await postponed({ untilMs: 0 })).sent).toMatchObject([{ delaySeconds: 1 }]);
  });

  it("spends a try where the queue does not take it again", async () => {
    expect((await postponed({ attempts: 2, isRefused: true })).settled).toMatchObject([{ how: "retried" }]);
  });
});
