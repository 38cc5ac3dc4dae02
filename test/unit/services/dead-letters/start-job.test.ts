import { describe, expect, it } from "vitest";
import { fromStore } from "../../../../src/domain/ids.ts";
import { driveJob } from "../../../../src/services/dead-letters/drive-job.ts";
import { startJob, startJobAfterOutage, startJobOfMinute } from "../../../../src/services/dead-letters/start-job.ts";
import { JobWorld, letter } from "../../../support/dead-letters/job-world.ts";

const demanded = (given: object = {}) => ({
  ...{
    name: "mended",
    action: "replay" as const,
    filter: { topic: "orders/create" },
    reason: null,
    actor: "admin/anna",
  },
  correlationId: fromStore<never>("asked"),
  ...given,
});
const dying = (id: string, code: string, given: object = {}) =>
  letter({ id, eventId: id, errors: [{ code, message: "m", atMs: 1, attempt: 9 }], ...given });

describe("a named job", () => {
  it("takes the letters that wait and match when it is made, and no later ones", async () => {
    const world = new JobWorld();
    await world.die(2);
    await world.letters.put([letter({ id: "dl_900", topic: "refunds/create" })], world.nowMs);
    const started = await startJob(demanded(), world.start);
    expect(started).toMatchObject({ kind: "started", job: { total: 2, actor: "admin/anna", trigger: "operator" } });
    await world.letters.put([letter({ id: "dl_901" })], world.nowMs);
    expect(await world.jobs.get("mended")).toMatchObject({ total: 2 });
    expect(world.audited).toMatchObject([
      { actor: "admin/anna", action: "dead_letter_job.started", detail: { name: "mended", total: 2 } },
    ]);
  });

  it("is one job however often it is asked for, and its name is not another's", async () => {
    const world = new JobWorld();
    await world.die(2);
    const first = await startJob(demanded(), world.start);
    await world.letters.put([letter({ id: "dl_901" })], world.nowMs);
    expect(await startJob(demanded(), world.start)).toMatchObject({
      kind: "known",
      job: { id: first.job.id, total: 2 },
    });
    expect(await startJob(demanded({ filter: {} }), world.start)).toMatchObject({ kind: "name_taken" });
    expect(await startJob(demanded({ action: "discard", reason: "r" }), world.start)).toMatchObject({
      kind: "name_taken",
    });
    expect(world.audited).toHaveLength(1);
  });

  it("that matches nothing is over at once, and asked for again takes nothing either", async () => {
    const world = new JobWorld();
    const { job } = await startJob(demanded(), world.start);
    expect(await driveJob(job.id, 500, world.drive)).toBe("over");
    await world.die(1);
    expect(await startJob(demanded(), world.start)).toMatchObject({ kind: "known", job: { total: 0, status: "done" } });
  });

  it("takes the oldest letters when there are more than one job may take", async () => {
    const world = new JobWorld({}, { lettersMax: 3 });
    await world.die(5);
    const { job } = await startJob(demanded(), world.start);
    const { items } = await world.jobs.items(job.id, { limit: 9 });
    expect(items.map(({ letterId }) => letterId)).toEqual(["dl_000", "dl_001", "dl_002"]);
  });

  it("is foreseen by its count, by queue and class, with a sample", async () => {
    const world = new JobWorld();
    await world.die(3);
    await world.letters.put([dying("dl_900", "unreadable", { truncated: true })], world.nowMs);
    expect(await world.jobs.count({}, 2)).toMatchObject({
      ...{ total: 4, notReplayable: 1, sample: [{ id: "dl_000" }, { id: "dl_001" }] },
      groups: [
        { origin: "queue/onhand-events", code: "counter_away", letters: 3 },
        { origin: "queue/onhand-events", code: "unreadable", letters: 1 },
      ],
    });
    expect(await world.jobs.count({ topic: "nothing" }, 2)).toEqual({
      total: 0,
      notReplayable: 0,
      sample: [],
      groups: [],
    });
  });
});

