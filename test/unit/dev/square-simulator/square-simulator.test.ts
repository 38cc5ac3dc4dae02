import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type SquareSimulator, startSquareSimulator } from "../../../../dev/square-simulator/square-simulator.ts";
import { square } from "../../../../src/ingress/adapters/square.ts";

type Heard = { readonly text: string; readonly headers: Headers };

const OCCURRED_AT = new Date(Date.now() - 1_000).toISOString();

let simulator: SquareSimulator;
let heard: Heard[];
let refusals: number;
let url: string;

const ear = createServer(async (request, response) => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const isTaken = refusals-- <= 0;
  const headers = new Headers(request.headers as Record<string, string>);
  if (isTaken) heard.push({ text: Buffer.concat(parts).toString("utf8"), headers });
  response.writeHead(isTaken ? 200 : 503).end();
});

const levelOf = ({ text }: Heard): string =>
  (JSON.parse(text) as { data: { object: { inventory_counts: { quantity: string }[] } } }).data.object
    .inventory_counts[0]?.quantity ?? "";

const ask = (path: string, body: unknown) =>
  fetch(`${simulator.endpoint}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${simulator.accessToken}` },
    body: JSON.stringify(body),
  });

const change = (quantity: string) =>
  ask("/v2/inventory/changes/batch-create", {
    idempotency_key: "key-1",
    changes: [
      {
        type: "ADJUSTMENT",
        adjustment: {
          ...{ catalog_object_id: "I", location_id: "L", from_state: "IN_STOCK", to_state: "SOLD", quantity },
          occurred_at: OCCURRED_AT,
        },
      },
    ],
  });

beforeEach(async () => {
  heard = [];
  refusals = 0;
  await new Promise<void>((resolve) => ear.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(ear.address() as AddressInfo).port}/webhooks/channels/till-main`;
  simulator = await startSquareSimulator({ seed: 3 });
});

afterEach(async () => {
  await simulator.close();
  ear.closeAllConnections();
  await new Promise((resolve) => ear.close(resolve));
});

it("applies a call once, whatever is repeated, and tells of it by a webhook that the adapter verifies", async () => {
  refusals = 1;
  simulator.connect(url, "k");
  simulator.count("I", "L", 10);
  const first = await change("4");
  expect([first.status, simulator.model.level("I", "L")]).toEqual([200, 6]);
  const another = await change("5");
  expect([another.status, await another.json(), simulator.model.level("I", "L")]).toMatchObject([
    400,
    { errors: [{ code: "IDEMPOTENCY_KEY_REUSED" }] },
    6,
  ]);
  await simulator.idle();
  expect(heard).toHaveLength(2);
  for (const { text, headers } of heard) {
    const raw = new TextEncoder().encode(text);
    expect(await square.verify({ raw, headers }, { notification_url: url, signature_key: "k" })).toBeNull();
  }
});

it("tells nobody of what was before it was connected, and signs with the newest key from then on", async () => {
  simulator.count("I", "L", 10);
  simulator.connect(url, "first");
  simulator.sell("I", "L", 1);
  await simulator.idle();
  simulator.connect(url, "second");
  simulator.sell("I", "L", 1);
  await simulator.idle();
  expect(heard.map(levelOf)).toEqual(["9", "8"]);
  const [, newest] = heard;
  if (newest === undefined) throw new Error("nothing was heard");
  const raw = new TextEncoder().encode(newest.text);
  const signed = { raw, headers: newest.headers };
  expect(await square.verify(signed, { notification_url: url, signature_key: "second" })).toBeNull();
  expect(await square.verify(signed, { notification_url: url, signature_key: "first" })).toBe("signature_mismatch");
});

it("doubles, turns round and loses webhooks on demand, by the same draws for the same seed", async () => {
  simulator.connect(url, "k");
  simulator.count("I", "L", 100);
  await simulator.idle();
  simulator.webhooks.faults = { duplicateRate: 0.3, dropRate: 0.3, reorderRate: 0.3, reorderHoldMs: 40 };
  for (let sale = 0; sale < 30; sale += 1) simulator.sell("I", "L", 1);
  await simulator.idle();
  const { stats } = simulator.webhooks;
  expect(stats).toEqual({
    delivered: 31 - stats.dropped + stats.doubled,
    dropped: 6,
    doubled: 9,
    reordered: 10,
    refused: 0,
  });
  expect(heard).toHaveLength(stats.delivered);
});

it("keeps books of what its people did, which with the pushes make up its level", async () => {
  simulator.count("I", "L", 10);
  await change("4");
  simulator.sell("I", "L", 2);
  simulator.count("I", "L", 5);
  expect([...simulator.books.sold]).toEqual([["I", 2]]);
  expect([...simulator.books.counted]).toEqual([["I", 11]]);
  expect(simulator.books.counts.at(-1)).toEqual({ item: "I", location: "L", before: 4, found: 5 });
  const pushed = simulator.model.applied.reduce((sum, { delta }) => sum + delta, 0);
  expect(11 - 2 + pushed).toBe(simulator.model.level("I", "L"));
});

it("answers only the counts that changed after a time, when it is asked so", async () => {
  simulator.count("I", "L", 10);
  const since = new Date(Date.now() + 1).toISOString();
  while (Date.now() <= Date.parse(since)) await new Promise((resolve) => setTimeout(resolve, 1));
  simulator.count("J", "L", 3);
  const counts = await ask("/v2/inventory/counts/batch-retrieve", { updated_after: since });
  expect(await counts.json()).toMatchObject({ counts: [{ catalog_object_id: "J", quantity: "3" }] });
});

it("refuses, or loses its answer, as often as it is told", async () => {
  simulator.count("I", "L", 10);
  simulator.behaviour = { kind: "refuse", status: 503, times: 1 };
  expect((await change("4")).status).toBe(503);
  simulator.behaviour = { kind: "lose_answer", times: 1 };
  await expect(change("4")).rejects.toThrow();
  expect([(await change("4")).status, simulator.model.level("I", "L")]).toEqual([200, 6]);
});

it("is played from outside by whoever has its control token", async () => {
  const control = (method: string, path: string, body: unknown, token = simulator.controlToken) =>
    fetch(`${simulator.endpoint}/_simulator/${path}`, {
      method,
      headers: { "x-simulator-token": token },
      ...(method === "GET" ? {} : { body: JSON.stringify(body) }),
    });
  expect((await control("POST", "counts", { item: "I", location: "L", quantity: 4 }, "guess")).status).toBe(401);
  await control("POST", "counts", { item: "I", location: "L", quantity: 4 });
  await control("POST", "sales", { item: "I", location: "L", quantity: 1 });
  expect((await control("POST", "sales", { item: "I" })).status).toBe(422);
  expect(await (await control("GET", "books", null)).json()).toMatchObject({ sold: { I: 1 }, counted: { I: 4 } });
  expect(await (await control("GET", "levels", null)).json()).toMatchObject({ levels: [{ item: "I", quantity: 3 }] });
});
