/** What a test asks of the Worker that sends to Sentry. */
import type { Told } from "../../../src/services/alerts/tell-alert.ts";

export type SentryCall = {
  readonly dsn: string;
  readonly what:
    | {
        readonly kind: "error";
        readonly error: {
          /** Null: what is thrown is no error. */
          readonly name: string | null;
          readonly message: string;
          readonly cause?: string;
          /** Fields that it carries, as errors of libraries do. */
          readonly extra?: Readonly<Record<string, unknown>>;
        };
        readonly correlationId?: string;
      }
    | { readonly kind: "alert"; readonly change: Told };
};
