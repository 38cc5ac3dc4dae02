/** One POST of JSON to an address of a merchant's: never led elsewhere, in bounded time, of its answer the beginning. */
import { replyBeginning, type Said } from "../../domain/reply-beginning.ts";
import { type Called, judgeHttp } from "../../services/destination-breaker.ts";
import { withDeadline } from "../../services/with-deadline.ts";
import { readBeginning } from "./read-beginning.ts";

export type PostAnswer = Said & { readonly status: number };

export type PostLimits = {
  /** For all of it: until the answer's body has ended, too. */
  readonly timeoutMs: number;
  /** Of the answer's body that are read, and of them that are kept. */
  readonly replyBytesMax: number;
  readonly replyCharsMax: number;
};

export type JsonPost = {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What must not be kept of the answer, should it repeat it. */
  readonly hidden: readonly string[];
};

/**
 * Rejects when there is no status in time. A redirect is an answer, and no success. A body that is late, without end or cut
 * off takes nothing from a status: what came of it is the reply.
 */
export function postJson({ url, body, headers, hidden }: JsonPost, limits: PostLimits): Promise<Called<PostAnswer>> {
  return withDeadline(limits.timeoutMs, async (signal) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json", "user-agent": "Onhand" },
      body,
      signal,
      redirect: "manual",
    });
    const text = await readBeginning(response.body, limits.replyBytesMax, signal);
    return judgeHttp(response, {
      status: response.status,
      reply: replyBeginning(text, hidden, limits.replyCharsMax),
    });
  });
}
