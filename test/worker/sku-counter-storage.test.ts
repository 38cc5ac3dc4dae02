/** What a counter writes, or does not: all of a call or nothing, timers and alarm with it, history folded in time. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { LIMITS } from "../../src/config.ts";
import { fromStore } from "../../src/domain/ids.ts";
import type { Counter } from "../../src/services/counter-contract.ts";
import type { CounterForGate } from "../../src/services/gate-contract.ts";
import {
  connected,
  counterOf,
  HERE,
  LISTING,
  level,
  movement,
  OPENED_MS,
  order,
  SHOP,
  snapshot,
  stubOf,
} from "./support/counters.ts";
import { until } from "./support/until.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const DAY_MS = 86_400_000;
const sql = (name: string, ...statements: readonly string[]) =>
  runInDurableObject(
    stubOf(name),
    (_, { storage }) => statements.map((statement) => storage.sql.exec(statement).toArray()).at(-1) ?? [],
  );
const alarmOf = (name: string) => runInDurableObject(stubOf(name), (_, { storage }) => storage.getAlarm());
const TABLES = [
  "counter",
  "own_levels",
  "listings",
  "levels",
  "hints",
  "movements",
  "attributions",
  "outbox",
  "timers",
];
const everything = async (name: string) => Promise.all(TABLES.map((table) => sql(name, `SELECT * FROM ${table}`)));
const passes = (ms: number): void => {
  const nowMs = Date.now();
  vi.spyOn(Date, "now").mockReturnValue(nowMs + ms);
};

describe("a call whose writing fails", () => {
  it.each(["movements", "outbox", "timers"])(
    "at %s: changes nothing, and applies once when it is made again",
    async (table) => {
      const name = `atomic-${table}`;
      const counter = await connected(name, level(HERE, 10));
      const [levels, rows] = [await counter.levels(), await everything(name)];
      await sql(name, `CREATE TRIGGER refuse BEFORE INSERT ON ${table} BEGIN SELECT RAISE(ABORT, 'full'); END`);
      const sale = movement({ key: "sale", delta: -2 });
      // Called inside the object: an exception that crosses RPC is also reported by the runtime.
      const answer = await runInDurableObject(stubOf(name), (object) =>
        (object as unknown as Counter).apply([order("1/1", 3), sale]).then(() => "applied", String),
      );
      expect(answer).toContain("full");
      expect(await everything(name)).toEqual(rows);
      expect(await counterOf(name).levels()).toMatchObject({ available: 10, version: levels?.version });
      expect(await alarmOf(name)).not.toBeNull();
      await sql(name, "DROP TRIGGER refuse");
      for (let n = 0; n < 2; n += 1) await counterOf(name).apply([order("1/1", 3), sale]);
      expect(await counterOf(name).levels()).toMatchObject({ available: 5, committed: 3 });
      await evictDurableObject(stubOf(name));
      expect(await counterOf(name).levels()).toMatchObject({ available: 5, committed: 3 });
      expect(await sql(name, "SELECT COUNT(*) AS n FROM movements")).toEqual([{ n: 2 }]);
    },
  );

  it("hands no work out that is not noted as open", async () => {
    const counter = await connected("unnoted", level(HERE, 10));
    await counter.apply([movement({ key: "sale", delta: -2 })]);
    await until(
      () => sql("unnoted", "SELECT phase FROM outbox"),
      ([row]) => row?.["phase"] === "taken",
    ); // the consumer came first
    const open = (await counter.takeWork(SHOP)).pushes;
    expect(open).toHaveLength(1);
    await evictDurableObject(stubOf("unnoted"));
    expect((await counterOf("unnoted").takeWork(SHOP)).pushes).toEqual(open);
  });
});

describe("the alarm", () => {
  it("is set for the moment at which an order that no level shows asks for a read", async () => {
    const counter = await connected("grace", level(HERE, 10));
    const beforeMs = Date.now();
    await counter.apply([order("1/1", 1)]);
    const [timer] = await sql("grace", "SELECT at_ms FROM timers WHERE name = 'merge'");
    expect(Number(timer?.["at_ms"]) - beforeMs).toBeGreaterThanOrEqual(5_000);
    expect(await alarmOf("grace")).toBe(timer?.["at_ms"]);
    passes(6_000);
    await runDurableObjectAlarm(stubOf("grace"));
    await until(
      () => sql("grace", "SELECT shop FROM outbox"),
      (rows) => rows.length > 0,
    );
    expect((await counterOf("grace").takeWork(SHOP)).reads).toHaveLength(1);
  });

  it("is set again when its work fails, and forgets what it had in memory", async () => {
    const counter = await connected("failing", level(HERE, 10));
    await counter.apply([order("1/1", 1)]);
    await sql("failing", "ALTER TABLE hints RENAME TO hints_away");
    await evictDurableObject(stubOf("failing"));
    expect(await runDurableObjectAlarm(stubOf("failing"))).toBe(true);
    const againMs = (await alarmOf("failing")) ?? 0;
    expect(againMs).toBeGreaterThan(Date.now());
    expect(againMs).toBeLessThanOrEqual(Date.now() + 30_000);
    await sql("failing", "ALTER TABLE hints_away RENAME TO hints");
    expect(await runDurableObjectAlarm(stubOf("failing"))).toBe(true);
    expect(await counterOf("failing").levels()).toMatchObject({ available: 9, committed: 1 });
  });
});

describe("history beyond the horizon", () => {
  const OLD_MS = Date.now() - LIMITS.movementHorizonMs - DAY_MS;
  /** So many of Shopify's movements of -1 with their explanations, all old, between the opening stock and a young one. */
  async function withHistory(name: string, count: number): Promise<void> {
    await connected(name, level(HERE, 5_000));
    await sql(
      name,
      `INSERT INTO movements (seq, key, kind, location_id, delta, before, after, reason, reference, source, actor,
         correlation_id, occurred_at_ms, recorded_at_ms, listing_id, fingerprint)
       SELECT value + 1, 'shopify/${LISTING}/${HERE}/' || (value + 1), 'shopify', '${HERE}', -1, 5001 - value,
         5000 - value, 'old', NULL, 'shopify', '${LISTING}', 'c', ${OLD_MS}, ${OLD_MS}, '${LISTING}', ''
       FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < ${count}) SELECT value FROM n)`,
      `INSERT INTO attributions (listing_id, location_id, settlement, hint_id, quantity) SELECT '${LISTING}', '${HERE}', seq, 'order/' || seq, -1 FROM movements WHERE seq > 1`,
      `UPDATE movements SET recorded_at_ms = ${OLD_MS} WHERE seq = 1`,
      `UPDATE counter SET seq = ${count + 1}`,
    );
    await evictDurableObject(stubOf(name));
    await counterOf(name).apply([movement({ key: "young", delta: -1, allowNegative: true })]);
  }
  const counts = async (name: string) => {
    const [movements] = await sql(name, "SELECT COUNT(*) AS n, SUM(delta) AS units FROM movements");
    const [attributions] = await sql(name, "SELECT COUNT(*) AS n FROM attributions");
    const [balances] = await sql(name, "SELECT SUM(movements) AS n, SUM(delta) AS units FROM balances");
    return { movements, attributions, balances };
  };

  it("is folded into balances a thousand rows at a time, explanations with it, and every unit is still counted", async () => {
    await withHistory("pruned", LIMITS.pruneRowsMax + 200);
    passes(LIMITS.pruneEveryMs + 1_000);
    await runDurableObjectAlarm(stubOf("pruned"));
    expect(await counts("pruned")).toEqual({
      movements: { n: 202, units: -202 },
      attributions: { n: 201 },
      balances: { n: 1_000, units: 5_000 - 999 },
    });
    expect(await alarmOf("pruned")).toBeLessThanOrEqual(Date.now() + 1); // it goes on at once
    passes(1);
    await runDurableObjectAlarm(stubOf("pruned"));
    expect(await counts("pruned")).toEqual({
      movements: { n: 1, units: -1 },
      attributions: { n: 0 },
      balances: { n: 1_201, units: 5_000 - 1_200 },
    });
    const [prune] = await sql("pruned", "SELECT at_ms FROM timers WHERE name = 'prune'");
    expect(prune).toEqual({ at_ms: Date.now() + LIMITS.pruneEveryMs });
  });

  it("that cannot be folded keeps no timer from its work, and is tried again in an hour", async () => {
    await withHistory("stuck", 3);
    await counterOf("stuck").apply([order("1/1", 1)]);
    await sql("stuck", "CREATE TRIGGER refuse BEFORE DELETE ON movements BEGIN SELECT RAISE(ABORT, 'full'); END");
    passes(LIMITS.pruneEveryMs + 1_000);
    await runDurableObjectAlarm(stubOf("stuck"));
    expect((await counterOf("stuck").takeWork(SHOP)).reads).toHaveLength(1); // the tick came to its end
    const [prune] = await sql("stuck", "SELECT at_ms FROM timers WHERE name = 'prune'");
    expect(prune).toEqual({ at_ms: Date.now() + 3_600_000 });
    expect(await counts("stuck")).toMatchObject({ movements: { n: 5 }, balances: { n: null } });
    await sql("stuck", "DROP TRIGGER refuse");
    passes(3_600_000);
    await runDurableObjectAlarm(stubOf("stuck"));
    expect(await counts("stuck")).toMatchObject({ movements: { n: 1 }, balances: { n: 4, units: 5_000 - 3 } });
  });
});

