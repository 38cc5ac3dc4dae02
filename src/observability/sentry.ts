/**
 * Sentry, through toucan-js: errors that are bugs, and alerts. No request, header, body or user is sent along: what leaves is
 * an allow-list (sentry-event.ts), and the correlation id leads to the logs.
 */
import { Toucan } from "toucan-js";
import { type SentryTags, toSafeEvent } from "./sentry-event.ts";

export type SentryTarget = { readonly dsn: string; readonly environment: string; readonly release: string | null };

export type SentryMessage = {
  readonly message: string;
  readonly level: "info" | "warning" | "error" | "fatal";
  readonly tags: SentryTags;
  /** Events of one fingerprint are one issue at Sentry. */
  readonly fingerprint: readonly string[];
};

export type SentryFetch = (url: string, init: RequestInit) => Promise<Response>;

type Context = { waitUntil(promise: Promise<unknown>): void };

/** Best effort: what Sentry does not take is gone. */
export function reportToSentry(target: SentryTarget, ctx: Context, error: unknown, tags: SentryTags): void {
  const toucan = toucanFor(target, (url, init) => fetch(url, init), ctx);
  toucan.setTags(tags);
  toucan.setLevel("error");
  toucan.captureException(error);
}

/** @throws when Sentry did not take it: whoever sends tries again */
export async function sendToSentry(
  target: SentryTarget,
  { message, level, tags, fingerprint }: SentryMessage,
  send: SentryFetch,
): Promise<void> {
  const answers: Promise<Response>[] = [];
  const fetcher: SentryFetch = (url, init) => {
    const answer = send(url, init);
    answers.push(answer);
    return answer;
  };
  const toucan = toucanFor(target, fetcher, { waitUntil: () => {} });
  toucan.setTags(tags);
  toucan.setFingerprint([...fingerprint]);
  toucan.captureMessage(message, level);
  const [answer] = answers;
  if (answer === undefined) throw new Error("Sentry's client sent nothing");
  const { ok, status } = await answer;
  if (!ok) throw new Error(`Sentry answered ${status}`);
}

function toucanFor({ dsn, environment, release }: SentryTarget, fetcher: SentryFetch, ctx: Context): Toucan {
  return new Toucan({
    ...{ dsn, environment, defaultIntegrations: false, sendDefaultPii: false },
    ...(release === null ? {} : { release }),
    context: { waitUntil: (promise) => ctx.waitUntil(Promise.resolve(promise).catch(() => {})) },
    transportOptions: { fetcher: (url, init) => fetcher(String(url), init as RequestInit) },
    beforeSend: toSafeEvent,
  });
}
