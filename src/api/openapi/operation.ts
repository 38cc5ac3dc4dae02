/**
 * How one operation of the API is described: plain data around the zod schemas that validate its input and that its answers
 * are held to. `document.ts` makes OpenAPI of it. Nothing here is evaluated before somebody asks for the document.
 */
import type * as z from "zod/mini";
import type { ProblemCode } from "../problem.ts";
import type { AnswerHeader, RequestHeader } from "./headers.ts";

export type Schema = z.ZodMiniType;

/** An answer that is no problem. */
export type Answer = {
  readonly status: number;
  readonly description: string;
  /** Left out: the answer has no body, or one that is no JSON. */
  readonly schema?: Schema;
  /** Of a body that is no JSON. */
  readonly contentType?: string;
  /** A JSON value, or the text of a body that is no JSON. */
  readonly example?: unknown;
  readonly headers?: readonly AnswerHeader[];
};

export type Body = {
  readonly schema: Schema;
  readonly example: unknown;
  /** Left out: application/json. */
  readonly contentType?: string;
  /** It may be left out. */
  readonly isOptional?: true;
};

/** `token`: the bearer token. `signature`: its sender signs the raw body. */
export type Access = "token" | "signature" | "none";

export type Operation = {
  /** Unique: clients name their methods after it. */
  readonly id: string;
  readonly method: "get" | "put" | "post" | "patch" | "delete";
  /** With `{name}` for what stands in the path; each name is in path-parameters.ts. */
  readonly path: string;
  /** Where the usual example of a name in the path would mislead. */
  readonly pathExamples?: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly description?: string;
  /** Left out: the token. */
  readonly access?: Access;
  readonly query?: z.ZodMiniObject;
  readonly headers?: readonly RequestHeader[];
  readonly body?: Body;
  readonly answers: readonly Answer[];
  /** Those that every operation may give are added: problems.ts. */
  readonly problems: readonly ProblemCode[];
};

export type Group = {
  readonly name: string;
  readonly description: string;
  readonly operations: readonly Operation[];
};
