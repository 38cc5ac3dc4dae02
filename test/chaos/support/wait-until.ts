import { setTimeout as sleep } from "node:timers/promises";

const LOOK_EVERY_MS = 250;

/** @returns whether it came to be so in time */
export async function waitUntil(look: () => boolean | Promise<boolean>, patienceMs: number): Promise<boolean> {
  const deadlineMs = performance.now() + patienceMs;
  while (!(await look())) {
    if (performance.now() >= deadlineMs) return false;
    await sleep(LOOK_EVERY_MS);
  }
  return true;
}
