/**
 * Shopify's search syntax, as far as inventory queries and webhook filters use it: `field:value`, comparators, quotes,
 * a trailing `*`, AND (or a blank), OR, NOT or `-`, parentheses. An unknown field is ignored, as in the real shop.
 */

export type FieldValue =
  | { readonly kind: "text"; readonly value: string | null }
  | { readonly kind: "time"; readonly atMs: number | null }
  | { readonly kind: "id"; readonly digits: string | null }
  | { readonly kind: "flag"; readonly value: boolean };

/** The value of a field of the thing at hand; undefined for a field that is not searchable. */
export type FieldReader = (field: string) => FieldValue | undefined;

type Operator = "=" | ">" | ">=" | "<" | "<=";
export type SearchNode =
  | { readonly kind: "all" | "any"; readonly parts: readonly SearchNode[] }
  | { readonly kind: "not"; readonly part: SearchNode }
  | { readonly kind: "term"; readonly field: string | null; readonly operator: Operator; readonly value: string };

const TOKEN = /\s*(\(|\)|-?[\w.]+:(?:>=|<=|>|<)?(?:"[^"]*"|'[^']*'|[^\s()]*)|"[^"]*"|'[^']*'|[^\s()]+)/gy;

/** @returns null for an empty query, which matches everything */
export function parseSearch(query: string): SearchNode | null {
  const tokens = [...query.matchAll(TOKEN)].map((match) => match[1] ?? "");
  if (tokens.length === 0) return null;
  return parseAny(tokens);
}

function parseAny(tokens: string[]): SearchNode {
  const parts = [parseAll(tokens)];
  while (tokens[0] === "OR") {
    tokens.shift();
    parts.push(parseAll(tokens));
  }
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: "any", parts };
}

function parseAll(tokens: string[]): SearchNode {
  const parts: SearchNode[] = [];
  while (tokens.length > 0 && tokens[0] !== "OR" && tokens[0] !== ")") {
    if (tokens[0] === "AND") tokens.shift();
    else parts.push(parseOne(tokens));
  }
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: "all", parts };
}

function parseOne(tokens: string[]): SearchNode {
  const token = tokens.shift() ?? "";
  if (token === "NOT") return { kind: "not", part: parseOne(tokens) };
  if (token === "(") {
    const inside = parseAny(tokens);
    if (tokens[0] === ")") tokens.shift();
    return inside;
  }
  if (token.startsWith("-") && token.includes(":")) return { kind: "not", part: parseTerm(token.slice(1)) };
  return parseTerm(token);
}

function parseTerm(token: string): SearchNode {
  const match = /^([\w.]+):(>=|<=|>|<)?(.*)$/s.exec(token);
  if (match === null) return { kind: "term", field: null, operator: "=", value: unquote(token) };
  const operator = (match[2] ?? "=") as Operator;
  return { kind: "term", field: match[1] ?? null, operator, value: unquote(match[3] ?? "") };
}

function unquote(text: string): string {
  return /^(".*"|'.*')$/s.test(text) ? text.slice(1, -1) : text;
}

/** Whether every term names a field: webhook filters refuse bare words. */
export function namesFields(node: SearchNode): boolean {
  if (node.kind === "term") return node.field !== null;
  return node.kind === "not" ? namesFields(node.part) : node.parts.every(namesFields);
}

export function matchesSearch(node: SearchNode | null, read: FieldReader): boolean {
  if (node === null) return true;
  switch (node.kind) {
    case "all":
      return node.parts.every((part) => matchesSearch(part, read));
    case "any":
      return node.parts.some((part) => matchesSearch(part, read));
    case "not":
      return !matchesSearch(node.part, read);
    case "term":
      return matchesTerm(node.field, node.operator, node.value, read);
  }
}

function matchesTerm(field: string | null, operator: Operator, wanted: string, read: FieldReader): boolean {
  const value = read(field ?? "default");
  if (value === undefined) return true;
  switch (value.kind) {
    case "text":
      return value.value !== null && matchesText(value.value, wanted);
    case "flag":
      return String(value.value) === wanted.toLowerCase();
    case "id":
      return value.digits !== null && compares(operator, compareDigits(value.digits, wanted));
    case "time": {
      const wantedMs = Date.parse(wanted);
      // Stamps are whole seconds: a comparison below that would find what the caller cannot see.
      const order = Math.sign(Math.floor((value.atMs ?? Number.NaN) / 1000) - Math.floor(wantedMs / 1000));
      return !Number.isNaN(order) && compares(operator, order);
    }
  }
}

function matchesText(value: string, wanted: string): boolean {
  const one = value.toLowerCase();
  const other = wanted.toLowerCase();
  return other.endsWith("*") ? one.startsWith(other.slice(0, -1)) : one === other;
}

/** Orders numbers that are too long for a number. */
export function compareDigits(one: string, other: string): number {
  if (one.length !== other.length) return one.length < other.length ? -1 : 1;
  return one < other ? -1 : one > other ? 1 : 0;
}

function compares(operator: Operator, order: number): boolean {
  switch (operator) {
    case "=":
      return order === 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
  }
}
