/** Which scope a root field asks for. A token without it gets Shopify's ACCESS_DENIED, and null for that field. */
import type { GraphQLResolveInfo } from "graphql";
import type { CallContext, View } from "./call-context.ts";
import { callError } from "./call-error.ts";

/** Arguments arrive coerced by graphql-js; each resolver names their shape, which the schema vouches for. */
export type RootResolver = (args: never, context: CallContext, info: GraphQLResolveInfo) => unknown;
export type RootResolvers = Readonly<Record<string, RootResolver>>;

const SCOPE_RULES: readonly (readonly [RegExp, string])[] = [
  [/^inventory(Adjust|Set|Move|Activate|Deactivate)/, "write_inventory"],
  [/^inventory/, "read_inventory"],
  [/^locations?(Count)?$/, "read_locations"],
  [/^product/, "read_products"],
  [/^orders?(Count)?$/, "read_orders"],
];

/** The scopes of an app that keeps inventory in step. */
export const DEFAULT_SCOPES: readonly string[] = [
  "read_inventory",
  "write_inventory",
  "read_locations",
  "read_products",
  "read_orders",
];

export function withScopes(resolvers: RootResolvers): RootResolvers {
  const guarded: Record<string, RootResolver> = {};
  for (const [field, resolve] of Object.entries(resolvers)) {
    const scope = SCOPE_RULES.find(([pattern]) => pattern.test(field))?.[1];
    guarded[field] = (args, context, info): unknown => {
      if (scope !== undefined) requireScope(context, scope, field);
      return resolve(args, context, info);
    };
  }
  return guarded;
}

function requireScope(context: CallContext, scope: string, field: string): void {
  const { scopes } = context.facts;
  // write_x brings read_x along.
  if (scopes.includes(scope) || scopes.includes(scope.replace(/^read_/, "write_"))) return;
  const requiredAccess = `\`${scope}\` access scope.`;
  throw callError(`Access denied for ${field} field. Required access: ${requiredAccess}`, "ACCESS_DENIED", {
    documentation: "https://shopify.dev/api/usage/access-scopes",
    requiredAccess,
  });
}

export function accessScopesView(scopes: readonly string[]): View[] {
  return scopes.map((handle) => ({ handle, description: handle.replace("_", " ") }));
}
