/** A till of Square, end to end in the real runtime: counters, its gate, the queues, D1, and the simulator's model as Square. */
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { fromStore, type ShopDomain } from "../../src/domain/ids.ts";
import { gateOf } from "../../src/store/durable-counters.ts";
import { runMinute } from "../../src/wiring/minute.ts";
import { metricsOf } from "../../src/wiring.ts";
import { adjust, call } from "./support/api.ts";
import { HERE, SHOP } from "./support/counters.ts";
import { handOver, message } from "./support/queue.ts";
import { itemOf, PLACE, SquareTill } from "./support/square.ts";
import { until } from "./support/until.ts";

type Json = Record<string, unknown>;
type Run = Json & { readonly id: string; readonly status: string; readonly findings: readonly Json[] };

afterEach(async () => {
  // What is left of a till asks nobody any more once the scripted Square is gone.
  await call("PATCH", "/v1/gate", { stopped: true });
  await env.DB.exec("UPDATE reconciliation_runs SET status = 'cancelled', ended_at_ms = 1 WHERE ended_at_ms IS NULL");
  vi.restoreAllMocks();
});

const PATIENCE_MS = 20_000;
const sellOurs = (sku: string, units: number) => adjust(sku, { delta: -units, locationId: HERE });
const gate = (till: SquareTill) => gateOf(env.SHOP_GATE, fromStore<ShopDomain>(till.id));
const breakerOf = async (name: string) =>
  ((await call("GET", "/v1/breakers")).body["breakers"] as Json[]).find(({ destination }) => destination === name);

async function reconciled(till: SquareTill, skus: unknown = "changed", dryRun = false): Promise<Run> {
  const started = await call("POST", "/v1/reconciliations", { scope: { shop: till.id, skus }, dryRun });
  expect([started.status, started.body["code"]]).toEqual([202, undefined]);
  return ended((started.body["runs"] as Run[])[0]?.id ?? "");
}

const ended = (id: string): Promise<Run> =>
  until(
    async () => (await call("GET", `/v1/reconciliations/${id}`)).body as unknown as Run,
    ({ status }) => !["queued", "running"].includes(status),
    PATIENCE_MS,
  );

const runsOf = async (till: SquareTill) =>
  (await call("GET", `/v1/reconciliations?shop=${till.id}`)).body["runs"] as Run[];

/** As the metric and its alert have it. */
async function mismatchRateOf(till: SquareTill): Promise<number | undefined> {
  const families = await metricsOf(env);
  const rates = families.flatMap((family) =>
    family.type === "gauge" && family.name === "onhand_reconciliation_mismatch_rate" ? family.samples : [],
  );
  return rates.find(({ labels }) => labels?.["shop"] === till.id)?.value;
}

/** Every unit has its movement, and they come to the level. */
async function explained(counter: Awaited<ReturnType<SquareTill["stock"]>>["counter"]): Promise<number> {
  const { movements } = await counter.movements({ beforeSeq: null, limit: 200 });
  return movements.reduce((sum, { delta }) => sum + delta, 0);
}

/** As the consumer leaves it when its gate let nobody through: with its reason, on the dead-letter queue. */
async function bury(id: string, shop: string, level: object): Promise<void> {
  const payload = {
    ...{ v: 1, id, correlationId: `correlation-${id}`, channel: { type: shop === SHOP ? "shopify" : "pos", shop } },
    ...{ kind: "inventory.count.updated", occurredAt: Date.now(), receivedAt: Date.now() },
    data: { kind: "level", ...level },
  };
  const words = {
    ...{ v: 1, kind: "last_words", queue: "onhand-events", code: "shopify_away", message: "away", subject: null },
    ...{ attempts: 9, atMs: Date.now(), messageId: id, payload },
  };
  await handOver("onhand-events-dlq", message(id, words));
}

