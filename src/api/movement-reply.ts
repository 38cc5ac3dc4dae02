/** The public face of every outcome of a movement or a count. */
import type { Context } from "hono";
import type { CountOutcome } from "../domain/counter/count.ts";
import type { Movement, MovementOutcome, Shortage } from "../domain/counter/movement.ts";
import type { LevelsView } from "../domain/levels-view.ts";
import type { WriteAnswer } from "../services/write-counter.ts";
import type { AppEnv } from "./app-env.ts";
import { guardProblem } from "./guard-problem.ts";
import { etagOf, levelsToWire } from "./levels-to-wire.ts";
import { movementToWire } from "./movement-to-wire.ts";
import { type Problem, problem } from "./problem.ts";

export type Answered = WriteAnswer & { readonly kind: "answered" };

/** @param locationId  the one that was named */
export function movementReply(
  c: Context<AppEnv>,
  { view, ticket }: Answered,
  outcome: MovementOutcome,
  asked: { readonly dryRun: boolean; readonly locationId: string | undefined },
): Response {
  switch (outcome.kind) {
    case "applied":
    case "duplicate":
      return booked(c, outcome.kind, outcome.movement, outcome.parts, view, asked.dryRun);
    default:
      return problem(c, withTicket(movementProblem(outcome, asked.locationId, view), ticket));
  }
}

export function countReply(
  c: Context<AppEnv>,
  { view, ticket }: Answered,
  outcome: CountOutcome,
  dryRun: boolean,
): Response {
  switch (outcome.kind) {
    case "counted":
      return booked(c, "applied", outcome.movement, undefined, view, dryRun);
    case "counted_already":
      return booked(c, "duplicate", outcome.movement, undefined, view, dryRun);
    case "count_waits": {
      const levels = levelsToWire({ view, source: "counter" });
      return c.json({ status: "waiting", dryRun, levels }, 202, { etag: etagOf(view) });
    }
    case "count_held": {
      const levels = levelsToWire({ view, source: "counter" });
      return c.json({ status: "held", dryRun, ours: outcome.ours, levels }, 202, { etag: etagOf(view) });
    }
    case "no_such_count":
      return problem(c, { code: "not_found", detail: "No such count waits for a decision." });
    case "count_key_reused":
      return problem(c, KEY_REUSED);
    case "no_such_location":
      return problem(c, unknownLocation(outcome.known));
    default:
      return problem(c, withTicket(movementProblem(outcome, undefined, view), ticket));
  }
}

function booked(
  c: Context<AppEnv>,
  kind: "applied" | "duplicate",
  movement: Movement,
  parts: readonly Movement[] | undefined,
  view: LevelsView,
  dryRun: boolean,
): Response {
  const body = {
    ...(dryRun ? { dryRun } : {}),
    movement: movementToWire(movement),
    ...(parts === undefined ? {} : { movements: parts.map((part) => movementToWire(part)) }),
    levels: levelsToWire({ view, source: "counter" }),
  };
  const etag = etagOf(view);
  if (dryRun) return c.json(body, 200);
  return kind === "applied" ? c.json(body, 201, { etag }) : c.json(body, 200, { etag, "idempotent-replayed": "true" });
}

/** Sent again as Lock-Ticket, it keeps the place in the queue. */
export const withTicket = (given: Problem, ticket: string | null): Problem =>
  ticket === null ? given : { ...given, more: { ...given.more, ticket } };

type Refusal =
  | Exclude<MovementOutcome, { kind: "applied" | "duplicate" }>
  | Extract<CountOutcome, { kind: "out_of_range" | "too_old" }>;

export const KEY_REUSED: Problem = {
  code: "idempotency_key_reused",
  detail: "Its first use asked for something else.",
  field: "Idempotency-Key",
};

function movementProblem(outcome: Refusal, locationId: string | undefined, view: LevelsView): Problem {
  switch (outcome.kind) {
    case "version_mismatch":
      return withLevels(guardProblem(outcome, view.version, Date.parse(view.asOf)), view);
    case "locked":
    case "stale_token":
    case "precondition_required":
      return guardProblem(outcome, view.version, Date.parse(view.asOf));
    case "insufficient":
      return insufficient(outcome.shortage, locationId);
    case "key_reused":
      return KEY_REUSED;
    case "unknown_location":
      return unknownLocation(outcome.known);
    case "out_of_range":
      return {
        code: "out_of_range",
        detail: `The level would be ${outcome.level}; at most ±${outcome.levelMax}.`,
        field: "delta",
      };
    case "too_old":
      return { code: "bad_request", detail: "It happened too long ago to tell whether it was counted." };
  }
}

/** So that whoever decides again need not read again. */
const withLevels = (given: Problem, view: LevelsView): Problem => ({
  ...given,
  more: { ...given.more, levels: levelsToWire({ view, source: "counter" }) },
});

export const unknownLocation = (known: readonly string[]): Problem =>
  known.length === 0
    ? {
        code: "conflict",
        detail: "This SKU is stocked nowhere yet: stock it at a location in Shopify, then import.",
      }
    : { code: "bad_request", detail: `This SKU is stocked at: ${known.join(", ")}.`, field: "locationId" };

const DOUBT_RETRY_SECONDS = 1; // a read settles a doubt within a second or two

export function insufficient(shortage: Shortage, locationId: string | undefined): Problem {
  const { wanted, floor, bearable = floor, pending = false, sellable, locations } = shortage;
  const [most, total] = [Math.max(0, bearable), Math.max(0, floor)];
  const place = locationId === undefined ? "at one location" : `at location ${locationId}`;
  const there = locations.length > 1 ? `at most ${most} ${place}, ${total} in all` : `${most} certainly there`;
  const shown = pending ? "they are shown, and not certain yet: " : "";
  const channels = sellable === undefined ? "" : `; the channel may sell ${sellable}`;
  const detail = `${wanted} wanted; ${shown}${there}${channels}.`;
  return {
    code: "insufficient_stock",
    detail,
    more: {
      ...{ wanted, floor, shortage: wanted - most, pending, locations },
      ...(sellable === undefined ? {} : { sellable }),
    },
    ...(pending ? { retryAfterSeconds: DOUBT_RETRY_SECONDS } : {}),
  };
}
