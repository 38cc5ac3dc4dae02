/** What becomes of the notifications: each kind has one taker. */
import type { Config } from "../config.ts";
import type { ConsumeNotificationsDeps } from "../queues/consume-notifications.ts";
import type { SettleDeps } from "../queues/settle.ts";
import { takeAlert } from "./alerts.ts";
import { oversellsOf } from "./oversells.ts";

export function notificationDeps(env: Env, config: Config, settle: SettleDeps): ConsumeNotificationsDeps {
  const { log } = settle;
  return {
    ...settle,
    oversells: oversellsOf(env),
    onAlert: takeAlert(env, config),
    async onBreaker({ destination, to, reason }) {
      log("info", "breaker.changed", { outcome: to, code: destination, ...(reason === null ? {} : { reason }) });
    },
  };
}
