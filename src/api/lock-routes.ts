/**
 * The lease of a SKU: whoever holds it is alone with guarded writes and counts. The levels that come with it were read
 * under it.
 */
import { type Context, Hono } from "hono";
import * as z from "zod/mini";
import { LIMITS } from "../config.ts";
import type { CounterEvent } from "../domain/counter/counter-event.ts";
import type { LeaseOutcome } from "../domain/counter/lease.ts";
import { fromStore, type LeaseId } from "../domain/ids.ts";
import type { AppEnv } from "./app-env.ts";
import { guardProblem } from "./guard-problem.ts";
import { etagOf, levelsToWire } from "./levels-to-wire.ts";
import { type Answered, withTicket } from "./movement-reply.ts";
import { parseBody, skuParam } from "./parse.ts";
import { type Problem, problem } from "./problem.ts";
import { leaseOf, writeHeaders } from "./write-headers.ts";
import { write } from "./write-routes.ts";

export const lockBody = z.strictObject({
  ttlSeconds: z.number().check(z.gte(1), z.lte(LIMITS.leaseMsMax / 1_000)),
});

export const lockRoutes = new Hono<AppEnv>()
  .post("/:sku/lock", async (c) => {
    const body = await parseBody(c, lockBody);
    if (!body.ok) return problem(c, body.error);
    // Under the caller's own key a repeat, after an answer that was lost, finds the lease that it has.
    const key = c.req.header("idempotency-key");
    if (key !== undefined && !/^[A-Za-z0-9-]{16,64}$/.test(key)) return problem(c, BAD_KEY);
    const { ttlSeconds } = body.value;
    const leaseId = fromStore<LeaseId>(key ?? crypto.randomUUID());
    const correlationId = c.get("correlationId");
    const holder = c.get("actor");
    return ask(c, { kind: "lock", leaseId, holder, ttlMs: ttlSeconds * 1_000, correlationId }, 201);
  })
  .patch("/:sku/lock", async (c) => {
    const body = await parseBody(c, lockBody);
    if (!body.ok) return problem(c, body.error);
    const lease = leaseOf(c);
    if (!lease.ok || !lease.value) return problem(c, lease.ok ? NO_LEASE : lease.error);
    const ttlMs = body.value.ttlSeconds * 1_000;
    return ask(c, { kind: "extend_lock", lease: lease.value, ttlMs, correlationId: c.get("correlationId") }, 200);
  })
  .delete("/:sku/lock", async (c) => {
    const lease = leaseOf(c);
    if (!lease.ok || !lease.value) return problem(c, lease.ok ? NO_LEASE : lease.error);
    return ask(c, { kind: "unlock", lease: lease.value, correlationId: c.get("correlationId") }, 200);
  });

const NO_LEASE: Problem = {
  code: "bad_request",
  detail: "Name the lease as it was given: Lease-Id and Fencing-Token.",
  field: "Lease-Id",
};
const BAD_KEY: Problem = {
  code: "bad_request",
  detail: "It becomes the lease's name, so it must be hard to guess: 16–64 of A–Z a–z 0–9 -, a UUID for instance.",
  field: "Idempotency-Key",
};

async function ask(c: Context<AppEnv>, event: CounterEvent, status: 200 | 201): Promise<Response> {
  const sku = skuParam(c);
  if (!sku.ok) return problem(c, sku.error);
  const headers = writeHeaders(c, { needsKey: false });
  if (!headers.ok) return problem(c, headers.error);
  return write(c, sku.value, [event], headers.value, (answer) =>
    leaseReply(c, answer, status, headers.value.options.dryRun === true),
  );
}

/** A lease that a dry run foresees has no names: nobody holds it. */
function leaseReply(
  c: Context<AppEnv>,
  { outcomes, view, ticket }: Answered,
  status: 200 | 201,
  dryRun: boolean,
): Response {
  const outcome = outcomes[0] as LeaseOutcome;
  const levels = levelsToWire({ view, source: "counter" });
  switch (outcome.kind) {
    case "leased": {
      const { leaseId, token: fencingToken, holder, expiresAtMs } = outcome.lease;
      const expiresAt = new Date(expiresAtMs).toISOString();
      if (dryRun) return c.json({ dryRun, holder, expiresAt, levels });
      return c.json({ leaseId, fencingToken, holder, expiresAt, levels }, status, { etag: etagOf(view) });
    }
    case "unlocked":
      return c.json({ ...(dryRun ? { dryRun } : {}), unlocked: true, levels }, 200, { etag: etagOf(view) });
    default:
      return problem(c, withTicket(guardProblem(outcome, view.version, Date.parse(view.asOf)), ticket));
  }
}
