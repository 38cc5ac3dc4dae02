/** Many letters are replayed, and whatever a replay needs fails meanwhile: each of them counts once. */
import { describe, expect, it, onTestFinished } from "vitest";
import { duplicatesOf } from "../../dev/demo/progress.ts";
import { type Calm, calmWorld } from "./support/calm.ts";
import type { Letter } from "./support/letters.ts";
import { skuIdOf } from "./support/objects.ts";
import {
  DIES_MS_MAX,
  jobOf,
  letTimePass,
  lettersOf,
  notByThemselves,
  startReplay,
  untilDead,
  untilDone,
  untilSettled,
} from "./support/replays.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = calmWorld({ seed: 63 });

const ORDERS = 5;

/** A driver's lease; what is waited for a word. */
const LEASE_MS = 20_000;
const UNHEARD_MS = 60_000;

/** Statements of the store of jobs. */
const MARKS_SENT = "dead_letters.id = s.id";
const NOTES_END = "dead_letters.id = s.letter";

/** Orders of a SKU whose counter is away until their tries have run out; it is back then. Nothing replays them before its time. */
async function dieOf(calm: Calm, sku: string, orders = ORDERS): Promise<readonly Letter[]> {
  const giveBack = await calm.hurry("onhand-events");
  const about = await skuIdOf(calm.stack, sku);
  const mend = await calm.break({ where: "SKU_COUNTER", what: "apply", about, how: "refuse" });
  try {
    for (let i = 0; i < orders; i += 1) calm.buy([sku, 1]);
    // Levels of one item and location are one letter.
    const letters = await untilDead(calm, `code=counter_away&topic=orders/create&sku=${sku}`, orders);
    await calm.simulator.idle();
    await notByThemselves(calm.stack);
    return letters;
  } finally {
    await mend();
    await giveBack();
  }
}

describe("the driver of a replay job", () => {
  it("dies between the sending and the writing: the minute hands the job on, a page is sent twice and counts once", async () => {
    const calm = world();
    const sku = calm.sku();
    const before = await calm.available(sku);
    await dieOf(calm, sku);
    // Sent, and neither marked nor heard of.
    await calm.break({ where: "DB", what: "batch", about: MARKS_SENT, how: "hang", hangMs: UNHEARD_MS });
    await calm.break({ where: "DB", what: "batch", about: NOTES_END, how: "refuse" });
    await startReplay(calm, "driver", { queue: "onhand-events" });
    await waitUntil(async () => (await calm.available(sku)) === before - ORDERS, DIES_MS_MAX);
    // With the driver dies all memory: nothing else may be in it.
    await calm.nothingIsLost({ waiting: (await lettersOf(calm, "status=waiting")).map(({ eventId }) => eventId) });
    await calm.stack.crashWorker();
    const counted = duplicatesOf(calm.stack.log.tally());
    const left = await jobOf(calm, "driver");
    expect(left).toMatchObject({ status: "running", sent: 0, replayed: 0, waiting: left.total });
    await letTimePass(calm.stack, LEASE_MS);
    const done = await untilDone(calm, "driver");
    expect(done).toMatchObject({ replayed: left.total, diedAgain: 0, failed: 0 });
    const areKnown = (): boolean => duplicatesOf(calm.stack.log.tally()) >= counted + ORDERS;
    expect(await waitUntil(areKnown, DIES_MS_MAX), "each came a second time").toBe(true);
    await untilSettled(calm, "");
    await calm.nothingIsLost({ isMirrorBroken: true });
    expect(await calm.available(sku)).toBe(before - ORDERS);
  });
});

describe("the word of a replay", () => {
  it("is lost: the job waits a minute for it, says `sent`, and all counts", async () => {
    const calm = world();
    await dieOf(calm, calm.sku());
    const mend = await calm.break({ where: "DB", what: "batch", about: NOTES_END, how: "refuse" });
    onTestFinished(async () => void (await mend()));
    const { total } = await startReplay(calm, "unheard", { queue: "onhand-events" });
    await waitUntil(async () => (await jobOf(calm, "unheard")).sent === total, DIES_MS_MAX);
    await calm.nothingIsLost();
    expect(await jobOf(calm, "unheard")).toMatchObject({ status: "running", sent: total, replayed: 0 });
    await letTimePass(calm.stack, UNHEARD_MS);
    expect(await untilDone(calm, "unheard")).toMatchObject({ sent: total, replayed: 0 });
    expect(await mend()).toBeGreaterThan(0);
  });

  it("comes after the job has ended: it is heard all the same", async () => {
    const calm = world();
    const sku = calm.sku();
    await dieOf(calm, sku);
    const about = await skuIdOf(calm.stack, sku);
    const mend = await calm.break({ where: "SKU_COUNTER", what: "apply", about, how: "refuse" });
    onTestFinished(async () => void (await mend()));
    const { total } = await startReplay(calm, "heard late", { queue: "onhand-events" });
    await waitUntil(async () => (await jobOf(calm, "heard late")).sent === total, DIES_MS_MAX);
    await letTimePass(calm.stack, UNHEARD_MS);
    expect(await untilDone(calm, "heard late")).toMatchObject({ sent: total, replayed: 0 });
    expect(await mend()).toBeGreaterThan(0);
    await waitUntil(async () => (await jobOf(calm, "heard late")).sent === 0, DIES_MS_MAX);
    expect(await jobOf(calm, "heard late")).toMatchObject({ status: "done", sent: 0, replayed: total });
    await calm.nothingIsLost();
  });
});

