/** Waits for a fault to happen: only then is there something to look at. */
import { expect } from "vitest";
import { BREAKAGES_PATH, type Struck } from "./breakage.ts";
import type { Calm } from "./calm.ts";
import { waitUntil } from "./wait-until.ts";

const STRIKES_MS_MAX = 30_000;

/** Until all that is broken just now has struck so often. */
export async function untilStruck({ stack }: Calm, times: number): Promise<void> {
  const strikes = async (): Promise<number> => {
    const struck = (await (await fetch(`${stack.client.url}${BREAKAGES_PATH}`)).json()) as Struck;
    return Object.values(struck).reduce((sum, each) => sum + each, 0);
  };
  expect(await waitUntil(async () => (await strikes()) >= times, STRIKES_MS_MAX), `strikes ${times} times`).toBe(true);
}
