/** A schema as people read it: its fields one per row, what each may be, and links to shapes that have a name. */
import { nameOf, type Schema } from "./described.ts";
import { type Html, html, inline } from "./html.ts";

type Fields = Readonly<Record<string, Schema>>;

const alternatives = (schema: Schema): readonly Schema[] | null =>
  (schema["anyOf"] ?? schema["oneOf"] ?? null) as readonly Schema[] | null;
const isNull = (schema: Schema): boolean => schema["type"] === "null";

/** In words: `integer 1–250`, `text`, `list of Levels`, `"a" or "b"`. */
export function kindOf(schema: Schema): Html {
  const reference = schema["$ref"] as string | undefined;
  if (reference !== undefined) {
    const name = nameOf(reference);
    return html`<a href="#shape-${name}">${name}</a>`;
  }
  if (schema["const"] !== undefined) return html`<code>${JSON.stringify(schema["const"])}</code>`;
  const listed = schema["enum"] as readonly unknown[] | undefined;
  if (listed !== undefined) return joined(listed.map((value) => html`<code>${JSON.stringify(value)}</code>`));
  const others = schema["properties"] === undefined ? alternatives(schema) : null;
  if (others !== null) return joined(distinct(others.map(kindOf)));
  if (schema["type"] === "array") return html`list of ${kindOf((schema["items"] ?? {}) as Schema)}${countOf(schema)}`;
  const values = schema["additionalProperties"];
  if (typeof values === "object" && values !== null && schema["properties"] === undefined)
    return html`object of names, each ${kindOf(values as Schema)}`;
  return html`${plainKind(schema)}`;
}

const distinct = (parts: readonly Html[]): readonly Html[] => [
  ...new Map(parts.map((part) => [part.text, part])).values(),
];

const joined = (parts: readonly Html[]): Html =>
  html`${parts.map((part, at) => (at === 0 ? part : html`${at === parts.length - 1 ? " or " : ", "}${part}`))}`;

const WORDS: Readonly<Record<string, string>> = {
  string: "text",
  object: "object",
  boolean: "true or false",
  integer: "integer",
  number: "number",
  null: "null",
};

function plainKind(schema: Schema): string {
  const types = [(schema["type"] ?? []) as string | readonly string[]].flat();
  if (types.length === 0) return "anything";
  const words = types.map((type) =>
    type === "string" && schema["format"] === "date-time" ? "time" : (WORDS[type] ?? type),
  );
  return `${words.join(" or ")}${boundsOf(schema)}`;
}

const number = (given: unknown): string => (given as number).toLocaleString("en").replace("-", "−");

function boundsOf(schema: Schema): string {
  const [from, to] = [schema["minimum"], schema["maximum"]];
  const [least, most] = [schema["minLength"], schema["maxLength"]];
  if (from !== undefined && to !== undefined) return ` ${number(from)}–${number(to)}`;
  if (from !== undefined) return ` ≥ ${number(from)}`;
  if (to !== undefined) return ` ≤ ${number(to)}`;
  if (most !== undefined)
    return `, ${least === undefined ? "at most " : `${number(least)}–`}${number(most)} characters`;
  return "";
}

function countOf(schema: Schema): string {
  const [least, most] = [schema["minItems"], schema["maxItems"]];
  if (most === undefined) return "";
  return least === undefined ? `, at most ${number(most)}` : `, ${number(least)}–${number(most)}`;
}

/** Everything beside the kind: what it is for, its default, its pattern. */
export function notesOf(schema: Schema): Html {
  const {
    description,
    default: standard,
    pattern,
  } = schema as {
    description?: string;
    default?: unknown;
    pattern?: string;
  };
  return html`${description === undefined ? null : inline(description)}${
    standard === undefined ? null : html` <span class="note">Default <code>${JSON.stringify(standard)}</code>.</span>`
  }${pattern === undefined || description !== undefined ? null : html` <span class="note">Matches <code>${pattern}</code>.</span>`}`;
}

/** Rows of an object's fields, nested ones below their own. */
function rowsOf(schema: Schema, depth: number, prefix: string): readonly Html[] {
  const fields = (schema["properties"] ?? {}) as Fields;
  const required = new Set((schema["required"] ?? []) as readonly string[]);
  return Object.entries(fields).flatMap(([name, field]) => [
    html`<tr>
<th scope="row"><code>${prefix}${name}</code>${required.has(name) ? null : html` <span class="opt">optional</span>`}</th>
<td>${kindOf(field)}</td><td>${notesOf(field)}</td></tr>`,
    ...(depth >= 4 ? [] : below(field, depth + 1, `${prefix}${name}`)),
  ]);
}

/** What stands within a field that has no name of its own. */
function below(field: Schema, depth: number, path: string): readonly Html[] {
  if (field["properties"] !== undefined) return rowsOf(field, depth, `${path}.`);
  if (field["type"] === "array") return below((field["items"] ?? {}) as Schema, depth, `${path}[]`);
  const values = field["additionalProperties"];
  if (typeof values === "object" && values !== null) return below(values as Schema, depth, `${path}.*`);
  const others = alternatives(field)?.filter((each) => !isNull(each)) ?? [];
  return others.length === 1 ? others.flatMap((each) => below(each, depth, path)) : variantRows(others, depth, path);
}

function variantRows(others: readonly Schema[], depth: number, path: string): readonly Html[] {
  return others.flatMap((each) => {
    const rows = below(each, depth, path);
    if (rows.length === 0) return [];
    return [html`<tr class="variant"><th scope="row" colspan="3">${path}: ${labelOf(each)}</th></tr>`, ...rows];
  });
}

/** What tells one alternative from the others: its constants. */
function labelOf(schema: Schema): Html {
  const constants = Object.entries((schema["properties"] ?? {}) as Fields).flatMap(([name, { const: value }]) =>
    value === undefined ? [] : [html`<code>${name}</code> is <code>${JSON.stringify(value)}</code>`],
  );
  return constants.length === 0 ? html`or` : joined(constants);
}

const table = (rows: readonly Html[]): Html => html`<div class="scroll"><table class="fields">
<thead><tr><th scope="col">Field</th><th scope="col">Is</th><th scope="col">Note</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;

/** So many alternatives are opened one by one. */
const MANY = 3;

export function schemaView(schema: Schema): Html {
  const others = alternatives(schema);
  if (others?.some((each) => each["properties"] !== undefined || each["type"] === "array"))
    return html`${others.map((each) => alternativeView(each, others.length))}`;
  const rows = schema["properties"] === undefined ? below(schema, 0, "") : rowsOf(schema, 0, "");
  return rows.length === 0 ? html`<p>${kindOf(schema)}</p>` : table(rows);
}

function alternativeView(schema: Schema, count: number): Html {
  if (schema["$ref"] !== undefined) return html`<p class="variant">${kindOf(schema)}</p>`;
  const inner = (schema["type"] === "array" ? schema["items"] : schema) as Schema;
  if (inner !== schema && alternatives(inner) !== null)
    return html`<p class="variant">or a list of the same${countOf(schema)}</p>`;
  if (inner === schema && alternatives(schema) !== null && schema["properties"] === undefined)
    return schemaView(schema);
  if (count <= MANY) return html`<p class="variant">${labelOf(schema)}</p>${schemaView(schema)}`;
  return html`<details class="variant"><summary>${labelOf(schema)}</summary>${schemaView(schema)}</details>`;
}