describe("a queue", () => {
  it("refuses during a replay job: what the other took is marked, the rest is sent when it takes again", async () => {
    const calm = world();
    const [sku, till] = [calm.sku(), calm.sku()];
    const about = await skuIdOf(calm.stack, till);
    const mendGate = await calm.break({ where: "SHOP_GATE", what: "submit", about, how: "refuse" });
    const giveBack = await calm.hurry("onhand-shopify-sync");
    expect(await calm.take(till, 2)).toBe(true);
    await untilDead(calm, "queue=onhand-shopify-sync&code=gate_away", 1);
    await giveBack();
    await mendGate();
    await dieOf(calm, sku);
    const ofSync = (await lettersOf(calm, "status=waiting&queue=onhand-shopify-sync")).length;
    const mend = await calm.break({ where: "EVENTS", what: "sendBatch", how: "refuse" });
    onTestFinished(async () => void (await mend()));
    const { total } = await startReplay(calm, "half", {});
    await waitUntil(async () => (await jobOf(calm, "half")).replayed === ofSync, DIES_MS_MAX);
    expect(await jobOf(calm, "half")).toMatchObject({
      ...{ status: "running", total, waiting: total - ofSync, replayed: ofSync },
    });
    expect(await mend()).toBeGreaterThan(0);
    expect(await untilDone(calm, "half")).toMatchObject({ replayed: total, waiting: 0 });
    await calm.nothingIsLost();
  });
});

describe("thousands of letters", () => {
  it("are replayed at once: two thousand are under way at most, and live events count as before", async () => {
    const calm = world();
    const [sku, other] = [calm.sku(), calm.sku()];
    const [before, otherBefore] = [await calm.available(sku), await calm.available(other)];
    const letters = await dieOf(calm, sku, 1);
    const letter = letters.find(({ topic }) => topic === "orders/create");
    await multiply(calm, letter?.id ?? "", THOUSANDS);
    const about = await skuIdOf(calm.stack, sku);
    const mend = await calm.break({ where: "SKU_COUNTER", what: "apply", about, how: "refuse" });
    onTestFinished(async () => void (await mend()));
    const { total } = await startReplay(calm, "thousands", { queue: "onhand-events" });
    expect(total).toBeGreaterThan(THOUSANDS);
    await waitUntil(async () => (await jobOf(calm, "thousands")).sent >= IN_FLIGHT_MAX, DIES_MS_MAX);
    calm.buy([other, 1]);
    expect(await waitUntil(async () => (await calm.available(other)) === otherBefore - 1, DIES_MS_MAX)).toBe(true);
    const { status, sent, waiting } = await jobOf(calm, "thousands");
    expect({ status, sent, waiting }).toEqual({
      ...{ status: "running", sent: IN_FLIGHT_MAX, waiting: total - IN_FLIGHT_MAX },
    });
    expect(await mend()).toBeGreaterThan(0);
    expect(await untilDone(calm, "thousands")).toMatchObject({ replayed: total, diedAgain: 0 });
    await calm.nothingIsLost();
    expect(await calm.available(sku)).toBe(before - 1);
  });
});

const THOUSANDS = 2_300;
const IN_FLIGHT_MAX = 2_000;

/** As many letters more of the same event: each is sent, and the event counts once. */
async function multiply({ stack }: Calm, id: string, times: number): Promise<void> {
  const { DB } = await stack.worker.bindings();
  const { results } = await DB.prepare("SELECT name FROM pragma_table_info('dead_letters')").all<{ name: string }>();
  const columns = results.map(({ name }) => name);
  const values = columns.map((name) => (name === "id" ? "printf('dl_%024x', n)" : name));
  await DB.prepare(
    `WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${times})
     INSERT INTO dead_letters (${columns.join(", ")})
     SELECT ${values.join(", ")} FROM numbers CROSS JOIN dead_letters WHERE id = '${id}'`,
  ).all();
}
