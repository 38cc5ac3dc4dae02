/**
 * A request's body, read as events: each by itself, so that one bad event of an array keeps none of the others out. What is
 * wrong is told with its field, relative to the event.
 */
import type { ChannelEvent } from "../domain/channel/channel-event.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { EventProblem, FieldError } from "../services/channels/received-events.ts";
import { type ChannelEventBody, channelEventBody } from "./channel-event-schema.ts";
import { projectChannelEvent } from "./project-channel-event.ts";

export type ParsedEvent = { readonly id: string; readonly occurredAtMs: number; readonly event: ChannelEvent };
export type ParsedItem = { readonly id: string | null; readonly parsed: Result<ParsedEvent, EventProblem> };

/** Of the delivery that it came in. */
export type Delivered = {
  readonly webhookId: string;
  /** When it was signed (epoch ms): when an event happened that names no time. */
  readonly signedAtMs: number;
  /** Nothing has happened after this (epoch ms): clocks differ by minutes, not more. */
  readonly latestMs: number;
  readonly eventsMax: number;
};

/** @returns one item per event; an error where the body is no events at all */
export function parseChannelEvents(body: unknown, delivered: Delivered): Result<readonly ParsedItem[], EventProblem> {
  if (!Array.isArray(body)) return ok([parseItem(body, delivered.webhookId, delivered)]);
  const { eventsMax } = delivered;
  if (body.length === 0 || body.length > eventsMax)
    return err(problemOf({ field: "body", message: `must be one event, or an array of 1–${eventsMax}` }));
  const items = body.map((one: unknown) => parseItem(one, null, delivered));
  return ok(items.map((item, i) => (isTold(items, item, i) ? { ...item, parsed: err(SAME_ID) } : item)));
}

const problemOf = (...errors: readonly [FieldError, ...FieldError[]]): EventProblem => ({
  ...{ code: "bad_request", errors },
});

const SAME_ID = problemOf({ field: "id", message: "is the id of an earlier event of this array, too" });

const isTold = (items: readonly ParsedItem[], { id }: ParsedItem, index: number): boolean =>
  id !== null && items.findIndex((item) => item.id === id) < index;

/** @param defaultId  of an event that needs none of its own */
function parseItem(body: unknown, defaultId: string | null, delivered: Delivered): ParsedItem {
  const checked = channelEventBody.safeParse(body);
  if (!checked.success) {
    const errors = checked.error.issues.slice(0, ERRORS_MAX).map(errorOf);
    return { id: idIn(body) ?? defaultId, parsed: err(problemOf(errors[0] ?? NO_SCHEMA, ...errors.slice(1))) };
  }
  const id = checked.data.id ?? defaultId;
  if (id === null)
    return { id, parsed: err(problemOf({ field: "id", message: "is needed for each event of an array" })) };
  return { id, parsed: eventOf(checked.data, id, delivered) };
}

/** Of one event. The first few say what it is not. */
const ERRORS_MAX = 10;
const NO_SCHEMA: FieldError = { field: "body", message: "does not match the schema" };

function eventOf(body: ChannelEventBody, id: string, delivered: Delivered): Result<ParsedEvent, EventProblem> {
  const occurredAtMs = body.occurredAt === undefined ? delivered.signedAtMs : Date.parse(body.occurredAt);
  const event = projectChannelEvent(body, occurredAtMs);
  if (occurredAtMs > delivered.latestMs) return err(problemOf({ field: "occurredAt", message: FUTURE }));
  if (event.type === "stock.counted" && event.countedAtMs > delivered.latestMs)
    return err(problemOf({ field: "data.countedAt", message: FUTURE }));
  return ok({ id, occurredAtMs, event });
}

const FUTURE = "is in the future";

type Issue = {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly code: string;
  readonly keys?: readonly string[];
};

/** An unknown key is at fault itself, not the object that holds it. */
function errorOf({ path, message, code, keys = [] }: Issue): FieldError {
  const isUnknown = code === "unrecognized_keys";
  const field = [...path, ...(isUnknown ? keys.slice(0, 1) : [])].map(String).join(".");
  return { field: field === "" ? "body" : field, message: isUnknown ? "is no field of this" : message };
}

/** Of an event that is wrong otherwise: so that its sender knows which. */
function idIn(body: unknown): string | null {
  if (typeof body !== "object" || body === null || !("id" in body)) return null;
  return typeof body.id === "string" ? body.id.slice(0, ID_SHOWN_MAX) : null;
}

const ID_SHOWN_MAX = 255;
