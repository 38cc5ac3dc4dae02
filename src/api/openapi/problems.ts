/** Problems in the document: a schema for each code, and which of them an operation may answer. */
import * as z from "zod/mini";
import { PROBLEMS, type ProblemCode } from "../problem.ts";
import { PROBLEM_MEMBERS } from "../wire/problem.ts";
import type { Operation, Schema } from "./operation.ts";

export const PROBLEM_CODES = Object.keys(PROBLEMS) as readonly ProblemCode[];

/** `stale_lease` → `StaleLeaseProblem` */
export const problemName = (code: ProblemCode): string =>
  `${code.replaceAll(/(?:^|_)(\w)/g, (_, first: string) => first.toUpperCase())}Problem`;

export const problemType = (code: ProblemCode): string => `urn:onhand:problem:${code.replaceAll("_", "-")}`;

/** By its name under `components`. */
export function problemSchemas(): Readonly<Record<string, Schema>> {
  return Object.fromEntries(PROBLEM_CODES.map((code) => [problemName(code), schemaOf(code)]));
}

function schemaOf(code: ProblemCode): Schema {
  return z
    .strictObject({
      type: z.literal(problemType(code)),
      title: z.string(),
      status: z.literal(PROBLEMS[code].status),
      detail: z.string(),
      code: z.literal(code),
      field: z.optional(z.string()),
      correlationId: z.string(),
      ...PROBLEM_MEMBERS[code],
    })
    .check(z.describe(`${PROBLEMS[code].title}.`));
}

/** Whoever has the token may hear these from every operation: `bad_request` of a client's odd name, for one. */
const OF_ALL: readonly ProblemCode[] = ["bad_request", "unauthorized", "misconfigured", "unavailable", "internal"];

/** In the order of their status. */
export function problemsOf({ access = "token", body, problems }: Operation): readonly ProblemCode[] {
  const all = new Set<ProblemCode>([
    ...(access === "token" ? OF_ALL : []),
    ...(body === undefined ? [] : (["bad_request", "body_too_large"] as const)),
    ...problems,
  ]);
  return access !== "token" && problems.length === 0
    ? []
    : [...all].toSorted((a, b) => PROBLEMS[a].status - PROBLEMS[b].status);
}

/** What a problem looks like, without the members that only some situations have. */
export const problemExample = (code: ProblemCode) => ({
  type: problemType(code),
  title: PROBLEMS[code].title,
  status: PROBLEMS[code].status,
});
