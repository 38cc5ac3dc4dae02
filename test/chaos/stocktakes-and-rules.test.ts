/** Counts that are cut off, given twice, or made while tills sell; and settings that two people, or trouble, come across. */
import { describe, expect, it } from "vitest";
import { ask, pathOf } from "./support/asks.ts";
import { type Calm, calmWorld } from "./support/calm.ts";
import { skuIdOf } from "./support/objects.ts";
import { untilStruck } from "./support/struck.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = calmWorld({ seed: 75 });

type Row = readonly [sku: string, locationId: string, counted: number];
type Run = {
  readonly done?: boolean;
  readonly planId: string;
  readonly counted: number;
  readonly already: number;
  readonly failed: readonly unknown[];
  readonly changes: readonly { readonly sku: string; readonly locationId: string; readonly difference: number }[];
};
const csvOf = (rows: readonly Row[]): string =>
  `sku,locationId,counted,of\n${rows.map((row) => `${row.join(",")},available`).join("\n")}\n`;

function give({ stack }: Calm, text: string, query: string, signal?: AbortSignal): Promise<Response> {
  const headers = { authorization: `Bearer ${stack.file.adminToken}`, "content-type": "text/csv" };
  const init = { method: "POST", headers, body: text, ...(signal === undefined ? {} : { signal }) };
  return fetch(`${stack.client.url}/v1/inventory/import?${query}`, init);
}
const run = async (calm: Calm, text: string, planId: string): Promise<Run> =>
  (await (await give(calm, text, `dryRun=false&planId=${planId}`)).json()) as Run;
const plan = async (calm: Calm, text: string): Promise<Run> =>
  (await (await give(calm, text, "dryRun=true")).json()) as Run;

describe("an import of counts", () => {
  it("is refused half-way, is cut off, and is given again and again: each row counts once", async () => {
    const calm = world();
    const skus = Array.from({ length: 12 }, () => calm.sku());
    const rows = skus.flatMap((sku, i): readonly Row[] => [
      [sku, calm.place(0), 20 + i],
      [sku, calm.place(1), 7],
    ]);
    const text = csvOf(rows);
    const { planId, changes } = await plan(calm, text);
    const counter = await skuIdOf(calm.stack, skus[5] ?? "");
    const write = { where: "SKU_COUNTER", what: "apply", about: counter };
    const refuse = await calm.break({ ...write, how: "refuse", times: 1 });
    expect((await give(calm, text, `dryRun=false&planId=${planId}`)).status).toBe(503);
    expect(await refuse()).toBe(1);
    const hang = await calm.break({ ...write, how: "late", hangMs: 10_000 });
    const hangUp = new AbortController();
    const cut = give(calm, text, `dryRun=false&planId=${planId}`, hangUp.signal);
    cut.catch(() => {});
    await untilStruck(calm, 1);
    hangUp.abort();
    await expect(cut).rejects.toThrow();
    expect(await hang()).toBe(1);
    const whole = await run(calm, text, planId);
    expect(whole).toMatchObject({ done: true, failed: [] });
    expect([whole.counted + whole.already, whole.already > 0]).toEqual([rows.length, true]);
    // Sold after the count: given once more, the file takes nothing of it back.
    expect(await waitUntil(() => calm.take(skus[0] ?? "", 2), 30_000)).toBe(true);
    calm.buy([skus[1] ?? "", 3]);
    expect(await run(calm, text, planId)).toMatchObject({ done: true, counted: 0, already: rows.length });
    for (const { sku, locationId, difference } of changes) calm.noteTaken(sku, locationId, -difference);
    await calm.nothingIsLost();
    expect(await calm.available(skus[0] ?? "")).toBe(20 + 7 - 2);
  });

  it("is made while tills sell: what they sell is counted neither away nor twice", async () => {
    const calm = world();
    const sku = calm.sku();
    const text = csvOf([[sku, calm.place(0), 150]]);
    const { planId } = await plan(calm, text);
    const tills = Array.from({ length: 15 }, () => calm.take(sku, 1));
    const counted = run(calm, text, planId);
    const got = await Promise.all([...tills, ...Array.from({ length: 5 }, () => calm.take(sku, 1))]);
    expect(got).toContain(true);
    expect(await counted).toMatchObject({ done: true, counted: 1, failed: [] });
    type Movements = { readonly movements: readonly { readonly delta: number }[] };
    const { body } = await ask<Movements>(calm.stack, "GET", pathOf(sku, "/movements?kind=count"));
    expect(body.movements).toHaveLength(1);
    calm.noteTaken(sku, calm.place(0), -(body.movements[0]?.delta ?? 0));
    await calm.nothingIsLost();
  });
});

describe("a policy", () => {
  it("is changed by two people at once: the second one hears 412", async () => {
    const calm = world();
    const sku = calm.sku();
    const etag = (await ask(calm.stack, "GET", pathOf(sku, "/policy"))).headers.get("etag") ?? "";
    const put = (cap: number) =>
      ask(calm.stack, "PUT", pathOf(sku, "/policy"), { channels: { market: { cap } } }, { "if-match": etag });
    const answers = await Promise.all([put(3), put(4), put(5)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412, 412]);
    const won = 3 + answers.findIndex(({ status }) => status === 200);
    const { body } = await ask(calm.stack, "GET", pathOf(sku, "/sellable?channel=market"));
    expect(body).toMatchObject({ sellable: won, rulesFrom: "sku" });
    calm.buy([sku, 1]);
    await calm.nothingIsLost();
  });
});

describe("a channel's default rules", () => {
  const told = async ({ stack }: Calm, sku: string): Promise<unknown> =>
    (await ask(stack, "GET", pathOf(sku, "/sellable?channel=bazaar"))).body["sellable"];

  it("cannot be told to a counter, and the round breaks off: it goes on with its old ones, and learns them later", async () => {
    const calm = world();
    const [deaf, other] = [calm.sku(), calm.sku()];
    const before = [await told(calm, deaf), await told(calm, other)];
    const counter = await skuIdOf(calm.stack, deaf);
    const about = `${counter} [[{"kind":"channel_default"`;
    const mend = await calm.break({ where: "SKU_COUNTER", what: "apply", about, how: "refuse" });
    const rules = await ask(calm.stack, "PUT", "/v1/channels/bazaar/rules", { cap: 4 });
    expect(rules).toMatchObject({ status: 200, body: { revision: 1 } });
    expect(Number(rules.body["counters"]) - Number(rules.body["learnt"])).toBe(1);
    expect([await told(calm, deaf), await told(calm, other)]).toEqual([before[0], 4]);
    expect(await calm.take(deaf, 1)).toBe(true);
    expect(await mend()).toBeGreaterThanOrEqual(1);
    // Whoever could not be told is left alone for a minute, which is over now.
    const { DB } = await calm.stack.worker.bindings();
    await DB.exec("UPDATE sku_rules SET asked_ms = asked_ms - 60000");
    const cutOff = { where: "DB", what: "batch", about: "INSERT INTO sku_rules" };
    const mark = await calm.break({ ...cutOff, how: "refuse", times: 1 });
    expect(await waitUntil(async () => (await told(calm, deaf)) === 4, 60_000)).toBe(true);
    await untilStruck(calm, 1);
    expect(await mark()).toBe(1);
    const learnt = async (): Promise<boolean> => {
      const { body } = await ask(calm.stack, "GET", "/v1/channels/bazaar/rules");
      return body["learnt"] === body["counters"];
    };
    expect(await waitUntil(learnt, 60_000)).toBe(true);
    await calm.nothingIsLost();
  });
});
