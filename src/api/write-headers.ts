/** What comes with every write beside its body: the key, what the caller believes, and how it wants to be answered. */
import type { Context } from "hono";
import * as z from "zod/mini";
import { LIMITS } from "../config.ts";
import type { Expected } from "../domain/counter/movement.ts";
import { fromStore, type LeaseId } from "../domain/ids.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { Asking } from "../services/asked-events.ts";
import type { ApplyOptions } from "../services/counter-contract.ts";
import type { AppEnv } from "./app-env.ts";
import { dryRunQuery, parseQuery } from "./parse.ts";
import type { Problem } from "./problem.ts";

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

export const writeQuery = z.strictObject({
  ...dryRunQuery.shape,
  wait: z.optional(
    z.coerce
      .number()
      .check(
        z.gte(0),
        z.lte(LIMITS.leaseWaitMsMax / 1_000),
        z.describe("Seconds to wait for somebody else's lease to end."),
      ),
  ),
});

const BAD_KEY: Problem = {
  code: "bad_request",
  detail: "Send an Idempotency-Key of 1–255 printable characters: a repeat with the same key counts once.",
  field: "Idempotency-Key",
};

/** Of a call that may come without one: null. */
export function optionalKey(c: Context): Result<string | null, Problem> {
  const key = c.req.header("idempotency-key");
  if (key === undefined) return ok(null);
  return IDEMPOTENCY_KEY.test(key) ? ok(key) : err(BAD_KEY);
}

export type WriteHeaders = { readonly by: Asking; readonly options: ApplyOptions };

/** @param needsKey  false: the call is idempotent by itself */
export function writeHeaders(c: Context<AppEnv>, { needsKey = true } = {}): Result<WriteHeaders, Problem> {
  const idempotencyKey = c.req.header("idempotency-key") ?? "";
  if (needsKey && !IDEMPOTENCY_KEY.test(idempotencyKey)) return err(BAD_KEY);
  const query = parseQuery(c, writeQuery);
  if (!query.ok) return query;
  const expected = expectedOf(c);
  if (!expected.ok) return expected;
  const { dryRun, wait } = query.value;
  return ok({
    by: { idempotencyKey, actor: c.get("actor"), correlationId: c.get("correlationId"), expected: expected.value },
    options: {
      dryRun: dryRun === "true",
      waitMs: wait === undefined ? LIMITS.leaseWaitMsMax : wait * 1_000,
      ticket: c.req.header("lock-ticket") ?? null,
    },
  });
}

function expectedOf(c: Context): Result<Expected, Problem> {
  const version = versionOf(c.req.header("if-match"));
  if (!version.ok) return version;
  const lease = leaseOf(c);
  if (!lease.ok) return lease;
  return ok({
    ...(version.value === null ? {} : { version: version.value }),
    ...(lease.value === null ? {} : { lease: lease.value }),
  });
}

/**
 * Our ETags are weak, because `source` and `asOf` differ from answer to answer; what they stand for, the version, is exact.
 * So a weak one is taken here, where RFC 9110 (13.1.1) would compare strongly.
 */
function versionOf(header: string | undefined): Result<number | null, Problem> {
  if (header === undefined || header.trim() === "*") return ok(null);
  const version = /^(?:W\/)?"(\d{1,15})"$/.exec(header.trim())?.[1];
  const detail = 'Send the ETag of what you read, W/"7", or *.';
  return version === undefined ? err({ code: "bad_request", detail, field: "If-Match" }) : ok(Number(version));
}

/** What the caller saw of something that has a revision; null: it does not matter. */
export const ifMatch = (c: Context): Result<number | null, Problem> => versionOf(c.req.header("if-match"));

export function leaseOf(c: Context): Result<NonNullable<Expected["lease"]> | null, Problem> {
  const [id, token] = [c.req.header("lease-id"), c.req.header("fencing-token")];
  if (id === undefined && token === undefined) return ok(null);
  if (id !== undefined && /^[A-Za-z0-9-]{1,64}$/.test(id) && token !== undefined && /^\d{1,15}$/.test(token))
    return ok({ leaseId: fromStore<LeaseId>(id), token: Number(token) });
  const detail = "Send both names of the lease as it was given: Lease-Id and Fencing-Token.";
  return err({ code: "bad_request", detail, field: id === undefined ? "Lease-Id" : "Fencing-Token" });
}
