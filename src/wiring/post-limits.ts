/** Of a POST to an address of a merchant's. */
import type { PostLimits } from "../channels/webhook/post-json.ts";
import { LIMITS } from "../config.ts";

export const postLimits = (timeoutMs: number): PostLimits => ({
  timeoutMs,
  replyBytesMax: LIMITS.replyBytesMax,
  replyCharsMax: LIMITS.replyCharsMax,
});
