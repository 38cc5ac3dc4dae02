/** Circuit breakers: where calls go and where they do not, and an operator's stop of one destination. */
import { type Context, Hono } from "hono";
import * as z from "zod/mini";
import type { BreakerStatus } from "../domain/breaker/status.ts";
import { type CorrelationId, type DestinationName, parseDestination } from "../domain/ids.ts";
import type { AppEnv } from "./app-env.ts";
import { byOf } from "./caller.ts";
import { parseBody } from "./parse.ts";
import { problem } from "./problem.ts";
import { isoOrNull } from "./time-to-wire.ts";

type Operator = { readonly actor: string; readonly correlationId: CorrelationId };

export const isolateBody = z.strictObject({ reason: z.string().check(z.trim(), z.minLength(1), z.maxLength(200)) });

export const breakerRoutes = new Hono<AppEnv>()
  .get("/", async (c) => {
    const breakers = await c.get("services").breakers.list();
    return c.json({
      breakers: breakers.map((each) =>
        "error" in each ? each : { destination: each.destination, ...toWire(each.breaker) },
      ),
    });
  })
  .post("/:kind/:name/isolate", async (c) => {
    const body = await parseBody(c, isolateBody);
    if (!body.ok) return problem(c, body.error);
    const { reason } = body.value;
    return act(c, (destination, by) => c.get("services").breakers.isolate(destination, by, reason));
  })
  .post("/:kind/:name/release", (c) =>
    act(c, (destination, by) => c.get("services").breakers.release(destination, by)),
  );

async function act(
  c: Context<AppEnv>,
  change: (destination: DestinationName, by: Operator) => Promise<BreakerStatus | null>,
): Promise<Response> {
  const destination = parseDestination(`${c.req.param("kind")}/${c.req.param("name")}`.toLowerCase());
  const breaker = destination.ok ? await change(destination.value, byOf(c)) : null;
  if (!destination.ok || breaker === null) {
    return problem(c, { code: "not_found", detail: "No such destination has been called.", field: "destination" });
  }
  return c.json({ destination: destination.value, ...toWire(breaker) });
}

function toWire({ sinceMs, openedAtMs, nextProbeMs, ...breaker }: BreakerStatus) {
  return { ...breaker, since: isoOrNull(sinceMs), openedAt: isoOrNull(openedAtMs), nextProbe: isoOrNull(nextProbeMs) };
}
