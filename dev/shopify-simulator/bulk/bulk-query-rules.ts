/** What Shopify refuses in a bulk query, with the recorded messages (API 2026-04). */
import {
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  type GraphQLSchema,
  getNamedType,
  isListType,
  isNonNullType,
  Kind,
  parse,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from "graphql";

export type BulkQuery = { readonly document: DocumentNode; readonly rootField: string };
export type BulkQueryReading =
  | { readonly kind: "accepted"; readonly query: BulkQuery }
  | { readonly kind: "refused"; readonly messages: readonly string[] };

const CONNECTIONS_MAX = 5;
const DEPTH_MAX = 2;

export function readBulkQuery(schema: GraphQLSchema, text: string): BulkQueryReading {
  let document: DocumentNode;
  try {
    document = parse(text);
  } catch (error) {
    const detail = text.trim() === "" ? "unexpected end of file" : error instanceof GraphQLError ? error.message : "";
    return { kind: "refused", messages: [`Invalid bulk query: syntax error, ${detail}`] };
  }
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined || operation.operation !== "query") {
    return { kind: "refused", messages: ["Invalid operation type. Only `query` operations are supported."] };
  }
  const [invalid] = validate(schema, document);
  if (invalid !== undefined) return { kind: "refused", messages: [`Invalid bulk query: ${invalid.message}`] };
  const messages = shapeProblems(schema, document);
  const root = operation.selectionSet.selections.find((selection) => selection.kind === Kind.FIELD);
  if (messages.length > 0 || root === undefined) return { kind: "refused", messages };
  return { kind: "accepted", query: { document, rootField: root.alias?.value ?? root.name.value } };
}

type Shape = {
  connections: number;
  depth: number;
  deepest: number;
  readonly viaNodes: string[];
  readonly withoutId: string[];
  isInList: boolean;
  hasTopNode: boolean;
};

function shapeProblems(schema: GraphQLSchema, document: DocumentNode): string[] {
  const shape = readShape(schema, document);
  const messages: string[] = [];
  if (shape.hasTopNode) messages.push("Bulk queries cannot contain a top level `node` field.");
  if (shape.connections === 0) messages.push("Bulk queries must contain at least one connection.");
  const [viaNodes] = shape.viaNodes;
  if (viaNodes !== undefined) {
    messages.push(
      "All connection fields in a bulk query must select their contents using 'edges' > 'node', e.g: " +
        `'${viaNodes} { edges { node {'. Selecting via 'nodes' is not supported. ` +
        `Invalid connection fields: '${viaNodes}'.`,
    );
  }
  if (shape.connections > CONNECTIONS_MAX) {
    messages.push(`Bulk queries cannot contain more than ${CONNECTIONS_MAX} connections.`);
  }
  if (shape.deepest > DEPTH_MAX) {
    messages.push(`Bulk queries cannot contain connections with a nesting depth greater than ${DEPTH_MAX}.`);
  }
  if (shape.isInList) {
    messages.push("Queries that contain a connection field within a list field are not currently supported.");
  }
  if (shape.withoutId.length > 0) {
    messages.push(
      "The parent 'node' field for a nested connection must select the 'id' field without an alias and must be of " +
        `'ID' return type. Connection fields without 'id': ${shape.withoutId.join(", ")}.`,
    );
  }
  return messages;
}

function readShape(schema: GraphQLSchema, document: DocumentNode): Shape {
  const shape: Shape = {
    connections: 0,
    depth: -1,
    deepest: -1,
    viaNodes: [],
    withoutId: [],
    isInList: false,
    hasTopNode: false,
  };
  const typeInfo = new TypeInfo(schema);
  const enclosing: { name: string; hasId: boolean }[] = [];
  let listDepth = 0;
  const isConnection = (): boolean => getNamedType(typeInfo.getType())?.name.endsWith("Connection") === true;
  const isPlainList = (): boolean => {
    const type = typeInfo.getType();
    const parent = typeInfo.getParentType()?.name ?? "";
    const isList = isListType(type) || (isNonNullType(type) && isListType(type.ofType));
    return isList && !parent.endsWith("Connection");
  };
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      Field: {
        enter(node) {
          if (typeInfo.getParentType() === schema.getQueryType() && /^nodes?$/.test(node.name.value)) {
            shape.hasTopNode = true;
          }
          if (isPlainList()) listDepth += 1;
          if (!isConnection()) return;
          shape.connections += 1;
          shape.depth += 1;
          shape.deepest = Math.max(shape.deepest, shape.depth);
          if (listDepth > 0) shape.isInList = true;
          if (selects(node, "nodes")) shape.viaNodes.push(node.name.value);
          const parent = enclosing.at(-1);
          if (parent !== undefined && !parent.hasId) shape.withoutId.push(parent.name);
          enclosing.push({ name: node.name.value, hasId: nodeSelectsId(node) });
        },
        leave() {
          if (isPlainList()) listDepth -= 1;
          if (!isConnection()) return;
          shape.depth -= 1;
          enclosing.pop();
        },
      },
    }),
  );
  return shape;
}

function fieldsOf(node: FieldNode): FieldNode[] {
  return (node.selectionSet?.selections ?? []).filter((selection) => selection.kind === Kind.FIELD);
}

function selects(node: FieldNode, name: string): boolean {
  return fieldsOf(node).some((field) => field.name.value === name);
}

/** Whether `edges { node { id` is there, as a plain field. Fragments inside a node are taken to bring it. */
function nodeSelectsId(connection: FieldNode): boolean {
  const edges = fieldsOf(connection).filter((field) => field.name.value === "edges");
  const nodes = edges.flatMap((edge) => fieldsOf(edge).filter((field) => field.name.value === "node"));
  return nodes.some((node) => {
    const selections = node.selectionSet?.selections ?? [];
    const hasFragment = selections.some((selection) => selection.kind !== Kind.FIELD);
    return hasFragment || fieldsOf(node).some((field) => field.name.value === "id" && field.alias === undefined);
  });
}
