/**
 * Errors as the API shows them: problem+json (RFC 9457). `type` is a stable URN that docs/api.md explains; `detail` is for
 * the caller's developer; nothing of our inside (stack, query, token) ever shows.
 */
import type { Context } from "hono";

export type ProblemCode =
  | "bad_request"
  | "unauthorized"
  | "bad_signature"
  | "not_allowed"
  | "not_found"
  | "insufficient_stock"
  | "reservation_committed"
  | "reservation_released"
  | "reservation_expired"
  | "hold_limit"
  | "conflict"
  | "version_mismatch"
  | "stale_lease"
  | "webhook_id_reused"
  | "body_too_large"
  | "idempotency_key_reused"
  | "not_replayable"
  | "invalid_payload"
  | "out_of_range"
  | "locked"
  | "precondition_required"
  | "misconfigured"
  | "shopify_refused"
  | "importing"
  | "unavailable"
  | "internal";

export const PROBLEMS: Record<ProblemCode, { readonly status: number; readonly title: string }> = {
  bad_request: { status: 400, title: "The request is not of the expected shape" },
  unauthorized: { status: 401, title: "A valid bearer token is needed" },
  bad_signature: { status: 401, title: "A valid signature of a known channel is needed" },
  not_allowed: { status: 403, title: "This sender may not do that" },
  not_found: { status: 404, title: "There is no such thing" },
  insufficient_stock: { status: 409, title: "There is not enough stock" },
  reservation_committed: { status: 409, title: "The reservation is committed" },
  reservation_released: { status: 409, title: "The reservation is released" },
  reservation_expired: { status: 410, title: "The reservation has expired" },
  hold_limit: { status: 429, title: "This client holds as much of it as one client may" },
  conflict: { status: 409, title: "The present state does not allow this" },
  webhook_id_reused: { status: 409, title: "This webhook-id was used for another body" },
  version_mismatch: { status: 412, title: "Another version is current" },
  stale_lease: { status: 412, title: "This lease has ended" },
  body_too_large: { status: 413, title: "The body is too large" },
  idempotency_key_reused: { status: 422, title: "This idempotency key was used for another request" },
  not_replayable: { status: 422, title: "This dead letter cannot be replayed" },
  invalid_payload: { status: 422, title: "The payload is not of the shape that its queue or topic takes" },
  out_of_range: { status: 422, title: "The level would leave the range that Shopify takes" },
  locked: { status: 423, title: "Somebody else holds the lease of this SKU" },
  precondition_required: { status: 428, title: "A precondition is needed" },
  misconfigured: { status: 500, title: "This deployment is not configured" },
  shopify_refused: { status: 502, title: "Shopify refused" },
  importing: { status: 503, title: "Its import is under way" },
  unavailable: { status: 503, title: "A part that this needs is away for the moment" },
  internal: { status: 500, title: "Something broke on our side" },
};

export type Problem = {
  readonly code: ProblemCode;
  readonly detail: string;
  /** The field at fault: a JSON path, a header or a parameter. */
  readonly field?: string;
  readonly retryAfterSeconds?: number;
  /** Members of the problem's own, as RFC 9457 allows. */
  readonly more?: Readonly<Record<string, unknown>>;
};

/** What every problem of a code has in common. */
export const problemParts = (code: ProblemCode) => ({
  ...{ type: `urn:onhand:problem:${code.replaceAll("_", "-")}`, ...PROBLEMS[code] },
});

export function problemResponse(problem: Problem, correlationId: string): Response {
  const { type, status, title } = problemParts(problem.code);
  const { code, detail, field, retryAfterSeconds, more } = problem;
  const body = {
    ...{ type, title, status, detail, code },
    ...(field === undefined ? {} : { field }),
    correlationId,
    ...more,
  };
  const headers = new Headers({ "content-type": "application/problem+json", "x-correlation-id": correlationId });
  if (retryAfterSeconds !== undefined) headers.set("retry-after", String(retryAfterSeconds));
  if (code === "unauthorized") headers.set("www-authenticate", 'Bearer realm="onhand"');
  return new Response(JSON.stringify(body), { status, headers });
}

export function problem(c: Context, given: Problem): Response {
  c.set("problem", given.code);
  return problemResponse(given, c.get("correlationId"));
}

const RETRY_SECONDS = 2; // parts of the platform are mostly back within seconds

export const unavailable = (detail: string): Problem => ({
  code: "unavailable",
  detail,
  retryAfterSeconds: RETRY_SECONDS,
});
