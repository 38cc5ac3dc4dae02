/** Thresholds, reordering, and counts that wait for a person. */
import {
  countDecidedReply,
  countFindingReply,
  countsQuery,
  countsReply,
  decisionBody,
  defaultReorderRuleReply,
  defaultThresholdsReply,
  reorderBody,
  reorderReply,
  reorderRuleBody,
  reorderRuleReply,
  reorderRuleSetReply,
  reordersQuery,
  reordersReply,
  thresholdsBody,
  thresholdsReply,
  thresholdsSetReply,
} from "../wire/stock.ts";
import { writeQuery } from "../write-headers.ts";
import type { Group, Operation, Schema } from "./operation.ts";

const AT = "2026-11-28T09:00:00.000Z";
const THRESHOLDS = { inAll: { lowAt: 10, backAt: 1, hysteresis: 3 } };
const RULE = {
  when: { kind: "point", point: 20, quantity: 50 },
  ...{ leadDays: 7, packSize: 10, quantityMax: null, locationId: null },
};
const PROGRESS = { revision: 4, updatedAt: AT, learnt: 120, counters: 120 };
const REORDER = {
  ...{ id: "ro_sku_01_1", sku: "TEE-M", state: "open", quantity: 50, received: 0, askedBy: "rule" },
  ...{ reason: "19 available, at 20 or fewer it is ordered", available: 19, locationId: null, requestedAt: AT },
  ...{ neededBy: null, closedAt: null, closedReason: null },
};
const COUNT = {
  ...{ id: "cf_0123456789abcdef01234567", sku: "TEE-M", kind: "approval", state: "held" },
  ...{ key: "channel/wms-main/count/c-1/1", locationId: "61", of: "on_hand", counted: 50, ours: 100, difference: -50 },
  ...{ countedAt: AT, at: AT, actor: "wms-main", source: "channel", reference: "c-1", decidedBy: null },
  ...{ decidedAt: null, note: null, correlationId: "evt-1" },
};

const ok = (schema: Schema, example: unknown, description = "As it is now."): Operation["answers"] => [
  { status: 200, description, schema, example },
];
const sku = ["not_found", "importing"] as const;

export const thresholds: Group = {
  name: "Thresholds",
  description: "When people are told that a SKU is low, out, or back: in all, and per location.",
  operations: [
    {
      ...{ id: "getThresholds", method: "get", path: "/v1/inventory/{sku}/thresholds" },
      summary: "Thresholds of a SKU, and what state it is in",
      answers: ok(thresholdsReply, {
        ...{ sku: "TEE-M", thresholds: THRESHOLDS, defaults: {}, states: [{ scope: "all", state: "ok" }] },
      }),
      problems: sku,
    },
    {
      ...{ id: "putThresholds", method: "put", path: "/v1/inventory/{sku}/thresholds" },
      summary: "Its own, whole",
      description:
        "Left out: what holds for all SKUs. Null: it is not watched. Low or out now, and never told: told now.",
      query: writeQuery,
      body: { schema: thresholdsBody, example: THRESHOLDS },
      answers: ok(thresholdsSetReply, { sku: "TEE-M", thresholds: THRESHOLDS }),
      problems: sku,
    },
    {
      ...{ id: "deleteThresholds", method: "delete", path: "/v1/inventory/{sku}/thresholds" },
      summary: "What holds for all SKUs again",
      query: writeQuery,
      answers: ok(thresholdsSetReply, { sku: "TEE-M", thresholds: {} }),
      problems: sku,
    },
    {
      ...{ id: "getDefaultThresholds", method: "get", path: "/v1/thresholds" },
      summary: "Thresholds of every SKU without its own",
      answers: ok(defaultThresholdsReply, { thresholds: THRESHOLDS, ...PROGRESS }),
      problems: [],
    },
    {
      ...{ id: "putDefaultThresholds", method: "put", path: "/v1/thresholds" },
      summary: "Set them",
      body: { schema: thresholdsBody, example: THRESHOLDS },
      answers: ok(defaultThresholdsReply, { thresholds: THRESHOLDS, ...PROGRESS }, "And how many counters know them."),
      problems: [],
    },
  ],
};

