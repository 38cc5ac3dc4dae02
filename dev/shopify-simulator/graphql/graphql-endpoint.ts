/**
 * One GraphQL call from text to answer, in Shopify's order: read, validate, price, throttle, check the input sizes, run,
 * refund what was not used. Synchronous throughout, so that a call takes effect in one step, as a transaction would.
 */
import {
  type DocumentNode,
  executeSync,
  GraphQLError,
  getDirectiveValues,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
} from "graphql";
import type { BulkOperations } from "../bulk/bulk-operations.ts";
import type { ShopStore } from "../model/shop-store.ts";
import type { SubscriptionRegistry } from "../webhooks/subscription-registry.ts";
import { adminSchema, rootValue } from "./admin-schema.ts";
import type { CallContext, ShopFacts, View } from "./call-context.ts";
import { actualCost, type CostRequest, requestedCost } from "./cost.ts";
import type { BucketPlan, CostBucket } from "./cost-bucket.ts";
import type { IdempotencyStore } from "./idempotency-store.ts";
import { arraySizeError, variableErrors } from "./input-checks.ts";
import {
  type ErrorBody,
  executionErrorBody,
  maxCostError,
  parseErrorBody,
  THROTTLED_ERROR,
  validationErrorBody,
} from "./shopify-errors.ts";

export type GraphqlCall = {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly isMutation: boolean;
  /** Idempotency keys that the call carries. */
  readonly keys: readonly string[];
};

export type CallReading =
  | { readonly kind: "call"; readonly call: GraphqlCall }
  | { readonly kind: "refused"; readonly status: number; readonly body: unknown };

export type CallSwitches = { readonly isForcedThrottle: boolean; readonly forcedUserError: string | null };

export type EndpointStats = {
  queries: number;
  mutations: number;
  /** Calls answered with THROTTLED. */
  throttled: number;
  /** Calls refused before they ran: bad document, bad variables, too dear, too long. */
  refused: number;
  rowsChanged: number;
  pointsCharged: number;
};

export type EndpointDeps = {
  readonly facts: ShopFacts;
  readonly store: ShopStore;
  readonly registry: SubscriptionRegistry;
  readonly bucket: CostBucket;
  readonly keys: IdempotencyStore<View>;
  readonly tellsQuantityAfterChange: boolean;
  /** Scopes that the app has lost since. */
  readonly missingScopes: () => readonly string[];
};

type CheckedDocument = { readonly document: DocumentNode } | { readonly errors: readonly ErrorBody[] };

const DOCUMENTS_MAX = 500;

export class GraphqlEndpoint {
  readonly #deps: EndpointDeps;
  readonly #documents = new Map<string, CheckedDocument>();
  #bulk: BulkOperations | null = null;
  readonly stats: EndpointStats = {
    queries: 0,
    mutations: 0,
    throttled: 0,
    refused: 0,
    rowsChanged: 0,
    pointsCharged: 0,
  };

  constructor(deps: EndpointDeps) {
    this.#deps = deps;
  }

  /** Bulk operations run queries of their own and need contexts from here; they are handed in afterwards. */
  attachBulk(bulk: BulkOperations): void {
    this.#bulk = bulk;
  }

  changePlan(plan: BucketPlan): void {
    this.#deps.bucket.change(plan);
  }

