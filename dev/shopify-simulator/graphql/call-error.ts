/** A top-level GraphQL error with Shopify's code, thrown by resolvers and turned into the recorded shape by the endpoint. */
import { GraphQLError, type GraphQLErrorExtensions } from "graphql";

export function callError(message: string, code: string, extra: GraphQLErrorExtensions = {}): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...extra } });
}

export const IDEMPOTENT_REQUIRED = "The @idempotent directive is required for this mutation but was not provided.";
