/** Writes of one SKU: movements, counts, leases. */
import * as z from "zod/mini";
import { lockBody } from "../lock-routes.ts";
import { adjustmentBody, countBody, movementBody } from "../movement-body.ts";
import {
  bookedReply,
  bundleBookedReply,
  countWaitsReply,
  foreseenLeaseReply,
  leaseReply,
  unlockedReply,
} from "../wire/movements.ts";
import { writeQuery } from "../write-headers.ts";
import { LEVELS, MOVEMENT } from "./examples.ts";
import { GUARDS } from "./headers.ts";
import type { Group } from "./operation.ts";

export const booked = z.union([bookedReply, bundleBookedReply]);
const BOOKED = { movement: MOVEMENT, levels: LEVELS };
const LEASE = {
  leaseId: "3f0c9a52-6a57-4b5e-9a43-1f0f5a0f2f6b",
  fencingToken: 4,
  holder: "admin/till-7",
  expiresAt: "2026-11-28T09:00:30.000Z",
  levels: LEVELS,
};

const GUARD_PROBLEMS = ["version_mismatch", "stale_lease", "locked", "precondition_required"] as const;
const WRITE_PROBLEMS = [
  ...(["not_found", "conflict", "idempotency_key_reused", "out_of_range", "importing"] as const),
  ...GUARD_PROBLEMS,
];

const bookedAnswers = (schema: typeof booked | typeof bookedReply) => [
  { status: 201, description: "It is counted.", schema, example: BOOKED, headers: ["etag"] as const },
  {
    status: 200,
    description: "A repeat of what was counted, or what a dry run foresees.",
    schema,
    example: BOOKED,
    headers: ["etag", "replayed"] as const,
  },
];

export const writes: Group = {
  name: "Writes",
  description: "Movements, counts and leases of one SKU. A fact always counts; a decision is guarded.",
  operations: [
    {
      id: "adjust",
      method: "post",
      path: "/v1/inventory/{sku}/adjustments",
      summary: "Add or take units, with a reason",
      description:
        "Guarded: it is refused where fewer are certainly there, unless `allowNegative` says that it has happened.",
      query: writeQuery,
      headers: ["idempotencyKey", ...GUARDS],
      body: { schema: adjustmentBody, example: { delta: -1, reason: "sale", locationId: "61", channel: "till-front" } },
      answers: bookedAnswers(booked),
      problems: ["insufficient_stock", "hold_limit", ...WRITE_PROBLEMS],
    },
    {
      id: "move",
      method: "post",
      path: "/v1/inventory/{sku}/movements",
      summary: "What happened, or shall, by its kind",
      description: "sale, cancellation, shipment, return, receipt, damage, transfer, adjustment: docs/stock-model.md.",
      query: writeQuery,
      headers: ["idempotencyKey", ...GUARDS],
      body: {
        schema: movementBody,
        example: { kind: "sale", quantity: 1, locationId: "61", channel: "till-front", reference: "receipt-1001" },
      },
      answers: bookedAnswers(booked),
      problems: ["insufficient_stock", "hold_limit", ...WRITE_PROBLEMS],
    },
    {
      id: "count",
      method: "post",
      path: "/v1/inventory/{sku}/counts",
      summary: "A count of the shelf",
      description: "A count of what is on hand waits until Shopify has told what is sold and not shipped.",
      query: writeQuery,
      headers: ["idempotencyKey", ...GUARDS],
      body: { schema: countBody, example: { locationId: "61", counted: 12, countedAt: "2026-11-28T08:55:00Z" } },
      answers: [
        ...bookedAnswers(bookedReply),
        {
          status: 202,
          description: "It is taken, and counts as soon as it can.",
          schema: countWaitsReply,
          example: { status: "waiting", dryRun: false, levels: LEVELS },
          headers: ["etag"],
        },
      ],
      problems: WRITE_PROBLEMS,
    },
    {
      id: "lock",
      method: "post",
      path: "/v1/inventory/{sku}/lock",
      summary: "Take the lease of a SKU",
      description:
        "Its holder is alone with guarded writes and counts. The levels that come with it were read under it.",
      query: writeQuery,
      headers: ["leaseKey", ...GUARDS],
      body: { schema: lockBody, example: { ttlSeconds: 30 } },
      answers: [
        { status: 201, description: "It is yours.", schema: leaseReply, example: LEASE, headers: ["etag"] },
        {
          status: 200,
          description: "What a dry run foresees.",
          schema: foreseenLeaseReply,
          example: { dryRun: true, holder: "admin", expiresAt: "2026-11-28T09:00:30.000Z", levels: LEVELS },
        },
      ],
      problems: ["not_found", "importing", ...GUARD_PROBLEMS],
    },
    {
      id: "extendLock",
      method: "patch",
      path: "/v1/inventory/{sku}/lock",
      summary: "Keep the lease longer",
      query: writeQuery,
      headers: GUARDS,
      body: { schema: lockBody, example: { ttlSeconds: 30 } },
      answers: [
        {
          status: 200,
          description: "Until `expiresAt`.",
          schema: z.union([leaseReply, foreseenLeaseReply]),
          example: LEASE,
          headers: ["etag"],
        },
      ],
      problems: ["not_found", "importing", ...GUARD_PROBLEMS],
    },
    {
      id: "unlock",
      method: "delete",
      path: "/v1/inventory/{sku}/lock",
      summary: "Give the lease back",
      query: writeQuery,
      headers: GUARDS,
      answers: [
        {
          status: 200,
          description: "It is anybody's.",
          schema: unlockedReply,
          example: { unlocked: true, levels: LEVELS },
          headers: ["etag"],
        },
      ],
      problems: ["not_found", "importing", ...GUARD_PROBLEMS],
    },
  ],
};
