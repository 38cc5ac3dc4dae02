import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EventSender } from "../../../../dev/channel-link/event-sender.ts";
import type { OutgoingEvent } from "../../../../dev/channel-link/wire.ts";
import { PendingWork } from "../../../../dev/shopify-simulator/model/pending-work.ts";
import { SeededRandom } from "../../../../dev/shopify-simulator/model/seeded-random.ts";
import { type EventEar, secretOf, startEventEar } from "../../../support/channels/event-ear.ts";

const SECRET = secretOf("wms-main");
let ear: EventEar;
let pending: PendingWork;
let sender: EventSender;

beforeEach(async () => {
  ear = await startEventEar(SECRET);
  pending = new PendingWork();
  sender = new EventSender({ url: () => ear.url, secret: () => SECRET, random: new SeededRandom(3), pending });
});
afterEach(async () => {
  sender.close();
  await ear.close();
});

const event = (id: string): OutgoingEvent => ({
  id,
  type: "stock.received",
  occurredAt: "2026-11-28T08:00:00Z",
  data: { receiptId: id },
});
const ids = (): readonly (readonly string[])[] => ear.heard.map(({ events }) => events.map(({ id }) => id));

describe("a channel's sender", () => {
  it("signs as the reference library verifies; one event goes alone, several in an array", async () => {
    sender.send(event("a"));
    await pending.idle();
    sender.send(event("b"), event("c"));
    await pending.idle();
    expect(ids()).toEqual([["a"], ["b", "c"]]);
  });

  it("asks again under the same webhook-id until it is answered 202, not before it was told to", async () => {
    ear.answers.push({ status: 503, retryAfter: "1" });
    const startedMs = performance.now();
    sender.send(event("a"));
    await pending.idle();
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(990);
    expect([ids(), sender.stats.attempts, sender.stats.retried]).toEqual([[["a"]], 2, 1]);
  });

  it("doubles under the same webhook-id, and tells again under another", async () => {
    sender.faults = { ...sender.faults, duplicateRate: 1, retellRate: 1 };
    sender.send(event("a"));
    await pending.idle();
    const names = ear.heard.map(({ webhookId }) => webhookId);
    expect([names.length, new Set(names).size]).toEqual([3, 2]);
  });

  it("lets a later request overtake", async () => {
    sender.faults = { ...sender.faults, reorderRate: 1, reorderHoldMs: 80 };
    sender.send(event("a"));
    sender.faults = { ...sender.faults, reorderRate: 0 };
    sender.send(event("b"));
    await pending.idle();
    expect(ids()).toEqual([["b"], ["a"]]);
  });

  it("gives up what is refused for good, and says so", async () => {
    ear.answers.push({ status: 400 });
    sender.send(event("a"));
    await pending.idle();
    expect([sender.refusals.map(({ status, ids: of }) => [status, of]), sender.stats.attempts]).toEqual([
      [[400, ["a"]]],
      1,
    ]);
  });

  it("counts how many of its forgeries were refused", async () => {
    sender.faults = { ...sender.faults, forgeRate: 1 };
    sender.send(event("a"));
    await pending.idle();
    expect([sender.stats.forged, sender.stats.forgedRefused, ids()]).toEqual([1, 1, [["a"]]]);
  });
});
