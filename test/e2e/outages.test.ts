/** A part of the stack goes away while trade goes on; afterwards everything agrees and nothing is missing. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { findRedisServer } from "../../dev/upstash-gateway/redis-server-process.ts";
import { trade } from "./support/stack.ts";

const hasRedis = (await findRedisServer()) !== null;
if (!hasRedis && process.env["ONHAND_REQUIRE_REDIS"] === "1")
  throw new Error("redis-server is required and not installed");

describe("the whole stack", () => {
  it.skipIf(!hasRedis)(
    "loses nothing while redis-server is killed, and heals when it is back (needs redis-server)",
    async () => {
      let pid: number | null = null;
      await trade({ seed: 21, isMirrorWhole: false }, async ({ stack }) => {
        await sleep(4_000);
        pid = stack.gateway.pid;
        process.kill(pid ?? 0, "SIGKILL");
        await sleep(4_000);
        const { status } = await fetch(`${stack.file.worker}/readyz`);
        expect(status).toBe(503);
        await stack.gateway.restartEngine();
      });
      expect(pid).not.toBeNull();
    },
  );

  it("leaves no difference after Shopify answered 503 to every call for 20 seconds", async () => {
    await trade({ seed: 22, isMirrorWhole: true }, async ({ stack, simulator }) => {
      await sleep(3_000);
      simulator.startOutage(20_000);
      await sleep(10_000);
      const gate = await stack.client.call<{ pausedReason: string | null }>("GET", `/v1/shops/${simulator.shop}/gate`);
      expect(gate.pausedReason).not.toBeNull();
      await sleep(10_500);
    });
  });
});
