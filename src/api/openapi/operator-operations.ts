/** Alerts, oversells, circuit breakers and the audit log. */
import { thresholdBody } from "../alert-routes.ts";
import { auditQuery } from "../audit-routes.ts";
import { isolateBody } from "../breaker-routes.ts";
import { oversellsQuery } from "../oversell-routes.ts";
import { alertsReply, thresholdReply } from "../wire/alerts.ts";
import { breakerReply, breakersReply } from "../wire/breakers.ts";
import { auditReply } from "../wire/journal.ts";
import { oversellReply, oversellsReply } from "../wire/oversells.ts";
import { BREAKER, OVERSELL } from "./examples.ts";
import type { Group } from "./operation.ts";

const OVERRIDE = {
  threshold: 60,
  forMinutes: null,
  reason: "sale week",
  actor: "admin",
  at: "2026-11-28T09:00:00.000Z",
};

export const alerts: Group = {
  name: "Alerts",
  description: "What fires, what changed lately, and every threshold.",
  operations: [
    {
      id: "getAlerts",
      method: "get",
      path: "/v1/alerts",
      summary: "What fires, and every threshold",
      answers: [
        {
          status: 200,
          description: "As of the newest evaluation.",
          schema: alertsReply,
          example: {
            evaluatedAt: "2026-11-28T09:00:00.000Z",
            stale: false,
            destinations: ["webhook"],
            firing: [],
            thresholds: [],
            changes: [],
          },
        },
      ],
      problems: [],
    },
    {
      id: "setThreshold",
      method: "put",
      path: "/v1/alerts/thresholds/{name}",
      summary: "A threshold instead of the table's, from the next evaluation on",
      body: { schema: thresholdBody, example: { threshold: 60, reason: "sale week" } },
      answers: [
        {
          status: 200,
          description: "It holds.",
          schema: thresholdReply,
          example: { name: "queue_lag", override: OVERRIDE },
        },
      ],
      problems: ["not_found"],
    },
    {
      id: "resetThreshold",
      method: "delete",
      path: "/v1/alerts/thresholds/{name}",
      summary: "The table's threshold again",
      answers: [
        {
          status: 200,
          description: "It holds.",
          schema: thresholdReply,
          example: { name: "queue_lag", override: null },
        },
      ],
      problems: ["not_found"],
    },
  ],
};

export const oversells: Group = {
  name: "Oversells",
  description: "What is sold and not there, since when, and whose order falls short.",
  operations: [
    {
      id: "listOversells",
      method: "get",
      path: "/v1/oversells",
      summary: "Oversells, newest first",
      query: oversellsQuery,
      answers: [
        {
          status: 200,
          description: "A page, and how many are open.",
          schema: oversellsReply,
          example: { oversells: [OVERSELL], next: null, open: 1 },
        },
      ],
      problems: [],
    },
    {
      id: "getOversell",
      method: "get",
      path: "/v1/oversells/{id}",
      summary: "One of them",
      answers: [{ status: 200, description: "As it is now.", schema: oversellReply, example: OVERSELL }],
      problems: ["not_found"],
    },
  ],
};

const breaker = [
  { status: 200, description: "The breaker as it is now.", schema: breakerReply, example: BREAKER },
] as const;

export const breakers: Group = {
  name: "Circuit breakers",
  description: "Where calls go and where they do not. What waits for a breaker is kept.",
  operations: [
    {
      id: "listBreakers",
      method: "get",
      path: "/v1/breakers",
      summary: "All destinations",
      answers: [{ status: 200, description: "Each of them.", schema: breakersReply, example: { breakers: [BREAKER] } }],
      problems: [],
    },
    {
      id: "isolateBreaker",
      method: "post",
      path: "/v1/breakers/{kind}/{name}/isolate",
      summary: "Stop all calls to one destination",
      description: "Until it is released, through every restart.",
      body: { schema: isolateBody, example: { reason: "maintenance of the receiver" } },
      answers: breaker,
      problems: ["not_found"],
    },
    {
      id: "releaseBreaker",
      method: "post",
      path: "/v1/breakers/{kind}/{name}/release",
      summary: "Calls may go again",
      answers: breaker,
      problems: ["not_found"],
    },
  ],
};

export const audit: Group = {
  name: "Audit",
  description: "Who did what.",
  operations: [
    {
      id: "listAudit",
      method: "get",
      path: "/v1/audit",
      summary: "The audit log, newest first",
      query: auditQuery,
      answers: [
        {
          status: 200,
          description: "A page.",
          schema: auditReply,
          example: {
            entries: [
              {
                id: 12,
                at: "2026-11-28T09:00:00.000Z",
                actor: "admin",
                action: "dead_letter.discarded",
                subject: "dl_3f9c2a7b51d04e6f",
                correlationId: "friday-look",
                detail: { reason: "test order" },
              },
            ],
            next: null,
          },
        },
      ],
      problems: [],
    },
  ],
};