describe("the end of an outage", () => {
  const outage = { destination: "shopify/a.myshopify.com", openedAtMs: 1_000, endedAtMs: 5_000 };

  it("replays the letters that it caused: of its shop, of its class, of its time", async () => {
    const world = new JobWorld();
    const put = (id: string, code: string, atMs: number, given = {}) =>
      world.letters.put([dying(id, code, given)], atMs);
    await put("dl_0a", "shopify_away", 999);
    await put("dl_0b", "shopify_away", 1_000);
    await put("dl_0c", "unknown_variant", 2_000);
    await put("dl_0d", "shopify_away", 3_000, { shop: fromStore("b.myshopify.com") });
    await put("dl_0e", "shopify_away", 4_000);
    const job = await startJobAfterOutage(outage, world.start);
    expect(job).toMatchObject({
      name: "outage/shopify/a.myshopify.com/1970-01-01T00:00:01.000Z",
      trigger: "breaker",
      total: 2,
    });
    const { items } = await world.jobs.items(job?.id ?? "", { limit: 9 });
    expect(items.map(({ letterId }) => letterId)).toEqual(["dl_0b", "dl_0e"]);
    // Told twice, it is the same outage.
    expect(await startJobAfterOutage({ ...outage, endedAtMs: 6_000 }, world.start)).toMatchObject({ id: job?.id });
    expect(world.audited).toEqual([]);
  });

  it("of a till replays that till's, and no shop's", async () => {
    const world = new JobWorld();
    await world.letters.put([dying("dl_0a", "shopify_away", { shop: fromStore("till-main") })], 2_000);
    await world.letters.put([dying("dl_0b", "shopify_away")], 2_000);
    const job = await startJobAfterOutage({ ...outage, destination: "square/till-main" }, world.start);
    expect(job).toMatchObject({ name: "outage/square/till-main/1970-01-01T00:00:01.000Z", total: 1 });
    const { items } = await world.jobs.items(job?.id ?? "", { limit: 9 });
    expect(items.map(({ letterId }) => letterId)).toEqual(["dl_0a"]);
  });

  it("of something that causes no letters starts nothing", async () => {
    const world = new JobWorld();
    await world.die(1);
    expect(await startJobAfterOutage({ ...outage, destination: "webhook/hooks.test" }, world.start)).toBeNull();
    expect(await startJobAfterOutage({ ...outage, destination: "redis" }, world.start)).toBeNull();
  });
});

describe("the minute", () => {
  it("leaves alone what stands on a running job's list", async () => {
    const world = new JobWorld();
    await world.die(2);
    world.nowMs += 60_000;
    expect(await startJobOfMinute(1, world.start)).toMatchObject({ total: 2 });
    expect(await startJobOfMinute(2, world.start)).toBeNull();
    await world.letters.put([dying("dl_900", "counter_away")], world.nowMs - 60_000);
    expect(await startJobOfMinute(3, world.start)).toMatchObject({ total: 1 });
  });

  it("replays what is due by itself, each letter later after each death, and leaves the rest to people", async () => {
    const world = new JobWorld();
    await world.letters.put([dying("dl_0a", "no_answer"), dying("dl_0b", "unknown_variant")], world.nowMs);
    const minute = async () => {
      const job = await startJobOfMinute(world.nowMs, world.start);
      if (job !== null) await driveJob(job.id, 200, world.drive);
      return job?.total ?? null;
    };
    expect(await minute()).toBeNull();
    const replayedAfter: number[] = [];
    for (let second = 0; second < 400; second += 1) {
      world.nowMs += 1_000;
      if ((await minute()) === null) continue;
      replayedAfter.push(second);
      expect(world.queue).toHaveLength(1);
      world.queue.length = 0;
      await world.letters.put([dying("dl_0a", "no_answer")], world.nowMs);
    }
    expect(replayedAfter.map((second, i) => second - (replayedAfter[i - 1] ?? -1))).toEqual([10, 20, 40]);
    expect(await world.letters.get("dl_0a")).toMatchObject({ status: "waiting", replayDueAtMs: null, replays: 3 });
    expect((await world.letters.get("dl_0a"))?.trail[1]).toMatchObject({ what: "replayed", actor: "automatic" });
  });
});
