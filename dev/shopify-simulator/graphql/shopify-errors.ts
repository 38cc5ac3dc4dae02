/**
 * Errors before execution, in the words and codes of Shopify's server (graphql-ruby) where a recording shows them. What
 * graphql-js finds beyond those keeps its own message under the code GRAPHQL_VALIDATION_FAILED.
 */
import type { GraphQLError, OperationDefinitionNode } from "graphql";

export type ErrorBody = {
  readonly message: string;
  readonly locations?: readonly { readonly line: number; readonly column: number }[];
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
};

type Rewrite = {
  readonly pattern: RegExp;
  readonly make: (match: RegExpExecArray) => {
    readonly message: string;
    readonly extensions: Readonly<Record<string, unknown>>;
  };
};

const REWRITES: readonly Rewrite[] = [
  {
    pattern: /^Cannot query field "(\w+)" on type "(\w+)"/,
    make: ([, field = "", type = ""]) => ({
      message: `Field '${field}' doesn't exist on type '${type}'`,
      extensions: { code: "undefinedField", typeName: type, fieldName: field },
    }),
  },
  {
    pattern: /^Directive "@(\w+)" may not be used on (\w+)/,
    make: ([, name = "", place = ""]) => ({
      message: `'@${name}' can't be applied to ${placeName(place)} (allowed: fields)`,
      extensions: { code: "directiveCannotBeApplied", targetName: placeName(place), name },
    }),
  },
  {
    pattern: /^Field "(\w+)" argument "(\w+)" of type .* is required/,
    make: ([, field = "", argument = ""]) => ({
      message: `Field '${field}' is missing required arguments: ${argument}`,
      extensions: { code: "missingRequiredArguments", className: "Field", name: field, arguments: argument },
    }),
  },
  {
    pattern: /^Unknown argument "(\w+)" on field "(\w+)\.(\w+)"/,
    make: ([, argument = "", , field = ""]) => ({
      message: `Field '${field}' doesn't accept argument '${argument}'`,
      extensions: { code: "argumentNotAccepted", name: field, typeName: "Field", argumentName: argument },
    }),
  },
  {
    pattern: /^Variable "\$(\w+)" is not defined/,
    make: ([, name = ""]) => ({
      message: `Variable $${name} is used but not declared`,
      extensions: { code: "variableNotDefined", variableName: name },
    }),
  },
  {
    pattern: /^Variable "\$(\w+)" is never used/,
    make: ([, name = ""]) => ({
      message: `Variable $${name} is declared but not used`,
      extensions: { code: "variableNotUsed", variableName: name },
    }),
  },
];

function placeName(place: string): string {
  return place === "MUTATION" ? "mutations" : place === "QUERY" ? "queries" : place.toLowerCase();
}

export function validationErrorBody(error: GraphQLError, operation: OperationDefinitionNode | undefined): ErrorBody {
  const path = operation === undefined ? [] : [`${operation.operation} ${operation.name?.value ?? ""}`.trim()];
  const locations = error.locations === undefined ? {} : { locations: error.locations };
  for (const { pattern, make } of REWRITES) {
    const match = pattern.exec(error.message);
    if (match !== null) return { ...make(match), ...locations, path };
  }
  return { message: error.message, ...locations, path, extensions: { code: "GRAPHQL_VALIDATION_FAILED" } };
}

/** An error of execution: our own codes pass through; anything else is a defect of the simulator and says so. */
export function executionErrorBody(error: GraphQLError): ErrorBody {
  return {
    message: error.message,
    ...(error.locations === undefined ? {} : { locations: error.locations }),
    extensions: Object.keys(error.extensions).length > 0 ? error.extensions : { code: "SIMULATOR_DEFECT" },
    ...(error.path === undefined ? {} : { path: error.path }),
  };
}

export function parseErrorBody(error: GraphQLError): ErrorBody {
  const [location] = error.locations ?? [];
  const place = location === undefined ? "" : ` at [${location.line}, ${location.column}]`;
  return {
    message: `syntax error, ${error.message.replace(/^Syntax Error: /, "")}${place}`,
    ...(error.locations === undefined ? {} : { locations: error.locations }),
  };
}

export const THROTTLED_ERROR: ErrorBody = {
  message: "Throttled",
  extensions: { code: "THROTTLED", documentation: "https://shopify.dev/api/usage/rate-limits" },
};

/** The largest requested cost of one call, on any plan. */
export const CALL_COST_MAX = 1_000;

export function maxCostError(cost: number, maxCost: number): ErrorBody {
  return {
    message:
      `Query cost is ${cost}, which exceeds the single query max cost limit (${maxCost}).\n\n` +
      "See https://shopify.dev/concepts/about-apis/rate-limits for more information on how the\n" +
      "cost of a query is calculated.\n",
    extensions: {
      code: "MAX_COST_EXCEEDED",
      cost,
      maxCost,
      documentation: "https://shopify.dev/api/usage/rate-limits",
    },
  };
}

export function internalError(requestId: string): ErrorBody {
  return {
    message:
      "Internal error. Looks like something went wrong on our end.\n" +
      `Request ID: ${requestId} (include this in support requests).`,
    extensions: { code: "INTERNAL_SERVER_ERROR", requestId },
  };
}
