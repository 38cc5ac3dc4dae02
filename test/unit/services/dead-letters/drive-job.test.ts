import { describe, expect, it } from "vitest";
import { driveJob } from "../../../../src/services/dead-letters/drive-job.ts";
import { JobWorld, letter } from "../../../support/dead-letters/job-world.ts";

describe("a replay job", () => {
  it("sends every letter that matched, oldest first, and is over when all were heard of", async () => {
    const world = new JobWorld();
    await world.die(6);
    const job = await world.job();
    expect(job).toMatchObject({ total: 6, counts: { waiting: 6 }, status: "running" });
    expect(await driveJob(job.id, 500, world.drive)).toBe("unfinished");
    expect(world.queue).toHaveLength(6);
    expect(world.queue[0]).toEqual({ v: 1, of: "dl_000", replay: { letter: "dl_000", deaths: 1, job: "dlj_01" } });
    await world.consume();
    expect(await driveJob(job.id, 500, world.drive)).toBe("over");
    expect(await world.jobs.get(job.id)).toMatchObject({
      status: "done",
      counts: { replayed: 6 },
      endedAtMs: world.nowMs,
    });
    expect(await world.letters.count("waiting")).toBe(0);
    expect(world.counted).toEqual([
      { queue: "onhand-events", by: "job", n: 4 },
      { queue: "onhand-events", by: "job", n: 2 },
    ]);
    expect((await world.letters.get("dl_003"))?.trail[0]).toMatchObject({
      what: "replayed",
      actor: "admin",
      detail: "test",
    });
  });

  it("waits while as many are under way as may be, and goes on as they are heard of", async () => {
    const world = new JobWorld();
    await world.die(30);
    const job = await world.job();
    await driveJob(job.id, 1_000, world.drive);
    expect(world.queue).toHaveLength(10);
    await world.consume(2);
    await driveJob(job.id, 1_000, world.drive);
    expect(world.queue).toHaveLength(10);
    for (let turn = 0; turn < 10; turn += 1) {
      await world.consume(7);
      await driveJob(job.id, 1_000, world.drive);
    }
    expect([world.mostInFlight, await world.counts()]).toEqual([10, { replayed: 30 }]);
  });

  it("says of each that died again that it did, and its letter waits", async () => {
    const world = new JobWorld();
    await world.die(3);
    const job = await world.job();
    await driveJob(job.id, 100, world.drive);
    await world.bury(1);
    await world.consume();
    expect(await driveJob(job.id, 500, world.drive)).toBe("over");
    expect(await world.counts()).toEqual({ died_again: 1, replayed: 2 });
    expect(await world.letters.get("dl_000")).toMatchObject({
      status: "waiting",
      deaths: 2,
      payload: { v: 1, of: "dl_000" },
    });
  });

  it("hears of what ends before its page is written down, well or badly", async () => {
    const world = new JobWorld();
    await world.die(4);
    const job = await world.job();
    const { send } = world.drive.replay;
    const quick: typeof send = async (queue, bodies) => {
      await send(queue, bodies);
      await world.bury(1); // the consumer is quicker than the driver
      await world.consume();
      return true;
    };
    expect(await driveJob(job.id, 500, { ...world.drive, replay: { ...world.drive.replay, send: quick } })).toBe(
      "over",
    );
    expect(await world.counts()).toEqual({ died_again: 1, replayed: 3 });
    expect([await world.letters.count("waiting"), await world.letters.count("replayed")]).toEqual([1, 3]);
    expect(await world.letters.get("dl_001")).toMatchObject({ status: "replayed", replays: 1 });
  });

  it("goes on where its driver died between the sending and the writing: a page is sent twice, and every letter is settled", async () => {
    const world = new JobWorld();
    await world.die(4);
    const job = await world.job();
    const mark = async () => Promise.reject(new Error("killed"));
    const dying = { ...world.drive, jobs: { ...world.jobs, mark, release: async () => {} } };
    await expect(driveJob(job.id, 500, dying)).rejects.toThrow("killed");
    await world.consume(2);
    // Its lease keeps others out until it is certainly gone.
    expect(await driveJob(job.id, 500, world.drive)).toBe("over");
    expect(world.queue).toHaveLength(2);
    world.nowMs += 20_001;
    expect(await world.jobs.idle(world.nowMs, 9)).toEqual([job.id]);
    await driveJob(job.id, 300, world.drive);
    expect(world.queue).toHaveLength(4);
    await world.consume();
    expect(await driveJob(job.id, 500, world.drive)).toBe("over");
    expect(await world.counts()).toEqual({ replayed: 4 });
    expect(await world.letters.count("waiting")).toBe(0);
  });

  it("marks what one queue took although another refused, and throws, so that the rest is tried again", async () => {
    const world = new JobWorld();
    await world.die(2);
    await world.letters.put([letter({ id: "dl_900", origin: "queue/onhand-shopify-sync" })], world.nowMs);
    const job = await world.job();
    const { send } = world.drive.replay;
    const replay = {
      ...world.drive.replay,
      send: async (queue: string, bodies: readonly unknown[]) => {
        if (queue === "onhand-shopify-sync") throw new Error("Too Many Requests");
        return send(queue, bodies);
      },
    };
    await expect(driveJob(job.id, 500, { ...world.drive, replay })).rejects.toThrow("Too Many Requests");
    expect(await world.counts()).toEqual({ sent: 2, waiting: 1 });
  });

  it("says why a letter failed, and skips what somebody else has seen to", async () => {
    const world = new JobWorld();
    await world.die(3);
    await world.letters.put([letter({ id: "dl_800", truncated: true })], world.nowMs);
    await world.letters.put([letter({ id: "dl_801", origin: "queue/gone" })], world.nowMs);
    const job = await world.job();
    const by = { actor: "anna", detail: "r", audit: {}, correlationId: job.correlationId, atMs: world.nowMs };
    await world.letters.discard("dl_001", by);
    await world.letters.markReplayed("dl_002", 1, by);
    world.d1.database.exec("DELETE FROM dead_letters WHERE id = 'dl_000'");
    await driveJob(job.id, 500, world.drive);
    const { items } = await world.jobs.items(job.id, { limit: 9 });
    expect(items.map(({ letterId, state, detail }) => [letterId, state, detail])).toEqual([
      ["dl_000", "skipped", "it is gone"],
      ["dl_001", "skipped", "it was discarded meanwhile"],
      ["dl_002", "skipped", "it was replayed meanwhile"],
      ["dl_800", "failed", "its payload was cut when it was kept"],
      ["dl_801", "failed", 'there is no queue "gone"'],
    ]);
    expect((await world.letters.get("dl_800"))?.status).toBe("waiting");
    expect(world.counted).toEqual([]);
  });

  it("does not wait for ever for what is not heard of, and still hears of it later", async () => {
    const world = new JobWorld();
    await world.die(2);
    const job = await world.job();
    await driveJob(job.id, 100, world.drive);
    world.nowMs += 60_001;
    expect(await driveJob(job.id, 500, world.drive)).toBe("over");
    expect(await world.jobs.get(job.id)).toMatchObject({ status: "done", counts: { sent: 2 } });
    await world.consume();
    expect(await world.counts()).toEqual({ replayed: 2 });
  });

  it("is cancelled between two pages: what waited is taken back, what was sent stays sent", async () => {
    const world = new JobWorld();
    await world.die(30);
    const job = await world.job();
    await driveJob(job.id, 300, world.drive);
    expect(await world.jobs.cancel(job.id, world.nowMs)).toMatchObject({
      ...{ status: "cancelled", counts: { sent: 10, cancelled: 20 } },
    });
    expect(await driveJob(job.id, 500, world.drive)).toBe("over");
    expect(world.queue).toHaveLength(10);
    await world.consume();
    expect(await world.counts()).toEqual({ replayed: 10, cancelled: 20 });
  });

  it("cancelled while a page is on its way says of that page that it was sent", async () => {
    const world = new JobWorld();
    await world.die(6);
    const job = await world.job();
    const { send } = world.drive.replay;
    const replay = {
      ...world.drive.replay,
      send: async (queue: string, bodies: readonly unknown[]) => {
        await world.jobs.cancel(job.id, world.nowMs);
        return send(queue, bodies);
      },
    };
    await driveJob(job.id, 500, { ...world.drive, replay });
    expect(await world.counts()).toEqual({ sent: 4, cancelled: 2 });
    await world.consume();
    expect(await world.counts()).toEqual({ replayed: 4, cancelled: 2 });
  });

  it("reads no more payload at once than memory bears, and one letter at least", async () => {
    const world = new JobWorld({}, { pageBytesMax: 1 });
    await world.die(3);
    const job = await world.job();
    expect(await world.jobs.page(job.id, 4)).toHaveLength(1);
    await driveJob(job.id, 300, world.drive);
    expect(world.queue).toHaveLength(3);
  });

  it("waits for the letters of other jobs, too: all share the room", async () => {
    const world = new JobWorld();
    await world.die(10);
    await driveJob((await world.job()).id, 300, world.drive);
    await world.letters.put([letter({ id: "dl_900" })], world.nowMs);
    const second = await world.job({ id: "dlj_02", name: "second" });
    await driveJob(second.id, 300, world.drive);
    expect([world.queue.length, await world.counts("dlj_02")]).toEqual([10, { waiting: 1 }]);
    await world.consume(1);
    await driveJob(second.id, 300, world.drive);
    expect(await world.counts("dlj_02")).toEqual({ sent: 1 });
  });
});

