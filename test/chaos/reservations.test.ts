/** Coordinators die between any two of their steps, and counters do not hear them: held and sold all or none, once. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { ask, book, newKey, pathOf } from "./support/asks.ts";
import { type Calm, calmWorld } from "./support/calm.ts";
import { endLife, rememberObject, skuIdOf, treat } from "./support/objects.ts";
import { oversell } from "./support/oversells.ts";
import { end, idOf, look, noteSold, reserve, untilSettled } from "./support/reservations.ts";
import { scarce } from "./support/scarce.ts";
import { untilStruck } from "./support/struck.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = calmWorld({ seed: 73 });

/** Two SKUs with what is available of them, and the second one's counter. */
async function pair(calm: Calm) {
  const [first, second] = [calm.sku(), calm.sku()];
  const before = [await calm.available(first), await calm.available(second)] as const;
  return { first, second, before, counter: await skuIdOf(calm.stack, second) };
}
type Shown = { readonly available: number; readonly reserved: number };
const shown = async (calm: Calm, sku: string): Promise<readonly number[]> => {
  const { SKU_COUNTER } = await calm.stack.worker.bindings();
  const view = (await SKU_COUNTER.getByName(await skuIdOf(calm.stack, sku)).levels()) as Shown;
  return [view.available, view.reserved];
};
const twoAndOne = (first: string, second: string): readonly (readonly [string, number])[] => [
  [first, 2],
  [second, 1],
];
/** Calls of that kind to that counter. */
const about = (counter: string, kind: string): string => `${counter} [[{"kind":"${kind}"`;

describe("a coordinator", () => {
  it("dies while it asks: no answer, nothing stays held, and the same key reserves anew", async () => {
    const calm = world();
    const { first, second, before, counter } = await pair(calm);
    const key = newKey();
    const id = await idOf(key);
    const hold = { where: "SKU_COUNTER", what: "apply", about: about(counter, "hold") };
    const mend = await calm.break({ ...hold, how: "late", hangMs: 4_000, times: 1 });
    const lines = twoAndOne(first, second);
    const cut = reserve(calm, lines, { key });
    await untilStruck(calm, 1);
    await endLife(calm.stack, "RESERVATION_COORDINATOR", id);
    expect(await cut).toMatchObject({ status: 503 });
    calm.buy([first, 1]);
    const again = await reserve(calm, lines, { key });
    expect(again).toMatchObject({ status: 201, body: { id, status: "open" } });
    expect(await mend()).toBe(1);
    expect(await waitUntil(async () => (await shown(calm, first))[1] === 2, 20_000)).toBe(true);
    expect(await end(calm, id, "commit")).toMatchObject({ status: 200 });
    noteSold(calm, again.body);
    await calm.nothingIsLost();
    expect(await shown(calm, first)).toEqual([before[0] - 3, 0]);
    expect(await shown(calm, second)).toEqual([before[1] - 1, 0]);
  });

  it("dies after its decision: the sale stands, and is told by its alarm", async () => {
    const calm = world();
    const { first, second, before, counter } = await pair(calm);
    const { body } = await reserve(calm, twoAndOne(first, second), { key: newKey() });
    const tell = { where: "SKU_COUNTER", what: "apply", about: about(counter, "end_hold") };
    const mend = await calm.break({ ...tell, how: "hang", hangMs: 10_000 });
    const cut = end(calm, body.id, "commit");
    await untilStruck(calm, 1);
    await endLife(calm.stack, "RESERVATION_COORDINATOR", body.id);
    expect((await cut).status).toBe(503);
    expect((await look(calm, body.id)).body).toMatchObject({ status: "committed", settled: false });
    expect(await mend()).toBeGreaterThanOrEqual(1);
    expect(await untilSettled(calm, body.id)).toBe(true);
    noteSold(calm, body);
    await calm.nothingIsLost();
    expect(await shown(calm, first)).toEqual([before[0] - 2, 0]);
    expect(await shown(calm, second)).toEqual([before[1] - 1, 0]);
  });

  it("is heard long after its holds have run out: the sale stands, and is an oversell until units come", async () => {
    const calm = world();
    const sku = await scarce(calm, [2, 0]);
    const counter = await skuIdOf(calm.stack, sku);
    const { body } = await reserve(calm, [[sku, 2]], { key: newKey() });
    const tell = { where: "SKU_COUNTER", what: "apply", about: about(counter, "end_hold") };
    const mend = await calm.break({ ...tell, how: "refuse" });
    expect((await end(calm, body.id, "commit")).body).toMatchObject({ status: "committed", settled: false });
    await endLife(calm.stack, "RESERVATION_COORDINATOR", body.id);
    await sleep(50);
    // Ten minutes later, for the hold: it ends after the decision, and before its counter hears of that.
    const past = "UPDATE holds SET state = json_set(state, '$.expiresAtMs', ?)";
    await treat(calm.stack, "SKU_COUNTER", counter, { sql: [{ text: past, values: [Date.now()] }], dies: true });
    // Refused while a push of the hold is under way: what Shopify shows is not certain for that moment.
    expect(await waitUntil(() => calm.take(sku, 2), 20_000)).toBe(true);
    expect(await mend()).toBeGreaterThanOrEqual(1);
    expect(await untilSettled(calm, body.id)).toBe(true);
    noteSold(calm, body);
    const open = await oversell(calm, sku, ({ units }) => units === 2);
    expect(open).toMatchObject({ status: "open", shortSales: [{ kind: "sale", short: 2 }] });
    await calm.nothingIsLost({ oversold: 2 });
    await book(calm, sku, { kind: "receipt", quantity: 2, locationId: calm.place(0) });
    await oversell(calm, sku, ({ status }) => status === "resolved");
    await calm.nothingIsLost();
    expect(await shown(calm, sku)).toEqual([0, 0]);
  });

  it("is gone with all that it knew: the units come back at their time", async () => {
    const calm = world();
    const sku = calm.sku();
    const units = await calm.available(sku);
    const { body } = await reserve(calm, [[sku, 5]], { key: newKey(), ttlSeconds: 3 });
    expect(await shown(calm, sku)).toEqual([units - 5, 5]);
    await treat(calm.stack, "RESERVATION_COORDINATOR", body.id, {
      sql: [{ text: "DELETE FROM coordinator" }],
      dies: true,
    });
    expect((await look(calm, body.id)).status).toBe(404);
    expect(await calm.take(sku, 1)).toBe(true);
    expect(await waitUntil(async () => (await shown(calm, sku))[1] === 0, 20_000)).toBe(true);
    await calm.nothingIsLost();
    expect(await shown(calm, sku)).toEqual([units - 1, 0]);
  });
});

