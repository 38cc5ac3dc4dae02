/** From an HTTP response to a ShopifyReply: JSON and shape are checked here, and nothing is judged. */
import * as z from "zod/mini";
import type { GraphqlError, QueryCost, ShopifyReply } from "../../domain/shop-gate/reply.ts";
import type { RawResponse } from "./read-text-capped.ts";

/** Longest piece of a foreign message that is kept. */
const MESSAGE_CHARS_MAX = 300;

const costSchema = z.object({
  requestedQueryCost: z.number(),
  actualQueryCost: z.nullish(z.number()),
  throttleStatus: z.object({
    maximumAvailable: z.number().check(z.positive()),
    currentlyAvailable: z.number(),
    restoreRate: z.number().check(z.positive()),
  }),
});
const errorSchema = z.object({
  message: z.optional(z.string()),
  extensions: z.nullish(z.looseObject({ code: z.optional(z.unknown()) })),
});
const bodySchema = z.looseObject({
  data: z.optional(z.unknown()),
  errors: z.optional(z.unknown()),
  extensions: z.nullish(z.looseObject({ cost: z.optional(z.unknown()) })),
});

/** A reply without a 2xx. Retry-After counts as seconds, or as an HTTP date. */
export function parseRefusal(response: RawResponse, text: string, nowMs: number): ShopifyReply<never> {
  const { status } = response;
  const retryAfterSeconds = secondsOf(response.headers.get("Retry-After"), nowMs);
  return { kind: "status", status, retryAfterSeconds, message: refusalText(text) || response.statusText };
}

/** A 2xx. */
export function parseAnswer(status: number, text: string): ShopifyReply<unknown> {
  const unreadable = (message: string): ShopifyReply<unknown> => ({ kind: "unreadable", status, message });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return unreadable("the body is no JSON");
  }
  const body = bodySchema.safeParse(json);
  if (!body.success) return unreadable("the body is no GraphQL answer");
  const { data, errors, extensions } = body.data;
  return { kind: "graphql", data: data ?? null, errors: errorsOf(errors), cost: costIn(extensions?.cost) };
}

/** `errors` is an array by the book, and a single text where Shopify's front door answers. */
function errorsOf(errors: unknown): readonly GraphqlError[] {
  if (errors === undefined || errors === null) return [];
  const list = Array.isArray(errors) ? errors : [{ message: textOf(errors) }];
  return list.map((each): GraphqlError => {
    const parsed = errorSchema.safeParse(each);
    if (!parsed.success) return { code: null, message: textOf(each) };
    const code = parsed.data.extensions?.code;
    return {
      code: typeof code === "string" ? code.slice(0, 100) : null,
      message: (parsed.data.message ?? "").slice(0, MESSAGE_CHARS_MAX),
    };
  });
}

function costIn(cost: unknown): QueryCost | null {
  const parsed = costSchema.safeParse(cost);
  if (!parsed.success) return null;
  const { requestedQueryCost, actualQueryCost, throttleStatus } = parsed.data;
  return {
    requested: requestedQueryCost,
    actual: actualQueryCost ?? null,
    maximum: throttleStatus.maximumAvailable,
    available: throttleStatus.currentlyAvailable,
    restorePerSecond: throttleStatus.restoreRate,
  };
}

/** Shopify's refusals are `{"errors": "…"}`; a proxy's are pages, of which nothing is worth keeping. */
function refusalText(text: string): string {
  try {
    const { errors } = z.looseObject({ errors: z.unknown() }).parse(JSON.parse(text));
    return textOf(errors);
  } catch {
    return "";
  }
}

const textOf = (value: unknown): string =>
  (typeof value === "string" ? value : (JSON.stringify(value) ?? "")).slice(0, MESSAGE_CHARS_MAX);

function secondsOf(retryAfter: string | null, nowMs: number): number | null {
  if (retryAfter === null || retryAfter.trim() === "") return null;
  const seconds = Number(retryAfter);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const atMs = Date.parse(retryAfter);
  return Number.isNaN(atMs) ? null : Math.max(0, Math.ceil((atMs - nowMs) / 1_000));
}