describe("levels that the gate's answers change", () => {
  it("are mirrored, because nobody else hears of them", async () => {
    const counter = await connected("mirrored", level(HERE, 10));
    await counter.apply([movement({ key: "sale", delta: -2 })]);
    const [push] = (await counter.takeWork(SHOP)).pushes;
    await counter.apply([snapshot(HERE, 20, OPENED_MS + 60_000)]); // a restock, or a restock less our push
    const sent: string[] = [];
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      sent.push(`${input instanceof Request ? input.url : String(input)} ${String(init?.body ?? "")}`);
      return Response.json([{ result: [1, 1] }]);
    });
    await runInDurableObject(stubOf("mirrored"), (instance) => {
      const redis = { UPSTASH_REDIS_REST_URL: "https://redis.test", UPSTASH_REDIS_REST_TOKEN: "token" };
      const counted = instance as unknown as { env: Env };
      counted.env = { ...counted.env, ...redis } as unknown as Env;
    });
    type Results = Parameters<CounterForGate["gateResults"]>[0];
    const pushKey = fromStore<Results["pushes"][number]["pushKey"]>(push?.pushKey ?? "");
    const atMs = OPENED_MS + 30_000;
    await counterOf("mirrored").gateResults({
      pushes: [{ pushKey, listingId: LISTING, kind: "applied", atMs, after: [] }],
      reads: [],
    });
    await until(
      async () => sent.filter((request) => request.startsWith("https://redis.test")),
      (requests) => requests.length > 0,
    );
    expect(sent.find((request) => request.includes("onhand:{mirrored}:levels"))).toContain('\\"available\\":20');
  });
});
