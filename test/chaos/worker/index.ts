/**
 * The Worker as it is deployed, with bindings around it that can be broken: what a machine does to a call, or to an invocation
 * that handles a batch, happens to the shipped code in the real runtime, at a moment that a test chooses.
 */
import worker, {
  Destination as ShippedDestination,
  ReservationCoordinator as ShippedReservationCoordinator,
  ShopGate as ShippedShopGate,
  SkuCounter as ShippedSkuCounter,
  Telemetry as ShippedTelemetry,
  WebhookInbox as ShippedWebhookInbox,
} from "../../../src/index.ts";
import { BREAKAGES_PATH, type Breakage, HURRIED_PATH, OBJECTS_PATH, type Treatment } from "../support/breakage.ts";
import { breakableEnv } from "./breakable-env.ts";
import { breakDown, mend, struckSoFar, tried } from "./breakages.ts";
import { afterCutOff, hurry, slowDown, withoutPauses } from "./pauses.ts";
import { treat, treatObject } from "./treat.ts";

export class SkuCounter extends ShippedSkuCounter {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, breakableEnv(env));
  }
  treat(treatment: Treatment): Promise<unknown> {
    return treat(this.ctx, treatment);
  }
}

export class ShopGate extends ShippedShopGate {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, breakableEnv(env));
  }
  treat(treatment: Treatment): Promise<unknown> {
    return treat(this.ctx, treatment);
  }
}

export class ReservationCoordinator extends ShippedReservationCoordinator {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, breakableEnv(env));
  }
  treat(treatment: Treatment): Promise<unknown> {
    return treat(this.ctx, treatment);
  }
}

export class Destination extends ShippedDestination {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, breakableEnv(env));
  }
  treat(treatment: Treatment): Promise<unknown> {
    return treat(this.ctx, treatment);
  }
}

export class Telemetry extends ShippedTelemetry {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, breakableEnv(env));
  }
  treat(treatment: Treatment): Promise<unknown> {
    return treat(this.ctx, treatment);
  }
}

export class WebhookInbox extends ShippedWebhookInbox {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, breakableEnv(env));
  }
  treat(treatment: Treatment): Promise<unknown> {
    return treat(this.ctx, treatment);
  }
}

/** `PUT <path><id>` breaks, `DELETE` mends, `GET` tells how often each struck. */
async function control(request: Request, id: string): Promise<Response> {
  if (request.method === "PUT") breakDown(id, await request.json<Breakage>());
  else if (request.method === "DELETE") mend(id);
  return Response.json(struckSoFar());
}

/** `PUT <path><queue>`: its messages come again at once; `DELETE`: with the pauses that they are given. */
function pace(request: Request, queue: string): Response {
  if (request.method === "PUT") hurry(queue);
  else slowDown(queue);
  return new Response(null, { status: 204 });
}

/** An invocation that is cut off has settled nothing, whatever it had done. */
function unsettled(batch: MessageBatch<unknown>): MessageBatch<unknown> {
  const nothing = (): void => {};
  const messages = batch.messages.map(({ id, timestamp, body, attempts }) => ({
    ...{ id, timestamp, body, attempts },
    ack: nothing,
    retry: nothing,
  }));
  return { queue: batch.queue, metadata: batch.metadata, messages, ackAll: nothing, retryAll: nothing };
}

export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith(BREAKAGES_PATH)) return control(request, pathname.slice(BREAKAGES_PATH.length));
    if (pathname.startsWith(OBJECTS_PATH)) return treatObject(request, env, pathname.slice(OBJECTS_PATH.length));
    if (pathname.startsWith(HURRIED_PATH)) return pace(request, pathname.slice(HURRIED_PATH.length));
    return worker.fetch(request, breakableEnv(env), ctx);
  },
  queue(batch, env, ctx) {
    const about = (): string => JSON.stringify(batch.messages.map(({ attempts, body }) => ({ attempts, body })));
    const handling = tried({ where: "consumer", what: batch.queue, about }, (isCutOff) =>
      worker.queue(isCutOff ? unsettled(batch) : withoutPauses(batch), breakableEnv(env), ctx),
    );
    return afterCutOff(batch, handling);
  },
  scheduled: (controller, env, ctx) => worker.scheduled(controller, breakableEnv(env), ctx),
} satisfies ExportedHandler<Env>;
