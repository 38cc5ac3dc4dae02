/** Redis goes away under load, with all that it held: it is a mirror, and decides nothing. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { findRedisServer } from "../../dev/upstash-gateway/redis-server-process.ts";
import { underLoad } from "./support/world.ts";

const hasRedis = findRedisServer() !== null;
if (!hasRedis && process.env["ONHAND_REQUIRE_REDIS"] === "1")
  throw new Error("redis-server is required and not installed");

describe("redis-server", () => {
  it.skipIf(!hasRedis)(
    "is killed, twice: reads fall through, no event waits for it, and it is filled again (needs redis-server)",
    async () => {
      await underLoad({
        seed: 45,
        isMirrorWhole: false,
        alert: "breaker_open",
        async disturb({ stack }) {
          for (let i = 0; i < 2; i += 1) {
            await sleep(3_000);
            process.kill(stack.gateway.pid ?? 0, "SIGKILL");
            await sleep(4_000);
            expect((await fetch(`${stack.file.worker}/readyz`)).status).toBe(503);
            const read = await fetch(`${stack.file.worker}/v1/inventory/FLASH-SALE-01`, {
              headers: { authorization: `Bearer ${stack.file.adminToken}` },
            });
            expect(((await read.json()) as { source: string }).source).toBe("counter");
            await stack.gateway.restartEngine();
          }
        },
        async after({ stack }) {
          expect((await fetch(`${stack.file.worker}/readyz`)).status).toBe(200);
          expect(stack.log.tally().events.get("mirror.fault") ?? 0).toBeGreaterThan(0);
        },
      });
    },
  );
});
