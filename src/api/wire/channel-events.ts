/** What a channel is answered that has posted events. */
import * as z from "zod/mini";
import type { EventProblem, ReceivedEvent } from "../../services/channels/received-events.ts";
import { problemParts } from "../problem.ts";

const eventProblem = z.strictObject({
  type: z.string(),
  title: z.string(),
  detail: z.string(),
  field: z.string(),
});

/** 202: the queue has those that are `accepted`. */
export const channelEventsReply = z.strictObject({
  accepted: z.int(),
  rejected: z.int(),
  /** Taken before under the same webhook-id: nothing was queued. */
  duplicate: z.optional(z.literal(true)),
  events: z.array(
    z.strictObject({
      index: z.int(),
      id: z.nullable(z.string()),
      status: z.enum(["accepted", "rejected"]),
      problem: z.optional(eventProblem),
    }),
  ),
  correlationId: z.string(),
});

export function channelEventsToWire(
  events: readonly ReceivedEvent[],
  isDuplicate: boolean,
  correlationId: string,
): z.infer<typeof channelEventsReply> {
  const rejected = events.filter(({ problem }) => problem !== null).length;
  return {
    ...{ accepted: events.length - rejected, rejected },
    ...(isDuplicate ? { duplicate: true } : {}),
    events: events.map(({ index, id, problem }) => ({
      ...{ index, id, status: problem === null ? "accepted" : "rejected" },
      ...(problem === null ? {} : { problem: toWire(problem) }),
    })),
    correlationId,
  };
}

function toWire({ code, errors: [{ field, message }] }: EventProblem): z.infer<typeof eventProblem> {
  const { type, title } = problemParts(code);
  return { type, title, detail: `${field}: ${message}`, field };
}
