/**
 * JSON Schema, draft 2020-12, as far as OpenAPI's own schema and our document use it. A keyword that is not known here is an
 * error, so nothing passes because it was not understood. Formats: `date-time` and `uri` are checked, others are annotations.
 * @see https://json-schema.org/draft/2020-12/json-schema-validation
 */

export type Schema = boolean | { readonly [keyword: string]: unknown };
type Json = Readonly<Record<string, unknown>>;
/** `evaluated`: properties that some keyword has looked at, for `unevaluatedProperties`. */
type Verdict = { readonly errors: readonly string[]; readonly evaluated: ReadonlySet<string> };
type Check = (given: unknown, value: unknown, at: At) => Verdict | readonly string[];
type At = { readonly path: string; readonly root: Json; readonly schema: Json };

/** @returns what is wrong, each with its path; empty: it is valid */
export function faultsOf(schema: Schema, value: unknown, root: unknown = schema): readonly string[] {
  return look(schema, value, "", root as Json).errors;
}

const NOTHING: ReadonlySet<string> = new Set();
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function look(schema: Schema, value: unknown, path: string, root: Json): Verdict {
  if (typeof schema === "boolean")
    return { errors: schema ? [] : [`${path || "(root)"}: nothing is allowed here`], evaluated: NOTHING };
  const errors: string[] = [];
  const evaluated = new Set<string>();
  for (const [keyword, given] of Object.entries(schema)) {
    if (ANNOTATIONS.has(keyword) || LATE.has(keyword)) continue;
    const check = CHECKS[keyword];
    if (check === undefined) throw new Error(`${path}: the keyword "${keyword}" is not known to this validator`);
    take(check(given, value, { path, root, schema }));
  }
  // Of what the other keywords have left.
  const rest = schema["unevaluatedProperties"];
  if (rest !== undefined && isObject(value)) {
    for (const [name, each] of Object.entries(value)) {
      if (evaluated.has(name)) continue;
      evaluated.add(name);
      for (const error of look(rest as Schema, each, `${path}/${name}`, root).errors) errors.push(error);
    }
  }
  return { errors, evaluated };

  function take(verdict: Verdict | readonly string[]): void {
    const { errors: its, evaluated: seen } = "errors" in verdict ? verdict : { errors: verdict, evaluated: NOTHING };
    errors.push(...its);
    for (const name of seen) evaluated.add(name);
  }
}

const ANNOTATIONS = new Set([
  ...["$schema", "$id", "$comment", "$defs", "$dynamicAnchor", "$anchor", "title", "description", "default"],
  ...["example", "examples", "deprecated", "readOnly", "writeOnly", "discriminator"],
  // Read by `if`, `items` and `properties`.
  ...["then", "else"],
]);
const LATE = new Set(["unevaluatedProperties"]);

const ofString =
  (isRight: (given: unknown, value: string) => boolean): Check =>
  (given, value, { path }) =>
    typeof value !== "string" || isRight(given, value)
      ? []
      : [`${path}: ${JSON.stringify(value)} is not ${String(given)}`];
const ofNumber =
  (isRight: (given: number, value: number) => boolean): Check =>
  (given, value, { path, schema }) =>
    typeof value !== "number" || isRight(given as number, value)
      ? []
      : [`${path}: ${value} against ${JSON.stringify(schema)}`];
const ofSize =
  (sizeOf: (value: unknown) => number | null, isRight: (given: number, size: number) => boolean): Check =>
  (given, value, { path }) => {
    const size = sizeOf(value);
    return size === null || isRight(given as number, size) ? [] : [`${path}: has ${size}, against ${String(given)}`];
  };
const atLeast = (given: number, size: number): boolean => size >= given;
const atMost = (given: number, size: number): boolean => size <= given;
const characters = (value: unknown) => (typeof value === "string" ? [...value].length : null);
const members = (value: unknown) => (Array.isArray(value) ? value.length : null);
const properties = (value: unknown) => (isObject(value) ? Object.keys(value).length : null);

const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/;
const FORMATS: Readonly<Record<string, (value: string) => boolean>> = {
  "date-time": (value) => DATE_TIME.test(value) && !Number.isNaN(Date.parse(value)),
  uri: (value) => URL.canParse(value),
};

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
const isOfType = (type: string, value: unknown): boolean =>
  type === "integer" ? Number.isInteger(value) : typeOf(value) === type;

const all = (verdicts: readonly Verdict[]): Verdict => ({
  errors: verdicts.flatMap(({ errors }) => errors),
  evaluated: new Set(verdicts.flatMap(({ evaluated }) => [...evaluated])),
});
const branches = (given: unknown, value: unknown, { path, root }: At) =>
  (given as readonly Schema[]).map((each) => look(each, value, path, root));
const matching = (verdicts: readonly Verdict[]) => verdicts.filter(({ errors }) => errors.length === 0);

/** The faults of the branch that comes nearest say most. */
const nearest = (verdicts: readonly Verdict[]): readonly string[] =>
  verdicts.map(({ errors }) => errors).toSorted((a, b) => a.length - b.length)[0] ?? [];

const eachProperty = (value: unknown, names: (name: string) => readonly Schema[], { path, root }: At): Verdict => {
  if (!isObject(value)) return { errors: [], evaluated: NOTHING };
  const verdicts = Object.entries(value).flatMap(([name, each]) =>
    names(name).map((schema) => ({ ...look(schema, each, `${path}/${name}`, root), evaluated: new Set([name]) })),
  );
  return all(verdicts);
};

