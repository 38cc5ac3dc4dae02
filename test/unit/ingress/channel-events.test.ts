import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import type { Channel } from "../../../src/domain/channel/channel.ts";
import { signingSecretOf } from "../../../src/domain/channel/signing-secret.ts";
import { fromStore } from "../../../src/domain/ids.ts";
import type { JournalEntry } from "../../../src/domain/journal/entry.ts";
import { newTally } from "../../../src/domain/telemetry/tally.ts";
import { type ChannelEventsDeps, receiveChannelEvents } from "../../../src/ingress/channel-events.ts";
import type { ChannelEnvelope } from "../../../src/queues/envelope.ts";
import type { Seen } from "../../../src/services/channels/webhook-inbox.ts";
import { channelDraft } from "../../support/channels/draft.ts";

const SECRET = signingSecretOf(new Uint8Array(32).fill(7));
const NOW_MS = 1_800_000_000_000;
const order = (orderId: string, quantity = 1) => ({
  ...{ type: "order.created", data: { orderId, lines: [{ line: "1", sku: "A", quantity }] } },
});

class World {
  readonly channel: Channel;
  readonly queued: ChannelEnvelope[] = [];
  readonly told: string[] = [];
  readonly journalled: JournalEntry[] = [];
  readonly taken = new Map<string, string>();
  readonly tally = newTally();
  directoryIsAway = false;
  queueIsAway = false;
  inboxIsAway = false;
  /** Runs between the look and the queue. */
  meanwhile: () => Promise<unknown> = async () => undefined;

  constructor(given: Partial<Channel> = {}) {
    this.channel = { ...channelDraft(), state: "active", readOnly: false, revision: 1, ...given };
  }

  post(body: unknown, { id = "msg_1", secret = SECRET, atMs = NOW_MS, to = "wms-main" } = {}) {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const headers = {
      "webhook-id": id,
      "webhook-timestamp": `${atMs / 1_000}`,
      "webhook-signature": new Webhook(secret).sign(id, new Date(atMs), text),
    };
    return receiveChannelEvents(
      to,
      new Request("https://onhand.test", { method: "POST", headers, body: text }),
      this.#deps(),
    );
  }

  #deps(): ChannelEventsDeps {
    return {
      ...{ correlationId: fromStore("c1"), bodyBytesMax: 2_000, eventsMax: 100, toleranceMs: 300_000 },
      channel: async (id) => {
        if (this.directoryIsAway) throw new Error("D1 is away");
        return id === this.channel.id
          ? { channel: this.channel, secrets: { signing: [SECRET], credentials: {} } }
          : null;
      },
      inbox: {
        look: async (_, webhookId, sha256): Promise<Seen> => {
          if (this.inboxIsAway) throw new Error("the object is away");
          const known = this.taken.get(webhookId);
          await this.meanwhile();
          return known === undefined ? "never" : known === sha256 ? "same_body" : "other_body";
        },
        note: async (_, webhookId, sha256) => {
          if (this.inboxIsAway) throw new Error("the object is away");
          this.taken.set(webhookId, sha256);
        },
      },
      enqueue: async (envelopes) => {
        if (this.queueIsAway) throw new Error("Too Many Requests");
        this.queued.push(...envelopes);
      },
      invalidate: () => undefined,
      journal: (entries) => void this.journalled.push(...entries),
      log: (_, event) => void this.told.push(event),
      meter: this.tally,
      nowMs: () => NOW_MS,
    };
  }
}

