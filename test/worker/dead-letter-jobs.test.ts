import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { tendDeadLetters } from "../../src/wiring/dead-letters.ts";
import { call } from "./support/api.ts";
import { list } from "./support/catalogue.ts";
import { SHOP } from "./support/counters.ts";
import { handOver, message } from "./support/queue.ts";
import { until } from "./support/until.ts";
import { deliver } from "./support/webhooks.ts";

type Json = Record<string, unknown>;

const envelope = (id: string, variant: string) => ({
  ...{ v: 1, id, correlationId: `correlation-${id}`, channel: { type: "shopify", shop: SHOP }, kind: "orders/create" },
  ...{ occurredAt: Date.now(), receivedAt: Date.now() },
  data: {
    ...{ kind: "order", topic: "orders/create", orderId: id, createdAtMs: Date.now(), location: null, restocks: [] },
    lines: [{ lineId: "1", variantId: variant, sku: null, quantity: 1, fulfilled: false, skip: null }],
  },
});

/** As the consumer leaves it when D1 was away: with its reason, on the dead-letter queue. */
const lastWords = (id: string, variant: string, code = "counter_away") => ({
  ...{ v: 1, kind: "last_words", queue: "onhand-events", code, message: `died of ${code}`, subject: null, attempts: 9 },
  ...{ atMs: Date.now(), messageId: id, payload: envelope(id, variant) },
});

async function bury(ids: readonly string[], variant: string, code?: string): Promise<void> {
  const messages = ids.map((id) => message(id, lastWords(id, variant, code)));
  for (let i = 0; i < messages.length; i += 20) await handOver("onhand-events-dlq", ...messages.slice(i, i + 20));
}

const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
const letters = async (query: string) => (await call("GET", `/v1/dead-letters?${query}`)).body["deadLetters"] as Json[];
const one = async (query: string): Promise<Json> => {
  const [found] = await letters(query);
  if (found === undefined) throw new Error(`no letter of ${query}`);
  return found;
};
const job = async (id: unknown) => (await call("GET", `/v1/dead-letters/jobs/${id}`)).body;

