/** Where did it go: one webhook, one API write and one dead letter through the real Worker, each found again by its correlation id. */
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { fromStore, type InventoryItemId, listingIdOf, type ShopDomain } from "../../src/domain/ids.ts";
import { adjust, call, callWith } from "./support/api.ts";
import { stock } from "./support/catalogue.ts";
import { HERE, level, OPENED_MS } from "./support/counters.ts";
import { ScriptedShopify } from "./support/shopify.ts";
import { until } from "./support/until.ts";
import { deliver, levelBody, orderBody } from "./support/webhooks.ts";

afterEach(() => vi.restoreAllMocks());

const SECOND = fromStore<ShopDomain>("second-shop.myshopify.com");

type Step = Readonly<Record<string, unknown>> & {
  readonly step: string;
  readonly outcome: string;
  readonly sinceMs: number;
};

const traceOf = async (id: string) => (await call("GET", `/v1/traces/${id}`)).body;
const stepsOf = async (id: string) => ((await traceOf(id))["steps"] ?? []) as readonly Step[];
const has = (step: string) => (steps: readonly Step[]) => steps.some((each) => each.step === step);

/** A SKU of the first shop, whose stock a second one mirrors. */
async function shared(sku: string, number: string) {
  const { counter } = await stock(sku, number, 10);
  const listingId = listingIdOf(SECOND, fromStore<InventoryItemId>(`${number}9`));
  await counter.connectListing({
    ...{ sku: fromStore<never>(sku), listingId, mode: "mirror", correlationId: fromStore("test-connect") },
    levels: [{ ...level(HERE, 10), shopLocationId: fromStore("33") }],
  });
  return counter;
}