describe("the receiver of a channel's events", () => {
  it("queues a signed event under its channel and its id, and says so", async () => {
    const world = new World();
    expect(await world.post(order("1"))).toEqual({
      ...{ kind: "accepted", isDuplicate: false, events: [{ index: 0, id: "msg_1", problem: null }] },
    });
    expect(world.queued).toEqual([
      expect.objectContaining({
        ...{ id: "channel/wms-main/msg_1", kind: "order.created", correlationId: "c1", occurredAt: NOW_MS },
        channel: { type: "wms", id: "wms-main" },
      }) as unknown,
    ]);
    expect(world.journalled).toMatchObject([
      { step: "received", shop: "wms-main", outcome: "queued", topic: "order.created" },
    ]);
  });

  it("answers a stranger, an unknown channel, an old time and another's secret with one word", async () => {
    const world = new World();
    const other = signingSecretOf(new Uint8Array(32).fill(8));
    for (const given of [{ secret: other }, { to: "wms-other" }, { to: "no channel!" }, { atMs: NOW_MS - 301_000 }])
      expect(await world.post(order("1"), given)).toEqual({ kind: "unauthorized" });
    expect(world.queued).toEqual([]);
  });

  it("answers the same delivery again without queueing it, and refuses its id for another body", async () => {
    const world = new World();
    await world.post([{ id: "e1", ...order("1") }, { id: "e2" }]);
    const again = await world.post([{ id: "e1", ...order("1") }, { id: "e2" }]);
    expect(again).toMatchObject({ kind: "accepted", isDuplicate: true, events: [{ problem: null }, { id: "e2" }] });
    expect(world.queued).toHaveLength(1);
    expect(await world.post(order("2"))).toEqual({ kind: "id_reused" });
    expect(world.queued).toHaveLength(1);
    expect(world.journalled.map(({ outcome }) => outcome)).toEqual(["queued", "dropped"]);
  });

  it("queues the same events under the same ids when two deliveries race: they count once", async () => {
    const world = new World();
    let isFirst = true;
    world.meanwhile = async () => {
      if (!isFirst) return;
      isFirst = false;
      await world.post(order("1"));
    };
    await world.post(order("1"));
    expect(new Set(world.queued.map(({ id }) => id))).toEqual(new Set(["channel/wms-main/msg_1"]));
    expect(world.queued).toHaveLength(2);
  });

  it("notes an id only once the queue has its events: what was not queued may be sent again", async () => {
    const world = new World();
    world.queueIsAway = true;
    expect(await world.post(order("1"))).toMatchObject({ kind: "later", afterSeconds: 5 });
    expect(world.taken.size).toBe(0);
    world.queueIsAway = false;
    expect(await world.post(order("1"))).toMatchObject({ kind: "accepted", isDuplicate: false });
  });

  it("takes events while nobody can say whether they came before", async () => {
    const world = new World();
    world.inboxIsAway = true;
    expect(await world.post(order("1"))).toMatchObject({ kind: "accepted", isDuplicate: false });
    expect(world.told).toEqual(["webhook.not_noted", "webhook.accepted", "webhook.not_noted"]);
  });

  it("asks to come again where the channel is paused, or cannot be looked up", async () => {
    expect(await new World({ state: "paused" }).post(order("1"))).toMatchObject({ kind: "later", afterSeconds: 60 });
    const world = new World();
    world.directoryIsAway = true;
    expect(await world.post(order("1"))).toMatchObject({ kind: "later", afterSeconds: 5 });
  });

  it("tells a channel that it is told and tells nothing, or speaks in another way", async () => {
    expect(await new World({ direction: "out" }).post(order("1"))).toMatchObject({ kind: "not_a_sender" });
    expect(await new World({ adapter: "square" }).post(order("1"))).toMatchObject({ kind: "not_a_sender" });
  });

  it("refuses what the channel may not tell, event by event", async () => {
    const world = new World({ eventTypes: ["order.created"] });
    const receipt = { type: "stock.received", data: { ...order("1").data, receiptId: "1", locationId: "main" } };
    const { orderId: _, ...data } = receipt.data;
    const mixed = [
      { id: "e1", ...order("1") },
      { id: "e2", ...receipt, data },
    ];
    expect(await world.post(mixed)).toMatchObject({
      ...{ kind: "accepted", events: [{ problem: null }, { problem: { code: "not_allowed" } }] },
    });
    expect(await world.post({ ...receipt, data }, { id: "msg_2" })).toMatchObject({
      ...{ kind: "refused", problem: { code: "not_allowed", errors: [{ field: "type" }] } },
    });
  });

  it("refuses what is no JSON, too much, or has no good event in it; of several, each error names its event", async () => {
    const world = new World();
    expect(await world.post("{")).toMatchObject({ kind: "refused", problem: { errors: [{ field: "body" }] } });
    expect(await world.post("x".repeat(2_001))).toEqual({ kind: "too_large", bytesMax: 2_000 });
    expect(await world.post([{ id: "e1", ...order("1", 0) }, { id: "e2" }])).toMatchObject({
      ...{ kind: "refused", problem: { errors: [{ field: "0.data.lines.0.quantity" }, { field: "1.type" }] } },
    });
    expect(world.queued).toEqual([]);
    expect(world.taken.size).toBe(0);
  });
});