describe("a replay job", () => {
  it("replays all that match: each is counted once, and the job says what became of each", async () => {
    const { counter, connect } = await list("JOB-1", "9101");
    await connect(100);
    await bury(ids("job-1", 45), "9101");
    await bury(ids("job-1-unknown", 2), "999101", "unknown_variant");
    const filter = { sku: "JOB-1", code: "counter_away" };
    const dry = await call("POST", "/v1/dead-letters/jobs", { filter, dryRun: true });
    expect([dry.status, dry.body]).toMatchObject([
      200,
      {
        ...{ dryRun: true, total: 45, notReplayable: 0, sample: { length: 10 } },
        groups: [{ queue: "onhand-events", code: "counter_away", letters: 45 }],
      },
    ]);
    expect((await counter.levels())?.available).toBe(100);
    const started = await call("POST", "/v1/dead-letters/jobs", { name: "job-1", filter });
    expect([started.status, started.body]).toMatchObject([202, { name: "job-1", total: 45, filter, actor: "admin" }]);
    const done = await until(
      () => job(started.body["id"]),
      ({ status }) => status === "done",
      20_000,
    );
    expect(done).toMatchObject({ replayed: 45, waiting: 0, sent: 0, failed: 0, diedAgain: 0 });
    expect((await counter.levels())?.available).toBe(55);
    expect(await letters("sku=JOB-1&status=waiting")).toEqual([]);
    // A second job replays nothing more; and the letters' own keys would count once anyway.
    const again = await call("POST", "/v1/dead-letters/jobs", { name: "job-1", filter });
    expect([again.status, again.headers.get("idempotent-replayed"), again.body]).toMatchObject([
      ...[200, "true", { id: started.body["id"], status: "done" }],
    ]);
    const letter = await one("sku=JOB-1");
    await call("POST", `/v1/dead-letters/${letter["id"]}/replay`);
    await scheduler.wait(300);
    expect((await counter.levels())?.available).toBe(55);
    const { body } = await call("GET", "/v1/dead-letters/jobs/job-1/items?limit=2");
    expect(body).toMatchObject({
      items: [
        { seq: 1, state: "replayed" },
        { seq: 2, state: "replayed" },
      ],
      next: 2,
    });
    expect((await call("GET", "/v1/dead-letters/jobs/job-1/items?state=failed")).body["items"]).toEqual([]);
    const { body: all } = await call("GET", "/v1/dead-letters/jobs?status=done&limit=1");
    expect(all).toMatchObject({ jobs: [{ name: "job-1" }] });
  });

  it("tells which letters died again, and leaves them waiting", async () => {
    await bury(ids("job-2", 3), "999102", "out_of_tries");
    const started = await call("POST", "/v1/dead-letters/jobs", {
      ...{ name: "job-2", filter: { text: "died of OUT_OF_TRIES" } },
    });
    const done = await until(
      () => job(started.body["id"]),
      ({ status }) => status === "done",
      20_000,
    );
    expect(done).toMatchObject({ total: 3, diedAgain: 3, replayed: 0 });
    const again = await one("correlationId=correlation-job-2-0");
    expect(again).toMatchObject({ status: "waiting", code: "unknown_variant", deaths: 2, replays: 1 });
    expect(again["trail"]).toMatchObject([
      ...[
        { what: "died", detail: "unknown_variant" },
        { what: "replayed", actor: "admin", detail: "job-2" },
      ],
      { what: "died", detail: "out_of_tries" },
    ]);
  });

  it("refuses a name that stands for something else, a filter that it does not know, and no name", async () => {
    await call("POST", "/v1/dead-letters/jobs", { name: "taken", filter: { code: "nothing" } });
    const post = (body: object) => call("POST", "/v1/dead-letters/jobs", body);
    expect(await post({ name: "taken", filter: { code: "other" } })).toMatchObject({
      ...{ status: 409, body: { code: "conflict", field: "name" } },
    });
    expect(await post({ name: "x", filter: { colour: "red" } })).toMatchObject({
      ...{ status: 400, body: { field: "filter.colour" } },
    });
    expect(await post({ filter: {} })).toMatchObject({ status: 400, body: { field: "name" } });
    expect(await post({ name: "y", action: "discard", filter: {} })).toMatchObject({
      status: 400,
      body: { field: "reason" },
    });
    expect((await call("GET", "/v1/dead-letters/jobs/nobody")).status).toBe(404);
    expect((await call("POST", "/v1/dead-letters/jobs/nobody/cancel")).status).toBe(404);
  });

  it("goes on by the minute and the queue when its driver was killed, and is cancelled by an operator", async () => {
    const { counter, connect } = await list("JOB-3", "9103");
    await connect(50);
    await bury(ids("job-3", 5), "9103");
    // Made, and never driven: as if the isolate had died with the answer.
    const { d1DeadLetterJobs } = await import("../../src/store/d1-dead-letter-jobs.ts");
    const jobs = d1DeadLetterJobs(env.DB, { trailMax: 9, lettersMax: 9, pageBytesMax: 1_000_000 });
    const made = { id: "dlj_0003", name: "job-3", action: "replay", trigger: "operator", reason: null } as const;
    const by = { actor: "admin", correlationId: "asked-0003" as never };
    await jobs.create({ ...made, ...by, filter: { sku: "JOB-3" } }, "nonce", Date.now());
    await jobs.create({ ...made, ...by, id: "dlj_0004", name: "job-4", filter: { sku: "JOB-3" } }, "nonce", Date.now());
    expect(await call("POST", "/v1/dead-letters/jobs/dlj_0004/cancel")).toMatchObject({
      ...{ status: 200, body: { status: "cancelled", cancelled: 5, waiting: 0 } },
    });
    expect((await call("POST", "/v1/dead-letters/jobs/dlj_0004/cancel")).status).toBe(200);
    await tendDeadLetters(env, Date.now());
    await until(
      () => job("dlj_0003"),
      ({ status, replayed }) => status === "done" && replayed === 5,
      20_000,
    );
    expect((await counter.levels())?.available).toBe(45);
    expect((await call("POST", "/v1/dead-letters/jobs/dlj_0003/cancel")).status).toBe(409);
    expect(await letters("sku=JOB-3&status=waiting")).toEqual([]);
  });

  it("discards with a reason: the letters stay, and say so", async () => {
    await bury(ids("job-5", 3), "999105", "unknown_variant");
    const filter = { correlationId: "correlation-job-5-1" };
    const reason = "sold by mistake, told to anna@example.com";
    const started = await call("POST", "/v1/dead-letters/jobs", { name: "job-5", action: "discard", reason, filter });
    await until(
      () => job(started.body["id"]),
      ({ status, discarded }) => status === "done" && discarded === 1,
    );
    expect(await one("correlationId=correlation-job-5-1")).toMatchObject({ status: "discarded" });
    expect(await one("correlationId=correlation-job-5-2")).toMatchObject({ status: "waiting" });
    const { body } = await call("GET", `/v1/audit?subject=${started.body["id"]}`);
    expect(body["entries"]).toMatchObject([
      { action: "dead_letter_job.started", actor: "admin", detail: { total: 1 } },
    ]);
    expect(JSON.stringify([body, await letters("status=discarded")])).not.toContain("anna@");
  });
});

