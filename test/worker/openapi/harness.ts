/** Calls operations of the document and holds what comes back to what the document says of it. */
import { env, exports } from "cloudflare:workers";
import { expect } from "vitest";
import { openApiDocument } from "../../../src/api/openapi/document.ts";
import { GROUPS } from "../../../src/api/openapi/groups.ts";
import type { ProblemCode } from "../../../src/api/problem.ts";
import { faultsOf, type Schema } from "../../support/json-schema/validate.ts";
import { TEST_ENV } from "../support/test-env.ts";

type Json = Readonly<Record<string, unknown>>;
type Named = Readonly<Record<string, string>>;
/** What is only known when its turn comes is a function. */
type Later<Value> = Value | (() => Value);

/** One call, and what it is answered. */
export type Case = {
  readonly op: string;
  readonly status: number;
  readonly code?: ProblemCode;
  /** Beside status and code: what this one is about. */
  readonly why?: string;
  readonly path?: Later<Named>;
  readonly query?: Later<Named>;
  readonly headers?: Later<Named>;
  /** A text is sent as it is. */
  readonly body?: Later<unknown>;
  /** Parts of the Worker's environment that are broken. */
  readonly broken?: Json;
  readonly before?: () => unknown;
  /** Of the answer, for the cases that follow. */
  readonly keep?: (body: Record<string, unknown>, headers: Headers) => void;
};

/** Cases that share what was prepared, in their order. */
export type CaseGroup = {
  readonly name: string;
  readonly prepare?: () => unknown;
  readonly cases: readonly Case[];
};

type Part = { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> };
type Parameter = { readonly name: string; readonly in: string; readonly schema: Schema };
type Described = {
  readonly parameters: readonly (Parameter | { readonly $ref: string })[];
  readonly requestBody?: Part;
  readonly responses: Readonly<Record<string, Part & { readonly headers?: Json }>>;
};

export const document = JSON.parse(JSON.stringify(openApiDocument("test"))) as Json;
export const operations = GROUPS.flatMap((group) => group.operations);

export function operationOf(id: string) {
  const operation = operations.find((each) => each.id === id);
  if (operation === undefined) throw new Error(`the document has no operation ${id}`);
  return operation;
}

export async function hold(given: Case): Promise<void> {
  await given.before?.();
  const { method, path } = operationOf(given.op);
  const described = (document["paths"] as Readonly<Record<string, Readonly<Record<string, Described>>>>)[path]?.[
    method
  ];
  if (described === undefined) throw new Error(`${method} ${path} is not in the document`);
  const request = requestOf(given, method, path);
  if (given.status < 300) expect(undescribed(described, given), "of the request").toEqual([]);
  const response = await answerTo(request, given.broken);
  const text = await response.text();
  expect([response.status, response.status < 400 ? undefined : codeOf(text)], text.slice(0, 500)).toEqual([
    given.status,
    given.code,
  ]);
  expect(faultsOfAnswer(described, response, text), `of ${text.slice(0, 2_000)}`).toEqual([]);
  given.keep?.(text.startsWith("{") ? JSON.parse(text) : {}, response.headers);
}

const now = <Value>(given: Later<Value> | undefined): Value | undefined =>
  typeof given === "function" ? (given as () => Value)() : given;

function requestOf(given: Case, method: string, path: string): Request {
  const names = now(given.path) ?? {};
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = names[name];
    if (value === undefined) throw new Error(`${given.op}: no ${name} for ${path}`);
    return encodeURIComponent(value);
  });
  const body = now(given.body);
  const query = new URLSearchParams(now(given.query)).toString();
  return new Request(`https://onhand.test${filled}${query === "" ? "" : `?${query}`}`, {
    method: method.toUpperCase(),
    headers: {
      authorization: `Bearer ${TEST_ENV.ADMIN_TOKEN}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...now(given.headers),
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
}

async function answerTo(request: Request, broken: Json | undefined): Promise<Response> {
  if (broken === undefined) return exports.default.fetch(request);
  const { default: worker } = await import("../../../src/index.ts");
  const ctx = { waitUntil: () => {}, passThroughOnException: () => {}, props: {} } as unknown as ExecutionContext;
  const given = { ...env, ...broken } as unknown as Env;
  return worker.fetch(request as Parameters<typeof worker.fetch>[0], given, ctx);
}

function codeOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { code?: unknown }).code;
  } catch {
    return undefined;
  }
}

/** What a request that succeeds has, and the document does not know: parameters, or a body of another shape. */
function undescribed(described: Described, given: Case): readonly string[] {
  const parameters = described.parameters.map((each) => ("$ref" in each ? parameterAt(each.$ref) : each));
  const query = Object.entries(now(given.query) ?? {}).flatMap(([name, value]) => {
    const known = parameters.find((each) => each.in === "query" && each.name === name);
    return known === undefined
      ? [`the parameter ${name}`]
      : faultsOfText(known.schema, value).map((fault) => `${name}${fault}`);
  });
  const headers = Object.keys(now(given.headers) ?? {}).filter(
    (name) =>
      !["authorization", "content-type"].includes(name) &&
      !parameters.some((each) => each.in === "header" && each.name.toLowerCase() === name),
  );
  const schema = described.requestBody?.content?.["application/json"]?.schema;
  const body = now(given.body);
  const its = schema === undefined || typeof body === "string" ? [] : faultsOf(schema, body, document);
  return [...query, ...headers, ...its];
}

const parameterAt = (reference: string): Parameter => {
  const { parameters } = document["components"] as { parameters: Readonly<Record<string, Parameter>> };
  return parameters[reference.slice("#/components/parameters/".length)] as Parameter;
};

/** A number in a query is its text. */
function faultsOfText(schema: Schema, value: string): readonly string[] {
  const asText = faultsOf(schema, value, document);
  return asText.length === 0 || /^-?\d+$/.test(value) === false ? asText : faultsOf(schema, Number(value), document);
}

function faultsOfAnswer(described: Described, response: Response, text: string): readonly string[] {
  const answer = described.responses[String(response.status)];
  if (answer === undefined) return [`the status ${response.status} is not described`];
  const type = response.headers.get("content-type")?.split(";")[0]?.trim() ?? null;
  const missing = response.headers.get("x-correlation-id") === null ? ["x-correlation-id is missing"] : [];
  if (answer.content === undefined)
    return [...missing, ...(text === "" ? [] : [`a body of ${type}, where none is described`])];
  const media = answer.content[type ?? ""];
  if (media === undefined) return [`the content type ${type} is not described`];
  return [...missing, ...faultsOf(media.schema, type?.includes("json") === true ? JSON.parse(text) : text, document)];
}
