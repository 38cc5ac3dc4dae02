/**
 * `includeFields` of a subscription: only these fields of the body are sent. A dotted name keeps a part of an object or
 * of each element of a list. Names that the body does not have are ignored, as in the real shop.
 */
import { isRawNumber } from "./raw-json.ts";

type Tree = { readonly [name: string]: Tree };

export function onlyFields(body: Record<string, unknown>, fields: readonly string[]): Record<string, unknown> {
  if (fields.length === 0) return body;
  return pickTree(body, fieldTree(fields)) as Record<string, unknown>;
}

function fieldTree(fields: readonly string[]): Tree {
  const root: Record<string, Tree> = {};
  for (const field of fields) {
    let node: Record<string, Tree> = root;
    for (const name of field.split(".")) {
      node[name] ??= {};
      node = node[name] as Record<string, Tree>;
    }
  }
  return root;
}

function pickTree(value: unknown, tree: Tree): unknown {
  const names = Object.keys(tree);
  if (names.length === 0 || typeof value !== "object" || value === null || isRawNumber(value)) return value;
  if (Array.isArray(value)) return value.map((element: unknown) => pickTree(element, tree));
  const source = value as Record<string, unknown>;
  const picked: Record<string, unknown> = {};
  for (const name of names) {
    const below = tree[name];
    if (name in source && below !== undefined) picked[name] = pickTree(source[name], below);
  }
  return picked;
}
