/** A till of Square beside the shop, over HTTP: its webhooks are lost, its answers are lost, it is away, it lets us in no more. In the end both show one stock. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { putSquare } from "../../dev/channel-link/put-square.ts";
import { type SquareSimulator, startSquareSimulator } from "../../dev/square-simulator/square-simulator.ts";
import { untilClosed, untilOpen } from "./support/breakers.ts";
import { type Calm, calmWorld } from "./support/calm.ts";
import { waitUntil } from "./support/wait-until.ts";

/** Runs of changes often: what nobody tells is seen by them alone. */
const world = calmWorld({ seed: 83, timing: { reconcileChangedEveryMs: 15_000 } });

const ID = "till-square";
const PLACE = "PLACE-1";
const AGREES_MS_MAX = 100_000;
const REST_MS = 1_500;
const SETTLED_MS = 6_000;
/** Calls that a few seconds of refusals may cost: a pause grows between them. */
const CALLS_MAX = 12;

let square: SquareSimulator;
const skus: string[] = [];

beforeAll(async () => {
  const calm = world();
  const { client } = calm.stack;
  square = await startSquareSimulator({ seed: 83 });
  for (let i = 0; i < 3; i += 1) skus.push(calm.sku());
  for (const sku of skus) square.count(itemOf(sku), PLACE, 0);
  const listings = skus.map((sku) => ({ itemId: itemOf(sku), sku }));
  await putSquare(client, square, { id: ID, place: PLACE, location: calm.place(0), listings });
  expect(await client.call("POST", `/v1/channels/${ID}/test`)).toMatchObject({ ok: true });
  await client.call("POST", `/v1/channels/${ID}/connect`, { mode: "mirror" });
  await agrees(calm);
});
afterAll(() => square?.close());

const itemOf = (sku: string): string => `VARIATION-${sku}`;

/** What Onhand has of it where the till stands. */
async function oursOf({ stack }: Calm, sku: string, at: string): Promise<number | undefined> {
  type Levels = { readonly locations: readonly { readonly locationId: string; readonly available: number }[] };
  const levels = await stack.client.call<Levels>("GET", `/v1/inventory/${encodeURIComponent(sku)}`);
  return levels.locations.find(({ locationId }) => locationId === at)?.available;
}

/** The till shows what we have, and each unit that was pushed to it was pushed once. */
async function agrees(calm: Calm): Promise<void> {
  const isSo = async (): Promise<boolean> => {
    const levels = await Promise.all(skus.map((sku) => oursOf(calm, sku, calm.place(0))));
    return skus.every((sku, i) => square.model.level(itemOf(sku), PLACE) === levels[i]);
  };
  // Not only for a moment: an order that is still on its way would part them again.
  const isSettled = async (): Promise<boolean> => {
    await calm.simulator.idle();
    if (!(await isSo())) return false;
    await sleep(REST_MS);
    return isSo();
  };
  await waitUntil(isSettled, AGREES_MS_MAX);
  const ours = await Promise.all(skus.map((sku) => oursOf(calm, sku, calm.place(0))));
  expect(skus.map((sku) => square.model.level(itemOf(sku), PLACE))).toEqual(ours);
  for (const sku of skus) {
    const pushed = square.model.applied.reduce((sum, { item, delta }) => (item === itemOf(sku) ? sum + delta : sum), 0);
    const sold = square.books.sold.get(itemOf(sku)) ?? 0;
    expect(square.model.level(itemOf(sku), PLACE)).toBe(pushed - sold);
  }
}

function sellAtTill(calm: Calm, sku: string, units: number): void {
  square.sell(itemOf(sku), PLACE, units);
  calm.noteTaken(sku, calm.place(0), units);
}

/** Everybody sells: the till, the shop, and another till by Onhand's word. */
async function trade(calm: Calm, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const sku = skus[round % skus.length] ?? "";
    sellAtTill(calm, sku, 1);
    if (round % 3 === 0) calm.buy([sku, 1]);
    if (round % 3 === 1) await calm.take(sku, 2, calm.place(0));
    await sleep(200);
  }
}

