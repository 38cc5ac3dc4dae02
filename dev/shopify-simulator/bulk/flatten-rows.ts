/**
 * A page of a bulk query as lines of JSONL: every node of every connection is a line of its own, a nested one names its
 * parent in `__parentId`. Roots come first, children after them: without `groupObjects` Shopify promises no more.
 */

type Json = Readonly<Record<string, unknown>>;

export type FlatRows = { readonly lines: readonly string[]; readonly roots: number };

export function flattenRows(connection: unknown): FlatRows {
  const roots: string[] = [];
  const children: string[] = [];
  const addNode = (node: Json, parentId: string | null): void => {
    const nested: unknown[] = [];
    const own = withoutConnections(node, nested) as Record<string, unknown>;
    if (parentId !== null) own["__parentId"] = parentId;
    (parentId === null ? roots : children).push(JSON.stringify(own));
    const id = typeof node["id"] === "string" ? node["id"] : "";
    for (const inner of nested) for (const below of nodesOf(inner)) addNode(below, id);
  };
  for (const node of nodesOf(connection)) addNode(node, null);
  return { lines: [...roots, ...children], roots: roots.length };
}

function nodesOf(connection: unknown): Json[] {
  const edges = isObject(connection) ? connection["edges"] : undefined;
  if (!Array.isArray(edges)) return [];
  return edges.flatMap((edge: unknown) => (isObject(edge) && isObject(edge["node"]) ? [edge["node"]] : []));
}

/** A copy without the connections below it; they are handed to `found`. */
function withoutConnections(value: unknown, found: unknown[]): unknown {
  if (!isObject(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (isObject(inner) && Array.isArray(inner["edges"])) found.push(inner);
    else copy[key] = Array.isArray(inner) ? inner : withoutConnections(inner, found);
  }
  return copy;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
