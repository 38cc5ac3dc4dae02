import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Channel } from "../../../src/domain/channel/channel.ts";
import { fromStore } from "../../../src/domain/ids.ts";
import type { JournalEntry } from "../../../src/domain/journal/entry.ts";
import { newTally } from "../../../src/domain/telemetry/tally.ts";
import { receiveAdapterWebhook } from "../../../src/ingress/adapter-webhook.ts";
import { type Envelope, parseEnvelope } from "../../../src/queues/envelope.ts";
import type { DeadLetter } from "../../../src/services/dead-letters.ts";
import { channelDraft } from "../../support/channels/draft.ts";

const NOW_MS = 1_800_000_000_000;
const URL_AT_SQUARE = "https://onhand.example/webhooks/channels/till-main";
const credentials = { notification_url: URL_AT_SQUARE, signature_key: "key-of-the-subscription" };
const SAMPLE = readFileSync(
  new URL("../../contract/adapters/payloads/square-inventory-count-updated.json", import.meta.url),
  "utf8",
);

class World {
  readonly channel: Channel;
  readonly queued: Envelope[] = [];
  readonly letters: DeadLetter[] = [];
  readonly journalled: JournalEntry[] = [];
  queueIsAway = false;
  directoryIsAway = false;
  listed: ReadonlySet<never> | null = new Set([fromStore<never>("6F4K33KPNUVDWKZ43KUIFH6K")]);

  constructor(given: Partial<Channel> = {}) {
    const locations = new Map([["EF6D9SACKWBKZ", fromStore<never>("1")]]);
    const square = { id: fromStore<never>("till-main"), type: "pos", adapter: "square" } as const;
    this.channel = { ...channelDraft(), ...square, locations, state: "active", readOnly: false, revision: 1, ...given };
  }

  async post(text = SAMPLE, { key = "key-of-the-subscription", to = "till-main", method = "POST" } = {}) {
    const headers = {
      "x-square-hmacsha256-signature": createHmac("sha256", key).update(`${URL_AT_SQUARE}${text}`).digest("base64"),
    };
    const request = new Request(
      "https://onhand.test",
      method === "POST" ? { method, headers, body: text } : { method },
    );
    const response = await receiveAdapterWebhook(to, request, {
      ...{ correlationId: fromStore("c1"), bodyBytesMax: 5_000, unreadableTextMax: 1_000, rangeMsMax: 1_000 },
      channel: async (id) => {
        if (this.directoryIsAway) throw new Error("D1 is away");
        return id === this.channel.id ? { channel: this.channel, secrets: { signing: [], credentials } } : null;
      },
      totals: { tell: async () => [] },
      listed: async () => this.listed,
      enqueue: async (envelopes) => {
        if (this.queueIsAway) throw new Error("Too Many Requests");
        this.queued.push(...envelopes);
      },
      deadLetter: async (letter) => void this.letters.push(letter),
      invalidate: () => undefined,
      journal: (entries) => void this.journalled.push(...entries),
      log: () => undefined,
      meter: newTally(),
      nowMs: () => NOW_MS,
    });
    return { status: response.status, retryAfter: response.headers.get("retry-after"), text: await response.text() };
  }
}

describe("the receiver of senders' own formats", () => {
  it("queues a till's count as a level of its replica, in an envelope that the consumer reads", async () => {
    const world = new World();
    expect(await world.post()).toMatchObject({ status: 200, text: "ok" });
    expect(world.queued).toMatchObject([
      {
        ...{ id: "channel/till-main/df5f3813-a913-45a1-94e9-fdc3f7d5e3b6", kind: "inventory.count.updated" },
        ...{ channel: { type: "pos", shop: "till-main" }, data: { kind: "level", available: 90 } },
      },
    ]);
    expect(parseEnvelope(world.queued[0]).ok).toBe(true);
    expect(world.journalled).toMatchObject([{ step: "received", outcome: "queued", shop: "till-main" }]);
  });

  it("answers a wrong signature and an unknown channel alike, and keeps nothing", async () => {
    const world = new World();
    const forged = await world.post(SAMPLE, { key: "another" });
    expect(forged).toEqual({ status: 401, retryAfter: null, text: "unauthorized" });
    expect(await world.post(SAMPLE, { to: "nobody" })).toEqual(forged);
    expect(await world.post(SAMPLE, { to: "no/body" })).toEqual(forged);
    expect(await new World({ adapter: "onhand" }).post()).toEqual(forged);
    expect([world.queued, world.letters, world.journalled]).toEqual([[], [], []]);
  });

  it("refuses what is no POST or too large, and asks for it again where a part of ours is away", async () => {
    const world = new World();
    expect((await world.post("", { method: "GET" })).status).toBe(405);
    expect((await world.post(" ".repeat(5_001))).status).toBe(413);
    world.directoryIsAway = true;
    expect(await world.post()).toMatchObject({ status: 503, retryAfter: "5" });
    world.directoryIsAway = false;
    world.queueIsAway = true;
    expect(await world.post()).toMatchObject({ status: 503, retryAfter: "5" });
    expect(await new World({ state: "paused" }).post()).toMatchObject({ status: 503, retryAfter: "60" });
  });

  it("drops items and places that are not ours to count; takes all where the catalogue cannot say", async () => {
    const world = new World();
    world.listed = new Set();
    expect((await world.post()).status).toBe(200);
    expect(world.journalled).toMatchObject([{ outcome: "dropped", code: "not_mapped" }]);
    world.listed = null;
    await world.post();
    expect(world.queued).toHaveLength(1);
    const elsewhere = new World({ locations: new Map() });
    expect((await elsewhere.post()).status).toBe(200);
    expect(elsewhere.queued).toEqual([]);
  });

  it("keeps a signed body of no known shape as a dead letter, without what may be a person's", async () => {
    const world = new World();
    const body = { type: "inventory.count.updated", event_id: "e9", customer: "Ann", data: { object: {} } };
    expect((await world.post(JSON.stringify(body))).status).toBe(200);
    expect(world.letters).toMatchObject([
      {
        ...{ origin: "ingress/adapter", topic: "square/inventory.count.updated", shop: "till-main", isFreeForm: true },
        ...{ eventId: "channel/till-main/e9", errors: [{ code: "wrong_shape" }] },
      },
    ]);
    expect(world.letters[0]?.payload).toEqual({
      type: "inventory.count.updated",
      event_id: "e9",
      data: { object: {} },
    });
  });
});