export const reorders: Group = {
  name: "Reorders",
  description: "When more of a SKU is asked for, and what became of each request.",
  operations: [
    {
      ...{ id: "getReorderRule", method: "get", path: "/v1/inventory/{sku}/reorder-rule" },
      summary: "The rule of a SKU, the sales it goes by, the request that is open",
      answers: ok(reorderRuleReply, { sku: "TEE-M", rule: RULE, from: "sku", sales: null, open: null }),
      problems: sku,
    },
    {
      ...{ id: "putReorderRule", method: "put", path: "/v1/inventory/{sku}/reorder-rule" },
      summary: "Its own rule",
      description: "Null: it is never ordered by a rule.",
      query: writeQuery,
      body: { schema: reorderRuleBody, example: { rule: RULE } },
      answers: ok(reorderRuleSetReply, { sku: "TEE-M", rule: RULE }),
      problems: sku,
    },
    {
      ...{ id: "deleteReorderRule", method: "delete", path: "/v1/inventory/{sku}/reorder-rule" },
      summary: "The default rule again",
      query: writeQuery,
      answers: ok(reorderRuleSetReply, { sku: "TEE-M", rule: null }),
      problems: sku,
    },
    {
      ...{ id: "requestReorder", method: "post", path: "/v1/inventory/{sku}/reorders" },
      summary: "Ask for more by hand",
      query: writeQuery,
      headers: ["idempotencyKey"],
      body: { schema: reorderBody, example: { quantity: 50, reason: "summer" } },
      answers: [
        { status: 201, description: "It is open.", schema: reorderReply, example: REORDER },
        { status: 200, description: "The same key again.", schema: reorderReply, example: REORDER },
      ],
      problems: [...sku, "conflict"],
    },
    {
      ...{ id: "getDefaultReorderRule", method: "get", path: "/v1/reorder-rule" },
      summary: "The rule of every SKU without its own",
      answers: ok(defaultReorderRuleReply, { rule: RULE, ...PROGRESS }),
      problems: [],
    },
    {
      ...{ id: "putDefaultReorderRule", method: "put", path: "/v1/reorder-rule" },
      summary: "Set it",
      body: { schema: reorderRuleBody, example: { rule: RULE } },
      answers: ok(defaultReorderRuleReply, { rule: RULE, ...PROGRESS }, "And how many counters know it."),
      problems: [],
    },
    {
      ...{ id: "listReorders", method: "get", path: "/v1/reorders" },
      summary: "Requests, newest first",
      query: reordersQuery,
      answers: ok(reordersReply, { reorders: [REORDER], next: null }, "A page."),
      problems: [],
    },
    {
      ...{ id: "getReorder", method: "get", path: "/v1/reorders/{id}", summary: "One of them" },
      answers: ok(reorderReply, REORDER),
      problems: ["not_found"],
    },
    {
      ...{ id: "cancelReorder", method: "post", path: "/v1/reorders/{id}/cancel" },
      summary: "It is wanted no more",
      description: "The rule asks again once stock was above its point.",
      body: { schema: decisionBody, example: { reason: "the supplier is closed" } },
      answers: ok(reorderReply, { ...REORDER, state: "cancelled" }),
      problems: ["not_found", "importing", "conflict"],
    },
  ],
};

export const counts: Group = {
  name: "Counts",
  description: "Counts that wait for a person, what became of them, and what does not go together.",
  operations: [
    {
      ...{ id: "listCounts", method: "get", path: "/v1/counts" },
      summary: "Counts and conflicts, newest first",
      query: countsQuery,
      answers: ok(countsReply, { counts: [COUNT], next: null }, "A page."),
      problems: [],
    },
    {
      ...{ id: "getCount", method: "get", path: "/v1/counts/{id}", summary: "One of them" },
      answers: ok(countFindingReply, COUNT),
      problems: ["not_found"],
    },
    ...(["approve", "reject"] as const).map(
      (word): Operation => ({
        ...{ id: `${word}Count`, method: "post", path: `/v1/counts/{id}/${word}` },
        summary: word === "approve" ? "Book it: what happened since is kept" : "Never book it",
        body: { schema: decisionBody, example: { reason: "recounted" } },
        answers: [
          ...ok(countDecidedReply, { id: COUNT.id, state: word === "approve" ? "booked" : "rejected", delta: 0 }),
          ...(word === "reject"
            ? []
            : [
                {
                  ...{ status: 202, description: "It waits for Shopify's committed units." },
                  ...{ schema: countDecidedReply, example: { id: COUNT.id, state: "waiting", delta: null } },
                },
              ]),
        ],
        problems: ["not_found", "conflict"],
      }),
    ),
  ],
};
