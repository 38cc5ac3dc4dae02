/** Square lets our calls in no more: its tills sell on, it is left alone, and each push is there once when it is mended. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type SquareSimulator, startSquareSimulator } from "../../dev/square-simulator/square-simulator.ts";
import { type Calm, calmWorld } from "./support/calm.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = calmWorld({ seed: 99, skus: 12 });

const ID = "till-square";
const PLACE = "PLACE-1";
const SIGNATURE_KEY = "signature-key-of-the-till";
const AGREES_MS_MAX = 40_000;
const SETTLED_MS = 6_000;
/** Calls that a few seconds of refusals may cost: a pause grows between them. */
const CALLS_MAX = 12;

let square: SquareSimulator;
const skus: string[] = [];
const itemOf = (sku: string): string => `VARIATION-${sku}`;

beforeAll(async () => {
  const calm = world();
  const { client } = calm.stack;
  square = await startSquareSimulator({ seed: 99 });
  for (let i = 0; i < 2; i += 1) skus.push(calm.sku());
  for (const sku of skus) square.count(itemOf(sku), PLACE, 0);
  const notificationUrl = `${client.url}/webhooks/channels/${ID}`;
  const locations = { [PLACE]: calm.place(0) };
  const channel = { type: "pos", adapter: "square", endpoint: square.endpoint, locations, listings: "mapped" };
  await client.call("PUT", `/v1/channels/${ID}`, channel);
  const credentials = { access_token: square.accessToken, signature_key: SIGNATURE_KEY };
  for (const [name, value] of Object.entries({ ...credentials, notification_url: notificationUrl }))
    await client.call("PUT", `/v1/channels/${ID}/credentials/${name}`, { value });
  square.connect(notificationUrl, SIGNATURE_KEY);
  const listings = skus.map((sku) => ({ itemId: itemOf(sku), sku }));
  await client.call("PUT", `/v1/channels/${ID}/listings`, { listings });
  await client.call("POST", `/v1/channels/${ID}/connect`, { mode: "mirror" });
  await agrees(calm);
});
afterAll(() => square?.close());

async function oursOf({ stack }: Calm, sku: string, at: string): Promise<number | undefined> {
  type Levels = { readonly locations: readonly { readonly locationId: string; readonly available: number }[] };
  const levels = await stack.client.call<Levels>("GET", `/v1/inventory/${encodeURIComponent(sku)}`);
  return levels.locations.find(({ locationId }) => locationId === at)?.available;
}

/** The till shows what we have, and each unit that was pushed to it was pushed once. */
async function agrees(calm: Calm): Promise<void> {
  const ours = () => Promise.all(skus.map((sku) => oursOf(calm, sku, calm.place(0))));
  const shown = () => skus.map((sku) => square.model.level(itemOf(sku), PLACE));
  await waitUntil(async () => JSON.stringify(await ours()) === JSON.stringify(shown()), AGREES_MS_MAX);
  expect(shown()).toEqual(await ours());
  for (const sku of skus) {
    const pushed = square.model.applied.reduce((sum, { item, delta }) => (item === itemOf(sku) ? sum + delta : sum), 0);
    expect(square.model.level(itemOf(sku), PLACE)).toBe(pushed - (square.books.sold.get(itemOf(sku)) ?? 0));
  }
}

function sellAtTill(calm: Calm, sku: string, units: number): void {
  square.sell(itemOf(sku), PLACE, units);
  calm.noteTaken(sku, calm.place(0), units);
}

const reset = (): void => {
  square.behaviour = { kind: "answer" };
};

describe("Square", () => {
  it("refuses our token: it is left alone, what the till itself sells counts, and all goes once somebody has mended and resumed it", async () => {
    const calm = world();
    onTestFinished(reset);
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
    reset();
    await calm.stack.client.call("POST", `/v1/shops/${ID}/gate/resume`, {});
    await agrees(calm);
    await calm.nothingIsLost();
  });
});