function referred(reference: string, root: Json): Schema {
  if (!reference.startsWith("#")) throw new Error(`only what is within the document can be referred to: ${reference}`);
  if (!reference.startsWith("#/") && reference !== "#") return anchored(reference.slice(1), root);
  const steps = reference.slice(1).split("/").slice(1);
  let found: unknown = root;
  for (const step of steps)
    found = isObject(found) ? found[decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~")] : undefined;
  if (found === undefined) throw new Error(`nothing is at ${reference}`);
  return found as Schema;
}

function anchored(name: string, root: Json): Schema {
  const found = Object.values((root["$defs"] ?? {}) as Json).find(
    (each) => isObject(each) && (each["$dynamicAnchor"] === name || each["$anchor"] === name),
  );
  if (found === undefined) throw new Error(`no anchor #${name}`);
  return found as Schema;
}

const CHECKS: Readonly<Record<string, Check>> = {
  $ref: (given, value, { path, root }) => look(referred(given as string, root), value, path, root),
  $dynamicRef: (given, value, { path, root }) => look(referred(given as string, root), value, path, root),
  type: (given, value, { path }) =>
    [given].flat().some((type) => isOfType(type as string, value))
      ? []
      : [`${path || "(root)"}: ${typeOf(value)} instead of ${String(given)}`],
  enum: (given, value, { path }) =>
    (given as readonly unknown[]).some((each) => same(each, value))
      ? []
      : [`${path}: ${JSON.stringify(value)} is none of ${JSON.stringify(given)}`],
  const: (given, value, { path }) =>
    same(given, value) ? [] : [`${path}: ${JSON.stringify(value)} instead of ${JSON.stringify(given)}`],
  pattern: ofString((given, value) => new RegExp(given as string, "u").test(value)),
  format: ofString((given, value) => FORMATS[given as string]?.(value) ?? true),
  minLength: ofSize(characters, atLeast),
  maxLength: ofSize(characters, atMost),
  minItems: ofSize(members, atLeast),
  maxItems: ofSize(members, atMost),
  minProperties: ofSize(properties, atLeast),
  maxProperties: ofSize(properties, atMost),
  minimum: ofNumber((given, value) => value >= given),
  maximum: ofNumber((given, value) => value <= given),
  exclusiveMinimum: ofNumber((given, value) => value > given),
  exclusiveMaximum: ofNumber((given, value) => value < given),
  required: (given, value, { path }) =>
    isObject(value)
      ? (given as readonly string[]).flatMap((name) => (Object.hasOwn(value, name) ? [] : [`${path}/${name}: missing`]))
      : [],
  properties: (given, value, at) => {
    const known = given as Readonly<Record<string, Schema>>;
    return eachProperty(value, (name) => (Object.hasOwn(known, name) ? [known[name] ?? true] : []), at);
  },
  patternProperties: (given, value, at) => {
    const known = Object.entries(given as Readonly<Record<string, Schema>>);
    return eachProperty(
      value,
      (name) => known.flatMap(([pattern, schema]) => (new RegExp(pattern, "u").test(name) ? [schema] : [])),
      at,
    );
  },
  additionalProperties: (given, value, at) => {
    const named = Object.keys((at.schema["properties"] ?? {}) as Json);
    const patterns = Object.keys((at.schema["patternProperties"] ?? {}) as Json).map((each) => new RegExp(each, "u"));
    const isKnown = (name: string) => named.includes(name) || patterns.some((pattern) => pattern.test(name));
    return eachProperty(value, (name) => (isKnown(name) ? [] : [given as Schema]), at);
  },
  propertyNames: (given, value, { path, root }) =>
    isObject(value)
      ? Object.keys(value).flatMap((name) => look(given as Schema, name, `${path}/${name}`, root).errors)
      : [],
  items: (given, value, { path, root }) =>
    Array.isArray(value) ? value.flatMap((each, i) => look(given as Schema, each, `${path}/${i}`, root).errors) : [],
  dependentSchemas: (given, value, { path, root }) =>
    all(
      Object.entries(given as Readonly<Record<string, Schema>>).flatMap(([name, schema]) =>
        isObject(value) && Object.hasOwn(value, name) ? [look(schema, value, path, root)] : [],
      ),
    ),
  allOf: (given, value, at) => all(branches(given, value, at)),
  anyOf: (given, value, at) => {
    const verdicts = branches(given, value, at);
    const right = matching(verdicts);
    return right.length === 0 ? nearest(verdicts) : all(right);
  },
  oneOf: (given, value, at) => {
    const verdicts = branches(given, value, at);
    const [right, ...more] = matching(verdicts);
    if (right === undefined) return nearest(verdicts);
    return more.length === 0 ? right : [`${at.path}: matches ${more.length + 1} of oneOf`];
  },
  not: (given, value, { path, root }) =>
    look(given as Schema, value, path, root).errors.length > 0 ? [] : [`${path}: is what it must not be`],
  if: (given, value, { path, root, schema }) => {
    const verdict = look(given as Schema, value, path, root);
    const isMet = verdict.errors.length === 0;
    const next = schema[isMet ? "then" : "else"] as Schema | undefined;
    return all([...(isMet ? [verdict] : []), ...(next === undefined ? [] : [look(next, value, path, root)])]);
  },
};
