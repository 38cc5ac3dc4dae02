/** Whether it lives, and whether its parts answer. */
import * as z from "zod/mini";

export const healthReply = z.strictObject({ status: z.literal("ok"), version: z.string() });

export const readyReply = z.strictObject({
  status: z.enum(["ready", "not_ready"]),
  checks: z.strictObject({ redis: z.string(), d1: z.string(), counter: z.string() }),
  redisBreaker: z
    .nullable(z.string())
    .check(z.describe("The breaker before Redis in the isolate that answers; null without Redis.")),
});
