import { beforeEach, describe, expect, it } from "vitest";
import { fromStore, type ShopDomain } from "../../../src/domain/ids.ts";
import type { DeadLetter, LetterAct } from "../../../src/services/dead-letters.ts";
import { d1DeadLetters } from "../../../src/store/d1-dead-letters.ts";
import { d1LastReasons } from "../../../src/store/d1-last-reasons.ts";
import { SqliteD1 } from "../../support/d1/sqlite-d1.ts";

const LIMITS = { errorsMax: 3, trailMax: 4, messageCharsMax: 100, refsMax: 3, autoForgetMs: 7_200_000 };
let d1: SqliteD1;
let store: ReturnType<typeof d1DeadLetters>;
const act = (atMs: number, given: Partial<LetterAct> = {}): LetterAct => ({
  ...{ actor: "admin", detail: null, audit: {}, correlationId: fromStore("asked"), atMs },
  ...given,
});
beforeEach(() => {
  d1 = new SqliteD1();
  store = d1DeadLetters(d1.db, LIMITS);
});

const letter = (given: Partial<DeadLetter> = {}): DeadLetter => ({
  id: "dl_01",
  origin: "queue/onhand-events",
  topic: "orders/create",
  shop: fromStore<ShopDomain>("a.myshopify.com"),
  correlationId: fromStore("correlation"),
  eventId: "event",
  subject: "variant 1",
  refs: [],
  isFreeForm: false,
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
    const { refs: _, ...kept } = letter({ received: { bytes: 9, sha256: "ab" }, truncated: true });
    expect(await store.get("dl_01")).toEqual({
      ...kept,
      status: "waiting",
      version: 1,
      trail: [{ what: "died", atMs: 5, actor: null, detail: "unknown_variant" }],
      diedAtMs: 5,
      isEdited: false,
      original: null,
      outlinedAtMs: null,
      replayDueAtMs: null,
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
    await store.markReplayed("dl_0c", 1, act(4));
    const ids = async (filter: object) => (await store.list({ limit: 9, ...filter })).letters.map(({ id }) => id);
    expect(await ids({ status: "waiting" })).toEqual(["dl_0b", "dl_0a"]);
    expect(await ids({ origin: "ingress/shopify" })).toEqual(["dl_0b"]);
    expect(await ids({ codes: ["unreadable"] })).toEqual(["dl_0c"]);
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
    expect(await store.markReplayed("dl_01", 1, act(2))).toBe("replayed");
    await store.put([letter()], 3);
    expect(await store.markReplayed("dl_01", 1, act(4))).toBe("waiting");
    expect(await store.get("dl_01")).toMatchObject({ status: "waiting", deaths: 2, replays: 2, replayedAtMs: 4 });
  });

  it("are forgotten when they were settled long ago, and never while they wait", async () => {
    await store.put([letter({ id: "dl_0a" }), letter({ id: "dl_0b" })], 1);
    await store.markReplayed("dl_0a", 1, act(2));
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

describe("the filters of dead letters", () => {
  const ids = async (filter: object) => (await store.list({ limit: 9, ...filter })).letters.map(({ id }) => id);

  it("find letters by topic, by one of several error classes, and by the time of the newest death", async () => {
    const coded = (code: string) => [{ code, message: "m", atMs: 1, attempt: 1 }];
    await store.put([letter({ id: "dl_0a", errors: coded("unreadable") })], 10);
    await store.put([letter({ id: "dl_0b", errors: coded("no_answer"), topic: "refunds/create" })], 20);
    await store.put([letter({ id: "dl_0c", errors: coded("out_of_tries") })], 30);
    await store.put([letter({ id: "dl_0a", errors: coded("unreadable") })], 25);
    expect(await ids({ topic: "refunds/create" })).toEqual(["dl_0b"]);
    expect(await ids({ codes: ["no_answer", "out_of_tries"] })).toEqual(["dl_0c", "dl_0b"]);
    expect(await ids({ fromMs: 20, toMs: 30 })).toEqual(["dl_0b", "dl_0a"]);
    expect(await ids({ fromMs: 31 })).toEqual([]);
  });

  it("find letters by a SKU that they name, that their counter had, or that their item or variant is sold as", async () => {
    d1.database.exec(`INSERT INTO skus VALUES ('id-1', 'CUP', 0), ('id-2', 'JUG', 0);
      INSERT INTO sku_aliases VALUES ('CUP', 'id-1'), ('OLD-CUP', 'id-1'), ('JUG', 'id-2');
      INSERT INTO listings (shop, variant_id, inventory_item_id, sku_id, sku_text, status, title, imported_at_ms)
        VALUES ('a.myshopify.com', '11', '21', 'id-1', 'CUP', 'active', 'Cup', 0)`);
    const named: readonly (readonly [string, readonly string[]])[] = [
      ["dl_0a", ["sku:CUP"]],
      ["dl_0b", ["skuId:id-1"]],
      ["dl_0c", ["item:a.myshopify.com/21"]],
      ["dl_0d", ["variant:a.myshopify.com/11", "sku:other"]],
      ["dl_0e", ["item:b.myshopify.com/21", "sku:CUP-2", "skuId:id-2"]],
    ];
    for (const [id, refs] of named) await store.put([letter({ id, refs })], 1);
    expect(await ids({ sku: "CUP" })).toEqual(["dl_0d", "dl_0c", "dl_0b", "dl_0a"]);
    expect(await ids({ sku: "OLD-CUP" })).toEqual(["dl_0d", "dl_0c", "dl_0b", "dl_0a"]);
    expect(await ids({ sku: "JUG" })).toEqual(["dl_0e"]);
    expect(await ids({ sku: "NOBODY" })).toEqual([]);
  });

  it("find a text in subject or message whatever its case, and take no character of it for a wildcard", async () => {
    const saying = (message: string) => [{ code: "c", message, atMs: 1, attempt: 1 }];
    await store.put([letter({ id: "dl_0a", subject: "Variant 100% wool", errors: saying("x") })], 1);
    await store.put([letter({ id: "dl_0b", subject: null, errors: saying('not "In_the" catalogue') })], 2);
    expect(await ids({ text: "100%" })).toEqual(["dl_0a"]);
    expect(await ids({ text: "VARIANT" })).toEqual(["dl_0a"]);
    expect(await ids({ text: 'not "in_the"' })).toEqual(["dl_0b"]);
    expect(await ids({ text: "%" })).toEqual(["dl_0a"]);
    expect(await ids({ text: "inXthe" })).toEqual([]);
  });
});

describe("the trail of a dead letter", () => {
  it("tells who did what and when, newest first, and deaths of one class in a row once", async () => {
    await store.put([letter()], 1);
    await store.put([letter()], 2);
    await store.put([letter()], 3);
    await store.markReplayed("dl_01", 3, act(4, { actor: "admin/anna" }));
    await store.put([letter()], 5);
    await store.discard("dl_01", act(6, { detail: "test data" }));
    expect((await store.get("dl_01"))?.trail).toEqual([
      { what: "discarded", atMs: 6, actor: "admin", detail: "test data" },
      { what: "died", atMs: 5, actor: null, detail: "unknown_variant" },
      { what: "replayed", atMs: 4, actor: "admin/anna", detail: null },
      { what: "died", atMs: 1, actor: null, detail: "unknown_variant", times: 3, lastAtMs: 3 },
    ]);
  });

  it("keeps the newest entries and no more than it may", async () => {
    await store.put([letter()], 1);
    for (let round = 0; round < 5; round += 1) {
      await store.markReplayed("dl_01", round + 1, act(10 * round + 2));
      await store.put([letter()], 10 * round + 3);
    }
    const trail = (await store.get("dl_01"))?.trail ?? [];
    expect(trail.map(({ what, atMs }) => `${what} ${atMs}`)).toEqual([
      ...["died 43", "replayed 42", "died 33", "replayed 32"],
    ]);
  });
});

describe("what is kept of a dead letter", () => {
  it("holds no person's data and no secret in its messages, whoever wrote them", async () => {
    const message = "no answer from https://u:p@api.test/x?token=abc for anna@example.com";
    await store.put(
      [letter({ subject: "anna@example.com", errors: [{ code: "c", message, atMs: 1, attempt: 1 }] })],
      1,
    );
    const row = d1.database.prepare("SELECT subject, errors FROM dead_letters").get();
    expect(JSON.stringify(row)).not.toMatch(/anna|u:p|token=abc/);
    expect(JSON.stringify(row)).toContain("https://api.test/…");
  });

  it("is an outline of a payload without known shape after a week, whose original is one too, and the letter says so", async () => {
    const payload = { line_items: [{ id: 1, note: "for Anna" }], email: "anna@example.com" };
    await store.put([letter({ payload, isFreeForm: true }), letter({ id: "dl_02", payload: { order: "1" } })], 100);
    await store.edit("dl_01", 1, { payload: { id: "Anna" }, refs: [], isFreeForm: true }, act(101));
    expect(await store.outline(100, 10, 200)).toBe(0);
    expect(await store.outline(101, 10, 200)).toBe(1);
    const found = await store.get("dl_01");
    expect(found).toMatchObject({
      payload: { id: "(string)" },
      original: { line_items: [{ id: "(number)", note: "(string)" }], email: "(string)" },
      outlinedAtMs: 200,
    });
    expect(found?.trail[0]).toEqual({ what: "outlined", atMs: 200, actor: null, detail: null });
    expect((await store.get("dl_02"))?.payload).toEqual({ order: "1" });
    expect(await store.outline(101, 10, 300)).toBe(0);
  });
});

describe("an edit", () => {
  const edited = (payload: unknown) => ({ payload, refs: ["sku:NEW"], isFreeForm: false });

  it("takes the payload's place, keeps the first one beside it, and is found by what it names", async () => {
    await store.put([letter({ payload: { v: "died" } })], 1);
    expect(await store.edit("dl_01", 1, edited({ v: "mended" }), act(2))).toBe(2);
    expect(await store.edit("dl_01", 2, edited({ v: "mended again" }), act(3))).toBe(3);
    expect(await store.get("dl_01")).toMatchObject({
      ...{ payload: { v: "mended again" }, original: { v: "died" }, isEdited: true, version: 3, status: "waiting" },
    });
    expect((await store.list({ limit: 9, sku: "NEW" })).letters).toHaveLength(1);
  });

  it("does not overwrite somebody else's, nor a death that its editor has not seen", async () => {
    await store.put([letter()], 1);
    expect(await store.edit("dl_01", 1, edited({ by: "anna" }), act(2))).toBe(2);
    expect(await store.edit("dl_01", 1, edited({ by: "bert" }), act(3))).toBeNull();
    expect(await store.get("dl_01")).toMatchObject({ payload: { by: "anna" } });
    await store.put([letter()], 4);
    expect(await store.edit("dl_01", 2, edited({ by: "bert" }), act(5))).toBeNull();
    const audited = d1.database.prepare("SELECT actor, action, subject FROM audit_log").all();
    expect(audited).toEqual([{ actor: "admin", action: "dead_letter.edited", subject: "dl_01" }]);
  });
});

describe("an automatic replay", () => {
  const dying = (code: string) => letter({ errors: [{ code, message: "m", atMs: 1, attempt: 1 }] });
  const dueIn = async (nowMs: number) => {
    const due = (await store.get("dl_01"))?.replayDueAtMs ?? null;
    return due === null ? null : due - nowMs;
  };
  const replayedByMinute = () =>
    d1.database.exec(
      "UPDATE dead_letters SET auto_replays = auto_replays + 1, status = 'replayed', replayed_at_ms = 1000",
    );

  it("is due soon after a death that an outage caused, later each time, and not for ever", async () => {
    const delays: (number | null)[] = [];
    for (let death = 0; death < 4; death += 1) {
      await store.put([dying("no_answer")], 1_000);
      delays.push(await dueIn(1_000));
      replayedByMinute();
    }
    expect(delays).toEqual([10_000, 20_000, 40_000, null]);
  });

  it("begins anew when the one before has lasted, and after a person has replayed the letter", async () => {
    await store.put([dying("no_answer")], 1_000);
    replayedByMinute();
    await store.put([dying("no_answer")], 1_000 + LIMITS.autoForgetMs + 1);
    expect(await dueIn(1_000 + LIMITS.autoForgetMs + 1)).toBe(10_000);
    replayedByMinute();
    await store.markReplayed("dl_01", 2, act(2_000));
    await store.put([dying("no_answer")], 3_000);
    expect(await dueIn(3_000)).toBe(10_000);
  });

  it.each(["unknown_variant", "unreadable", "wrong_shape", "LEVEL_MISSING", "constructor"])(
    "is never due after %s: that needs a person",
    async (code) => {
      await store.put([dying(code)], 1_000);
      expect(await dueIn(1_000)).toBeNull();
    },
  );
});
