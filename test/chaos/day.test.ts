/**
 * Everybody around Onhand fails at once: warehouse, marketplace, Square and those who are told of news refuse, hang, and lose their
 * answers, while what they tell comes twice and out of order. What is owed to each waits behind its breaker, and comes once.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { untilClosed, untilOpen } from "./support/breakers.ts";
import { underLoad, type World } from "./support/world.ts";

const OFTEN = { duplicateRate: 0.5, reorderRate: 0.5, reorderHoldMs: 1_500 };

function fail({ wms, marketplace, square, sink }: World["day"]): void {
  wms.behaviour = { kind: "refuse", status: 503 };
  marketplace.receiver.behaviour = { kind: "refuse", status: 502 };
  square.behaviour = { kind: "refuse", status: 500 };
  sink.receiver.behaviour = { kind: "hang" };
}

function halfWork({ wms, marketplace, square, sink }: World["day"]): void {
  wms.behaviour = { kind: "lose_answer" };
  marketplace.receiver.behaviour = { kind: "hang" };
  square.behaviour = { kind: "lose_answer" };
  sink.receiver.behaviour = { kind: "refuse", status: 429, retryAfterSeconds: 2 };
}

function recover({ wms, marketplace, square, sink }: World["day"]): void {
  for (const each of [wms, marketplace.receiver, square, sink.receiver]) each.behaviour = { kind: "answer" };
}

describe("a day of trade", () => {
  it("ends well although everybody outside fails and half works: each level, order and piece of news arrives, and counts once", async () => {
    await underLoad({
      seed: 53,
      isMirrorWhole: true,
      // Some of Square's are lost for good: an audit, here each minute, finds what they told.
      told: { channels: { ...OFTEN, retellRate: 0.3 }, square: { ...OFTEN, dropRate: 0.2 } },
      alert: "breaker_open",
      async disturb({ stack, day }) {
        await sleep(4_000);
        fail(day);
        await untilOpen(stack.client, "channel/wms-main");
        await untilOpen(stack.client, "channel/market-main");
        await sleep(4_000);
        halfWork(day);
        await sleep(8_000);
        recover(day);
      },
      async after({ stack, day }) {
        await untilClosed(stack.client, "channel/wms-main");
        await untilClosed(stack.client, "channel/market-main");
        for (const { stats } of [day.wms.receiver, day.marketplace.receiver, day.sink.receiver])
          expect(stats.disturbed).toBeGreaterThan(1);
        expect(day.square.stats.disturbed).toBeGreaterThan(1);
      },
    });
  });
});
