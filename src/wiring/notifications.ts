/** What becomes of the notifications: each kind has one taker. */
import type { ConsumeNotificationsDeps } from "../queues/consume-notifications.ts";
import type { SettleDeps } from "../queues/settle.ts";
import { oversellsOf } from "./oversells.ts";

export function notificationDeps(env: Env, settle: SettleDeps): ConsumeNotificationsDeps {
  const { log } = settle;
  return {
    ...settle,
    oversells: oversellsOf(env),
    async onAlert({ alert, subject, change, severity }) {
      const level = change === "recovered" ? "info" : "warn";
      log(level, "alert.changed", { outcome: change, reason: `${alert} ${subject}`.trim(), code: severity });
    },
    async onBreaker({ destination, to, reason }) {
      log("info", "breaker.changed", { outcome: to, code: destination, ...(reason === null ? {} : { reason }) });
    },
  };
}
