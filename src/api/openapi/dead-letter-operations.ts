/** Dead letters one by one, and jobs over many. */

import * as z from "zod/mini";
import { jobBody, jobItemsQuery, jobsQuery } from "../dead-letter-job-routes.ts";
import { deadLettersQuery, discardBody, editBody } from "../dead-letter-routes.ts";
import {
  editReply,
  foreseenJobReply,
  jobItemsReply,
  jobReply,
  jobsReply,
  letterReply,
  lettersReply,
  replayReply,
  wholeLetterReply,
} from "../wire/dead-letters.ts";
import { JOB, LETTER } from "./examples.ts";
import type { Group } from "./operation.ts";

const REPLAYED = { id: LETTER.id, status: "replayed", replays: 1 };

export const deadLetters: Group = {
  name: "Dead letters",
  description: "Events that could not be counted, with the reason: look, replay, edit then replay, discard.",
  operations: [
    {
      id: "listDeadLetters",
      method: "get",
      path: "/v1/dead-letters",
      summary: "Dead letters, newest first, and how many wait",
      query: deadLettersQuery,
      answers: [
        {
          status: 200,
          description: "A page.",
          schema: lettersReply,
          example: { deadLetters: [LETTER], next: null, waiting: 1 },
        },
      ],
      problems: [],
    },
    {
      id: "getDeadLetter",
      method: "get",
      path: "/v1/dead-letters/{id}",
      summary: "One, with its payload",
      description: "And with the `original`, where it was edited. Its ETag is its version.",
      answers: [
        {
          status: 200,
          description: "The letter.",
          schema: wholeLetterReply,
          example: { ...LETTER, payload: { id: 1 } },
          headers: ["etag"],
        },
      ],
      problems: ["not_found"],
    },
    {
      id: "replayDeadLetter",
      method: "post",
      path: "/v1/dead-letters/{id}/replay",
      summary: "Process it again",
      answers: [{ status: 202, description: "It is on its way.", schema: replayReply, example: REPLAYED }],
      problems: ["not_found", "not_replayable"],
    },
    {
      id: "editDeadLetter",
      method: "post",
      path: "/v1/dead-letters/{id}/edit",
      summary: "Mend its payload, then process it again",
      description: "The payload is given whole; event id and shop must stay. The first one is kept as `original`.",
      headers: ["ifMatch"],
      body: { schema: editBody, example: { payload: { id: 1 }, version: 1 } },
      answers: [
        {
          status: 202,
          description: "It is kept, and on its way.",
          schema: editReply,
          example: { ...REPLAYED, version: 2, edited: true },
        },
      ],
      problems: [
        ...(["not_found", "conflict", "version_mismatch", "invalid_payload"] as const),
        ...(["not_replayable", "precondition_required"] as const),
      ],
    },
    {
      id: "discardDeadLetter",
      method: "post",
      path: "/v1/dead-letters/{id}/discard",
      summary: "It shall never count",
      body: { schema: discardBody, example: { reason: "a test order" } },
      answers: [
        {
          status: 200,
          description: "It is discarded.",
          schema: letterReply,
          example: { ...LETTER, status: "discarded" },
        },
      ],
      problems: ["not_found", "conflict"],
    },
  ],
};

export const deadLetterJobs: Group = {
  name: "Dead-letter jobs",
  description: "All letters that match a filter, replayed or discarded under one name.",
  operations: [
    {
      id: "startDeadLetterJob",
      method: "post",
      path: "/v1/dead-letters/jobs",
      summary: "Replay or discard all that match",
      description: "Asked for twice under one name, it runs once. `dryRun` in the body tells what it would take.",
      body: { schema: jobBody, example: { name: JOB.name, filter: { code: "unknown_variant" } } },
      answers: [
        { status: 202, description: "It has begun.", schema: jobReply, example: JOB },
        {
          status: 200,
          description: "It is known already, or what a dry run foresees.",
          schema: z.union([jobReply, foreseenJobReply]),
          example: JOB,
          headers: ["replayed"],
        },
      ],
      problems: ["conflict"],
    },
    {
      id: "listDeadLetterJobs",
      method: "get",
      path: "/v1/dead-letters/jobs",
      summary: "Jobs, newest first",
      query: jobsQuery,
      answers: [{ status: 200, description: "A page.", schema: jobsReply, example: { jobs: [JOB], next: null } }],
      problems: [],
    },
    {
      id: "getDeadLetterJob",
      method: "get",
      path: "/v1/dead-letters/jobs/{id}",
      summary: "One, by its id or its name",
      answers: [{ status: 200, description: "How far it is.", schema: jobReply, example: JOB }],
      problems: ["not_found"],
    },
    {
      id: "listDeadLetterJobItems",
      method: "get",
      path: "/v1/dead-letters/jobs/{id}/items",
      summary: "What became of each letter",
      query: jobItemsQuery,
      answers: [
        {
          status: 200,
          description: "A page.",
          schema: jobItemsReply,
          example: {
            items: [{ seq: 1, deadLetter: LETTER.id, state: "sent", detail: null, at: "2026-11-28T09:00:00.000Z" }],
            next: null,
          },
        },
      ],
      problems: ["not_found"],
    },
    {
      id: "cancelDeadLetterJob",
      method: "post",
      path: "/v1/dead-letters/jobs/{id}/cancel",
      summary: "Leave the rest",
      description: "What was sent stays sent.",
      answers: [
        { status: 200, description: "It is over.", schema: jobReply, example: { ...JOB, status: "cancelled" } },
      ],
      problems: ["not_found", "conflict"],
    },
  ],
};
