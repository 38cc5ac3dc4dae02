/** Reservations: lines of several SKUs, held all or none, then committed, released, extended, or expired. */
import { type Context, Hono } from "hono";
import { parseChannelId, type ReservationId } from "../domain/ids.ts";
import type { ReservationLine } from "../domain/reservation/reservation.ts";
import type {
  Coordinator,
  FinishOptions,
  FinishReply,
  ReservationView,
} from "../services/reservation/coordinator-contract.ts";
import type { ReserveOutcome } from "../services/reservation/reserve.ts";
import type { AppEnv } from "./app-env.ts";
import { parseBody } from "./parse.ts";
import { problem } from "./problem.ts";
import { commitBody, extendBody, parseLines, reservationBody } from "./reservation-body.ts";
import { finishProblem, reserveProblem, UNKNOWN_RESERVATION } from "./reservation-problem.ts";
import { reservationToWire } from "./reservation-to-wire.ts";
import { writeHeaders } from "./write-headers.ts";

export const reservationRoutes = new Hono<AppEnv>()
  .post("/", async (c) => {
    const headers = writeHeaders(c);
    if (!headers.ok) return problem(c, headers.error);
    const body = await parseBody(c, reservationBody);
    if (!body.ok) return problem(c, body.error);
    const lines = parseLines(body.value.lines);
    if (!lines.ok) return problem(c, lines.error);
    const { ttlSeconds, reason, reference = null, channel } = body.value;
    const { by, options } = headers.value;
    const parsed = parseChannelId(channel);
    const outcome = await c.get("services").reserve({
      ...{ scope: ["reservation"], idempotencyKey: by.idempotencyKey, client: by.actor },
      ...{ channel: parsed.ok ? parsed.value : null, lines: lines.value, ttlMs: ttlSeconds * 1_000 },
      cause: { reason, reference, source: "api", actor: by.actor, correlationId: by.correlationId },
      ...{ commits: false, isFulfilled: false, dryRun: options.dryRun === true },
    });
    return reserveReply(c, outcome, lines.value, options.dryRun === true);
  })
  .get("/:id", async (c) => {
    const view = await coordinatorOf(c)?.look();
    return view ? c.json(reservationToWire(view)) : problem(c, UNKNOWN_RESERVATION);
  })
  .post("/:id/commit", async (c) => {
    const body = await parseBody(c, commitBody);
    if (!body.ok) return problem(c, body.error);
    const lines = body.value.lines === undefined ? null : parseLines(body.value.lines);
    if (lines?.ok === false) return problem(c, lines.error);
    const asked = lines === null ? null : lines.value;
    return finish(c, (coordinator, options) => coordinator.commit(asked, options));
  })
  .post("/:id/release", async (c) => finish(c, (coordinator, options) => coordinator.release(options)))
  .post("/:id/extend", async (c) => {
    const body = await parseBody(c, extendBody);
    if (!body.ok) return problem(c, body.error);
    const ttlMs = body.value.ttlSeconds * 1_000;
    return finish(c, (coordinator, options) => coordinator.extend(ttlMs, options));
  });

async function finish(
  c: Context<AppEnv>,
  ask: (coordinator: Coordinator, options: FinishOptions) => Promise<FinishReply>,
): Promise<Response> {
  const headers = writeHeaders(c, { needsKey: false });
  if (!headers.ok) return problem(c, headers.error);
  const coordinator = coordinatorOf(c);
  const dryRun = headers.value.options.dryRun === true;
  return finishReply(c, coordinator === undefined ? undefined : await ask(coordinator, { dryRun }), dryRun);
}

const RESERVATION_ID = /^rsv_[0-9a-f]{32}$/;

/** Undefined for what no id of ours looks like: no object is made for it. */
function coordinatorOf(c: Context<AppEnv>) {
  const id = c.req.param("id") ?? "";
  return RESERVATION_ID.test(id) ? c.get("services").reservation(id as ReservationId) : undefined;
}

/** @param lines  as they were asked for */
export function reserveReply(
  c: Context<AppEnv>,
  outcome: ReserveOutcome,
  lines: readonly ReservationLine[],
  dryRun: boolean,
): Response {
  if ("reservation" in outcome) touch(c, outcome);
  switch (outcome.kind) {
    case "granted":
      return dryRun
        ? c.json({ dryRun, ...reservationToWire(outcome) }, 200)
        : c.json(reservationToWire(outcome), 201, { location: `/v1/reservations/${outcome.reservation.id}` });
    case "replayed":
      return c.json(reservationToWire(outcome), 200, { "idempotent-replayed": "true" });
    default:
      return problem(c, reserveProblem(outcome, lines, Date.now()));
  }
}

/** Its counters are asked by its coordinator, unseen from here. */
function touch(c: Context<AppEnv>, { reservation }: ReservationView): void {
  for (const { skuId } of reservation.members) c.get("services").touched.add(skuId);
}

function finishReply(c: Context<AppEnv>, reply: FinishReply | undefined, dryRun: boolean): Response {
  if (reply === undefined) return problem(c, UNKNOWN_RESERVATION);
  if ("reservation" in reply) touch(c, reply);
  switch (reply.kind) {
    case "done":
      return c.json({ ...(dryRun ? { dryRun } : {}), ...reservationToWire(reply) });
    case "repeated":
      return c.json(reservationToWire(reply), 200, { "idempotent-replayed": "true" });
    default:
      return problem(c, finishProblem(reply));
  }
}
