/** Many buyers of the same SKUs, hoarders, and bundles whose tables are away or were edited by two at once. */
import { describe, expect, it } from "vitest";
import { ask, newKey, pathOf } from "./support/asks.ts";
import { type Calm, calmWorld } from "./support/calm.ts";
import { end, type Lines, noteSold, type Reservation, reserve } from "./support/reservations.ts";
import { scarce } from "./support/scarce.ts";
import { untilStruck } from "./support/struck.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = calmWorld({ seed: 74 });

const putBundle = ({ stack }: Calm, bundle: string, components: Readonly<Record<string, number>>) =>
  ask(stack, "PUT", `/v1/bundles/${bundle}`, {
    components: Object.entries(components).map(([sku, quantity]) => ({ sku, quantity })),
  });

/** @returns whether it got all of it; sold, then */
async function buy(calm: Calm, lines: Lines): Promise<boolean> {
  const held = await reserve(calm, lines, { key: newKey() });
  if (held.status === 409) return false;
  expect(held.status).toBe(201);
  expect((await end(calm, held.body.id, "commit")).status).toBe(200);
  noteSold(calm, held.body);
  return true;
}

describe("fifty buyers", () => {
  it("want the same two SKUs at once: sold is what is there, all or none", async () => {
    const calm = world();
    const [first, second] = [await scarce(calm, [20, 0]), await scarce(calm, [9, 0])];
    const lines: Lines = [
      [first, 2],
      [second, 1],
    ];
    // Half of them name the SKUs the other way round: who locked in that order would stand still.
    const got = await Promise.all(
      Array.from({ length: 50 }, (_, i) => buy(calm, i % 2 === 0 ? lines : lines.toReversed())),
    );
    let sold = got.filter((isSold) => isSold).length;
    await calm.nothingIsLost();
    expect([await calm.available(first), await calm.available(second)]).toEqual([20 - 2 * sold, 9 - sold]);
    // Some may have refused each other while both held a part: who asks again gets what is left.
    const buyMore = async (): Promise<boolean> => {
      if (sold < 9 && (await buy(calm, lines))) sold += 1;
      return sold === 9;
    };
    expect(await waitUntil(buyMore, 30_000)).toBe(true);
    expect(await buy(calm, lines)).toBe(false);
    await calm.nothingIsLost();
  });
});

describe("a client that hoards", () => {
  it("hears 429, while others get what they want", async () => {
    const calm = world();
    const sku = await scarce(calm, [10, 0]);
    const policy = await ask(calm.stack, "PUT", pathOf(sku, "/policy"), { heldShareMax: 50 });
    expect(policy.status).toBe(200);
    const held: Reservation[] = [];
    const hold = async (client?: string): Promise<number> => {
      const given = { key: newKey(), ...(client === undefined ? {} : { client }) };
      const { status, body } = await reserve(calm, [[sku, 1]], given);
      if (status === 201) held.push(body);
      return status;
    };
    await Promise.all(Array.from({ length: 12 }, () => hold()));
    expect(held.length).toBeLessThanOrEqual(5);
    const holdMore = async (): Promise<boolean> => {
      if (held.length < 5) await hold();
      return held.length === 5;
    };
    expect(await waitUntil(holdMore, 30_000)).toBe(true);
    for (const each of held) noteSold(calm, each); // as if: they are out of what others may have
    await calm.nothingIsLost();
    // Less than is there may be certain for a moment: then it hears 409, as anybody would.
    const isTold = async (): Promise<boolean> => {
      const { status, body } = await reserve(calm, [[sku, 1]], { key: newKey() });
      return status === 429 && body.code === "hold_limit";
    };
    expect(await waitUntil(isTold, 30_000)).toBe(true);
    expect(await waitUntil(async () => (await hold("another")) === 201, 30_000)).toBe(true);
    calm.taken.delete(sku);
    calm.buy([sku, 1]);
    for (const { id } of held) expect((await end(calm, id, "release")).status).toBe(200);
    await calm.nothingIsLost();
    expect(await calm.available(sku)).toBe(9);
  });
});

describe("bundles", () => {
  it("that are known go on being sold while D1 is away; of what is not known nobody can say that it is not there", async () => {
    const calm = world();
    const [cup, lid] = [calm.sku(), calm.sku()];
    const before = [await calm.available(cup), await calm.available(lid)];
    expect((await putBundle(calm, "AWAY-SET", { [cup]: 2, [lid]: 1 })).status).toBe(201);
    expect(await buy(calm, [["AWAY-SET", 1]])).toBe(true);
    const mend = await calm.break({ where: "DB", how: "refuse" });
    try {
      calm.buy([cup, 1]);
      expect(await buy(calm, [["AWAY-SET", 2]])).toBe(true);
      expect((await reserve(calm, [["AWAY-UNKNOWN", 1]], { key: newKey() })).status).toBe(503);
    } finally {
      expect(await mend()).toBeGreaterThan(0);
    }
    expect((await reserve(calm, [["AWAY-UNKNOWN", 1]], { key: newKey() })).status).toBe(404);
    await calm.nothingIsLost();
    expect([await calm.available(cup), await calm.available(lid)]).toEqual([
      (before[0] ?? 0) - 7,
      (before[1] ?? 0) - 3,
    ]);
  });

  it("that two edits at once made a circle of sell nothing and tell it, until somebody mends them", async () => {
    const calm = world();
    const sku = calm.sku();
    const before = await calm.available(sku);
    for (const bundle of ["ROUND-SET", "ROUND-BOX"]) await putBundle(calm, bundle, { [sku]: 1 });
    const write = { where: "DB", what: "batch", about: "INSERT INTO bundle_components" };
    const mend = await calm.break({ ...write, how: "late", times: 1 });
    const slow = putBundle(calm, "ROUND-SET", { "ROUND-BOX": 1 });
    await untilStruck(calm, 1);
    expect((await putBundle(calm, "ROUND-BOX", { "ROUND-SET": 1 })).status).toBe(200);
    expect(await mend()).toBe(1);
    expect((await slow).status).toBe(200);
    const fault = "ROUND-SET > ROUND-BOX > ROUND-SET: a bundle cannot contain itself.";
    expect((await ask(calm.stack, "GET", "/v1/bundles/ROUND-SET")).body).toMatchObject({ takes: null, fault });
    const refused = await reserve(calm, [["ROUND-SET", 1]], { key: newKey() });
    expect(refused).toMatchObject({ status: 409, body: { code: "conflict", detail: expect.stringContaining(fault) } });
    expect(await ask(calm.stack, "GET", pathOf("ROUND-BOX"))).toMatchObject({ status: 503 });
    calm.buy([sku, 1]);
    expect((await putBundle(calm, "ROUND-SET", { [sku]: 1 })).status).toBe(200);
    expect(await buy(calm, [["ROUND-BOX", 3]])).toBe(true);
    await calm.nothingIsLost();
    expect(await calm.available(sku)).toBe(before - 4);
  });
});
