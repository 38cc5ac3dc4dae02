/** An operator's catches in a request: for one shop, or for all. */
import type { Context } from "hono";
import * as z from "zod/mini";
import { LIMITS } from "../config.ts";
import { ok, type Result } from "../domain/result.ts";
import type { GateSettings } from "../services/gate-contract.ts";
import { parseBody } from "./parse.ts";
import type { Problem } from "./problem.ts";

export const gateSettingsBody = z.strictObject({
  readOnly: z.optional(z.boolean()),
  stopped: z.optional(z.boolean()),
  deltaMax: z.optional(z.int().check(z.gte(0), z.lte(LIMITS.quantityMax))),
});

/** What is left out stays as it is. */
export async function parseSettings(c: Context): Promise<Result<Partial<GateSettings>, Problem>> {
  const body = await parseBody(c, gateSettingsBody);
  if (!body.ok) return body;
  return ok(Object.fromEntries(Object.entries(body.value).filter(([, value]) => value !== undefined)));
}
