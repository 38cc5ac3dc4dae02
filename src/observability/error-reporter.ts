/** Errors that are bugs, to Sentry when a DSN is set. */
import { reportToSentry, type SentryTarget } from "./sentry.ts";

export type ReportError = (error: unknown, correlationId?: string) => void;

type Context = { waitUntil(promise: Promise<unknown>): void };

/** @param target  null: errors are only logged */
export function errorReporter(target: SentryTarget | null, ctx: Context): ReportError {
  if (target === null) return () => {};
  return (error, correlationId) =>
    reportToSentry(target, ctx, error, correlationId === undefined ? {} : { correlationId });
}
