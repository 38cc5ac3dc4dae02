/** Dead letters one by one: list, look, replay, edit then replay, discard. */
import { type Context, Hono } from "hono";
import * as z from "zod/mini";
import { LIMITS } from "../config.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { EditOutcome } from "../services/dead-letters/edit-letter.ts";
import { DEAD_LETTER_STATUSES } from "../services/dead-letters.ts";
import type { ReplayOutcome } from "../services/replay-dead-letter.ts";
import type { AppEnv } from "./app-env.ts";
import { byOf } from "./caller.ts";
import { matchFields, matchOf } from "./dead-letter-query.ts";
import { letterToWire, wholeLetterToWire } from "./dead-letter-to-wire.ts";
import { parseBody, parseQuery } from "./parse.ts";
import { type Problem, problem } from "./problem.ts";

export const deadLettersQuery = z.strictObject({
  status: z.optional(z.enum(DEAD_LETTER_STATUSES)),
  ...matchFields,
  limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(LIMITS.pageRowsMax)), 50),
  cursor: z.optional(z.string().check(z.regex(/^\d{1,16}\.dl_[0-9a-f]+$/, "must be the `next` of the page before"))),
});
export const editBody = z.strictObject({ payload: z.unknown(), version: z.optional(z.int().check(z.gte(1))) });
export const discardBody = z.strictObject({ reason: z.string().check(z.minLength(1), z.maxLength(500)) });

export const deadLetterRoutes = new Hono<AppEnv>()
  .get("/", async (c) => {
    const query = parseQuery(c, deadLettersQuery);
    if (!query.ok) return problem(c, query.error);
    const { status, limit, cursor, ...match } = query.value;
    const { deadLetters } = c.get("services");
    const { letters, nextCursor } = await deadLetters.list({ ...matchOf(match), status, limit, cursor });
    return c.json({
      deadLetters: letters.map(letterToWire),
      next: nextCursor,
      waiting: await deadLetters.count("waiting"),
    });
  })
  .get("/:id", async (c) => {
    const letter = await c.get("services").deadLetters.get(c.req.param("id"));
    if (letter === null) return problem(c, UNKNOWN);
    return c.json(wholeLetterToWire(letter), 200, { etag: `"${letter.version}"` });
  })
  .post("/:id/replay", async (c) => replayReply(c, await c.get("services").replay(c.req.param("id"), byOf(c))))
  .post("/:id/edit", async (c) => {
    const body = await parseBody(c, editBody);
    if (!body.ok) return problem(c, body.error);
    const version = versionOf(c.req.header("if-match"), body.value.version);
    if (!version.ok) return problem(c, version.error);
    const { editLetter } = c.get("services");
    return editReply(c, await editLetter(c.req.param("id"), version.value, body.value.payload, byOf(c)));
  })
  .post("/:id/discard", async (c) => {
    const body = await parseBody(c, discardBody);
    if (!body.ok) return problem(c, body.error);
    const { discardLetter } = c.get("services");
    const { isDiscarded, letter } = await discardLetter(c.req.param("id"), body.value.reason, byOf(c));
    if (letter === null) return problem(c, UNKNOWN);
    // Said twice, it is discarded all the same.
    if (!isDiscarded && letter.status !== "discarded")
      return problem(c, { code: "conflict", detail: `The dead letter is ${letter.status} already.` });
    return c.json(letterToWire(letter));
  });

const UNKNOWN: Problem = { code: "not_found", detail: "No dead letter has this id.", field: "id" };

/** Of the letter as its editor read it: in the header, or in the body. */
function versionOf(header: string | undefined, given: number | undefined): Result<number, Problem> {
  if (header === undefined && given !== undefined) return ok(given);
  const tagged = /^(?:W\/)?"(\d{1,15})"$/.exec(header?.trim() ?? "")?.[1];
  if (tagged !== undefined) return ok(Number(tagged));
  const detail = 'Say which version of the letter you edited: its ETag as If-Match ("3"), or `version` in the body.';
  return err({ code: header === undefined ? "precondition_required" : "bad_request", detail, field: "If-Match" });
}

function replayReply(
  c: Context<AppEnv>,
  outcome: ReplayOutcome,
  more: Readonly<Record<string, unknown>> = {},
): Response {
  switch (outcome.kind) {
    case "unknown":
      return problem(c, UNKNOWN);
    case "not_replayable":
      return problem(c, { code: "not_replayable", detail: `It cannot be replayed: ${outcome.reason}.` });
    case "replayed":
      return c.json(
        { id: outcome.letter.id, status: outcome.status, replays: outcome.letter.replays + 1, ...more },
        202,
      );
  }
}

function editReply(c: Context<AppEnv>, outcome: EditOutcome): Response {
  switch (outcome.kind) {
    case "unknown":
      return problem(c, UNKNOWN);
    case "settled":
      return problem(c, { code: "conflict", detail: "The dead letter has been processed: there is nothing to mend." });
    case "other_version": {
      const { version } = outcome;
      const detail = "The dead letter has changed since you read it: read it again.";
      return problem(c, { code: "version_mismatch", detail, field: "If-Match", more: { version } });
    }
    case "invalid": {
      const { faults } = outcome;
      const [first] = faults;
      const detail = first === undefined ? "It does not match the schema." : `${first.field}: ${first.message}`;
      const errors = faults.map(({ field, message }) => ({ field: `payload.${field}`, message }));
      return problem(c, { code: "invalid_payload", detail, field: errors[0]?.field ?? "payload", more: { errors } });
    }
    case "edited":
      return replayReply(c, outcome.replay, { version: outcome.version, edited: true });
  }
}