describe("a trace", () => {
  it("follows a webhook to the other shop's Shopify: received, queued, counted, moved, submitted, sent, applied", async () => {
    const shopify = new ScriptedShopify().listen();
    await shared("TRACE-1", "9101");
    const response = await deliver({
      topic: "inventory_levels/update",
      body: levelBody("9101", HERE, 7, new Date(OPENED_MS + 60_000).toISOString()),
      headers: { "x-correlation-id": "cause-of-trace-1" },
    });
    expect([response.status, response.headers.get("x-correlation-id")]).toEqual([200, "cause-of-trace-1"]);
    const complete = await until(
      () => stepsOf("cause-of-trace-1"),
      (steps) => has("push.answered")(steps) && has("submitted")(steps),
    );
    const shortly = complete.map(({ step, outcome }) => `${step} ${outcome}`);
    expect(shortly).toEqual(
      expect.arrayContaining([
        ...["received accepted", "queued queued", "consumed counted", "movement shopify", "submitted push"],
        ...["push.queued adjust", "push.sent sent", "push.answered applied"],
      ]),
    );
    expect(shortly.slice(0, 2)).toEqual(["received accepted", "queued queued"]);
    expect(complete.map(({ sinceMs }) => sinceMs)).toEqual(
      complete.map(({ sinceMs }) => sinceMs).toSorted((a, b) => a - b),
    );
    expect(complete.find(({ step }) => step === "movement")).toMatchObject({ skus: ["TRACE-1"], delta: -3 });
    const answer = complete.find(({ step }) => step === "push.answered");
    expect(answer).toMatchObject({ shop: SECOND, callKey: shopify.adjustments[0]?.key });
  });

  it("follows a write of the API by the id that its answer bore", async () => {
    new ScriptedShopify().listen();
    await stock("TRACE-2", "9102", 10);
    const answer = await adjust("TRACE-2", { delta: -2 });
    expect(answer.status).toBe(201);
    const id = answer.headers.get("x-correlation-id") ?? "";
    const steps = await until(
      () => stepsOf(id),
      (each) => has("written")(each) && has("push.answered")(each),
    );
    expect(steps.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual(
      expect.arrayContaining(["written accepted", "push.answered applied"]),
    );
    expect(steps.find(({ step }) => step === "movement")).toMatchObject({ delta: -2, skus: ["TRACE-2"] });
    expect(steps.find(({ step }) => step === "written")).toMatchObject({
      topic: "POST /v1/inventory/:sku/adjustments",
    });
  });

  it("says that a write was refused, and why", async () => {
    await stock("TRACE-3", "9103", 1);
    const answer = await adjust("TRACE-3", { delta: -2 });
    const id = answer.headers.get("x-correlation-id") ?? "";
    const [step] = await until(() => stepsOf(id), has("written"));
    expect(step).toMatchObject({ step: "written", outcome: "refused", code: "insufficient_stock" });
  });

  it("shows what died with its dead letter, once, and that it was replayed", async () => {
    const headers = { "x-shopify-event-id": "cause-of-trace-4" };
    await deliver({
      topic: "orders/create",
      body: orderBody("94", [{ id: "1", variant: "777777", quantity: 1 }]),
      headers,
    });
    const steps = await until(
      () => stepsOf("cause-of-trace-4"),
      (each) => has("buried")(each) && has("consumed")(each),
    );
    const buried = steps.filter(({ step }) => step === "buried");
    expect(buried).toMatchObject([{ code: "unknown_variant", outcome: "waiting" }]);
    expect(steps.find(({ step }) => step === "consumed")).toMatchObject({ outcome: "dead", code: "unknown_variant" });
    await call("POST", `/v1/dead-letters/${buried[0]?.["deadLetterId"]}/replay`);
    expect(has("replayed")(await until(() => stepsOf("cause-of-trace-4"), has("replayed")))).toBe(true);
  });

  it("is a 404 where nobody knows the id, and where it can be none", async () => {
    const unknown = await call("GET", "/v1/traces/nobody-knows-this");
    expect(unknown.status).toBe(404);
    expect((await call("GET", "/v1/traces/short")).status).toBe(404);
  });

  it("names the journal when D1 is away, and shows what the counters and gates of a named SKU know", async () => {
    new ScriptedShopify().listen();
    await stock("TRACE-5", "9105", 10);
    const id = (await adjust("TRACE-5", { delta: -1 })).headers.get("x-correlation-id") ?? "";
    await until(() => stepsOf(id), has("push.answered"));
    const away = {
      DB: {
        prepare: () => {
          throw new Error("D1 is away");
        },
      },
    };
    const { status, body } = await callWith(away, "GET", `/v1/traces/${id}`);
    expect(status).toBe(200);
    expect((body["unreached"] as readonly { part: string }[]).map(({ part }) => part)).toEqual(
      expect.arrayContaining(["journal", "dead letters"]),
    );
    expect((body["steps"] as readonly Step[]).map(({ step }) => step)).toContain("push.answered");
  });
});

describe("recent events", () => {
  it("are listed newest first by topic, outcome, SKU and cause, and paged", async () => {
    await stock("TRACE-6", "9106", 10);
    const headers = { "x-correlation-id": "cause-of-trace-6" };
    const body = orderBody("96", [{ id: "961", variant: "9106", quantity: 1 }]);
    await deliver({ topic: "orders/create", body, headers });
    await deliver({ topic: "orders/create", body, headers });
    const listed = async (query: string) =>
      (await call("GET", `/v1/events?${query}`)).body as { events: readonly Step[]; next: string | null };
    await until(
      () => listed("correlationId=cause-of-trace-6&step=consumed"),
      ({ events }) => events.length === 2,
    );
    const ofSku = await listed("sku=TRACE-6&topic=orders/create");
    expect(ofSku.events.map(({ outcome }) => outcome).toSorted()).toEqual(["counted", "duplicate"]);
    const first = await listed("correlationId=cause-of-trace-6&limit=1");
    expect(first.next).not.toBeNull();
    const { events } = await listed(`correlationId=cause-of-trace-6&limit=10&cursor=${first.next}`);
    expect(first.events.length + events.length).toBe(4);
    expect((await call("GET", "/v1/events?sku=NOBODY")).status).toBe(404);
    expect((await call("GET", "/v1/events?outcom=dead")).status).toBe(400);
  });
});

describe("the journal", () => {
  it("keeps nothing from counting while D1 cannot take it", async () => {
    const { counter } = await stock("TRACE-7", "9107", 10);
    const taken = await env.DB.prepare("ALTER TABLE event_journal RENAME TO event_journal_away").run();
    expect(taken.success).toBe(true);
    try {
      const body = orderBody("97", [{ id: "971", variant: "9107", quantity: 4 }]);
      expect(
        (await deliver({ topic: "orders/create", body, headers: { "x-correlation-id": "cause-of-trace-7" } })).status,
      ).toBe(200);
      await until(
        () => counter.levels(),
        (levels) => levels?.available === 6,
      );
    } finally {
      await env.DB.prepare("ALTER TABLE event_journal_away RENAME TO event_journal").run();
    }
    // What the isolate kept is written with the next entries, once it tries again.
    const next = { topic: "inventory_levels/update", body: levelBody("9107", HERE, 6, new Date().toISOString()) };
    const look = async () => {
      await deliver(next);
      await scheduler.wait(500);
      return stepsOf("cause-of-trace-7");
    };
    const steps = await until(look, has("consumed"), 20_000);
    expect(steps.find(({ step }) => step === "consumed")).toMatchObject({ outcome: "counted" });
  }, 30_000);
});