describe("our pushes, their echoes, and a till that sells between", () => {
  it("come to one level everywhere, however webhooks are doubled, turned round and lost", async () => {
    const till = new SquareTill("till-scenario").listen();
    await till.put();
    const { counter } = await till.stock("SQ-1", "8001", 40);
    const agree = (units: number) =>
      until(
        async () => ({ ours: (await counter.levels())?.available, square: till.level("SQ-1") }),
        ({ ours, square }) => ours === units && square === units,
        PATIENCE_MS,
      );
    await agree(40);

    // Ours goes out; before its echo is delivered a till sells. The echo comes last, and everything comes twice.
    await sellOurs("SQ-1", 3);
    await until(
      async () => till.pushed("SQ-1"),
      (pushed) => pushed === -3,
      PATIENCE_MS,
    );
    till.sell("SQ-1", 1);
    for (const body of till.take().toReversed()) {
      expect(await till.deliver(body)).toBe(200);
      expect(await till.deliver(body)).toBe(200);
    }
    await agree(36);

    // A till sells while ours is on its way; the news of both are lost but the first, which is old by then.
    till.sell("SQ-1", 2);
    const [old] = till.take();
    await sellOurs("SQ-1", 4);
    await until(
      async () => till.pushed("SQ-1"),
      (pushed) => pushed === -7,
      PATIENCE_MS,
    );
    till.take();
    expect(await till.deliver(String(old))).toBe(200);
    await agree(30);

    // Lost for good: nobody tells, and nothing else touches the item.
    till.ago(600_000, () => till.sell("SQ-1", 5));
    till.take();
    const run = await reconciled(till, ["SQ-1"]);
    expect(run).toMatchObject({ status: "done", findings: [{ sku: "SQ-1", difference: -5, healed: true }] });
    await agree(25);

    expect(await till.deliver(till.model.webhooks[0] ?? "", "a-key-that-is-none-of-it")).toBe(401);
    expect(till.pushed("SQ-1")).toBe(-7);
    expect(await explained(counter)).toBe(25);
    // No loop: what came back of our own asks for nothing.
    const calls = till.asked.filter(({ url }) => url.endsWith("batch-create")).length;
    await scheduler.wait(1_500);
    expect(till.asked.filter(({ url }) => url.endsWith("batch-create"))).toHaveLength(calls);
  }, 90_000);
});

describe("the audit of a till", () => {
  it("finds what changed there and was not told, each quarter of an hour, and everything once a day", async () => {
    const till = new SquareTill("till-audit").listen();
    await till.put();
    const { counter } = await till.stock("SQ-2", "8002", 10);
    await till.stock("SQ-3", "8003", 7);
    await runMinute(env, Date.now()); // sees the till, and that nothing is due yet
    expect(await runsOf(till)).toEqual([]);
    till.ago(300_000, () => till.sell("SQ-2", 4));
    await env.DB.exec("UPDATE reconciliation_shops SET changed_at_ms = 1");
    await runMinute(env, Date.now());
    const [run] = await runsOf(till);
    expect(run).toMatchObject({
      ...{ trigger: "schedule", scope: { skus: "changed" }, status: "done", notes: [] },
      counts: { levels: 1, suspects: 1, mismatches: 1, healed: 1 },
    });
    expect((await ended(run?.id ?? "")).findings).toMatchObject([
      { cause: "missed_webhook", sku: "SQ-2", expected: 10, found: 6, difference: -4, healed: true },
    ]);
    expect((await counter.levels())?.available).toBe(6);
    expect(await mismatchRateOf(till)).toBe(1);

    // A count that is old: no list of changes names it any more.
    till.ago(1_800_000, () => till.sell("SQ-3", 1));
    await env.DB.exec("UPDATE reconciliation_shops SET all_at_ms = 1, levels_since_ms = 9999999999999");
    await runMinute(env, Date.now());
    const [all] = await runsOf(till);
    expect(all).toMatchObject({ scope: { skus: "all" }, status: "done", counts: { levels: 2, mismatches: 1 } });
    expect((await ended(all?.id ?? "")).findings).toMatchObject([{ sku: "SQ-3", difference: -1, healed: true }]);
  }, 60_000);

  it("goes on where a driver died, and a dry run changes nothing", async () => {
    const till = new SquareTill("till-died").listen();
    await till.put();
    const { counter } = await till.stock("SQ-4", "8004", 10);
    till.ago(300_000, () => till.sell("SQ-4", 4));
    const dry = await reconciled(till, "all", true);
    expect(dry).toMatchObject({ status: "done", findings: [{ sku: "SQ-4", difference: -4, healed: false }] });
    expect((await counter.levels())?.available).toBe(10);
    const { id } = await reconciled(till, "all", true);
    await env.DB.prepare(
      `UPDATE reconciliation_runs SET status = 'running', dry_run = 0, ended_at_ms = NULL, lease = 'dead', lease_until_ms = 1,
         cursor = '{"phase":"settling","untilMs":9999999999999}' WHERE id = ?`,
    )
      .bind(id)
      .run();
    await runMinute(env, Date.now());
    expect(await ended(id)).toMatchObject({ status: "done", findings: [{ healed: true }] });
    expect((await counter.levels())?.available).toBe(6);
  }, 60_000);
});

