import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { runMinute } from "../../src/wiring.ts";
import { stock } from "./support/catalogue.ts";
import { stubOf } from "./support/counters.ts";
import { until } from "./support/until.ts";

const auditedAt = async (variant: string) =>
  (
    await env.DB.prepare("SELECT audited_at_ms FROM listings WHERE variant_id = ?")
      .bind(variant)
      .first<{ audited_at_ms: number }>()
  )?.audited_at_ms;

it("asks, each minute, for levels to be read again that were not within a day, and once each", async () => {
  const { skuId } = await stock("AUD-1", "1001", 5);
  const nowMs = Date.now();
  await runMinute(env, nowMs);
  expect(await auditedAt("1001")).toBe(nowMs);
  const isReading = () =>
    runInDurableObject(stubOf(skuId), (_, { storage }) =>
      storage.sql
        .exec<{ state: string }>("SELECT state FROM listings")
        .toArray()
        .map(({ state }) => (JSON.parse(state) as { read: unknown; reads: number }).reads),
    );
  await until(isReading, (reads) => reads[0] === 1);
  await runMinute(env, nowMs + 60_000);
  expect(await auditedAt("1001")).toBe(nowMs);
  await runMinute(env, nowMs + 24 * 60 * 60 * 1_000 + 1);
  expect(await auditedAt("1001")).toBe(nowMs + 24 * 60 * 60 * 1_000 + 1);
});
