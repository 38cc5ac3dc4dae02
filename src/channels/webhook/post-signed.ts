/** One signed POST. */
import type { Called } from "../../services/destination-breaker.ts";
import { type PostAnswer, postJson } from "./post-json.ts";
import { signWebhook } from "./sign.ts";

export type SignedPost = {
  readonly url: string;
  /** Of the message: the same for every try. */
  readonly id: string;
  readonly body: string;
  readonly secrets: readonly string[];
  readonly timeoutMs: number;
  readonly nowMs: number;
};

/** Rejects when there is no answer in time. A redirect is an answer, and no success. */
export async function postSigned(post: SignedPost): Promise<Called<PostAnswer>> {
  const { url, id, body, secrets, timeoutMs, nowMs } = post;
  const signed = await signWebhook(id, body, secrets, nowMs);
  return postJson(url, body, { ...signed, "idempotency-key": id }, timeoutMs);
}
