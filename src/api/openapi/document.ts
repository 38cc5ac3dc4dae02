/**
 * The OpenAPI 3.1 document, made of the groups of operations and of the schemas that validate. It is the same for every
 * request, so an isolate makes it once, and only when somebody asks for it.
 * @see https://spec.openapis.org/oas/v3.1.0
 */
import { PROBLEMS, type ProblemCode } from "../problem.ts";
import { COMPONENTS } from "./components.ts";
import { GROUPS } from "./groups.ts";
import { ANSWER_HEADERS, type AnswerHeader, REQUEST_HEADERS, SIGNATURE } from "./headers.ts";
import { INTRODUCTION } from "./introduction.ts";
import type { Answer, Operation, Schema } from "./operation.ts";
import { PATH_PARAMETERS } from "./path-parameters.ts";
import { problemName, problemSchemas, problemsOf } from "./problems.ts";
import { convertSchemas, type JsonSchema } from "./schemas.ts";
import { WEBHOOKS, type WebhookOut } from "./webhooks.ts";

type Json = Readonly<Record<string, unknown>>;
type SchemaOf = (schema: Schema) => JsonSchema;
type Schemas = { readonly input: SchemaOf; readonly output: SchemaOf };

/** @param version  of the deployment */
export function openApiDocument(version: string): Json {
  const operations = GROUPS.flatMap((group) => group.operations);
  const input = convertSchemas("input", {}, operations.flatMap(inputsOf));
  const named = { ...COMPONENTS, ...problemSchemas() };
  const outputs = operations.flatMap(({ answers }) => answers.flatMap(({ schema = [] }) => schema));
  const output = convertSchemas("output", named, [...outputs, ...WEBHOOKS.map(({ schema }) => schema)]);
  const schemas = { input: input.of, output: output.of };
  return {
    openapi: "3.1.0",
    info: {
      title: "Onhand",
      version,
      summary: "Inventory in step across Shopify shops, warehouses, tills and marketplaces.",
      description: INTRODUCTION,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "This deployment." }],
    tags: GROUPS.map(({ name, description }) => ({ name, description })),
    security: [{ token: [] }],
    paths: pathsOf(schemas),
    webhooks: Object.fromEntries(WEBHOOKS.map((webhook) => [webhook.name, webhookOf(webhook, schemas.output)])),
    components: {
      schemas: output.named,
      headers: Object.fromEntries(Object.entries(ANSWER_HEADERS).map(([key, header]) => [key, headerOf(header)])),
      parameters: Object.fromEntries(
        Object.entries(REQUEST_HEADERS).map(([key, header]) => [key, { in: "header", ...header }]),
      ),
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

const SECURITY_SCHEMES = {
  token: { type: "http", scheme: "bearer", description: "`ADMIN_TOKEN` of the deployment." },
};

const inputsOf = ({ query, body }: Operation): readonly Schema[] => [
  ...(query === undefined ? [] : [query]),
  ...(body === undefined ? [] : [body.schema]),
];

function pathsOf(schemas: Schemas): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const { name, operations } of GROUPS) {
    for (const operation of operations) {
      paths[operation.path] = { ...paths[operation.path], [operation.method]: operationOf(operation, name, schemas) };
    }
  }
  return paths;
}

function operationOf(operation: Operation, tag: string, { input, output }: Schemas): Json {
  const { id, summary, description, access = "token", body, answers } = operation;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    parameters: [...pathParameters(operation), ...queryParameters(operation, input), ...headerParameters(operation)],
    ...(body === undefined ? {} : { requestBody: bodyOf(body, input) }),
    responses: { ...answersOf(answers, output), ...problemAnswers(operation) },
    ...(access === "token" ? {} : { security: [] }),
  };
}

const bodyOf = (
  { schema, example, contentType = "application/json", isOptional }: NonNullable<Operation["body"]>,
  input: SchemaOf,
) => ({
  required: isOptional !== true,
  content: { [contentType]: { schema: input(schema), example } },
});

function pathParameters({ path, pathExamples = {} }: Operation): readonly Json[] {
  return Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = ""]) => {
    const known = PATH_PARAMETERS[name];
    if (known === undefined) throw new Error(`path-parameters.ts does not know {${name}} of ${path}`);
    const { description, pattern, example } = known;
    const schema = { type: "string", ...(pattern === undefined ? {} : { pattern }) };
    return { name, in: "path", required: true, description, schema, example: pathExamples[name] ?? example };
  });
}

function queryParameters({ query }: Operation, input: SchemaOf): readonly Json[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = input(query) as {
    properties?: Readonly<Record<string, JsonSchema>>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    ...{ name, in: "query", required: required.includes(name) },
    ...(description === undefined ? {} : { description }),
    schema,
  }));
}

/** Every operation takes a correlation id, and with the token a client's name. */
function headerParameters({ headers = [], access = "token" }: Operation): readonly Json[] {
  const keys = [...headers, "correlationId", ...(access === "token" ? ["clientId"] : [])];
  return keys.map((key) => ({ $ref: `#/components/parameters/${key}` }));
}

const headerOf = ({ description, schema, example }: (typeof ANSWER_HEADERS)[AnswerHeader]) => ({
  description,
  schema,
  example,
});

const headersOf = (headers: readonly AnswerHeader[]) =>
  Object.fromEntries(
    (["correlationId", ...headers] as const).map((key) => [
      ANSWER_HEADERS[key].name,
      { $ref: `#/components/headers/${key}` },
    ]),
  );

function answersOf(answers: readonly Answer[], output: SchemaOf): Json {
  const all: Record<string, unknown> = {};
  for (const { status, description, schema, contentType, example, headers = [] } of answers) {
    const type = contentType ?? (schema === undefined ? undefined : "application/json");
    const media = {
      schema: schema === undefined ? { type: "string" } : output(schema),
      ...(example === undefined ? {} : { example }),
    };
    all[String(status)] = {
      ...{ description, headers: headersOf(headers) },
      ...(type === undefined ? {} : { content: { [type]: media } }),
    };
  }
  return all;
}

function problemAnswers(operation: Operation): Json {
  const byStatus = Map.groupBy(problemsOf(operation), (code) => PROBLEMS[code].status);
  return Object.fromEntries(Array.from(byStatus, ([status, codes]) => [String(status), problemAnswer(codes)]));
}

const WAITABLE: ReadonlySet<ProblemCode> = new Set([
  "unavailable",
  "importing",
  "locked",
  "insufficient_stock",
  "conflict",
]);

function problemAnswer(codes: readonly ProblemCode[]): Json {
  const refs = codes.map((code) => ({ $ref: `#/components/schemas/${problemName(code)}` }));
  const mapping = Object.fromEntries(codes.map((code) => [code, `#/components/schemas/${problemName(code)}`]));
  const schema = refs.length === 1 ? refs[0] : { oneOf: refs, discriminator: { propertyName: "code", mapping } };
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join(" "),
    headers: headersOf(codes.some((code) => WAITABLE.has(code)) ? ["retryAfter"] : []),
    content: { "application/problem+json": { schema } },
  };
}

const webhookOf = (
  { summary, description, headers = [], schema, example, answers }: WebhookOut,
  output: SchemaOf,
): Json => ({
  post: {
    ...{ summary, description, security: [] },
    parameters: [
      ...SIGNATURE.map((key) => ({ $ref: `#/components/parameters/${key}` })),
      ...headers.map((header) => ({ in: "header", required: true, ...header })),
    ],
    requestBody: { required: true, content: { "application/json": { schema: output(schema), example } } },
    responses: answers,
  },
});
