/** Counters lose their memory, their signals and their answers, while buyers and tills trade. */
import { describe, expect, it } from "vitest";
import { ask, newKey, pathOf } from "./support/asks.ts";
import { type Calm, calmWorld } from "./support/calm.ts";
import { endLife, skuIdOf } from "./support/objects.ts";
import { scarce } from "./support/scarce.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = calmWorld({ seed: 71 });
const sellOne = async (calm: Calm, sku: string, key: string, delta = -1) =>
  ask(calm.stack, "POST", pathOf(sku, "/adjustments"), { delta, reason: "sale" }, { "idempotency-key": key });
type Movements = { readonly movements: readonly { readonly key: string; readonly locationId: string }[] };
const movementsOf = async (calm: Calm, sku: string) =>
  (await ask<Movements>(calm.stack, "GET", pathOf(sku, "/movements?limit=200"))).body.movements;

describe("a counter", () => {
  it("dies again and again, in the middle of trade: every unit counts once", async () => {
    const calm = world();
    const skus = [calm.sku(), calm.sku()];
    const before = await Promise.all(skus.map((sku) => calm.available(sku)));
    const ids = await Promise.all(skus.map((sku) => skuIdOf(calm.stack, sku)));
    const taken: Promise<boolean>[] = [];
    for (let round = 0; round < 12; round += 1) {
      for (const sku of skus) {
        calm.buy([sku, 1]);
        taken.push(calm.take(sku, 1));
      }
      for (const id of ids) await endLife(calm.stack, "SKU_COUNTER", id);
    }
    expect(await Promise.all(taken)).toEqual(taken.map(() => true));
    await calm.nothingIsLost();
    expect(await Promise.all(skus.map((sku) => calm.available(sku)))).toEqual(before.map((units) => units - 24));
  });

  it("loses its dirty signals: its alarm signals again, and Shopify hears of what a till sold", async () => {
    const calm = world();
    const sku = calm.sku();
    const about = await skuIdOf(calm.stack, sku);
    const mend = await calm.break({ where: "SHOPIFY_SYNC", about, how: "refuse", times: 1 });
    expect(await calm.take(sku, 3)).toBe(true);
    await calm.nothingIsLost();
    expect(await mend()).toBe(1);
  });

  it("answers a till that heard nothing, and asks again, with what it had booked", async () => {
    const calm = world();
    const sku = calm.sku();
    const about = await skuIdOf(calm.stack, sku);
    const mend = await calm.break({ where: "SKU_COUNTER", what: "apply", about, how: "lose_answer", times: 1 });
    const key = newKey();
    expect((await sellOne(calm, sku, key)).status).toBe(503);
    expect(await mend()).toBe(1);
    const again = await Promise.all(Array.from({ length: 5 }, () => sellOne(calm, sku, key)));
    expect(again.map(({ status, headers }) => [status, headers.get("idempotent-replayed")])).toEqual(
      again.map(() => [200, "true"]),
    );
    expect(await sellOne(calm, sku, key, -2)).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
    const booked = (await movementsOf(calm, sku)).filter((movement) => movement.key === `api/${key}`);
    expect(booked).toHaveLength(1);
    calm.noteTaken(sku, booked[0]?.locationId ?? "", 1);
    await calm.nothingIsLost();
  });

  it("refuses what happened longer ago than it remembers, and counts what happens beside it", async () => {
    const calm = world();
    const sku = calm.sku();
    const before = await calm.available(sku);
    const old = new Date(Date.now() - 31 * 86_400_000).toISOString();
    const sale = { kind: "sale", quantity: 1, happened: true, occurredAt: old };
    const refused = ask(calm.stack, "POST", pathOf(sku, "/movements"), sale, { "idempotency-key": newKey() });
    calm.buy([sku, 2]);
    expect(await calm.take(sku, 1)).toBe(true);
    expect(await refused).toMatchObject({ status: 400, body: { code: "bad_request" } });
    await calm.nothingIsLost();
    expect(await calm.available(sku)).toBe(before - 3);
  });

  it("has ten units for forty tills: ten of them get one", async () => {
    const calm = world();
    const sku = await scarce(calm, [7, 3]);
    const got = await Promise.all(Array.from({ length: 40 }, () => calm.take(sku, 1)));
    let taken = got.filter((isTaken) => isTaken).length;
    expect(taken).toBeLessThanOrEqual(10);
    // While pushes are under way less is certain than is there: some may have been refused for that.
    const takeMore = async (): Promise<boolean> => {
      if (taken < 10 && (await calm.take(sku, 1))) taken += 1;
      return taken === 10;
    };
    expect(await waitUntil(takeMore, 30_000)).toBe(true);
    expect(await calm.take(sku, 1)).toBe(false);
    await calm.nothingIsLost();
    expect(await calm.available(sku)).toBe(0);
  });
});
