/**
 * Errors that are bugs, to Sentry when a DSN is set. No request, header, body or user is sent along: the correlation id
 * leads to the logs, and those are redacted.
 */
import { Toucan } from "toucan-js";

export type ReportError = (error: unknown, correlationId?: string) => void;

type Context = { waitUntil(promise: Promise<unknown>): void };

/** @param dsn  null: errors are only logged */
export function errorReporter(dsn: string | null, environment: string, ctx: Context): ReportError {
  if (dsn === null) return () => {};
  const toucan = new Toucan({ dsn, environment, context: { waitUntil: (promise) => ctx.waitUntil(promise) } });
  return (error, correlationId) => {
    if (correlationId !== undefined) toucan.setTag("correlationId", correlationId);
    toucan.captureException(error);
  };
}
