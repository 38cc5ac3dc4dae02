/** One signed POST to an address of a merchant's: never led elsewhere, in bounded time, its answer cut. */
import { type Called, judgeHttp } from "../../services/destination-breaker.ts";
import { withDeadline } from "../../services/with-deadline.ts";
import { readTextCapped } from "../shopify/read-text-capped.ts";
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

export type PostAnswer = { readonly status: number; readonly text: string };

const REPLY_BYTES_MAX = 10_000;

/** Rejects when there is no answer in time. A redirect is an answer, and no success. */
export function postSigned({ url, id, body, secrets, timeoutMs, nowMs }: SignedPost): Promise<Called<PostAnswer>> {
  return withDeadline(timeoutMs, async (signal) => {
    const signed = await signWebhook(id, body, secrets, nowMs);
    const headers = { ...signed, "idempotency-key": id, "content-type": "application/json", "user-agent": "Onhand" };
    const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "manual" });
    const text = await readTextCapped(response, REPLY_BYTES_MAX);
    return judgeHttp(response, { status: response.status, text: text.ok ? text.value : "(longer than is read)" });
  });
}
