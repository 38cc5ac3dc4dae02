/** D1 refuses everything for a while: what isolates know goes on, the rest waits in its queue, and nothing is lost. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { lockD1 } from "./support/lock-d1.ts";
import { underLoad } from "./support/world.ts";

/** Two evaluations of the alerts, five seconds apart, fail in it. */
const LOCKED_MS = 14_000;

describe("D1", () => {
  it("is locked: events wait or count by what is known, their entries in the journal come later; that alerts are blind is told", async () => {
    await underLoad({
      seed: 47,
      isMirrorWhole: true,
      alert: "not_evaluated",
      async disturb({ stack }) {
        await sleep(4_000);
        const unlock = lockD1(stack);
        try {
          await expect(stack.client.call("GET", "/v1/dead-letters")).rejects.toMatchObject({ status: 503 });
          await sleep(LOCKED_MS);
        } finally {
          unlock();
        }
      },
    });
  });
});
