/** The public face of every reservation that was not granted, and of every end that comes too late. */
import type { BundleFault } from "../domain/bundle/bundle.ts";
import type { LocationId, Sku } from "../domain/ids.ts";
import type { Refusal } from "../domain/reservation/refusal.ts";
import type { MemberRefusal, ReservationLine } from "../domain/reservation/reservation.ts";
import type { FinishReply, ReservationView, ReserveReply } from "../services/reservation/coordinator-contract.ts";
import type { ReserveOutcome } from "../services/reservation/reserve.ts";
import { guardProblem } from "./guard-problem.ts";
import { KEY_REUSED, unknownLocation } from "./movement-reply.ts";
import { type Problem, unavailable } from "./problem.ts";
import { reservationToWire } from "./reservation-to-wire.ts";
import { importing } from "./sku-problems.ts";

type NotGranted = Exclude<ReserveOutcome, ReserveReply & { kind: "granted" | "replayed" }>;

/** @param lines  as they were asked for */
export function reserveProblem(outcome: NotGranted, lines: readonly ReservationLine[], nowMs: number): Problem {
  switch (outcome.kind) {
    case "refused":
      return refusedProblem(outcome.refusals, lines, nowMs);
    case "key_reused":
      return KEY_REUSED;
    case "unanswered":
      return unavailable(
        "A counter did not answer in time. What was held is let go; the same request may be sent again.",
      );
    case "unknown_sku":
      return {
        code: "not_found",
        detail: `No SKU "${outcome.sku}" in the catalogue, and no bundle of that name.`,
        field: `lines.${outcome.line}.sku`,
      };
    case "broken_bundle":
      return { code: "conflict", detail: faultText(outcome.fault), field: `lines.${outcome.line}.sku` };
    case "too_many_skus":
      return { code: "bad_request", detail: `It takes from ${outcome.count} stocked SKUs: too many.`, field: "lines" };
    case "nowhere": {
      const short = outcome.lines.map((line) => ({
        line,
        sku: lines[line]?.sku,
        wanted: lines[line]?.quantity,
        left: 0,
      }));
      const names = [...new Set(short.map(({ sku }) => sku))].join(", ");
      return {
        code: "insufficient_stock",
        detail: `No location has all components of ${names}.`,
        more: { short },
      };
    }
    case "importing":
      return importing(outcome.sku);
  }
}

/** A bundle of one fault that a person can follow: from the bundle to what is wrong. */
export function faultText(fault: BundleFault): string {
  const path = fault.path.join(" > ");
  switch (fault.kind) {
    case "cycle":
      return `${path}: a bundle cannot contain itself.`;
    case "unknown_component":
      return `${path}: no SKU or bundle of that name.`;
    case "too_many":
      return `${path}: more than ${fault.max} stocked SKUs in one bundle.`;
    case "too_large":
      return `${path}: more than ${fault.max} units of one SKU.`;
  }
}

type ShortLine = {
  readonly line: number;
  readonly sku: Sku;
  /** The component, where the line is a bundle's. */
  readonly component?: Sku;
  readonly locationId: LocationId | null;
  readonly wanted: number;
  readonly left: number;
};

/** Shortages first: they are what a buyer can act on. */
function refusedProblem(refusals: readonly MemberRefusal[], lines: readonly ReservationLine[], nowMs: number): Problem {
  const short = refusals.flatMap((refusal) => shortLines(refusal, lines));
  if (short.length > 0) return shortageProblem(refusals, short);
  const [first] = refusals;
  if (first === undefined) return { code: "conflict", detail: "It was refused." };
  return otherProblem(first, nowMs);
}

function shortLines({ sku, refusal }: MemberRefusal, lines: readonly ReservationLine[]): readonly ShortLine[] {
  if (refusal.kind !== "insufficient") return [];
  return refusal.short.flatMap(({ line, each, wanted, left }) => {
    const asked = lines[line];
    if (asked === undefined) return [];
    const component = asked.sku === sku && each === 1 ? {} : { component: sku };
    return [{ line, sku: asked.sku, ...component, locationId: asked.locationId, wanted, left }];
  });
}

const DOUBT_RETRY_SECONDS = 1; // a read settles a doubt within a second or two

function shortageProblem(refusals: readonly MemberRefusal[], short: readonly ShortLine[]): Problem {
  const shortages = refusals.map(({ refusal }) => refusal).filter((refusal) => refusal.kind === "insufficient");
  const pending = shortages.length === refusals.length && shortages.every(({ isPending }) => isPending);
  const text = short.map(({ sku, component = sku, wanted, left }) => `${component}: ${wanted} wanted, ${left} left`);
  const levels = refusals.flatMap(({ sku, refusal }) =>
    refusal.kind === "insufficient" ? [{ sku, locations: refusal.locations }] : [],
  );
  return {
    code: "insufficient_stock",
    detail: `Nothing is held. ${[...new Set(text)].join("; ")}.`,
    more: { short: short.toSorted((a, b) => a.line - b.line), levels, pending },
    ...(pending ? { retryAfterSeconds: DOUBT_RETRY_SECONDS } : {}),
  };
}

function otherProblem({ sku, refusal }: MemberRefusal, nowMs: number): Problem {
  switch (refusal.kind) {
    case "over_limit":
      return limitProblem(sku, refusal);
    case "unknown_location": {
      const given = unknownLocation(refusal.known);
      return { ...given, detail: `${sku}: ${given.detail}`, field: "lines" };
    }
    case "locked": {
      const given = guardProblem({ kind: "locked", untilMs: refusal.untilMs }, 0, nowMs);
      return { ...given, detail: `${sku} is locked. ${given.detail}`, field: "lines" };
    }
    case "not_connected":
      return importing(sku);
    case "insufficient":
      return { code: "insufficient_stock", detail: `${sku}: not enough is left.` };
  }
}

function limitProblem(sku: Sku, { limit, allowed, held }: Refusal & { kind: "over_limit" }): Problem {
  const what =
    limit === "holds"
      ? `it has ${held} open reservations of ${sku}, and may have ${allowed}`
      : `it holds ${held} units of ${sku}, and may hold ${allowed} of what could be sold`;
  return {
    code: "hold_limit",
    detail: `Nothing is held: ${what}. Commit or release some first.`,
    more: { sku, limit, allowed, held },
  };
}

type NotFinished = Exclude<FinishReply, { readonly kind: "done" | "repeated" }>;

export function finishProblem(reply: NotFinished): Problem {
  switch (reply.kind) {
    case "unknown":
      return UNKNOWN_RESERVATION;
    case "not_held":
      return {
        code: "out_of_range",
        detail: `Only ${reply.held} of it can be committed: that is what was reserved.`,
        field: `lines.${reply.index}.quantity`,
        more: { held: reply.held },
      };
    case "already_committed":
      return ended("reservation_committed", "It is committed, and so it stays.", reply);
    case "already_released":
      return ended("reservation_released", "It is released: reserve anew, with another key.", reply);
    case "expired":
      return ended("reservation_expired", "Nothing is held any more: reserve anew, with another key.", reply);
    case "undecided":
      return unavailable("A counter has not answered yet, so it is not decided. The same request may be sent again.");
  }
}

export const UNKNOWN_RESERVATION: Problem = {
  code: "not_found",
  detail: "No reservation has this id, or it ended more than 30 days ago.",
  field: "id",
};

const ended = (
  code: "reservation_committed" | "reservation_released" | "reservation_expired",
  detail: string,
  view: ReservationView,
): Problem => ({ code, detail, more: { reservation: reservationToWire(view) } });
