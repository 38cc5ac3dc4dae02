/** The result of a bulk query, streamed: in bounded parts, from any byte on, with ranges or without. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ShopifySimulator, startShopifySimulator } from "../../../dev/shopify-simulator/simulator.ts";
import { type Fetcher, parseRow, readRows } from "../../../src/channels/shopify/read-rows.ts";
import { shopifyView } from "../../../src/channels/shopify/shop-view.ts";
import { fromStore, type ShopLocationId } from "../../../src/domain/ids.ts";
import type { ScreenRow } from "../../../src/services/reconcile/reconcile-deps.ts";
import { simulatorGate } from "../shopify/support/simulator-gate.ts";

let simulator: ShopifySimulator;
let url: string;
const view = () =>
  shopifyView({
    gate: simulatorGate(simulator),
    fetcher: (at, init) => fetch(at, init),
    status: { held: async () => [], outageEndedMs: async () => null },
    mayFetch: (at) => at.startsWith(simulator.url),
  });

beforeAll(async () => {
  simulator = await startShopifySimulator({ seed: 3, bulkDelayMs: 5 });
  simulator.seedCatalogue({ skus: 4_000, locations: 3 });
  const started = await view().bulk.startBulk(simulator.store.locations.map(({ id }) => fromStore<ShopLocationId>(id)));
  if (started.kind !== "ok") throw new Error(JSON.stringify(started));
  expect(await view().bulk.bulkState(started.value)).toEqual({ kind: "ok", value: { kind: "running" } });
  await simulator.idle();
  const state = await view().bulk.bulkState(started.value);
  if (state.kind !== "ok" || state.value.kind !== "done" || state.value.url === null) throw new Error("not done");
  url = state.value.url;
});
afterAll(() => simulator.close());

async function readAll(fetcher: Fetcher, rowsMax: number): Promise<{ rows: ScreenRow[]; parts: number }> {
  const rows: ScreenRow[] = [];
  let [offset, parts] = [0, 0];
  for (;;) {
    const part = await readRows(url, { offset, rowsMax }, fetcher);
    expect(part.rows.length).toBeLessThanOrEqual(rowsMax);
    rows.push(...part.rows);
    offset = part.offset;
    parts += 1;
    if (part.isEnd) return { rows, parts };
  }
}

const toldBySimulator = () =>
  simulator.store.items
    .map((item) => [
      item.id,
      ...simulator.store.locations.map(({ id }) => simulator.level({ itemId: item.id }, id)?.available),
    ])
    .sort();

it("tells every item once, whole, in parts of at most so many rows", async () => {
  const { rows, parts } = await readAll((at, init) => fetch(at, init), 700);
  expect(parts).toBeGreaterThan(5);
  const places = simulator.store.locations.map(({ id }) => fromStore<ShopLocationId>(id));
  expect(rows.map((row) => [row.item, ...places.map((place) => row.levels.get(place)?.available)]).sort()).toEqual(
    toldBySimulator(),
  );
});

it("is read the same from a server that knows no ranges, and in whatever pieces its bytes come", async () => {
  const whole = new Uint8Array(await (await fetch(url)).arrayBuffer());
  const inPieces: Fetcher = async () =>
    new Response(
      new ReadableStream<Uint8Array>({
        start(controller) {
          for (let i = 0; i < whole.length; i += 7_919) controller.enqueue(whole.slice(i, i + 7_919));
          controller.close();
        },
      }),
    );
  const { rows } = await readAll(inPieces, 1_000);
  expect(rows).toEqual((await readAll((at, init) => fetch(at, init), 5_000)).rows);
});

it("stops fetching when it has enough: the rest of a long result never comes", async () => {
  let sent = 0;
  const endless: Fetcher = async () =>
    new Response(
      new ReadableStream<Uint8Array>({
        pull(controller) {
          sent += 1;
          controller.enqueue(new TextEncoder().encode(`{"id":"gid://shopify/InventoryItem/${sent}"}\n`));
        },
      }),
    );
  const part = await readRows(url, { offset: 0, rowsMax: 50 }, endless);
  expect(part).toMatchObject({ isEnd: false });
  expect(sent).toBeLessThan(60);
});

it("rejects where the result is gone, and where it would have to be fetched from anywhere else", async () => {
  const gone: Fetcher = async () => new Response("expired", { status: 403 });
  await expect(readRows(url, { offset: 0, rowsMax: 10 }, gone)).rejects.toThrow("HTTP 403");
  await expect(view().bulk.bulkRows("http://169.254.169.254/latest", 0, 10)).rejects.toThrow("not https");
});

it("concludes nothing from a line that is no item, or a level that was not told whole", () => {
  expect(parseRow("")).toBeNull();
  expect(parseRow("{broken")).toBeNull();
  expect(parseRow('{"id":"gid://shopify/Product/x"}')).toBeNull();
  const row = parseRow(
    '{"id":"gid://shopify/InventoryItem/1","l7":null,"l8":{"updatedAt":null,"quantities":[{"name":"available","quantity":3}]},"l9":{"updatedAt":"2026-11-20T08:00:00Z","quantities":[{"name":"available","quantity":3}]}}',
  );
  expect(Object.fromEntries(row?.levels ?? [])).toEqual({
    7: null,
    9: { available: 3, committed: null, atMs: Date.parse("2026-11-20T08:00:00Z") },
  });
});