  context(parts: Pick<CallContext, "window" | "forcedUserError">): CallContext {
    if (this.#bulk === null) throw new Error("attachBulk comes first");
    const { facts, missingScopes } = this.#deps;
    const missing = missingScopes();
    return {
      ...parts,
      facts: { ...facts, scopes: facts.scopes.filter((scope) => !missing.includes(scope)) },
      store: this.#deps.store,
      registry: this.#deps.registry,
      bulk: this.#bulk,
      keys: this.#deps.keys,
      tellsQuantityAfterChange: this.#deps.tellsQuantityAfterChange,
      onRowsChanged: (rows) => {
        this.stats.rowsChanged += rows;
      },
    };
  }

  /** Reads the body of a request: `{query, variables, operationName}`. */
  read(text: string): CallReading {
    const body = parseJson(text);
    if (body === null || typeof body["query"] !== "string") {
      return { kind: "refused", status: 400, body: { errors: "query: Required parameter missing or invalid" } };
    }
    const checked = this.#check(body["query"]);
    if ("errors" in checked) return this.#refuse(checked.errors);
    const name = typeof body["operationName"] === "string" ? body["operationName"] : null;
    const operation = findOperation(checked.document, name);
    if (operation === undefined) return this.#refuse([{ message: "An operation name is required" }]);
    const given = body["variables"];
    const variables = typeof given === "object" && given !== null ? (given as Record<string, unknown>) : {};
    const invalid = variableErrors(adminSchema, operation, variables);
    if (invalid.length > 0) return this.#refuse(invalid);
    const withDefaults = { ...defaultsOf(operation), ...variables };
    return {
      kind: "call",
      call: {
        document: checked.document,
        operation,
        variables: withDefaults,
        isMutation: operation.operation === "mutation",
        keys: keysOf(operation, withDefaults),
      },
    };
  }

  /** Runs a call and returns the body of its HTTP 200. */
  run(call: GraphqlCall, switches: CallSwitches): unknown {
    const request: CostRequest = { schema: adminSchema, ...call };
    const requested = requestedCost(request);
    const { callPointsMax } = this.#deps.bucket;
    if (requested > callPointsMax) {
      this.stats.refused += 1;
      return { errors: [maxCostError(requested, callPointsMax)] };
    }
    if (switches.isForcedThrottle || !this.#deps.bucket.take(requested)) {
      this.stats.throttled += 1;
      return { errors: [THROTTLED_ERROR], extensions: this.#cost(requested, null) };
    }
    const tooLong = arraySizeError(call.operation, call.variables);
    if (tooLong !== null) {
      this.stats.refused += 1;
      return { errors: [tooLong], extensions: this.#cost(requested, null) };
    }
    if (call.isMutation) this.stats.mutations += 1;
    else this.stats.queries += 1;
    const result = executeSync({
      schema: adminSchema,
      document: call.document,
      rootValue,
      contextValue: this.context({ window: null, forcedUserError: switches.forcedUserError }),
      variableValues: call.variables,
      operationName: call.operation.name?.value ?? null,
    });
    const actual = Math.min(requested, actualCost(request, result.data));
    this.#deps.bucket.refund(requested - actual);
    this.stats.pointsCharged += actual;
    return {
      ...(result.errors === undefined ? {} : { errors: result.errors.map(executionErrorBody) }),
      data: result.data ?? null,
      extensions: this.#cost(requested, actual),
    };
  }

  #cost(requestedQueryCost: number, actualQueryCost: number | null): unknown {
    return { cost: { requestedQueryCost, actualQueryCost, throttleStatus: this.#deps.bucket.status() } };
  }

  #refuse(errors: readonly ErrorBody[]): CallReading {
    this.stats.refused += 1;
    return { kind: "refused", status: 200, body: { errors } };
  }

  /** Parses and validates; remembers the verdict, since a client sends the same few documents for ever. */
  #check(text: string): CheckedDocument {
    const known = this.#documents.get(text);
    if (known !== undefined) return known;
    if (this.#documents.size >= DOCUMENTS_MAX) this.#documents.clear();
    const checked = checkDocument(text);
    this.#documents.set(text, checked);
    return checked;
  }
}

function checkDocument(text: string): CheckedDocument {
  try {
    const document = parse(text);
    const errors = validate(adminSchema, document);
    if (errors.length === 0) return { document };
    const operation = findOperation(document, null);
    return { errors: errors.map((error) => validationErrorBody(error, operation)) };
  } catch (error) {
    if (error instanceof GraphQLError) return { errors: [parseErrorBody(error)] };
    throw error;
  }
}

function findOperation(document: DocumentNode, name: string | null): OperationDefinitionNode | undefined {
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (name === null) return operations.length === 1 ? operations[0] : undefined;
  return operations.find((operation) => operation.name?.value === name);
}

function defaultsOf(operation: OperationDefinitionNode): Record<string, unknown> {
  const defaults: Record<string, unknown> = {};
  for (const definition of operation.variableDefinitions ?? []) {
    const value = definition.defaultValue;
    if (value?.kind === Kind.INT) defaults[definition.variable.name.value] = Number(value.value);
    else if (value?.kind === Kind.STRING || value?.kind === Kind.BOOLEAN || value?.kind === Kind.ENUM) {
      defaults[definition.variable.name.value] = value.value;
    }
  }
  return defaults;
}

function keysOf(operation: OperationDefinitionNode, variables: Readonly<Record<string, unknown>>): string[] {
  const directive = adminSchema.getDirective("idempotent");
  if (!directive) return [];
  return operation.selectionSet.selections.flatMap((selection) => {
    const key = getDirectiveValues(directive, selection, variables)?.["key"];
    return typeof key === "string" ? [key] : [];
  });
}

function parseJson(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
