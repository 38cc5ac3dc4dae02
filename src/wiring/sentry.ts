/** Where Sentry is, if anywhere. */
import type { Config } from "../config.ts";
import type { SentryTarget } from "../observability/sentry.ts";

export const sentryTargetOf = ({ sentryDsn, environment }: Config, env: Env): SentryTarget | null =>
  sentryDsn === null ? null : { dsn: sentryDsn, environment, release: env.VERSION?.id ?? null };