describe("a till's webhooks", () => {
  it("are lost, doubled and turned round while everybody sells: it is audited, and shows our stock in the end", async () => {
    const calm = world();
    square.webhooks.faults = { duplicateRate: 0.3, dropRate: 0.4, reorderRate: 0.4, reorderHoldMs: 1_500 };
    await trade(calm, 21);
    await square.idle();
    await agrees(calm);
    // Nothing touches its item any more, and nobody hears of this one.
    square.webhooks.faults = { duplicateRate: 0, dropRate: 1, reorderRate: 0, reorderHoldMs: 0 };
    sellAtTill(calm, skus[0] ?? "", 3);
    square.webhooks.faults = { ...square.webhooks.faults, dropRate: 0 };
    await agrees(calm);
    type Runs = { readonly runs: readonly { readonly trigger: string; readonly counts: { mismatches: number } }[] };
    const { runs } = await calm.stack.client.call<Runs>("GET", `/v1/reconciliations?shop=${ID}`);
    const found = runs.filter(({ trigger, counts }) => trigger === "schedule" && counts.mismatches > 0);
    expect(found.length).toBeGreaterThan(0);
    expect(square.webhooks.stats.dropped).toBeGreaterThan(3);
    await calm.nothingIsLost();
  });
});

describe("Square", () => {
  it("applies what it was told and loses its answer: each unit is pushed once", async () => {
    const calm = world();
    const before = square.model.applied.length;
    square.behaviour = { kind: "lose_answer", times: 2 };
    await calm.take(skus[1] ?? "", 4, calm.place(0));
    expect(await waitUntil(() => square.behaviour.kind === "answer", AGREES_MS_MAX)).toBe(true);
    await agrees(calm);
    expect(square.model.applied.slice(before)).toMatchObject([{ item: itemOf(skus[1] ?? ""), delta: -4 }]);
    await calm.nothingIsLost();
  });

  it("is away while everybody sells: nothing is sent there, and all of it goes when it is back", async () => {
    const calm = world();
    const { client } = calm.stack;
    square.behaviour = { kind: "refuse", status: 503 };
    await calm.take(skus[2] ?? "", 1, calm.place(0));
    await untilOpen(client, `square/${ID}`);
    await trade(calm, 6);
    expect(await client.call("GET", `/v1/channels/${ID}/health`)).toMatchObject({ verdict: "failing" });
    square.behaviour = { kind: "answer" };
    await untilClosed(client, `square/${ID}`);
    await agrees(calm);
    await calm.nothingIsLost();
  });

  it("refuses our token: it is left alone, what the till itself sells counts, and all goes once somebody has mended and resumed it", async () => {
    const calm = world();
    onTestFinished(() => {
      square.behaviour = { kind: "answer" };
    });
    const [pushed = "", sold = ""] = skus;
    // What is told within seconds of a push is in doubt until it is read: this is about what is not.
    await sleep(SETTLED_MS);
    const before = (await oursOf(calm, sold, calm.place(0))) ?? 0;
    const shownBefore = square.model.level(itemOf(pushed), PLACE);
    square.behaviour = { kind: "refuse", status: 401 };
    const calls = calm.logged("gate.call_unauthorized");
    expect(await calm.take(pushed, 3, calm.place(0))).toBe(true);
    sellAtTill(calm, sold, 1);
    const isCounted = async () => (await oursOf(calm, sold, calm.place(0))) === before - 1;
    expect(await waitUntil(isCounted, AGREES_MS_MAX)).toBe(true);
    expect(await waitUntil(() => calm.logged("gate.call_unauthorized") > calls, AGREES_MS_MAX)).toBe(true);
    await sleep(6_000);
    expect(calm.logged("gate.call_unauthorized") - calls).toBeLessThan(CALLS_MAX);
    expect(square.model.level(itemOf(pushed), PLACE)).toBe(shownBefore);
    square.behaviour = { kind: "answer" };
    await calm.stack.client.call("POST", `/v1/shops/${ID}/gate/resume`, {});
    await agrees(calm);
    await calm.nothingIsLost();
  });
});
