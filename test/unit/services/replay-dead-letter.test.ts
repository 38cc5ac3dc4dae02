import { describe, expect, it } from "vitest";
import { type CorrelationId, fromStore, type ShopDomain } from "../../../src/domain/ids.ts";
import type { DeadLetter } from "../../../src/services/dead-letters.ts";
import { type ReplayDeps, replayDeadLetter } from "../../../src/services/replay-dead-letter.ts";
import { d1DeadLetters } from "../../../src/store/d1-dead-letters.ts";
import { SqliteD1 } from "../../support/d1/sqlite-d1.ts";

const LETTER: DeadLetter = {
  id: "dl_01",
  origin: "queue/onhand-events",
  topic: "orders/create",
  shop: fromStore<ShopDomain>("a.myshopify.com"),
  correlationId: fromStore("correlation"),
  eventId: "event",
  subject: null,
  refs: [],
  isFreeForm: false,
  errors: [{ code: "unknown_variant", message: "m", atMs: 1, attempt: 1 }],
  attempts: 1,
  payload: { v: 1 },
  truncated: false,
  received: null,
  occurredAtMs: 1,
};

const LIMITS = { errorsMax: 10, trailMax: 10, messageCharsMax: 100, refsMax: 9, autoForgetMs: 1 };
const BY = { actor: "admin", detail: null, audit: {}, correlationId: fromStore<CorrelationId>("asked") };

async function world(letter: DeadLetter, given: Partial<ReplayDeps> = {}) {
  const store = d1DeadLetters(new SqliteD1().db, LIMITS);
  await store.put([letter], 1);
  const done: unknown[] = [];
  const deps: ReplayDeps = {
    store,
    takeIn: async ({ topic, payload }) => {
      done.push({ takenIn: topic, payload });
      return "sent";
    },
    send: async (queue, bodies) => {
      for (const body of bodies) done.push({ sentTo: queue, body });
      return true;
    },
    parkedLevels: () => null,
    unpark: async (levels) => void done.push({ unparked: levels }),
    nowMs: () => 9,
    ...given,
  };
  return { store, deps, done, again: { ...LETTER, payload: { v: 1, again: true } } };
}

describe("replayDeadLetter", () => {
  it("puts the body back on the queue where it died, and settles the letter", async () => {
    const { deps, done, store } = await world(LETTER);
    expect(await replayDeadLetter("dl_01", BY, deps)).toMatchObject({ kind: "replayed", status: "replayed" });
    expect(done).toEqual([{ sentTo: "onhand-events", body: { v: 1 } }]);
    expect(await store.get("dl_01")).toMatchObject({ status: "replayed", replays: 1, replayedAtMs: 9 });
  });

  it("leaves a letter waiting that died again between the sending and the noting", async () => {
    const { deps, store, again } = await world(LETTER);
    // The consumer is as quick as that: it has buried the message before the replay is noted.
    const send: ReplayDeps["send"] = async () => {
      await store.put([again], 5);
      return true;
    };
    expect(await replayDeadLetter("dl_01", BY, { ...deps, send })).toMatchObject({
      kind: "replayed",
      status: "waiting",
    });
    expect(await store.get("dl_01")).toMatchObject({ status: "waiting", deaths: 2, replays: 1 });
  });

  it("takes a body in afresh that could not be read when it came", async () => {
    const { deps, done } = await world({ ...LETTER, origin: "ingress/shopify" });
    expect(await replayDeadLetter("dl_01", BY, deps)).toMatchObject({ kind: "replayed" });
    expect(done).toEqual([{ takenIn: "orders/create", payload: { v: 1 } }]);
  });

  it("lets pushes go again to a level that a refused row stopped", async () => {
    const levels = { skuId: fromStore<never>("id"), listingId: fromStore<never>("l"), locationIds: [] };
    const { deps, done } = await world(LETTER, { parkedLevels: () => levels });
    await replayDeadLetter("dl_01", BY, deps);
    expect(done).toEqual([{ unparked: levels }]);
  });

  it.each([
    ["its payload was cut", { truncated: true }, {}, "its payload was cut when it was kept"],
    [
      "its queue is no more",
      { origin: "queue/gone" as const },
      { send: async () => false },
      'there is no queue "gone"',
    ],
    [
      "its body is still unreadable",
      { origin: "ingress/shopify" as const },
      { takeIn: async () => ({ why: "still wrong" }) },
      "still wrong",
    ],
    ["its payload is text", { payload: "not a message" }, {}, "its payload is no message: edit it"],
    ["it names no shop", { origin: "ingress/shopify" as const, shop: null }, {}, "it names no shop"],
  ])("says why it cannot when %s, and leaves it waiting", async (_, letter, given, reason) => {
    const { deps, store } = await world({ ...LETTER, ...letter }, given);
    expect(await replayDeadLetter("dl_01", BY, deps)).toEqual({ kind: "not_replayable", reason });
    expect(await store.get("dl_01")).toMatchObject({ status: "waiting", replays: 0 });
  });

  it("knows nothing of a letter that does not exist", async () => {
    const { deps } = await world(LETTER);
    expect(await replayDeadLetter("dl_99", BY, deps)).toEqual({ kind: "unknown" });
  });
});
