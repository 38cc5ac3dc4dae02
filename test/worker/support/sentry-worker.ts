/** Sends to Sentry what a test says, in workerd: errors as the Worker reports them, alerts as it tells them. */
import { alertSentry } from "../../../src/channels/alerts/alert-sentry.ts";
import { errorReporter } from "../../../src/observability/error-reporter.ts";
import type { SentryCall } from "../../support/alerts/sentry-call.ts";

export default {
  async fetch(request: Request): Promise<Response> {
    const { dsn, what } = (await request.json()) as SentryCall;
    const target = { dsn, environment: "production", release: "v7" };
    try {
      if (what.kind === "alert") await alertSentry({ target, send: (url, init) => fetch(url, init) }).tell(what.change);
      else {
        const pending: Promise<unknown>[] = [];
        const report = errorReporter(target, { waitUntil: (promise) => pending.push(promise) });
        report(thrower(what.error), what.correlationId);
        await Promise.all(pending);
      }
      return new Response("");
    } catch (error) {
      return new Response(String(error));
    }
  },
};

function thrower({
  name,
  message,
  cause,
  extra = {},
}: Extract<SentryCall["what"], { kind: "error" }>["error"]): unknown {
  if (name === null) return extra;
  const error = new Error(message, cause === undefined ? {} : { cause: new Error(cause) });
  return Object.assign(error, { name, ...extra });
}
