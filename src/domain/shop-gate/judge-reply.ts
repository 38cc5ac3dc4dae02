/**
 * What a reply says about the call and about Shopify, whatever the document was. Exhaustive: a status or a code that
 * nobody has seen yet has a class too, and it is the cautious one. Wrong here, and a push is sent twice (called refused,
 * was applied) or stays frozen for a day (the other way round); the doubt always goes to frozen.
 */
import type { GraphqlError, ShopifyReply } from "./reply.ts";

export type ShutReason = "shop_frozen" | "locked" | "forbidden" | "not_found" | "redirected";

/** Why a call brought no result. All but `unclear` mean: certainly not applied by this attempt. */
export type Trouble = { readonly code: string; readonly message: string } & (
  | {
      /** May have been applied. `blames` Shopify as a whole, or nothing but this call. */
      readonly kind: "unclear";
      readonly blames: "shopify" | "call";
      readonly retryAfterSeconds: number | null;
    }
  /** The cost bucket was short; the mutation did not run. */
  | { readonly kind: "throttled" }
  | { readonly kind: "rate_limited"; readonly retryAfterSeconds: number | null }
  | { readonly kind: "unauthorized" }
  /** The shop lets nobody in until somebody acts. */
  | { readonly kind: "shut"; readonly reason: ShutReason }
  /** A scope is missing for what this document touches. */
  | { readonly kind: "denied" }
  /** Our document or variables are at fault. */
  | { readonly kind: "refused" }
  /** Too many rows, or too many points, for one query. */
  | { readonly kind: "too_large" }
);

export type TroubleKind = Trouble["kind"];

/** @returns null where there are no top-level errors */
export function judgeReply(reply: ShopifyReply<unknown>): Trouble | null {
  switch (reply.kind) {
    case "no_reply":
      return unclear(reply.fault === "timeout" ? "TIMEOUT" : "NETWORK", reply.message, "shopify");
    case "unreadable":
      return unclear("UNREADABLE", reply.message, "shopify");
    case "status":
      return judgeStatus(reply.status, reply.message, reply.retryAfterSeconds);
    case "graphql":
      return judgeErrors(reply.errors);
  }
}

/** Refused before anything ran: 4xx that speak of the request itself. */
const STATUSES_REFUSED = new Set([400, 405, 406, 410, 411, 413, 414, 415, 422, 431]);
const STATUSES_SHUT = new Map<number, ShutReason>([
  [402, "shop_frozen"],
  [403, "forbidden"],
  [404, "not_found"],
  [423, "locked"],
]);

function judgeStatus(status: number, message: string, retryAfterSeconds: number | null): Trouble {
  const code = `HTTP_${status}`;
  if (status === 401) return { kind: "unauthorized", code, message };
  // 430 is Shopify's own "security rejection" of a client that calls too often.
  if (status === 429 || status === 430) return { kind: "rate_limited", code, message, retryAfterSeconds };
  const reason = STATUSES_SHUT.get(status);
  if (reason !== undefined) return { kind: "shut", reason, code, message };
  if (STATUSES_REFUSED.has(status)) return { kind: "refused", code, message };
  // Redirects are not followed: a POST that becomes a GET at another place is no push.
  if (status >= 300 && status < 400) return { kind: "shut", reason: "redirected", code, message };
  return { ...unclear(code, message, "shopify"), retryAfterSeconds };
}

const CODES = new Map<string, TroubleKind>([
  ["THROTTLED", "throttled"],
  ["MAX_COST_EXCEEDED", "too_large"],
  ["MAX_INPUT_SIZE_EXCEEDED", "too_large"],
  ["ACCESS_DENIED", "denied"],
  ["UNAUTHENTICATED", "unauthorized"],
  ["SHOP_INACTIVE", "shut"],
  ["BAD_REQUEST", "refused"],
  ["GRAPHQL_PARSE_FAILED", "refused"],
  ["GRAPHQL_VALIDATION_FAILED", "refused"],
  ["INTERNAL_SERVER_ERROR", "unclear"],
  ["SERVICE_UNAVAILABLE", "unclear"],
  ["TIMEOUT", "unclear"],
  ["IDEMPOTENCY_CONCURRENT_REQUEST", "unclear"],
]);

/** Codes that speak of Shopify as a whole; any other unclear one speaks of the call. */
const CODES_OF_SHOPIFY = new Set(["INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE", "TIMEOUT"]);

function kindOfCode(code: string | null): TroubleKind {
  if (code === null) return "unclear";
  const known = CODES.get(code);
  if (known !== undefined) return known;
  // INVALID_VARIABLE, INVALID_FIELD_ARGUMENTS …; and the camelCase codes of static validation, which run nothing.
  if (code.startsWith("INVALID_") || /^[a-z]/.test(code)) return "refused";
  return "unclear";
}

/** Several errors at once: the most cautious reading wins. */
const CAUTION: readonly TroubleKind[] = [
  "unclear",
  "throttled",
  "unauthorized",
  "shut",
  "denied",
  "too_large",
  "refused",
];

/** @returns null for no errors at all */
export function judgeErrors(errors: readonly GraphqlError[]): Trouble | null {
  const judged = errors.map((error) => ({ error, kind: kindOfCode(error.code) }));
  for (const kind of CAUTION) {
    const worst = judged.find((each) => each.kind === kind);
    if (worst !== undefined) return troubleOf(kind, worst.error.code ?? "UNKNOWN", worst.error.message);
  }
  return null;
}

function troubleOf(kind: TroubleKind, code: string, message: string): Trouble {
  switch (kind) {
    case "unclear":
      return unclear(code, message, CODES_OF_SHOPIFY.has(code) ? "shopify" : "call");
    case "rate_limited":
      return { kind, code, message, retryAfterSeconds: null };
    case "shut":
      return { kind, reason: "shop_frozen", code, message };
    case "throttled":
    case "unauthorized":
    case "denied":
    case "refused":
    case "too_large":
      return { kind, code, message };
  }
}

export const unclear = (code: string, message: string, blames: "shopify" | "call"): Trouble & { kind: "unclear" } => ({
  kind: "unclear",
  code,
  message,
  blames,
  retryAfterSeconds: null,
});
