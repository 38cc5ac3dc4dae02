/** Levels as they were: `?asOf=`. */
import type { Context } from "hono";
import type { Sku } from "../domain/ids.ts";
import type { AppEnv } from "./app-env.ts";
import { problem } from "./problem.ts";
import { importing, unknownSku } from "./sku-problems.ts";

export async function pastLevels(c: Context<AppEnv>, sku: Sku, asOfMs: number): Promise<Response> {
  if (asOfMs > Date.now())
    return problem(c, { code: "bad_request", detail: "asOf: that moment has not come yet.", field: "asOf" });
  const answer = await c.get("services").levelsAt(sku, asOfMs);
  switch (answer.kind) {
    case "unknown_sku":
      return problem(c, unknownSku(sku));
    case "not_connected":
      return problem(c, importing(sku));
    case "levels": {
      const { precision, atMs, locations } = answer;
      const totals = { ledger: 0, reserved: 0, committed: 0, damaged: 0, safetyStock: 0 };
      for (const { locationId: _, ...levels } of locations)
        for (const [state, units] of Object.entries(levels)) totals[state as keyof typeof totals] += units;
      return c.json({
        sku: answer.sku,
        asOf: new Date(asOfMs).toISOString(),
        precision,
        /** Of what moment the numbers are: of `asOf`, or of the beginning of its day. */
        at: new Date(atMs).toISOString(),
        ...totals,
        locations,
      });
    }
  }
}
