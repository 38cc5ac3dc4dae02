/** A counter with a long history, part of it over the horizon: it is folded while people ask, and names in it are used again. */
import { describe, expect, it } from "vitest";
import type { LocationId } from "../../src/domain/ids.ts";
import { hold } from "../support/counter/asked.ts";
import { ask, pathOf } from "./support/asks.ts";
import { type Calm, calmWorld } from "./support/calm.ts";
import { skuIdOf, treat } from "./support/objects.ts";
import { untilStruck } from "./support/struck.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = calmWorld({ seed: 76 });

const DAY_MS = 86_400_000;
/** More than two calls to the counter look through. */
const ROWS = 50_000;

/** So many movements that cancel each other out, one a second, the newest now. */
const insertHistory = (rows: number, place: string, nowMs: number) => [
  {
    text: `INSERT INTO movements (seq, key, kind, location_id, delta, before, after, reason, source, actor, correlation_id,
             occurred_at_ms, recorded_at_ms, fingerprint)
           WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
           SELECT (SELECT seq FROM counter) + i, 'past/' || i, 'adjustment', ?2, IIF(i % 2 = 0, 1, -1), 0, 0, 'past', 'api', 'a', 'c',
             ?3 - (?1 - i) * 1000, ?3 - (?1 - i) * 1000, '' FROM n`,
    values: [rows, place, nowMs],
  },
  { text: "UPDATE counter SET seq = seq + ?", values: [rows] },
];
/** What the counter had booked up to a number happened so long ago that it is beyond the horizon; folding is due. */
const age = (seq: string) => [
  { text: `UPDATE movements SET recorded_at_ms = recorded_at_ms - ${31 * DAY_MS} WHERE seq <= ${seq}` },
  { text: "UPDATE timers SET at_ms = 1 WHERE name = 'prune'" },
];

type Counter = { apply(events: readonly unknown[]): Promise<{ readonly outcomes: readonly unknown[] }> };
const counterOf = async ({ stack }: Calm, counter: string): Promise<Counter> =>
  (await stack.worker.bindings()).SKU_COUNTER.getByName(counter) as unknown as Counter;
const keysOf = async ({ stack }: Calm, counter: string, like: string): Promise<readonly unknown[]> => {
  const sql = [{ text: "SELECT key FROM movements WHERE key LIKE ? ORDER BY seq LIMIT 5", values: [like] }];
  const [rows = []] = await treat(stack, "SKU_COUNTER", counter, { sql });
  return rows.map((row) => row["key"]);
};
const PATIENCE_MS = 30_000;

describe("a reservation's name", () => {
  it("is used again when the beginning of its first life is folded away: it says how that ended", async () => {
    const calm = world();
    const sku = calm.sku();
    const units = await calm.available(sku);
    const counter = await skuIdOf(calm.stack, sku);
    const held = (ttlMs: number) =>
      hold("rsv_again.1", 2, {
        lines: [{ locationId: calm.place(0) as LocationId, quantity: 2 }],
        expiresAtMs: Date.now() + ttlMs,
      });
    const apply = async (ttlMs: number) => (await counterOf(calm, counter)).apply([held(ttlMs)]);
    expect((await apply(500)).outcomes).toMatchObject([{ kind: "held" }]);
    const lives = (): Promise<readonly unknown[]> => keysOf(calm, counter, "%/rsv_again.1%");
    expect(await waitUntil(async () => (await lives()).length === 2, PATIENCE_MS)).toBe(true);
    const [begun = "", ended = ""] = await lives();
    expect([begun, ended]).toEqual(["hold/rsv_again.1", "expiry/rsv_again.1"]);
    const sql = age("(SELECT seq FROM movements WHERE key = 'hold/rsv_again.1')");
    await treat(calm.stack, "SKU_COUNTER", counter, { sql, dies: true });
    expect(await waitUntil(() => calm.take(sku, 1), PATIENCE_MS)).toBe(true); // wakes it, and so the timer that is due
    expect(await waitUntil(async () => (await lives()).join() === String(ended), PATIENCE_MS)).toBe(true);
    expect((await apply(500)).outcomes).toEqual([{ kind: "held_already", state: "expired", holds: [] }]);
    calm.buy([sku, 1]);
    expect(await waitUntil(() => calm.take(sku, 1), PATIENCE_MS)).toBe(true);
    await calm.nothingIsLost();
    expect(await calm.available(sku)).toBe(units - 3);
  });
});

describe("a history of very many movements", () => {
  it("is asked for what is not in it: empty pages that say where to go on, and nobody waits", async () => {
    const calm = world();
    const sku = calm.sku();
    const counter = await skuIdOf(calm.stack, sku);
    const sql = insertHistory(ROWS, calm.place(0), Date.now());
    await treat(calm.stack, "SKU_COUNTER", counter, { sql, dies: true });
    const taken = Promise.all(Array.from({ length: 5 }, () => calm.take(sku, 1)));
    calm.buy([sku, 1]);
    type Page = { readonly movements: readonly unknown[]; readonly next: number | null };
    const pages: Page[] = [];
    for (let before: number | null | undefined; before !== null; before = pages.at(-1)?.next ?? null) {
      const from = before === undefined ? "" : `&before=${before}`;
      pages.push((await ask<Page>(calm.stack, "GET", pathOf(sku, `/movements?kind=damage${from}`))).body);
    }
    expect(pages.length).toBeGreaterThanOrEqual(3);
    expect(pages.flatMap(({ movements }) => movements)).toEqual([]);
    expect(await taken).toEqual([true, true, true, true, true]);
    await calm.nothingIsLost();
  });

  it("is folded while levels of a past moment are added up: the sum begins again, and is right", async () => {
    const calm = world();
    const { stack } = calm;
    const sku = calm.sku();
    const units = await calm.available(sku);
    const counter = await skuIdOf(stack, sku);
    const nowMs = Date.now();
    const sql = [...insertHistory(2 * ROWS, calm.place(0), nowMs), ...age("(SELECT seq FROM counter) - 70000")];
    await treat(stack, "SKU_COUNTER", counter, { sql, dies: true });
    const asOf = new Date(nowMs - 60_000 * 1_000).toISOString();
    const path = pathOf(sku, `?asOf=${asOf}`);
    const second = { where: "SKU_COUNTER", what: "levelsAt", about: '"doneSeq"' };
    const mend = await calm.break({ ...second, how: "late", hangMs: 30_000, times: 1 });
    const asked = ask(stack, "GET", path);
    await untilStruck(calm, 1);
    expect(await waitUntil(() => calm.take(sku, 1), PATIENCE_MS)).toBe(true); // wakes it, and so the timer that is due
    const firstKept = async (): Promise<number> => {
      const [key] = await keysOf(calm, counter, "past/%");
      return Number(String(key).slice("past/".length));
    };
    expect(await waitUntil(async () => (await firstKept()) > 25_000, PATIENCE_MS)).toBe(true);
    expect(await mend()).toBe(1);
    expect(await asked).toMatchObject({ status: 200, body: { precision: "exact", ledger: units } });
    calm.buy([sku, 1]);
    await calm.nothingIsLost();
  });
});
