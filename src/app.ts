/** Routes as a table of contents. */
import { Hono } from "hono";
import { alertRoutes } from "./api/alert-routes.ts";
import type { AppEnv } from "./api/app-env.ts";
import { auditRoutes } from "./api/audit-routes.ts";
import { bearer } from "./api/auth.ts";
import { breakerRoutes } from "./api/breaker-routes.ts";
import { bundleRoutes } from "./api/bundle-routes.ts";
import { channelConnectionRoutes } from "./api/channel-connection-routes.ts";
import { channelDocumentRoutes } from "./api/channel-document-routes.ts";
import { channelEventsReplyOf } from "./api/channel-events-reply.ts";
import { channelItemRoutes } from "./api/channel-item-routes.ts";
import { channelRoutes } from "./api/channel-routes.ts";
import { channelSecretRoutes } from "./api/channel-secret-routes.ts";
import { channelsRoutes } from "./api/channels-routes.ts";
import { correlation } from "./api/correlation.ts";
import { countRoutes } from "./api/count-routes.ts";
import { csvRoutes } from "./api/csv-routes.ts";
import { deadLetterJobRoutes } from "./api/dead-letter-job-routes.ts";
import { deadLetterRoutes } from "./api/dead-letter-routes.ts";
import { destinationRoutes } from "./api/destination-routes.ts";
import { gateRoutes } from "./api/gate-routes.ts";
import { inventoryRoutes } from "./api/inventory-routes.ts";
import { eventRoutes, traceRoutes } from "./api/journal-routes.ts";
import { journalWrites } from "./api/journal-writes.ts";
import { listingRoutes } from "./api/listing-routes.ts";
import { lockRoutes } from "./api/lock-routes.ts";
import { metricsRoutes } from "./api/metrics-routes.ts";
import { noDryRun } from "./api/no-dry-run.ts";
import { deliveryRoutes, notificationRoutes } from "./api/notification-routes.ts";
import { openApiRoutes } from "./api/openapi-routes.ts";
import { oversellRoutes } from "./api/oversell-routes.ts";
import { policyRoutes } from "./api/policy-routes.ts";
import { problem, unavailable } from "./api/problem.ts";
import { reconciliationRoutes } from "./api/reconciliation-routes.ts";
import { reorderRoutes } from "./api/reorder-routes.ts";
import { reservationRoutes } from "./api/reservation-routes.ts";
import { shopConnectionRoutes } from "./api/shop-connection-routes.ts";
import { shopRoutes } from "./api/shop-routes.ts";
import { defaultReorderRuleRoutes, defaultThresholdRoutes } from "./api/stock-default-routes.ts";
import { stockRoutes } from "./api/stock-routes.ts";
import { writeRoutes } from "./api/write-routes.ts";
import { receiveAdapterWebhook } from "./ingress/adapter-webhook.ts";
import { receiveChannelEvents } from "./ingress/channel-events.ts";
import { receiveShopifyWebhook } from "./ingress/shopify-webhook.ts";
import { consoleLog as log, reasonOf } from "./observability/log.ts";
import { Unavailable } from "./services/unavailable.ts";
import { adapterWebhookDeps } from "./wiring/adapters.ts";
import { channelEventsDeps, channelEventsSchemaText } from "./wiring/channel-events.ts";
import { configOf, Misconfigured } from "./wiring/configuration.ts";
import { flushSoon } from "./wiring/telemetry.ts";
import { errorReporterOf, servicesOf, webhookDeps } from "./wiring.ts";

/** For whoever has the token, and with what the handlers need. */
const guarded = () =>
  new Hono<AppEnv>()
    .use(bearer({ tokenOf: (env) => configOf(env).adminToken }))
    .use(noDryRun())
    .use(async function withServices(c, next) {
      c.set("services", servicesOf(c.env, c.executionCtx as ExecutionContext));
      await next();
    })
    .use(journalWrites());