describe("a counter", () => {
  it("does not answer: 503, nothing stays held, and the same key may be sent again", async () => {
    const calm = world();
    const { first, second, before, counter } = await pair(calm);
    const key = newKey();
    const hold = { where: "SKU_COUNTER", what: "apply", about: about(counter, "hold") };
    const mend = await calm.break({ ...hold, how: "refuse", times: 1 });
    const lines = twoAndOne(first, second);
    expect(await reserve(calm, lines, { key })).toMatchObject({ status: 503, body: { code: "unavailable" } });
    expect(await mend()).toBe(1);
    expect(await waitUntil(async () => (await shown(calm, first))[1] === 0, 20_000)).toBe(true);
    expect((await reserve(calm, lines, { key })).status).toBe(201);
    expect((await end(calm, await idOf(key), "release")).status).toBe(200);
    await calm.nothingIsLost();
    expect(await shown(calm, second)).toEqual([before[1], 0]);
  });

  it("holds late, when nobody waits for it any more: it is let go", async () => {
    const calm = world();
    const { first, second, before, counter } = await pair(calm);
    const hold = { where: "SKU_COUNTER", what: "apply", about: about(counter, "hold") };
    const mend = await calm.break({ ...hold, how: "late", hangMs: 30_000, times: 1 });
    const lines = twoAndOne(first, second);
    expect(await reserve(calm, lines, { key: newKey() })).toMatchObject({ status: 503 });
    expect(await mend()).toBe(1);
    const ends = async (): Promise<readonly string[]> => {
      const path = pathOf(second, "/movements?kind=hold,release");
      return (
        await ask<{ readonly movements: readonly { readonly kind: string }[] }>(calm.stack, "GET", path)
      ).body.movements.map(({ kind }) => kind); // newest first
    };
    expect(await waitUntil(async () => (await ends()).join() === "release,hold", 30_000)).toBe(true);
    await calm.nothingIsLost();
    expect(await shown(calm, first)).toEqual([before[0], 0]);
  });

  it("is told of a commit of the last moment when the hold would have been over: it was held longer", async () => {
    const calm = world();
    const sku = await scarce(calm, [4, 0]);
    const counter = await skuIdOf(calm.stack, sku);
    const { body } = await reserve(calm, [[sku, 4]], { key: newKey(), ttlSeconds: 2 });
    const tell = { where: "SKU_COUNTER", what: "apply", about: about(counter, "end_hold") };
    const mend = await calm.break({ ...tell, how: "late", hangMs: 3_000, times: 1 });
    const commit = end(calm, body.id, "commit");
    const isOver = commit.then(() => true);
    let refused = 0;
    for (let isSold = false; !isSold; isSold = await Promise.race([isOver, sleep(100, false)])) {
      expect(await calm.take(sku, 1)).toBe(false);
      refused += 1;
    }
    expect(await commit).toMatchObject({ status: 200, body: { status: "committed", settled: true } });
    expect([await mend(), refused > 1]).toEqual([1, true]);
    noteSold(calm, body);
    await calm.nothingIsLost();
    expect(await shown(calm, sku)).toEqual([0, 0]);
  });

  it("was put back to a time before the hold: the sale stands, once", async () => {
    const calm = world();
    const sku = calm.sku();
    const units = await calm.available(sku);
    const counter = await skuIdOf(calm.stack, sku);
    const goBack = await rememberObject(calm.stack, "SKU_COUNTER", counter);
    // Shopify has not heard of the hold yet: what it did hear of, an import would have to bring back.
    const mend = await calm.break({ where: "SHOPIFY_SYNC", about: counter, how: "refuse" });
    const { body } = await reserve(calm, [[sku, 4]], { key: newKey() });
    expect(await shown(calm, sku)).toEqual([units - 4, 4]);
    await goBack();
    expect(await shown(calm, sku)).toEqual([units, 0]);
    expect(await mend()).toBeGreaterThanOrEqual(1);
    const commits = await Promise.all([1, 2, 3].map(() => end(calm, body.id, "commit")));
    expect(commits.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await untilSettled(calm, body.id)).toBe(true);
    noteSold(calm, body);
    await calm.nothingIsLost();
    expect(await shown(calm, sku)).toEqual([units - 4, 0]);
  });
});
