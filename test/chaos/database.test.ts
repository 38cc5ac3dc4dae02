/** D1 is away, hangs, or its answers get lost, for one kind of statement after the other: nobody who counts waits for it. */
import { describe, expect, it } from "vitest";
import { type Calm, calmWorld } from "./support/calm.ts";
import { discarded, untilWaiting, waitingLetters } from "./support/letters.ts";
import { lockD1 } from "./support/lock-d1.ts";
import { postWebhook } from "./support/post-webhook.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = calmWorld({ seed: 72 });

const DONE_MS_MAX = 40_000;
/** Longer than the journal waits. */
const HANG_MS = 1_500;
const JOURNAL = "INTO event_journal";
const LETTERS = "INTO dead_letters";

/** A person looks at the one letter that waits, and throws it away: what it told of is at Shopify anyhow. */
async function discardTheOne(calm: Calm, code: string): Promise<void> {
  const letters = await untilWaiting(calm.stack.client, 1);
  expect(letters[0]?.code).toBe(code);
  await calm.nothingIsLost({ waiting: letters.map(({ eventId }) => eventId) });
  await discarded(calm.stack.client, letters);
  await calm.nothingIsLost();
}

describe("D1", () => {
  it("is away while dead letters come: their last words wait on their queue, and appear when it is back", async () => {
    const calm = world();
    const mend = await calm.break({ where: "DB", about: LETTERS, how: "refuse", times: 3 });
    await (await calm.stack.worker.queue("EVENTS")).send({ v: 1, kind: "of no version" });
    calm.buy([calm.sku(), 2]);
    expect(await calm.take(calm.sku(), 1)).toBe(true);
    await discardTheOne(calm, "unreadable");
    expect(await mend()).toBe(3);
  });

  it("is away while a webhook of a wrong shape comes: Shopify hears 503, delivers again, and it is a letter", async () => {
    const calm = world();
    const mend = await calm.break({ where: "DB", about: LETTERS, how: "refuse", times: 1 });
    calm.buy([calm.sku(), 1]);
    const body = JSON.stringify({ id: "no id", line_items: "none" });
    const posted = { topic: "orders/create", body, webhookId: "chaos-wrong-shape" };
    expect((await postWebhook(calm, posted)).status).toBe(503);
    expect(await waitingLetters(calm.stack.client)).toEqual([]);
    expect((await postWebhook(calm, posted)).status).toBe(200);
    await discardTheOne(calm, "wrong_shape");
    expect(await mend()).toBe(1);
  });
});

describe("the journal", () => {
  it("is refused, then hangs: events count meanwhile, and its entries come afterwards", async () => {
    const calm = world();
    const [sold, taken] = [calm.sku(), calm.sku()];
    const before = await calm.available(sold);
    const struck: number[] = [];
    for (const [i, how] of (["refuse", "hang"] as const).entries()) {
      const faults = calm.logged("journal.fault");
      const mend = await calm.break({ where: "DB", about: JOURNAL, how, hangMs: HANG_MS });
      try {
        for (let n = 0; n < 5; n += 1) calm.buy([sold, 1]);
        expect(await calm.take(taken, 2)).toBe(true);
        expect(await waitUntil(async () => (await calm.available(sold)) === before - 5 * (i + 1), DONE_MS_MAX)).toBe(
          true,
        );
        // Left alone for a while after some failures, it is tried again with whatever comes then.
        const isTried = async (): Promise<boolean> =>
          (await calm.take(taken, 1)) && calm.logged("journal.fault") > faults;
        expect(await waitUntil(isTried, DONE_MS_MAX)).toBe(true);
      } finally {
        struck.push(await mend());
      }
    }
    expect(struck).not.toContain(0);
    await calm.nothingIsLost();
  });

  it("takes its entries, and the answer gets lost: sent again, each is there once", async () => {
    const calm = world();
    const sku = calm.sku();
    const before = await calm.available(sku);
    const mend = await calm.break({ where: "DB", about: JOURNAL, how: "lose_answer" });
    calm.buy([sku, 2]);
    calm.buy([sku, 1]);
    await waitUntil(async () => (await calm.available(sku)) === before - 3, DONE_MS_MAX);
    expect(await mend()).toBeGreaterThan(0);
    calm.buy([sku, 1]); // its entries come behind those that wait
    await calm.nothingIsLost();
    const { DB } = await calm.stack.worker.bindings();
    const { results } = await DB.prepare(
      `SELECT event_id, step FROM event_journal WHERE topic LIKE 'orders/%' AND outcome IN ('queued', 'counted')
       GROUP BY event_id, step HAVING COUNT(*) > 1`,
    ).all();
    expect(results).toEqual([]);
  });

  it("is away while somebody asks for a trace: it shows what counters and gates know, and names the journal", async () => {
    const calm = world();
    const { client } = calm.stack;
    const sku = calm.sku();
    const path = `/v1/inventory/${encodeURIComponent(sku)}/adjustments`;
    const correlationId = "chaos-trace-without-journal";
    const headers = { "idempotency-key": correlationId, "x-correlation-id": correlationId };
    type Moved = { readonly movement: { readonly locationId: string } };
    const { movement } = await client.call<Moved>("POST", path, { delta: -1, reason: "sale" }, headers);
    calm.taken.set(sku, new Map([[movement.locationId, 1]]));
    type Trace = {
      readonly steps: readonly { readonly step: string }[];
      readonly unreached: readonly { readonly part: string }[];
    };
    const trace = (): Promise<Trace> => client.call<Trace>("GET", `/v1/traces/${correlationId}`);
    const isTold = async (): Promise<boolean> => (await trace()).steps.some(({ step }) => step === "push.answered");
    expect(await waitUntil(isTold, DONE_MS_MAX)).toBe(true);
    const unlock = lockD1(calm.stack);
    try {
      calm.buy([sku, 1]);
      const { steps, unreached } = await trace();
      expect(unreached.map(({ part }) => part)).toEqual(expect.arrayContaining(["journal", "dead letters"]));
      expect(steps.map(({ step }) => step)).toContain("push.answered");
    } finally {
      unlock();
    }
    await calm.nothingIsLost();
  });
});
