/**
 * What Redis holds, read directly. Its keys are written out here: what judges the Worker borrows nothing from it.
 * First the versions, which live for a day: whatever changed a counter must have been written through, before anybody reads.
 * Then the levels: one that has expired is asked for once over the API, and must be there afterwards.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Stack } from "../stack/stack.ts";
import type { LevelTable } from "./compare.ts";

/** Writes and refills go on beside an answer: so long they may take. */
const BESIDE_MS_MAX = 2_000;
const LOOK_EVERY_MS = 25;
/** Few enough that none expires between its refill and our look. */
const SKUS_AT_ONCE = 50;

type View = { readonly locations: readonly { readonly locationId: string; readonly available: number }[] };

export const locationsOf = (view: View): ReadonlyMap<string, number> =>
  new Map(view.locations.map(({ locationId, available }) => [locationId, available]));

/** @returns SKUs whose version in Redis is older than the counter's, or missing */
export async function behindInRedis(stack: Stack, versions: ReadonlyMap<string, number>): Promise<readonly string[]> {
  const behind = new Set(versions.keys());
  await waitUntil(async () => {
    for (const sku of behind) {
      const mirrored = await read(stack, sku, "version");
      // A counter may have gone on since it was asked.
      if (mirrored !== null && Number(mirrored) >= (versions.get(sku) ?? 0)) behind.delete(sku);
    }
    return behind.size === 0;
  });
  return [...behind];
}

/** @param asks  how often a missing level is asked for: once, unless Redis was seen to fail and is left alone for a while */
export async function redisTable(stack: Stack, skus: readonly string[], asks: number): Promise<LevelTable> {
  const found = new Map<string, ReadonlyMap<string, number>>();
  for (let i = 0; i < skus.length; i += SKUS_AT_ONCE) {
    const missing = new Set(skus.slice(i, i + SKUS_AT_ONCE));
    const look = async (): Promise<boolean> => {
      for (const sku of missing) {
        const text = await read(stack, sku, "levels");
        if (text === null) continue;
        found.set(sku, locationsOf(JSON.parse(text) as View));
        missing.delete(sku);
      }
      return missing.size === 0;
    };
    for (let asked = 0; !(await look()) && asked < asks; asked += 1) {
      await stack.client.call("POST", "/v1/inventory/batch", { skus: [...missing] });
      await waitUntil(look);
    }
  }
  return found;
}

async function read({ gateway }: Stack, sku: string, what: "levels" | "version"): Promise<string | null> {
  const text = await gateway.command("GET", `onhand:{${sku}}:${what}`).catch(() => null);
  return typeof text === "string" ? text : null;
}

async function waitUntil(look: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + BESIDE_MS_MAX;
  while (!(await look()) && performance.now() < deadlineMs) await sleep(LOOK_EVERY_MS);
}
