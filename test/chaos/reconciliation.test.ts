/** A reconciliation whose driver dies, whose shop was away, or which is told old or no news: it finds what was lost, once. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { OUTAGE_MS_MIN } from "../../src/domain/shop-gate/outage.ts";
import { untilClosed, untilOpen } from "./support/breakers.ts";
import { type Calm, calmWorld } from "./support/calm.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = calmWorld({ seed: 74 });

const DONE_MS_MAX = 60_000;

type Finding = { readonly id: string; readonly cause: string; readonly sku: string; readonly healed: boolean };
type Counts = { readonly levels: number; readonly suspects: number; readonly mismatches: number };
type Run = {
  readonly id: string;
  readonly status: string;
  readonly trigger: string;
  readonly counts: Counts;
  readonly notes: readonly string[];
};
type WholeRun = Run & { readonly findings: readonly Finding[] };

async function start({ stack, simulator }: Calm, skus: "all" | "changed" | readonly string[]): Promise<string> {
  const body = { scope: { shop: simulator.shop, skus } };
  const { runs } = await stack.client.call<{ runs: readonly Run[] }>("POST", "/v1/reconciliations", body);
  return runs[0]?.id ?? "";
}

const get = ({ stack }: Calm, id: string): Promise<WholeRun> =>
  stack.client.call<WholeRun>("GET", `/v1/reconciliations/${id}`);

const isOver = ({ status }: Run): boolean => status !== "queued" && status !== "running";

async function ended(calm: Calm, id: string): Promise<WholeRun> {
  expect(await waitUntil(async () => isOver(await get(calm, id)), DONE_MS_MAX)).toBe(true);
  return get(calm, id);
}

/** The merchant edits levels, and the news of it is lost. */
async function editUnheard(
  { simulator }: Calm,
  edits: readonly (readonly [sku: string, place: string, delta: number])[],
) {
  simulator.patchFaults({ webhooks: { stopped: "lose" } });
  try {
    for (const [sku, place, delta] of edits) simulator.editLevel({ sku }, place, { delta });
    await simulator.idle();
  } finally {
    simulator.patchFaults({ webhooks: { stopped: "no" } });
  }
}

type Bulk = { readonly status: string; readonly objectCount: string };

/** Of a bulk query that runs: what is sold from now on is not in its result. */
async function areRowsRead({ simulator }: Calm): Promise<boolean> {
  const query = "{ bulkOperations(first: 1, reverse: true) { nodes { status objectCount } } }";
  const response = await fetch(`${simulator.url}/admin/api/2026-10/graphql.json`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-shopify-access-token": simulator.accessToken },
    body: JSON.stringify({ query }),
  });
  const { data } = (await response.json()) as { data: { bulkOperations: { nodes: readonly Bulk[] } } };
  const [newest] = data.bulkOperations.nodes;
  return newest?.status === "RUNNING" && Number(newest.objectCount) > 0;
}

const found = ({ findings }: WholeRun): readonly string[] => findings.map(({ cause, sku }) => `${cause} ${sku}`).sort();

describe("a run's driver", () => {
  it("dies after each of its steps, with and without having written it: the run ends all the same, counting nothing twice", async () => {
    const calm = world();
    const { stack, simulator } = calm;
    const skus = [calm.sku(), calm.sku(), calm.sku()];
    await editUnheard(
      calm,
      skus.map((sku) => [sku, calm.place(0), 3]),
    );
    const { DB } = await stack.worker.bindings();
    let deaths = 0;
    const die = async (how: "refuse" | "lose_answer"): Promise<void> => {
      const mends = [
        await calm.break({ where: "DB", what: "batch", about: "UPDATE reconciliation_runs SET status", how }),
        await calm.break({ where: "DB", about: "SET lease = NULL", how: "refuse" }),
      ];
      await stack.worker.scheduled("* * * * *").catch(() => {});
      for (const mend of mends) deaths += await mend();
      // The time of a lease passes: whoever held it is gone.
      await DB.prepare("UPDATE reconciliation_runs SET lease_until_ms = 1 WHERE ended_at_ms IS NULL").all();
    };
    const mend = await calm.break({
      where: "DB",
      what: "batch",
      about: "UPDATE reconciliation_runs SET status",
      how: "refuse",
    });
    const id = await start(calm, "all");
    await waitUntil(async () => (await get(calm, id)).status === "running", DONE_MS_MAX);
    await mend();
    calm.buy([calm.sku(), 2]);
    for (let i = 0; i < 8 && !isOver(await get(calm, id)); i += 1) await die(i % 2 === 0 ? "refuse" : "lose_answer");
    const run = await ended(calm, id);
    expect(deaths).toBeGreaterThan(6);
    expect(run).toMatchObject({ status: "done", counts: { levels: simulator.levels().length, mismatches: 3 } });
    expect(found(run)).toEqual(skus.map((sku) => `missed_webhook ${sku}`).sort());
    await calm.nothingIsLost();
  });
});

