/** A write that has no dry run refuses to be asked for one: else it would be carried out by somebody who only wanted to look. */
import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "./app-env.ts";
import { problem } from "./problem.ts";

/** Paths under /v1 whose writes take `?dryRun=true`. Whatever is not named refuses it, a new route, too. */
const DRY: readonly RegExp[] = [
  /^\/v1\/inventory\//,
  /^\/v1\/reservations(?:\/|$)/,
  /^\/v1\/bundles\//,
  /^\/v1\/channels\/[^/]+\/rules$/,
  /^\/v1\/reconciliations\/[^/]+\/findings\/[^/]+\/overwrite$/,
  /^\/v1\/shops\/[^/]+\/listings\/[^/]+\/(?:attach|release)$/,
];

/** Likewise, when they are put: deleted they are deleted. */
const DRY_PUTS: readonly RegExp[] = [/^\/v1\/channels\/[^/]+(?:\/listings)?$/];

const isDry = (method: string, path: string): boolean =>
  DRY.some((each) => each.test(path)) || (method === "PUT" && DRY_PUTS.some((each) => each.test(path)));

export const noDryRun = (): MiddlewareHandler<AppEnv> =>
  async function noDryRun(c, next) {
    const isWrite = c.req.method !== "GET" && c.req.method !== "HEAD";
    if (!isWrite || c.req.query("dryRun") === undefined || isDry(c.req.method, c.req.path)) return next();
    const detail =
      "This write takes no dryRun in its query, and nothing was done. Imports, disconnections and reconciliations take it in their body.";
    return problem(c, { code: "bad_request", detail, field: "dryRun" });
  };