describe("the end of an outage", () => {
  it("replays what it caused, when its breaker's closing is told, and nothing that needs a person", async () => {
    const { counter, connect } = await list("JOB-6", "9106");
    await connect(30);
    const openedAtMs = Date.now();
    await bury(ids("outage-6", 4), "9106", "shopify_away");
    await bury(["outage-6-person"], "9106", "unknown_location");
    const notice = {
      ...{ v: 1, kind: "breaker", destination: `shopify/${SHOP}`, from: "half_open", to: "closed", reason: null },
      ...{ openedAtMs, atMs: Date.now() + 1 },
    };
    await env.NOTIFICATIONS.sendBatch([{ body: notice }, { body: notice }]);
    await until(
      () => counter.levels(),
      (levels) => levels?.available === 26,
      15_000,
    );
    const done = await until(
      () => job(encodeURIComponent(`outage/shopify/${SHOP}/${new Date(openedAtMs).toISOString()}`)),
      ({ status }) => status === "done",
      15_000,
    );
    expect(done).toMatchObject({ trigger: "breaker", actor: "automatic", total: 4, replayed: 4 });
    expect(await one("correlationId=correlation-outage-6-person")).toMatchObject({ status: "waiting", replays: 0 });
  });

  it("needs no breaker where a counter was away: the minute replays what is due", async () => {
    const { counter, connect } = await list("JOB-7", "9107");
    await connect(30);
    await bury(["minute-7"], "9107", "counter_away");
    await bury(["minute-7-person"], "9107", "unknown_location");
    const waiting = await one("correlationId=correlation-minute-7");
    expect(Date.parse(String(waiting["replayDueAt"])) - Date.parse(String(waiting["diedAt"]))).toBe(10_000);
    await env.DB.exec("UPDATE dead_letters SET auto_due_at_ms = 1 WHERE correlation_id = 'correlation-minute-7'");
    await tendDeadLetters(env, Date.now());
    await until(
      () => counter.levels(),
      (levels) => levels?.available === 29,
      15_000,
    );
    const letter = await one("correlationId=correlation-minute-7");
    expect(letter).toMatchObject({
      status: "replayed",
      replayDueAt: null,
      trail: [{ actor: "automatic" }, { what: "died" }],
    });
    expect(await one("correlationId=correlation-minute-7-person")).toMatchObject({
      status: "waiting",
      replayDueAt: null,
    });
  });
});

