/** A till that keeps its own stock: connected to our counters, and parted from them. */
import { Hono } from "hono";
import type { AppEnv } from "./app-env.ts";
import { UNKNOWN_CHANNEL } from "./channels-routes.ts";
import { parseBody } from "./parse.ts";
import { channelParam } from "./policy-routes.ts";
import { problem } from "./problem.ts";
import { notOk } from "./shop-param.ts";
import { connectBody, partBody } from "./wire/channel-connection.ts";

export const channelConnectionRoutes = new Hono<AppEnv>()
  .post("/:channel/connect", async (c) => {
    const id = channelParam(c.req.param("channel"));
    if (!id.ok) return problem(c, id.error);
    const body = await parseBody(c, connectBody, { isOptional: true });
    if (!body.ok) return problem(c, body.error);
    const { cursor = null, mode = null, dryRun = false } = body.value;
    const { replicas } = c.get("services");
    const page = await replicas.connect(id.value, cursor, { mode, dryRun }, c.get("correlationId"));
    if (page === null) return problem(c, UNKNOWN_CHANNEL);
    if (page.kind === "conflict") return problem(c, { code: "conflict", detail: page.message, field: page.field });
    if (page.kind !== "page") return problem(c, notOk(page, "Square"));
    const { kind: _, ...told } = page;
    return c.json({ ...told, dryRun });
  })
  .post("/:channel/disconnect", async (c) => {
    const id = channelParam(c.req.param("channel"));
    if (!id.ok) return problem(c, id.error);
    const body = await parseBody(c, partBody, { isOptional: true });
    if (!body.ok) return problem(c, body.error);
    const { cursor = null, dryRun = false } = body.value;
    const page = await c.get("services").replicas.disconnect(id.value, cursor, dryRun, c.get("correlationId"));
    if (page === null) return problem(c, UNKNOWN_CHANNEL);
    switch (page.kind) {
      case "page": {
        const { kind: _, ...told } = page;
        return c.json({ ...told, dryRun });
      }
      case "not_connected":
        return problem(c, { code: "not_found", detail: "This channel was never connected.", field: "channel" });
      case "conflict":
        return problem(c, { code: "conflict", detail: page.message });
      case "later":
        return problem(c, notOk(page, "Square"));
    }
  });
