/** The document as the page reads it. */

export type Schema = { readonly [keyword: string]: unknown };

export type Parameter = {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly description?: string;
  readonly required?: boolean;
  readonly schema: Schema;
  readonly example?: unknown;
};
export type Reference = { readonly $ref: string };

export type Media = { readonly schema: Schema; readonly example?: unknown };
export type Content = Readonly<Record<string, Media>>;

export type Response = {
  readonly description: string;
  readonly headers?: Readonly<Record<string, Reference>>;
  readonly content?: Content;
};

export type Described = {
  readonly operationId?: string;
  readonly tags?: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly parameters: readonly (Parameter | Reference)[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, Response>>;
  readonly security?: readonly unknown[];
};

export type Document = {
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly summary: string;
    readonly description: string;
  };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly webhooks: Readonly<Record<string, { readonly post: Described }>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly parameters: Readonly<Record<string, Parameter>>;
  };
};

/** `#/components/schemas/Levels` → `Levels` */
export const nameOf = (reference: string): string => reference.slice(reference.lastIndexOf("/") + 1);

export const parameterOf = (given: Parameter | Reference, { components }: Document): Parameter | null =>
  "$ref" in given ? (components.parameters[nameOf(given.$ref)] ?? null) : given;