describe("Shopify", () => {
  it("was away, and its news with it: a run of changes comes by itself, and finds what happened", async () => {
    const calm = world();
    const { stack, simulator } = calm;
    const [sold, edited] = [calm.sku(), calm.sku()];
    simulator.patchFaults({ webhooks: { stopped: "lose" }, graphql: { outageStatus: 503 } });
    try {
      calm.buy([sold, 2]);
      simulator.editLevel({ sku: edited }, calm.place(0), { delta: 5 });
      expect(await calm.take(calm.sku(), 1)).toBe(true);
      await untilOpen(stack.client, simulator.shop);
      await sleep(OUTAGE_MS_MIN); // what is over sooner, webhooks survive
    } finally {
      simulator.faults = {};
    }
    await untilClosed(stack.client, simulator.shop);
    const path = `/v1/reconciliations?shop=${simulator.shop}`;
    const byOutage = async (): Promise<readonly Run[]> =>
      (await stack.client.call<{ runs: readonly Run[] }>("GET", path)).runs.filter(
        ({ trigger, status }) => trigger === "outage" && status === "done",
      );
    expect(await waitUntil(async () => (await byOutage()).length > 0, DONE_MS_MAX)).toBe(true);
    const runs = await byOutage();
    expect(runs).toHaveLength(1);
    const run = await get(calm, runs[0]?.id ?? "");
    expect(found(run)).toContain(`missed_webhook ${edited}`);
    await calm.nothingIsLost();
  });

  it.each([
    ["refuses the bulk query", "refused", "bulk query refused: INVALID"],
    ["breaks the bulk query off", "fails", "bulk query: "],
  ] as const)("%s: levels are read page by page, and the run says why", async (_, outcome, note) => {
    const calm = world();
    const { simulator } = calm;
    const sku = calm.sku();
    await editUnheard(calm, [[sku, calm.place(1), -2]]);
    simulator.patchFaults({ bulk: { outcome } });
    try {
      const id = await start(calm, "all");
      calm.buy([calm.sku(), 1]);
      const run = await ended(calm, id);
      expect(run).toMatchObject({ status: "done", counts: { levels: simulator.levels().length } });
      expect(run.notes).toContainEqual(expect.stringContaining(note));
      expect(found(run)).toEqual([`missed_webhook ${sku}`]);
    } finally {
      simulator.faults = {};
    }
    await calm.nothingIsLost();
  });

  it("tells a bulk result that is older than what was sold meanwhile: it is looked at properly, and nothing is found", async () => {
    const calm = world();
    const { simulator } = calm;
    const skus = [calm.sku(), calm.sku(), calm.sku()];
    simulator.patchFaults({ bulk: { readyAfterMs: 5_000 } });
    try {
      const id = await start(calm, "all");
      expect(await waitUntil(() => areRowsRead(calm), DONE_MS_MAX)).toBe(true);
      for (const sku of skus) calm.buy([sku, 2]);
      expect(await calm.take(skus[0] ?? "", 1)).toBe(true);
      const run = await ended(calm, id);
      expect(run.counts.suspects).toBeGreaterThan(0);
      expect(run).toMatchObject({ status: "done", counts: { mismatches: 0 }, findings: [] });
    } finally {
      simulator.faults = {};
    }
    await calm.nothingIsLost();
  });
});

describe("an edit at Shopify", () => {
  it("was a mistake: levels follow it until a person overwrites it, once, by a movement of ours", async () => {
    const calm = world();
    const { stack, simulator } = calm;
    const [sku, place] = [calm.sku(), calm.place(0)];
    const before = simulator.level({ sku }, place)?.available ?? 0;
    await editUnheard(calm, [[sku, place, 40]]);
    const run = await ended(calm, await start(calm, [sku]));
    expect(found(run)).toEqual([`missed_webhook ${sku}`]);
    await calm.nothingIsLost();
    expect(simulator.level({ sku }, place)?.available).toBe(before + 40);
    const path = `/v1/reconciliations/${run.id}/findings/${run.findings[0]?.id}/overwrite`;
    const overwrite = (): Promise<unknown> => stack.client.call("POST", path, { approve: true, reason: "miscounted" });
    await overwrite();
    calm.buy([sku, 1]);
    await overwrite();
    calm.taken.set(sku, new Map([[place, 40]]));
    await calm.nothingIsLost();
    expect(await calm.available(sku)).toBe(simulator.availableOf(sku));
  });
});