it("a page is written by key: gone through once for every item of its job, 10,000 letters took minutes", async () => {
  const world = new JobWorld();
  await world.die(3);
  world.d1.asked.length = 0;
  await driveJob((await world.job()).id, 100, world.drive);
  await world.consume();
  const updates = world.d1.asked.filter((sql) => /^UPDATE dead_letter(?:s|_job_items)/.test(sql));
  expect(updates).toHaveLength(4);
  for (const sql of updates) {
    const parameters = Math.max(...Array.from(sql.matchAll(/\?(\d+)/g), ([, number]) => Number(number)));
    const plan = world.d1.database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...Array<string>(parameters).fill("[]"));
    const steps = plan.map(({ detail }) => String(detail));
    expect(steps[0]).toMatch(/^SCAN json_each/);
    expect(steps.filter((step) => /SCAN dead_letter|\(job_id=\?\)$/.test(step))).toEqual([]);
  }
});

describe("a discarding job", () => {
  it("discards page by page, tells the reason in each trail, and skips what does not wait any more", async () => {
    const world = new JobWorld();
    await world.die(9);
    const job = await world.job({ action: "discard", reason: "test data" });
    await world.letters.markReplayed("dl_004", 1, {
      ...{ actor: "anna", detail: null, audit: {}, correlationId: job.correlationId, atMs: 1 },
    });
    expect(await driveJob(job.id, 500, world.drive)).toBe("over");
    expect(await world.counts()).toEqual({ discarded: 8, skipped: 1 });
    expect([await world.letters.count("discarded"), world.queue.length]).toEqual([8, 0]);
    expect((await world.letters.get("dl_003"))?.trail[0]).toMatchObject({ what: "discarded", detail: "test data" });
    expect(world.counted.reduce((sum, { n }) => sum + n, 0)).toBe(8);
  });
});
