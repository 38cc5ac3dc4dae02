/** Redis hangs, keeps what it should not, or is given it late: it is a mirror, and no level depends on it. */
import { describe, expect, it } from "vitest";
import { SET_IF_NOT_OLDER } from "../../src/store/redis-scripts.ts";
import { type Calm, calmWorld } from "./support/calm.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = calmWorld({ seed: 71 });

const DONE_MS_MAX = 30_000;

type Level = { readonly available: number; readonly source: "redis" | "counter" };

const read = ({ stack }: Calm, sku: string): Promise<Level> =>
  stack.client.call<Level>("GET", `/v1/inventory/${encodeURIComponent(sku)}`);

/** Keys written out here: what judges the Worker borrows nothing from it. */
const keysOf = (sku: string): readonly [levels: string, version: string] => [
  `onhand:{${sku}}:levels`,
  `onhand:{${sku}}:version`,
];

async function stored({ stack }: Calm, sku: string, what: 0 | 1): Promise<string | null> {
  return (await stack.gateway.command("GET", keysOf(sku)[what])) as string | null;
}

/** What is asked for is written again, once Redis is not left alone any more. */
async function areMirrored(calm: Calm, ...skus: readonly string[]): Promise<boolean> {
  const levels = await Promise.all(skus.map((sku) => read(calm, sku)));
  return levels.every(({ source }) => source === "redis");
}

describe("an old write", () => {
  it("comes late, before and after the levels have expired: its version refuses it", async () => {
    const calm = world();
    const { gateway } = calm.stack;
    const sku = calm.sku();
    expect(await calm.take(sku, 1)).toBe(true);
    await waitUntil(async () => (await stored(calm, sku, 0)) !== null, DONE_MS_MAX);
    const [levels, version] = [await stored(calm, sku, 0), await stored(calm, sku, 1)];
    expect(await calm.take(sku, 2)).toBe(true);
    calm.buy([sku, 3]);
    await calm.nothingIsLost();
    const late = async (): Promise<void> => {
      const given = [...keysOf(sku), version ?? "", levels ?? "", "60", "86400"];
      const [isWritten, newest] = (await gateway.command("EVALSHA", SET_IF_NOT_OLDER.sha1, "2", ...given)) as number[];
      expect(isWritten).toBe(0);
      expect(newest).toBeGreaterThan(Number(version));
      expect(await stored(calm, sku, 0)).not.toBe(levels);
    };
    await late();
    await gateway.command("DEL", keysOf(sku)[0]);
    await late();
    await calm.nothingIsLost();
  });
});

describe("a value in Redis", () => {
  it("is damaged, or another SKU's: it is read from the counter, and overwritten", async () => {
    const calm = world();
    const { gateway } = calm.stack;
    const [damaged, foreign] = [calm.sku(), calm.sku()];
    await Promise.all([calm.take(damaged, 1), calm.take(foreign, 2)]);
    await calm.nothingIsLost();
    const [own, others] = [await calm.available(foreign), await stored(calm, damaged, 0)];
    const faults = calm.logged("mirror.fault");
    await gateway.command("SET", keysOf(foreign)[0], others ?? "", "EX", "60");
    await gateway.command("SET", keysOf(damaged)[0], '{"sku":', "EX", "60");
    expect(await read(calm, foreign)).toMatchObject({ source: "counter", available: own });
    expect((await read(calm, damaged)).source).toBe("counter");
    expect(await waitUntil(() => areMirrored(calm, foreign, damaged), DONE_MS_MAX)).toBe(true);
    expect(calm.logged("mirror.fault")).toBeGreaterThan(faults);
    expect((await read(calm, foreign)).available).toBe(own);
    await calm.nothingIsLost();
  });
});

describe("webhooks", () => {
  it("come by the hundred at once: their invalidations go together, and each order counts", async () => {
    const calm = world();
    const skus = Array.from({ length: 15 }, () => calm.sku());
    const before = calm.stack.gateway.stats().byCommand["DEL"] ?? 0;
    const accepted = calm.accepted.size;
    for (let i = 0; i < 300; i += 1) calm.buy([skus[i % skus.length] ?? "", 1]);
    await calm.nothingIsLost();
    const commands = (calm.stack.gateway.stats().byCommand["DEL"] ?? 0) - before;
    expect(calm.accepted.size - accepted).toBeGreaterThan(300);
    expect(commands).toBeGreaterThan(0);
    expect(commands).toBeLessThan(150);
  });
});

describe("Redis", () => {
  it("hangs, before its answer and in the middle of it: reads come from counters, and no event waits for it", async () => {
    const calm = world();
    const { gateway, file } = calm.stack;
    const [sold, taken] = [calm.sku(), calm.sku()];
    const before = await calm.available(sold);
    const isFelt = (faults: number) => waitUntil(() => gateway.stats().faults > faults, DONE_MS_MAX);
    try {
      for (const [i, at] of (["headers", "body"] as const).entries()) {
        const { faults } = gateway.stats();
        gateway.faults.set({ failure: { kind: "hang", at } });
        calm.buy([sold, 3]);
        expect(await calm.take(taken, 2)).toBe(true);
        const isCounted = async (): Promise<boolean> => (await read(calm, sold)).available === before - 3 * (i + 1);
        expect(await waitUntil(isCounted, DONE_MS_MAX)).toBe(true);
        expect((await read(calm, sold)).source).toBe("counter");
        expect((await fetch(`${file.worker}/readyz`)).status).toBe(503);
        expect(await isFelt(faults)).toBe(true);
      }
    } finally {
      gateway.faults.clear();
    }
    const asked = calm.sku();
    expect(await waitUntil(() => areMirrored(calm, asked), DONE_MS_MAX)).toBe(true);
    // What was not written meanwhile heals by its time, or by the next change: here by that.
    calm.buy([sold, 1]);
    expect(await calm.take(taken, 1)).toBe(true);
    await calm.nothingIsLost({ isMirrorBroken: true });
    expect((await fetch(`${file.worker}/readyz`)).status).toBe(200);
  });
});
