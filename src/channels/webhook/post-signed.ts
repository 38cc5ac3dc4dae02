/** One signed POST. */
import type { Called } from "../../services/destination-breaker.ts";
import { type PostAnswer, type PostLimits, postJson } from "./post-json.ts";
import { signWebhook } from "./sign.ts";

export type SignedPost = {
  readonly url: string;
  /** Of the message: the same for every try. */
  readonly id: string;
  readonly body: string;
  readonly secrets: readonly string[];
  readonly nowMs: number;
};

/** Rejects when there is no answer in time. A redirect is an answer, and no success. */
export async function postSigned(post: SignedPost, limits: PostLimits): Promise<Called<PostAnswer>> {
  const { url, id, body, secrets, nowMs } = post;
  const signed = await signWebhook(id, body, secrets, nowMs);
  const hidden = [...secrets, ...signed["webhook-signature"].split(" ")];
  return postJson({ url, body, headers: { ...signed, "idempotency-key": id }, hidden }, limits);
}
