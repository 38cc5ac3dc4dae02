/** Reservations: lines of several SKUs, held all or none. */
import { commitBody, extendBody, reservationBody } from "../reservation-body.ts";
import { reservationDryReply, reservationReply } from "../wire/reservations.ts";
import { writeQuery } from "../write-headers.ts";
import { RESERVATION } from "./examples.ts";
import { GUARDS } from "./headers.ts";
import type { Answer, Group, Operation } from "./operation.ts";

const done = (description: string): readonly Answer[] => [
  { status: 200, description, schema: reservationDryReply, example: RESERVATION, headers: ["replayed"] },
];
const ENDS: Operation["problems"] = [
  ...(["not_found", "reservation_committed", "reservation_released", "reservation_expired"] as const),
];

export const reservations: Group = {
  name: "Reservations",
  description:
    "Lines of several SKUs, held all or none, then committed, released, extended, or expired to the millisecond.",
  operations: [
    {
      id: "reserve",
      method: "post",
      path: "/v1/reservations",
      summary: "Hold all lines, or none",
      description:
        "Lines may name bundles. `insufficient_stock` lists in `short` every line that is short. A refusal is not remembered: the same key may succeed later.",
      query: writeQuery,
      headers: ["idempotencyKey", ...GUARDS],
      body: {
        schema: reservationBody,
        example: { lines: [{ sku: "TEE-M", quantity: 2 }], ttlSeconds: 900, reference: "cart-77", channel: "web" },
      },
      answers: [
        {
          status: 201,
          description: "They are held.",
          schema: reservationReply,
          example: RESERVATION,
          headers: ["location"],
        },
        ...done("A repeat, or what a dry run foresees."),
      ],
      problems: [
        ...(["not_found", "conflict", "insufficient_stock", "idempotency_key_reused", "locked"] as const),
        ...(["hold_limit", "importing"] as const),
      ],
    },
    {
      id: "getReservation",
      method: "get",
      path: "/v1/reservations/{id}",
      summary: "One reservation",
      answers: [{ status: 200, description: "As it is now.", schema: reservationReply, example: RESERVATION }],
      problems: ["not_found"],
    },
    {
      id: "commitReservation",
      method: "post",
      path: "/v1/reservations/{id}/commit",
      summary: "Sell all of it, or a part and release the rest",
      query: writeQuery,
      headers: GUARDS,
      body: { schema: commitBody, example: { lines: [{ sku: "TEE-M", quantity: 1 }] } },
      answers: done("It is sold, or was before."),
      problems: [...ENDS, "out_of_range"],
    },
    {
      id: "releaseReservation",
      method: "post",
      path: "/v1/reservations/{id}/release",
      summary: "Give it back",
      query: writeQuery,
      headers: GUARDS,
      answers: done("It is released, or was before."),
      problems: ENDS,
    },
    {
      id: "extendReservation",
      method: "post",
      path: "/v1/reservations/{id}/extend",
      summary: "Hold it longer: from now, never shorter than it was",
      query: writeQuery,
      headers: GUARDS,
      body: { schema: extendBody, example: { ttlSeconds: 900 } },
      answers: done("Until `expiresAt`."),
      problems: ENDS,
    },
  ],
};
