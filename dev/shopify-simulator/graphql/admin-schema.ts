/** The pruned Admin schema, built once per process, and the root values that answer it. */
import { readFileSync } from "node:fs";
import { buildSchema, type GraphQLSchema } from "graphql";
import { withScopes } from "./access-scopes.ts";
import { mutationResolvers } from "./root-mutations.ts";
import { queryResolvers } from "./root-queries.ts";

/** The version this schema is a part of; every request is answered with it. */
export const API_VERSION = "2026-10";

export const adminSchema: GraphQLSchema = buildSchema(
  readFileSync(new URL("../schema/admin-2026-10.graphql", import.meta.url), "utf8"),
);

export const rootValue = { ...withScopes(queryResolvers), ...withScopes(mutationResolvers) };
