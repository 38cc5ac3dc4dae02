/** Table of contents: what the platform calls, and who answers. */
import { app } from "./app.ts";
import { dispatchQueue } from "./dispatch-queue.ts";
import { reportMinute, runMinute } from "./wiring/minute.ts";
import { flushNow } from "./wiring/telemetry.ts";

export { Destination } from "../durable-objects/destination.ts";
export { ReservationCoordinator } from "../durable-objects/reservation-coordinator.ts";
export { ShopGate } from "../durable-objects/shop-gate.ts";
export { SkuCounter } from "../durable-objects/sku-counter.ts";
export { Telemetry } from "../durable-objects/telemetry.ts";
export { WebhookInbox } from "../durable-objects/webhook-inbox.ts";

export default {
  fetch: (request, env, ctx) => app.fetch(request, env, ctx),
  queue: (batch, env, ctx) => dispatchQueue(batch, env, ctx),
  async scheduled(controller, env, ctx) {
    try {
      await runMinute(env, controller.scheduledTime);
    } catch (error) {
      reportMinute(error, env, ctx);
      throw error;
    } finally {
      await flushNow(env);
    }
  },
} satisfies ExportedHandler<Env>;
