/** Circuit breakers as they go over the wire. */
import * as z from "zod/mini";
import { textOrNull, timeOrNull } from "./common.ts";

const state = z.enum(["closed", "open", "half_open", "isolated"]);
const counts = { calls: z.int(), failures: z.int(), failuresInRow: z.int() };

export const breakerReply = z.strictObject({
  destination: z.string(),
  state,
  since: timeOrNull,
  openedAt: timeOrNull.check(z.describe("Since when calls have not simply passed.")),
  reason: textOrNull,
  by: textOrNull,
  ...counts,
  nextProbe: timeOrNull,
});

/** A destination whose object cannot be asked says so. */
export const breakersReply = z.strictObject({
  breakers: z.array(z.union([breakerReply, z.strictObject({ destination: z.string(), error: z.string() })])),
});

/** As a gate tells it: times in epoch milliseconds. */
export const gateBreaker = z.strictObject({
  state,
  sinceMs: z.nullable(z.int()),
  openedAtMs: z.nullable(z.int()),
  reason: textOrNull,
  by: textOrNull,
  ...counts,
  nextProbeMs: z.nullable(z.int()),
});
