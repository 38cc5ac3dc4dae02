/** One POST of JSON to an address of a merchant's: never led elsewhere, in bounded time, its answer cut. */
import { type Called, judgeHttp } from "../../services/destination-breaker.ts";
import { withDeadline } from "../../services/with-deadline.ts";
import { readTextCapped } from "../shopify/read-text-capped.ts";

export type PostAnswer = { readonly status: number; readonly text: string };

const REPLY_BYTES_MAX = 10_000;

/** Rejects when there is no answer in time. A redirect is an answer, and no success. */
export function postJson(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<Called<PostAnswer>> {
  return withDeadline(timeoutMs, async (signal) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json", "user-agent": "Onhand" },
      body,
      signal,
      redirect: "manual",
    });
    const text = await readTextCapped(response, REPLY_BYTES_MAX);
    return judgeHttp(response, { status: response.status, text: text.ok ? text.value : "(longer than is read)" });
  });
}
