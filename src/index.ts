/** Table of contents: what the platform calls, and who answers. */
import { app } from "./app.ts";
import { dispatchQueue } from "./dispatch-queue.ts";
import { runMinute } from "./wiring.ts";

export { Destination } from "../durable-objects/destination.ts";
export { ReservationCoordinator } from "../durable-objects/reservation-coordinator.ts";
export { ShopGate } from "../durable-objects/shop-gate.ts";
export { SkuCounter } from "../durable-objects/sku-counter.ts";

export default {
  fetch: (request, env, ctx) => app.fetch(request, env, ctx),
  queue: (batch, env, ctx) => dispatchQueue(batch, env, ctx),
  scheduled: (controller, env) => runMinute(env, controller.scheduledTime),
} satisfies ExportedHandler<Env>;
