/** Who asks, and for which cause: what a change is written down with. */
import type { Context } from "hono";
import type { AppEnv } from "./app-env.ts";

export const byOf = (c: Context<AppEnv>) => ({ actor: c.get("actor"), correlationId: c.get("correlationId") });
