/** Alerts as Sentry's messages: all changes of one alert and subject are one issue there. */
import { type SentryFetch, type SentryMessage, type SentryTarget, sendToSentry } from "../../observability/sentry.ts";
import type { AlertDestination, Told } from "../../services/alerts/tell-alert.ts";

export type AlertSentry = { readonly target: SentryTarget; readonly send: SentryFetch };

const LEVELS = { notice: "info", warning: "warning", high: "error", critical: "fatal" } as const;

export const alertSentry = ({ target, send }: AlertSentry): AlertDestination => ({
  name: "sentry",
  async tell(change) {
    await sendToSentry(target, messageOf(change), send);
    return { kind: "told" };
  },
});

function messageOf({ alert, subject, change, severity, text }: Told): SentryMessage {
  return {
    message: text,
    level: change === "recovered" ? "info" : LEVELS[severity],
    tags: { alert, change, severity, ...(subject === "" ? {} : { subject }) },
    fingerprint: ["alert", alert, ...(subject === "" ? [] : [subject])],
  };
}
