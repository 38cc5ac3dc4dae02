/**
 * One POST to Square's API. Never throws, never repeats: a re-send is the call journal's decision. Square answers errors as
 * a list with codes, and names the row of a batch in `field`.
 * @see https://developer.squareup.com/docs/build-basics/handling-errors
 */
import * as z from "zod/mini";
import { withDeadline } from "../../services/with-deadline.ts";
import { readTextCapped } from "../shopify/read-text-capped.ts";

/** The newest whose inventory inputs were checked against its specification. */
export const SQUARE_VERSION = "2025-08-20";
export const CHANGES_PATH = "/v2/inventory/changes/batch-create";
export const COUNTS_PATH = "/v2/inventory/counts/batch-retrieve";

const TIMEOUT_MS = 10_000;
const REPLY_BYTES_MAX = 4_000_000;

const squareError = z.object({
  code: z.string(),
  detail: z.optional(z.nullable(z.string())),
  field: z.optional(z.nullable(z.string())),
});
const failure = z.object({ errors: z.array(squareError) });
export type SquareError = z.infer<typeof squareError>;

export type SquareAnswer =
  | { readonly kind: "ok"; readonly status: number; readonly body: unknown }
  | {
      readonly kind: "errors";
      readonly status: number;
      readonly errors: readonly SquareError[];
      readonly retryAfterSeconds: number | null;
    }
  | { readonly kind: "no_reply"; readonly fault: "network" | "timeout"; readonly message: string }
  | { readonly kind: "unreadable"; readonly status: number; readonly message: string };

export type SquareFetch = (url: string, init: RequestInit) => Promise<Response>;

export function postSquare(
  call: { readonly origin: string; readonly path: string; readonly accessToken: string; readonly body: string },
  send: SquareFetch = (url, init) => fetch(url, init),
  timeoutMs = TIMEOUT_MS,
): Promise<SquareAnswer> {
  return withDeadline(timeoutMs, async (signal): Promise<SquareAnswer> => {
    try {
      const response = await send(`${call.origin}${call.path}`, {
        method: "POST",
        headers: {
          ...{ authorization: `Bearer ${call.accessToken}`, "content-type": "application/json" },
          ...{ accept: "application/json", "square-version": SQUARE_VERSION },
        },
        body: call.body,
        signal,
        // A POST that becomes a GET elsewhere is no push, and our token is nobody else's.
        redirect: "manual",
      });
      return await answerOf(response, signal);
    } catch (error) {
      return noReply(signal, error instanceof Error ? error.message : "no connection");
    }
  });
}

async function answerOf(response: Response, signal: AbortSignal): Promise<SquareAnswer> {
  const { status } = response;
  const text = await readTextCapped(response, REPLY_BYTES_MAX);
  if (!text.ok && text.error.kind === "broken" && response.ok) return noReply(signal, text.error.message);
  const body = text.ok ? jsonOf(text.value) : undefined;
  const failed = failure.safeParse(body);
  const errors = failed.success ? failed.data.errors : [];
  if (!response.ok || errors.length > 0) {
    const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
    return { kind: "errors", status, errors, retryAfterSeconds: Number.isFinite(seconds) ? seconds : null };
  }
  if (typeof body === "object" && body !== null) return { kind: "ok", status, body };
  return { kind: "unreadable", status, message: text.ok ? "no JSON object" : text.error.message };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const noReply = (signal: AbortSignal, message: string): SquareAnswer => ({
  kind: "no_reply",
  fault: signal.aborted ? "timeout" : "network",
  message: signal.aborted ? "no reply in time" : message.slice(0, 300),
});
