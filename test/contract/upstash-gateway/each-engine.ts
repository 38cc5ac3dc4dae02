/**
 * Runs one suite over both engines of the gateway. Without redis-server its half is skipped and says so in its name;
 * with ONHAND_REQUIRE_REDIS=1 it fails instead.
 */
import { afterAll, beforeAll, describe } from "vitest";
import { startUpstashGateway, type UpstashGateway } from "../../../dev/upstash-gateway/gateway.ts";
import { findRedisServer } from "../../../dev/upstash-gateway/redis-server-process.ts";

const { ONHAND_REQUIRE_REDIS } = process.env;
const isMissing = findRedisServer() === null;

/** Skip what needs redis-server itself. */
export const skipsRedisServer = isMissing && ONHAND_REQUIRE_REDIS !== "1";
export const redisServerTitle = skipsRedisServer ? "redis-server (skipped: none in PATH)" : "redis-server";

/** @param suite  gets the gateway of its engine, started before the first test and closed after the last */
export function describeOnEachEngine(title: string, suite: (gateway: () => UpstashGateway) => void): void {
  describe.skipIf(skipsRedisServer)(`${title}, over ${redisServerTitle}`, () => suite(gatewayOf("redis-server")));
  describe(`${title}, over the embedded engine`, () => suite(gatewayOf("embedded")));
}

function gatewayOf(engine: "redis-server" | "embedded"): () => UpstashGateway {
  let started: UpstashGateway | undefined;
  beforeAll(async () => {
    started = await startUpstashGateway({ token: "test-token", engine });
  });
  afterAll(() => started?.close());
  return () => {
    if (started === undefined) throw new Error("the gateway has not been started");
    return started;
  };
}
