/**
 * The frame of every inventory mutation: `@idempotent` must be there, the key is judged, user errors apply nothing at all,
 * the result is remembered. The body of a mutation checks and returns what it would do; only the frame lets it happen.
 */
import { type GraphQLResolveInfo, getDirectiveValues, isEnumType } from "graphql";
import type { CallContext, View } from "../call-context.ts";
import { callError, IDEMPOTENT_REQUIRED } from "../call-error.ts";
import type { UserErrorRow } from "../user-error.ts";

export type GuardedMutation = {
  /** Field of the mutation's payload that carries the result. */
  readonly resultField: string;
  /** Everything the fingerprint covers. */
  readonly args: Readonly<Record<string, unknown>>;
  /** User errors, empty when the call may run. */
  readonly check: () => readonly UserErrorRow[];
  /** The stale `changeFromQuantity` among them: all that is checked again before a replay is answered (recorded). */
  readonly checkStale: () => readonly UserErrorRow[];
  readonly apply: (key: string) => View | null;
  /** What the result field shows beside user errors; null by default. */
  readonly resultOnError?: () => View | null;
};

export function runGuarded(context: CallContext, info: GraphQLResolveInfo, mutation: GuardedMutation): View {
  const key = idempotencyKey(info);
  const answer = (result: View | null, userErrors: readonly UserErrorRow[]): View => ({
    [mutation.resultField]: result,
    userErrors,
  });
  // graphql-js hands input over in the order of the schema, in whatever order the client wrote it.
  const fingerprint = `${info.fieldName} ${JSON.stringify(mutation.args)}`;
  const verdict = context.keys.judge(key, fingerprint);
  if (verdict.kind === "refused") return answer(null, [verdict.userError]);
  const forced = forcedError(context, info);
  if (forced !== null) {
    if (forced.code?.endsWith("_FAILED")) context.keys.rememberFailure(key, fingerprint);
    return answer(null, [forced]);
  }
  if (verdict.kind === "replay") {
    const stale = mutation.checkStale();
    return stale.length > 0 ? answer(null, stale) : verdict.result;
  }
  const userErrors = mutation.check();
  if (userErrors.length > 0) {
    context.keys.rememberFailure(key, fingerprint);
    return answer(mutation.resultOnError?.() ?? null, userErrors);
  }
  const result = answer(mutation.apply(key), []);
  context.keys.remember(key, fingerprint, result);
  return result;
}

/** The key of the field's directive. Errors: the recorded top-level one when it is missing. */
export function idempotencyKey(info: GraphQLResolveInfo): string {
  const directive = info.schema.getDirective("idempotent");
  const node = info.fieldNodes[0];
  const values = directive && node ? getDirectiveValues(directive, node, info.variableValues) : undefined;
  const key = values?.["key"];
  if (typeof key !== "string") throw callError(IDEMPOTENT_REQUIRED, "BAD_REQUEST");
  if (key.trim() === "") {
    throw callError("The idempotency key cannot be an empty string or whitespace only.", "BAD_REQUEST");
  }
  return key;
}

/** A fault asked for this code, and the mutation knows it. */
function forcedError(context: CallContext, info: GraphQLResolveInfo): UserErrorRow | null {
  const code = context.forcedUserError;
  if (code === null) return null;
  const name = info.fieldName.charAt(0).toUpperCase() + info.fieldName.slice(1);
  const codes = info.schema.getType(`${name}UserErrorCode`);
  if (!isEnumType(codes) || codes.getValue(code) === undefined) return null;
  return { field: null, code, message: `Simulated ${code.toLowerCase().replaceAll("_", " ")}. Try again.` };
}

/** Since 2026-04 every row must say what it expects, if only `null`. */
export function requireChangeFrom(rows: readonly object[], inputType: string): void {
  if (rows.every((row) => "changeFromQuantity" in row)) return;
  const message = `${inputType} must include the following argument: changeFromQuantity.`;
  throw callError(message, "INVALID_FIELD_ARGUMENTS");
}
