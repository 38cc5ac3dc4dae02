/**
 * CI once waited its 90 minutes for a test file that had passed: a gate had logged between the file's last report and its
 * end. Vitest waits there until each log is taken, and its pool for Workers holds back what another object logged until
 * the next report, which never comes (github.com/cloudflare/workers-sdk/issues/15498 looks like it).
 */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";

it("ends though an object still logs", async () => {
  const gate = env.SHOP_GATE.get(env.SHOP_GATE.idFromName("logs-on.myshopify.com"));
  const started = await runInDurableObject(gate, (_, state) => {
    state.waitUntil(logOn());
    return true;
  });
  expect(started).toBe(true);
});

/** Until long after this file has ended. */
async function logOn(): Promise<void> {
  for (let line = 0; line < 1_000; line += 1) {
    console.debug("an object logs on");
    await scheduler.wait(2);
  }
}
