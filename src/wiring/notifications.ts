/** What becomes of the notifications: each kind has one taker. */
import type { Config } from "../config.ts";
import type { ConsumeNotificationsDeps } from "../queues/consume-notifications.ts";
import type { SettleDeps } from "../queues/settle.ts";
import { takeAlert } from "./alerts.ts";
import { takeNews } from "./counter-news.ts";
import { driveReplay, replayAfterOutage } from "./dead-letters.ts";
import { checkOversold, notifyBreaker, notifyOversells, takeDelivery } from "./notifier.ts";
import { oversellsOf } from "./oversells.ts";
import { sendingAgain } from "./queues.ts";

export function notificationDeps(
  env: Env,
  config: Config,
  ctx: Pick<ExecutionContext, "waitUntil">,
  settle: SettleDeps,
): ConsumeNotificationsDeps {
  return {
    ...settle,
    oversells: oversellsOf(env),
    sendAgain: sendingAgain(env),
    onAlert: takeAlert(env, config, ctx),
    onOversells: (notices) => notifyOversells(env, notices),
    onOversoldCheck: (check) => checkOversold(env, check),
    // Where it changed, it was logged and counted.
    async onBreaker(notice) {
      await replayAfterOutage(env, notice);
      await notifyBreaker(env, notice);
    },
    onDeliver: (notice) => takeDelivery(env, ctx, notice),
    onCounterNews: takeNews(env),
    onReplay: ({ jobId }) => driveReplay(env, jobId),
  };
}