describe("a dead letter", () => {
  const edit = (id: unknown, version: unknown, payload: unknown, headers = {}) =>
    call("POST", `/v1/dead-letters/${id}/edit`, { payload }, { "if-match": `"${version}"`, ...headers });

  it("is mended by an edit, which is checked, kept beside the original, audited, and then replayed", async () => {
    const { counter, connect } = await list("EDIT-1", "9201");
    await connect(10);
    await bury(["edit-1"], "999201", "unknown_variant");
    const { id, version } = await one("correlationId=correlation-edit-1");
    const { headers, body } = await call("GET", `/v1/dead-letters/${id}`);
    expect([headers.get("etag"), version]).toEqual(['"1"', 1]);
    const payload = body["payload"] as ReturnType<typeof envelope>;
    const [line] = payload.data.lines;
    const withLine = (change: object) => ({ ...payload, data: { ...payload.data, lines: [{ ...line, ...change }] } });

    const wrong = await edit(id, 1, withLine({ quantity: "two", variantId: 7 }));
    expect([wrong.status, wrong.body]).toMatchObject([
      422,
      {
        code: "invalid_payload",
        errors: [{ field: "payload.data.lines.0.variantId" }, { field: "payload.data.lines.0.quantity" }],
      },
    ]);
    const other = { ...payload, id: "another-event" };
    expect(await edit(id, 1, other)).toMatchObject({ status: 422, body: { field: "payload.id" } });
    expect((await call("POST", `/v1/dead-letters/${id}/edit`, { payload })).status).toBe(428);
    expect((await call("GET", `/v1/dead-letters/${id}`)).body).toMatchObject({ version: 1, edited: false });

    const mended = withLine({ variantId: "9201", email: "anna@example.com" });
    const answer = await edit(id, 1, mended, { "x-client-id": "anna" });
    expect([answer.status, answer.body]).toMatchObject([202, { id, status: "replayed", version: 2, edited: true }]);
    await until(
      () => counter.levels(),
      (levels) => levels?.available === 9,
    );
    const { body: after } = await call("GET", `/v1/dead-letters/${id}`);
    expect(after).toMatchObject({
      ...{ status: "replayed", edited: true, payload: withLine({ variantId: "9201" }), original: payload },
      trail: [
        { what: "replayed", actor: "admin/anna" },
        { what: "edited", actor: "admin/anna", detail: "1 field" },
        { what: "died" },
      ],
    });
    expect(JSON.stringify(after)).not.toContain("anna@example.com");
    expect((await letters("sku=EDIT-1")).map((letter) => letter["id"])).toEqual([id]);
    const { body: audit } = await call("GET", `/v1/audit?subject=${id}`);
    expect(audit["entries"]).toMatchObject([
      { action: "dead_letter.replayed", actor: "admin/anna" },
      { action: "dead_letter.edited", actor: "admin/anna", detail: { fields: ["data.lines.0.variantId"], version: 1 } },
    ]);
    // Somebody who read it before the edit does not overwrite it.
    expect(await edit(id, 1, mended)).toMatchObject({ status: 412, body: { code: "version_mismatch", version: 3 } });
    expect(await edit(id, 3, mended)).toMatchObject({ status: 409 });
  });

  it("of a body that could not be read is edited against the schema of its topic", async () => {
    const { counter, connect } = await list("EDIT-2", "9202");
    await connect(10);
    await deliver({ topic: "orders/create", body: `{"id":9202,"line_items":"none","email":"anna@example.com"}` });
    const found = await one("code=wrong_shape&topic=orders/create");
    const { id, version } = found;
    expect(await edit(id, version, { id: 9202, line_items: [] })).toMatchObject({
      ...{ status: 422, body: { code: "invalid_payload", field: "payload.created_at" } },
    });
    const order = {
      ...{ id: 9202, created_at: new Date().toISOString(), email: "anna@example.com" },
      line_items: [{ id: 1, variant_id: 9202, quantity: 3, sku: "EDIT-2", variant_inventory_management: "shopify" }],
    };
    expect(await edit(id, version, order)).toMatchObject({ status: 202, body: { status: "replayed" } });
    await until(
      () => counter.levels(),
      (levels) => levels?.available === 7,
    );
    expect(JSON.stringify((await call("GET", `/v1/dead-letters/${id}`)).body)).not.toContain("anna@");
  });

  it("that cannot be read keeps its name when its replay dies again", async () => {
    await handOver("onhand-events", message("poison-1", { v: 99, x: 1 }));
    const { id } = await one("correlationId=poison-1");
    await call("POST", `/v1/dead-letters/${id}/replay`);
    const again = await until(
      () => call("GET", `/v1/dead-letters/${id}`),
      ({ body }) => body["deaths"] === 2,
    );
    expect(again.body).toMatchObject({ status: "waiting", payload: { v: 99, x: 1 }, topic: "unreadable" });
    // Made readable, it is still this letter that dies of what it names.
    const readable = envelope("poison-1-read", "999777");
    expect(
      await edit(id, again.body["version"], { ...readable, channel: { type: "shopify", shop: "other.myshopify.com" } }),
    ).toMatchObject({ status: 422, body: { field: "payload.channel.shop" } });
    expect((await edit(id, again.body["version"], readable)).status).toBe(202);
    await until(
      () => call("GET", `/v1/dead-letters/${id}`),
      ({ body }) => body["deaths"] === 3 && body["code"] === "unknown_variant" && body["status"] === "waiting",
    );
  });

  it("is discarded with a reason, once, and is not lost", async () => {
    await bury(["discard-1"], "999301", "unknown_variant");
    const { id } = await one("correlationId=correlation-discard-1");
    const discard = (body: object) => call("POST", `/v1/dead-letters/${id}/discard`, body);
    expect(await discard({})).toMatchObject({ status: 400, body: { field: "reason" } });
    expect(await discard({ reason: "a test order" })).toMatchObject({ status: 200, body: { status: "discarded" } });
    expect(await discard({ reason: "a test order" })).toMatchObject({ status: 200, body: { status: "discarded" } });
    expect(await one("status=discarded&correlationId=correlation-discard-1")).toMatchObject({
      trail: [{ what: "discarded", actor: "admin", detail: "a test order" }, { what: "died" }],
    });
    const { body } = await call("GET", `/v1/audit?subject=${id}&action=dead_letter.discarded`);
    expect(body["entries"]).toMatchObject([{ detail: { reason: "a test order" } }]);
    await call("POST", `/v1/dead-letters/${id}/replay`); // an operator may think better of it
    await until(
      () => one("correlationId=correlation-discard-1"),
      ({ status, deaths }) => status === "waiting" && deaths === 2,
    );
    expect((await call("POST", "/v1/dead-letters/dl_00/discard", { reason: "r" })).status).toBe(404);
  });

  it("of unknown shape is only an outline after a week, and says why it is not replayed", async () => {
    await deliver({ topic: "refunds/create", body: `{"id":"Anna","refund_line_items":7,"order_id":5}` });
    const { id } = await one("code=wrong_shape&topic=refunds/create");
    await env.DB.exec(`UPDATE dead_letters SET died_at_ms = died_at_ms - 8 * 86400000 WHERE id = '${id}'`);
    await tendDeadLetters(env, Date.now());
    const { body } = await call("GET", `/v1/dead-letters/${id}`);
    expect(body).toMatchObject({ payload: { id: "(string)", order_id: "(number)" }, outlinedAt: expect.any(String) });
    expect(await call("POST", `/v1/dead-letters/${id}/replay`)).toMatchObject({
      ...{ status: 422, body: { code: "not_replayable", detail: expect.stringContaining("outline") } },
    });
  });
});

