/** Dead letters: list, look, replay. */
import { Hono } from "hono";
import * as z from "zod/mini";
import { LIMITS } from "../config.ts";
import type { DeadLetterSummary } from "../services/dead-letters.ts";
import type { AppEnv } from "./app-env.ts";
import { parseQuery } from "./parse.ts";
import { type Problem, problem } from "./problem.ts";

const text = z.string().check(z.minLength(1), z.maxLength(255));
const listQuery = z.strictObject({
  status: z.optional(z.enum(["waiting", "replayed"])),
  queue: z.optional(text),
  origin: z.optional(text),
  code: z.optional(text),
  shop: z.optional(text),
  correlationId: z.optional(text),
  limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(LIMITS.pageRowsMax)), 50),
  cursor: z.optional(z.string().check(z.regex(/^\d{1,16}\.dl_[0-9a-f]+$/, "must be the `next` of the page before"))),
});

export const deadLetterRoutes = new Hono<AppEnv>()
  .get("/", async (c) => {
    const query = parseQuery(c, listQuery);
    if (!query.ok) return problem(c, query.error);
    const { queue, ...filter } = query.value;
    const origin = queue === undefined ? filter.origin : `queue/${queue}`;
    const { deadLetters } = c.get("services");
    const { letters, nextCursor } = await deadLetters.list({ ...filter, ...(origin === undefined ? {} : { origin }) });
    return c.json({
      deadLetters: letters.map(letterToWire),
      next: nextCursor,
      waiting: await deadLetters.count("waiting"),
    });
  })
  .get("/:id", async (c) => {
    const letter = await c.get("services").deadLetters.get(c.req.param("id"));
    return letter === null ? problem(c, UNKNOWN) : c.json({ ...letterToWire(letter), payload: letter.payload });
  })
  .post("/:id/replay", async (c) => {
    const outcome = await c.get("services").replay(c.req.param("id"));
    switch (outcome.kind) {
      case "unknown":
        return problem(c, UNKNOWN);
      case "not_replayable":
        return problem(c, { code: "not_replayable", detail: `It cannot be replayed: ${outcome.reason}.` });
      case "replayed":
        return c.json({ id: outcome.letter.id, status: outcome.status, replays: outcome.letter.replays + 1 }, 202);
    }
  });

const UNKNOWN: Problem = { code: "not_found", detail: "No dead letter has this id.", field: "id" };

function letterToWire(letter: DeadLetterSummary) {
  const { id, status, origin, topic, shop, subject, errors, attempts, deaths, replays, truncated, received } = letter;
  const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
  return {
    ...{ id, status, origin, queue: origin.startsWith("queue/") ? origin.slice("queue/".length) : null },
    ...{ topic, shop, correlationId: letter.correlationId, eventId: letter.eventId, subject },
    ...{ code: errors[0]?.code ?? null, error: errors[0]?.message ?? null },
    errors: errors.map(({ atMs, ...error }) => ({ ...error, at: iso(atMs) })),
    ...{ attempts, deaths, replays, truncated, received },
    occurredAt: iso(letter.occurredAtMs),
    createdAt: iso(letter.createdAtMs),
    updatedAt: iso(letter.updatedAtMs),
    replayedAt: iso(letter.replayedAtMs),
  };
}