const v1 = guarded()
  .route("/inventory", csvRoutes)
  .route("/inventory", policyRoutes)
  .route("/inventory", inventoryRoutes)
  .route("/inventory", writeRoutes)
  .route("/inventory", lockRoutes)
  .route("/inventory", stockRoutes)
  .route("/thresholds", defaultThresholdRoutes)
  .route("/reorder-rule", defaultReorderRuleRoutes)
  .route("/reorders", reorderRoutes)
  .route("/counts", countRoutes)
  .route("/oversells", oversellRoutes)
  .route("/alerts", alertRoutes)
  .route("/destinations", destinationRoutes)
  .route("/notifications", notificationRoutes)
  .route("/deliveries", deliveryRoutes)
  .route("/reservations", reservationRoutes)
  .route("/bundles", bundleRoutes)
  .route("/dead-letters/jobs", deadLetterJobRoutes)
  .route("/dead-letters", deadLetterRoutes)
  .route("/audit", auditRoutes)
  .route("/events", eventRoutes)
  .route("/traces", traceRoutes)
  .route("/shops", shopConnectionRoutes)
  .route("/shops", shopRoutes)
  .route("/shops", listingRoutes)
  .route("/channels", channelRoutes)
  .route("/channels", channelSecretRoutes)
  .route("/channels", channelItemRoutes)
  .route("/channels", channelDocumentRoutes)
  .route("/channels", channelConnectionRoutes)
  .route("/channels", channelsRoutes)
  .route("/gate", gateRoutes)
  .route("/breakers", breakerRoutes)
  .route("/reconciliations", reconciliationRoutes);

const MISCONFIGURED_RETRY_SECONDS = 60; // a person has to mend it; Shopify keeps trying for hours

/** What is wrong is told to the log, and not to whoever posts to a public address. */
function isConfigured(env: Env): boolean {
  try {
    configOf(env);
    return true;
  } catch (error) {
    if (!(error instanceof Misconfigured)) throw error;
    log("error", "config.invalid", { reason: error.message });
    return false;
  }
}

export const app = new Hono<AppEnv>()
  .use(correlation())
  .use(async function tellMetrics(c, next) {
    await next();
    c.executionCtx.waitUntil(flushSoon(c.env));
  })
  .all("/webhooks/shopify", (c) =>
    isConfigured(c.env)
      ? receiveShopifyWebhook(c.req.raw, webhookDeps(c.env, c.executionCtx as ExecutionContext, c.get("correlationId")))
      : c.text("try again", 503, { "retry-after": String(MISCONFIGURED_RETRY_SECONDS) }),
  )
  .all("/webhooks/channels/:id", (c) =>
    isConfigured(c.env)
      ? receiveAdapterWebhook(
          c.req.param("id"),
          c.req.raw,
          adapterWebhookDeps(c.env, c.executionCtx as ExecutionContext, c.get("correlationId")),
        )
      : c.text("try again", 503, { "retry-after": String(MISCONFIGURED_RETRY_SECONDS) }),
  )
  .post("/v1/channels/:id/events", async (c) => {
    const deps = channelEventsDeps(c.env, c.executionCtx as ExecutionContext, c.get("correlationId"));
    return channelEventsReplyOf(c, await receiveChannelEvents(c.req.param("id"), c.req.raw, deps));
  })
  .get("/schemas/channel-events.json", (c) =>
    c.body(channelEventsSchemaText(), 200, {
      "content-type": "application/schema+json",
      "cache-control": "max-age=3600",
    }),
  )
  .get("/healthz", (c) => c.json({ status: "ok", version: c.env.VERSION?.id ?? "local" }))
  .get("/readyz", async (c) => {
    const services = servicesOf(c.env, c.executionCtx as ExecutionContext);
    const checks = await services.ready();
    const isReady = Object.values(checks).every((state) => state !== "unavailable");
    const redisBreaker = services.redisBreaker();
    return c.json({ status: isReady ? "ready" : "not_ready", checks, redisBreaker }, isReady ? 200 : 503);
  })
  .route("/", openApiRoutes)
  .route("/v1", v1)
  .route("/metrics", guarded().route("/", metricsRoutes))
  .notFound((c) => problem(c, { code: "not_found", detail: `No ${c.req.method} ${c.req.path}.` }))
  .onError((error, c) => {
    if (error instanceof Misconfigured) {
      log("error", "config.invalid", { reason: error.message });
      return problem(c, { code: "misconfigured", detail: error.problems.join("; ") });
    }
    if (error instanceof Unavailable) {
      log("warn", "request.unavailable", { correlationId: c.get("correlationId"), reason: error.message });
      return problem(
        c,
        unavailable(`The ${error.part} cannot be reached just now. The same request may be sent again.`),
      );
    }
    log("error", "request.failed", { correlationId: c.get("correlationId"), reason: reasonOf(error) });
    errorReporterOf(c.env, c.executionCtx as ExecutionContext)(error, c.get("correlationId"));
    return problem(c, { code: "internal", detail: "It is logged under the correlation id." });
  });
