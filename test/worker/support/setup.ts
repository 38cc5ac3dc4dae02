import { applyD1Migrations, type D1Migration } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll } from "vitest";

await applyD1Migrations(env.DB, (env as unknown as { TEST_MIGRATIONS: D1Migration[] }).TEST_MIGRATIONS);

/**
 * A message that is still on its way when a file's last test ends finds its module runner gone, and the run never ends:
 * so the file waits until its queues are empty, and for what the last batch set off.
 */
afterAll(async () => {
  for (const queue of [
    ...[env.EVENTS, env.SHOPIFY_SYNC, env.NOTIFICATIONS],
    ...[env.EVENTS_DLQ, env.SHOPIFY_SYNC_DLQ, env.NOTIFICATIONS_DLQ],
  ]) {
    for (let i = 0; i < 100 && (await queue.metrics()).backlogCount > 0; i += 1) await scheduler.wait(20);
  }
  await scheduler.wait(200);
});
