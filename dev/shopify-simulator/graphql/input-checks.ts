/**
 * Variables, checked as Shopify does: all problems of a variable in one INVALID_VARIABLE error with their paths; no array
 * of more than 250 elements anywhere in the arguments.
 */
import type { FieldNode, GraphQLInputType, GraphQLSchema, OperationDefinitionNode } from "graphql";
import {
  getLocation,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  Kind,
  typeFromAST,
  valueFromASTUntyped,
} from "graphql";
import type { ErrorBody } from "./shopify-errors.ts";

export const INPUT_ARRAY_MAX = 250;
const INT_MAX = 2_147_483_647;

type Problem = { readonly path: readonly (string | number)[]; readonly explanation: string };
type Values = Readonly<Record<string, unknown>>;

export function variableErrors(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: Values,
): ErrorBody[] {
  const errors: ErrorBody[] = [];
  for (const definition of operation.variableDefinitions ?? []) {
    const name = definition.variable.name.value;
    const type = typeFromAST(schema, definition.type);
    if (!isInputType(type)) continue;
    const value = variables[name];
    if (value === undefined && (definition.defaultValue !== undefined || !isNonNullType(type))) continue;
    const problems: Problem[] = [];
    collectProblems(type, value ?? null, [], problems);
    const [first] = problems;
    if (first === undefined) continue;
    const place = first.path.length === 0 ? "" : ` for ${first.path.join(".")} (${first.explanation})`;
    errors.push({
      message: `Variable $${name} of type ${String(type)} was provided invalid value${place}`,
      ...(definition.loc === undefined
        ? {}
        : { locations: [getLocation(definition.loc.source, definition.loc.start)] }),
      extensions: { code: "INVALID_VARIABLE", value: value ?? null, problems },
    });
  }
  return errors;
}

function collectProblems(type: GraphQLInputType, value: unknown, path: Problem["path"], problems: Problem[]): void {
  if (isNonNullType(type)) {
    if (value === null) problems.push({ path, explanation: "Expected value to not be null" });
    else collectProblems(type.ofType, value, path, problems);
    return;
  }
  if (value === null) return;
  if (isListType(type)) {
    const list = Array.isArray(value) ? value : [value];
    for (const [index, element] of list.entries())
      collectProblems(type.ofType, element ?? null, [...path, index], problems);
    return;
  }
  if (isInputObjectType(type)) {
    collectObjectProblems(type.name, type.getFields(), value, path, problems);
    return;
  }
  const explanation = isEnumType(type)
    ? enumProblem(
        type.getValues().map((member) => member.name),
        value,
      )
    : scalarProblem(type.name, value);
  if (explanation !== null) problems.push({ path, explanation });
}

function collectObjectProblems(
  typeName: string,
  fields: Readonly<Record<string, { readonly type: GraphQLInputType; readonly defaultValue?: unknown }>>,
  value: unknown,
  path: Problem["path"],
  problems: Problem[],
): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    problems.push({ path, explanation: `Expected "${JSON.stringify(value)}" to be a key-value object.` });
    return;
  }
  const given = value as Values;
  for (const name of Object.keys(given)) {
    const explanation = `Field is not defined on ${typeName}`;
    if (fields[name] === undefined) problems.push({ path: [...path, name], explanation });
  }
  for (const [name, field] of Object.entries(fields)) {
    const inner = given[name];
    if (inner === undefined && (!isNonNullType(field.type) || field.defaultValue !== undefined)) continue;
    collectProblems(field.type, inner ?? null, [...path, name], problems);
  }
}

function enumProblem(members: readonly string[], value: unknown): string | null {
  if (typeof value === "string" && members.includes(value)) return null;
  return `Expected "${String(value)}" to be one of: ${members.join(", ")}`;
}

function scalarProblem(type: string, value: unknown): string | null {
  switch (type) {
    case "Int":
      if (typeof value === "number" && Number.isInteger(value) && Math.abs(value) <= INT_MAX) return null;
      return `Could not coerce value ${JSON.stringify(value)} to Int`;
    case "Boolean":
      return typeof value === "boolean" ? null : `Could not coerce value ${JSON.stringify(value)} to Boolean`;
    case "ID":
      if (typeof value === "string" && value.startsWith("gid://")) return null;
      return `Invalid global id '${String(value)}'`;
    default:
      return typeof value === "string" || typeof value === "number"
        ? null
        : `Could not coerce value ${JSON.stringify(value)} to ${type}`;
  }
}

/** The first array in a root field's arguments that is too long. The call is not run; its requested cost is charged. */
export function arraySizeError(operation: OperationDefinitionNode, variables: Values): ErrorBody | null {
  for (const selection of operation.selectionSet.selections) {
    if (selection.kind !== Kind.FIELD) continue;
    for (const argument of selection.arguments ?? []) {
      const value = valueFromASTUntyped(argument.value, { ...variables });
      const found = longArray(value, [selection.name.value, argument.name.value]);
      if (found !== null) return sizeError(selection, found);
    }
  }
  return null;
}

type LongArray = { readonly path: readonly (string | number)[]; readonly size: number };

function longArray(value: unknown, path: readonly (string | number)[]): LongArray | null {
  if (Array.isArray(value)) {
    if (value.length > INPUT_ARRAY_MAX) return { path, size: value.length };
    for (const [index, element] of value.entries()) {
      const found = longArray(element, [...path, index]);
      if (found !== null) return found;
    }
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    const found = longArray(inner, [...path, key]);
    if (found !== null) return found;
  }
  return null;
}

function sizeError(field: FieldNode, found: LongArray): ErrorBody {
  return {
    message: `The input array size of ${found.size} is greater than the maximum allowed of ${INPUT_ARRAY_MAX}.`,
    ...(field.loc === undefined ? {} : { locations: [getLocation(field.loc.source, field.loc.start)] }),
    path: found.path,
    extensions: { code: "MAX_INPUT_SIZE_EXCEEDED" },
  };
}