describe("the breaker of a till", () => {
  it("is named by what it is, isolated and released by that name, and shown with its gate", async () => {
    const till = new SquareTill("till-breaker").listen();
    await till.put();
    expect(await breakerOf("square/till-breaker")).toMatchObject({ state: "closed" });
    expect(await breakerOf("shopify/till-breaker")).toBeUndefined();
    const path = "/v1/breakers/square/till-breaker";
    expect((await call("POST", `${path}/isolate`, { reason: "stocktake" })).body).toMatchObject({ state: "isolated" });
    expect((await call("GET", "/v1/channels/till-breaker/health")).body).toMatchObject({
      ...{ verdict: "failing", breaker: { state: "isolated" } },
    });
    expect((await call("POST", `${path}/release`)).body).toMatchObject({ state: "half_open" });
    const gates = (await call("GET", "/v1/gate")).body["shops"] as Json[];
    expect(gates.map(({ shop }) => shop)).toContain("till-breaker");
    expect((await call("PATCH", "/v1/shops/till-breaker/gate", { readOnly: true })).body).toMatchObject({
      settings: { readOnly: true },
    });
    expect((await call("GET", "/v1/shops/till-unknown/gate")).status).toBe(404);
  });

  it("replays what its outage caused when it closes, and nobody else's", async () => {
    const till = new SquareTill("till-outage").listen();
    await till.put();
    const { counter } = await till.stock("SQ-5", "8005", 10);
    till.refusal = 503;
    for (let tries = 0; tries < 3; tries += 1) await call("POST", `/v1/channels/${till.id}/test`);
    expect(await breakerOf(`square/${till.id}`)).toMatchObject({ state: "open" });
    const atMs = Date.now();
    await bury("square-letter", till.id, { item: itemOf("SQ-5"), location: PLACE, available: 4, atMs });
    await bury("other-letter", SHOP, { item: "8005", location: HERE, available: 4, atMs });
    till.refusal = null;
    type Job = Json & { readonly name: string; readonly status: string };
    const job = await until(
      async () =>
        ((await call("GET", "/v1/dead-letters/jobs")).body["jobs"] as Job[]).find(({ name }) =>
          name.startsWith(`outage/square/${till.id}/`),
        ),
      (found) => found?.status === "done",
      PATIENCE_MS,
    );
    expect(job).toMatchObject({ trigger: "breaker", total: 1, replayed: 1, filter: { shop: till.id } });
    expect(await breakerOf(`square/${till.id}`)).toMatchObject({ state: "closed" });
    await until(
      () => counter.levels(),
      (levels) => levels?.available === 4,
      PATIENCE_MS,
    );
    const { body } = await call("GET", "/v1/dead-letters?correlationId=correlation-other-letter");
    expect(body["deadLetters"]).toMatchObject([{ status: "waiting", replays: 0 }]);
  });
});

describe("a test of the channel", () => {
  it("asks Square for a count by its own token, through the gate, and posts nothing of ours there", async () => {
    const till = new SquareTill("till-tested").listen();
    await till.put();
    const tested = await call("POST", "/v1/channels/till-tested/test");
    expect(tested.body).toMatchObject({ sent: true, ok: true, status: 200, reason: null });
    expect(till.asked).toEqual([
      {
        url: "https://connect.squareup.com/v2/inventory/counts/batch-retrieve",
        authorization: "Bearer token-of-the-till-0123",
      },
    ]);
    await till.credential("access_token", "another-token-that-is-wrong");
    expect((await call("POST", "/v1/channels/till-tested/test")).body).toMatchObject({ ok: false });
    await till.credential("access_token", "token-of-the-till-0123");
    till.refusal = 503;
    for (let tries = 0; tries < 3; tries += 1) await call("POST", "/v1/channels/till-tested/test");
    expect((await call("POST", "/v1/channels/till-tested/test")).body).toMatchObject({ sent: false, ok: false });
    expect((await gate(till).status()).breaker).toMatchObject({ state: "open" });
    expect((await call("GET", "/v1/channels/till-tested/health")).body).toMatchObject({ verdict: "failing" });
  });
});
