/** Routes as a table of contents. */
import { Hono } from "hono";
import type { AppEnv } from "./api/app-env.ts";
import { bearer } from "./api/auth.ts";
import { correlation } from "./api/correlation.ts";
import { deadLetterRoutes } from "./api/dead-letter-routes.ts";
import { inventoryRoutes } from "./api/inventory-routes.ts";
import { problem } from "./api/problem.ts";
import { shopRoutes } from "./api/shop-routes.ts";
import { receiveShopifyWebhook } from "./ingress/shopify-webhook.ts";
import { consoleLog as log, reasonOf } from "./observability/log.ts";
import { configOf, errorReporterOf, Misconfigured, servicesOf, webhookDeps } from "./wiring.ts";

const v1 = new Hono<AppEnv>()
  .use(bearer({ tokenOf: (env) => configOf(env).adminToken }))
  .use(async function withServices(c, next) {
    c.set("services", servicesOf(c.env, c.executionCtx as ExecutionContext));
    await next();
  })
  .route("/inventory", inventoryRoutes)
  .route("/dead-letters", deadLetterRoutes)
  .route("/shops", shopRoutes);

export const app = new Hono<AppEnv>()
  .all("/webhooks/shopify", (c) =>
    receiveShopifyWebhook(c.req.raw, webhookDeps(c.env, c.executionCtx as ExecutionContext)),
  )
  .use(correlation())
  .get("/healthz", (c) => c.json({ status: "ok", version: c.env.VERSION?.id ?? "local" }))
  .get("/readyz", async (c) => {
    const checks = await servicesOf(c.env, c.executionCtx as ExecutionContext).ready();
    const isReady = Object.values(checks).every((state) => state !== "unavailable");
    return c.json({ status: isReady ? "ready" : "not_ready", checks }, isReady ? 200 : 503);
  })
  .route("/v1", v1)
  .notFound((c) => problem(c, { code: "not_found", detail: `No ${c.req.method} ${c.req.path}.` }))
  .onError((error, c) => {
    if (error instanceof Misconfigured) {
      log("error", "config.invalid", { reason: error.message });
      return problem(c, { code: "misconfigured", detail: error.problems.join("; ") });
    }
    log("error", "request.failed", { correlationId: c.get("correlationId"), reason: reasonOf(error) });
    errorReporterOf(c.env, c.executionCtx as ExecutionContext)(error, c.get("correlationId"));
    return problem(c, { code: "internal", detail: "It is logged under the correlation id." });
  });
