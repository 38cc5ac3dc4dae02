import { beforeEach, describe, expect, it } from "vitest";
import { fromStore, type ShopDomain } from "../../../src/domain/ids.ts";
import type { DeadLetter } from "../../../src/services/dead-letters.ts";
import { d1DeadLetters } from "../../../src/store/d1-dead-letters.ts";
import { d1LastReasons } from "../../../src/store/d1-last-reasons.ts";
import { SqliteD1 } from "../../support/d1/sqlite-d1.ts";

let store: ReturnType<typeof d1DeadLetters>;
beforeEach(() => {
  store = d1DeadLetters(new SqliteD1().db, 3);
});

const letter = (given: Partial<DeadLetter> = {}): DeadLetter => ({
  id: "dl_01",
  origin: "queue/onhand-events",
  topic: "orders/create",
  shop: fromStore<ShopDomain>("a.myshopify.com"),
  correlationId: fromStore("correlation"),
  eventId: "event",
  subject: "variant 1",
  errors: [{ code: "unknown_variant", message: "not in the catalogue", atMs: 1, attempt: 1 }],
  attempts: 1,
  payload: { v: 1 },
  truncated: false,
  received: null,
  occurredAtMs: 1,
  ...given,
});

describe("dead letters in D1", () => {
  it("come back as they went in, payload and all", async () => {
    await store.put([letter({ received: { bytes: 9, sha256: "ab" }, truncated: true })], 5);
    expect(await store.get("dl_01")).toEqual({
      ...letter({ received: { bytes: 9, sha256: "ab" }, truncated: true }),
      status: "waiting",
      deaths: 1,
      replays: 0,
      createdAtMs: 5,
      updatedAtMs: 5,
      replayedAtMs: null,
    });
    expect(await store.get("dl_99")).toBeNull();
  });

  it("are paged newest first, each once, also when many were made in one millisecond", async () => {
    const ids = Array.from({ length: 7 }, (_, i) => `dl_0${i}`);
    for (const [i, id] of ids.entries()) await store.put([letter({ id })], i < 4 ? 10 : 20);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof store.list>> = await store.list({ limit: 2, cursor: cursor ?? undefined });
      expect(page.letters.length).toBeLessThanOrEqual(2);
      seen.push(...page.letters.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(["dl_06", "dl_05", "dl_04", "dl_03", "dl_02", "dl_01", "dl_00"]);
  });

  it("are found by status, origin, code, shop and correlation id, and by several of them", async () => {
    await store.put([letter({ id: "dl_0a" })], 1);
    await store.put([letter({ id: "dl_0b", origin: "ingress/shopify", shop: null })], 2);
    const coded = [{ code: "unreadable", message: "m", atMs: 1, attempt: 1 }];
    await store.put([letter({ id: "dl_0c", correlationId: fromStore("other"), errors: coded })], 3);
    await store.markReplayed("dl_0c", 1, 4);
    const ids = async (filter: object) => (await store.list({ limit: 9, ...filter })).letters.map(({ id }) => id);
    expect(await ids({ status: "waiting" })).toEqual(["dl_0b", "dl_0a"]);
    expect(await ids({ origin: "ingress/shopify" })).toEqual(["dl_0b"]);
    expect(await ids({ code: "unreadable" })).toEqual(["dl_0c"]);
    expect(await ids({ shop: "a.myshopify.com" })).toEqual(["dl_0c", "dl_0a"]);
    expect(await ids({ correlationId: "correlation", status: "waiting", shop: "a.myshopify.com" })).toEqual(["dl_0a"]);
    expect([await store.count("waiting"), await store.count("replayed")]).toEqual([2, 1]);
  });

  it("that die again wait again, with the newest errors first and not more of them than are kept", async () => {
    for (let death = 1; death <= 5; death += 1) {
      const errors = [{ code: `c${death}`, message: "m", atMs: death, attempt: 1 }];
      await store.put([letter({ errors, occurredAtMs: 1, payload: { death } })], death);
    }
    const found = await store.get("dl_01");
    expect(found).toMatchObject({ deaths: 5, payload: { death: 5 }, createdAtMs: 1, updatedAtMs: 5 });
    expect(found?.errors.map(({ code }) => code)).toEqual(["c5", "c4", "c3"]);
  });

  it("that stand for several events of one level keep the newest, in whatever order those die", async () => {
    for (const occurredAtMs of [200, 300, 100]) {
      const named = { eventId: `event-${occurredAtMs}`, correlationId: fromStore<never>(`c-${occurredAtMs}`) };
      await store.put([letter({ ...named, occurredAtMs, payload: { at: occurredAtMs } })], 1);
    }
    expect(await store.get("dl_01")).toMatchObject({
      payload: { at: 300 },
      eventId: "event-300",
      correlationId: "c-300",
      occurredAtMs: 300,
      deaths: 3,
    });
  });

  it("are settled by a replay, unless they died again since they were read", async () => {
    await store.put([letter()], 1);
    expect(await store.markReplayed("dl_01", 1, 2)).toBe("replayed");
    await store.put([letter()], 3);
    expect(await store.markReplayed("dl_01", 1, 4)).toBe("waiting");
    expect(await store.get("dl_01")).toMatchObject({ status: "waiting", deaths: 2, replays: 2, replayedAtMs: 4 });
  });

  it("are forgotten when they were settled long ago, and never while they wait", async () => {
    await store.put([letter({ id: "dl_0a" }), letter({ id: "dl_0b" })], 1);
    await store.markReplayed("dl_0a", 1, 2);
    expect(await store.prune(3)).toBe(1);
    expect(await store.get("dl_0b")).not.toBeNull();
  });
});

describe("last reasons in D1", () => {
  it("are the newest of each message, and are forgotten when the queue cannot hold it any more", async () => {
    const reasons = d1LastReasons(new SqliteD1().db);
    const error = (message: string, atMs: number) => ({ code: "retried", message, atMs, attempt: 8 });
    await reasons.note([{ queue: "q", eventId: "e", error: error("first", 1) }]);
    await reasons.note([{ queue: "q", eventId: "e", error: error("second", 2) }]);
    expect(await reasons.find("q", "e")).toEqual(error("second", 2));
    expect(await reasons.find("other", "e")).toBeNull();
    await reasons.prune(3);
    expect(await reasons.find("q", "e")).toBeNull();
  });
});
