/** The document is OpenAPI 3.1 as its authors' own schema has it, and its examples are what they are examples of. */
import { describe, expect, it } from "vitest";
import { openApiDocument } from "../../../src/api/openapi/document.ts";
import { GROUPS } from "../../../src/api/openapi/groups.ts";
import { faultsOf, type Schema } from "../../support/json-schema/validate.ts";
import official from "./fixtures/openapi-3.1-schema-2022-10-07.json" with { type: "json" };

type Json = { readonly [name: string]: unknown };
type Media = { readonly schema: Schema; readonly example?: unknown };
type Part = { readonly content?: Readonly<Record<string, Media>> };
type Described = {
  readonly operationId?: string;
  readonly parameters: readonly (Json & { readonly schema?: Schema; readonly example?: unknown })[];
  readonly requestBody?: Part;
  readonly responses: Readonly<Record<string, Part>>;
};

const document = JSON.parse(JSON.stringify(openApiDocument("test"))) as Json;

const paths = document["paths"] as Readonly<Record<string, Readonly<Record<string, Described>>>>;
const webhooks = document["webhooks"] as Readonly<Record<string, Readonly<Record<string, Described>>>>;
const operations = [...Object.entries(paths), ...Object.entries(webhooks)].flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
);

describe("the document", () => {
  it("is valid against the JSON Schema of OpenAPI 3.1", () => {
    expect(faultsOf(official, document)).toEqual([]);
  });

  it("is refused by that schema once a member is out of place", () => {
    const broken = { ...document, info: { title: "no version" }, unheard: true };
    expect(faultsOf(official, broken)).toEqual(["/info/version: missing", "/unheard: nothing is allowed here"]);
  });

  it("refers to nothing that is not there", () => {
    const references = JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g);
    const missing = Array.from(references, ([, reference = ""]) => reference).filter((reference) => {
      const steps = reference.slice(2).split("/");
      return steps.reduce<unknown>((at, step) => (at as Json | undefined)?.[step], document) === undefined;
    });
    expect([...new Set(missing)]).toEqual([]);
  });

  it("names every operation once", () => {
    const ids = GROUPS.flatMap((group) => group.operations.map(({ id }) => id));
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
  });

  it("describes an answer's status once per operation", () => {
    const twice = GROUPS.flatMap(({ operations: its }) =>
      its.flatMap(({ id, answers }) => {
        const statuses = answers.map(({ status }) => status);
        return new Set(statuses).size === statuses.length ? [] : [id];
      }),
    );
    expect(twice).toEqual([]);
  });
});

describe("examples", () => {
  const jsonOf = (part: Part | undefined) =>
    Object.entries(part?.content ?? {}).flatMap(([type, media]) => (type === "application/json" ? [media] : []));

  it.each(operations)("of $name are of their schema", ({ operation }) => {
    const answers = Object.values(operation.responses).flatMap(jsonOf);
    const faults = [...jsonOf(operation.requestBody), ...answers].flatMap(({ schema, example }) =>
      example === undefined ? [] : faultsOf(schema, example, document),
    );
    const ofParameters = operation.parameters.flatMap(({ schema, example }) =>
      schema === undefined || example === undefined ? [] : faultsOf(schema, example, document),
    );
    expect([...faults, ...ofParameters]).toEqual([]);
  });

  it("stand beside every JSON body, but where the body is the document itself", () => {
    const without = operations.flatMap(({ name, operation }) =>
      [operation.requestBody, ...Object.values(operation.responses)]
        .flatMap(jsonOf)
        .flatMap(({ example }) => (example === undefined ? [name] : [])),
    );
    expect(without).toEqual(["get /openapi.json"]);
  });
});