describe("the filters of GET /v1/dead-letters", () => {
  it("page what they find, and refuse what they do not know", async () => {
    await bury(ids("filter-1", 5), "999401", "unknown_variant");
    const query = "text=died%20of&topic=orders/create&queue=onhand-events&channel=test-shop.myshopify.com&limit=2";
    const from = new Date(Date.now() - 60_000).toISOString();
    const seen = new Set<unknown>();
    let cursor = "";
    for (let page = 0; page < 60; page += 1) {
      const { body } = await call("GET", `/v1/dead-letters?${query}&from=${from}${cursor}`);
      for (const letter of body["deadLetters"] as Json[]) seen.add(letter["correlationId"]);
      if (body["next"] === null) break;
      cursor = `&cursor=${body["next"]}`;
    }
    expect(ids("filter-1", 5).every((id) => seen.has(`correlation-${id}`))).toBe(true);
    expect(await letters(`correlationId=correlation-filter-1-1&to=${from}`)).toEqual([]);
    expect(await letters("correlationId=correlation-filter-1-1&channel=other.myshopify.com")).toEqual([]);
    for (const bad of ["sku=%00", "from=yesterday", `text=${"x".repeat(101)}`, "code=a;b", "colour=red"])
      expect((await call("GET", `/v1/dead-letters?${bad}`)).status).toBe(400);
  });
});
