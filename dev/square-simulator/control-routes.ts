/** What of Square can be played from outside, and how it can be disturbed: behind a token of its own. */
import { timingSafeEqual } from "node:crypto";
import * as z from "zod";
import type { HttpAnswer } from "../shopify-simulator/http/http-io.ts";
import type { Behaviour, SquareSimulator } from "./square-simulator.ts";
import type { DeliveryFaults } from "./square-webhooks.ts";

export const CONTROL_PREFIX = "/_simulator/";

const name = z.string().min(1);
const saleBody = z.strictObject({ item: name, location: name, quantity: z.number().int().min(1) });
const countBody = z.strictObject({ item: name, location: name, quantity: z.number().int() });
const rate = z.number().min(0).max(1);
const faultsBody = z
  .strictObject({ duplicateRate: rate, dropRate: rate, reorderRate: rate, reorderHoldMs: z.number().int().min(0) })
  .partial();
const times = z.number().int().min(1).optional();
const behaviourBody = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("answer") }),
  z.strictObject({ kind: z.literal("refuse"), status: z.number().int().min(300).max(599), times }),
  z.strictObject({ kind: z.literal("lose_answer"), times }),
]);

/** Answers 401 without the token, 404 where there is nothing, 422 for a body that is none. */
export function answerControl(
  square: SquareSimulator,
  { method, path, token, text }: { readonly [Part in "method" | "path" | "token" | "text"]: string },
): HttpAnswer {
  const [given, own] = [Buffer.from(token), Buffer.from(square.controlToken)];
  if (given.length !== own.length || !timingSafeEqual(given, own))
    return { status: 401, body: { error: "X-Simulator-Token must be the simulator's control token" } };
  const body: unknown = text === "" ? {} : JSON.parse(text);
  switch (`${method} ${path.slice(CONTROL_PREFIX.length)}`) {
    case "POST sales": {
      const { item, location, quantity } = saleBody.parse(body);
      square.sell(item, location, quantity);
      return { status: 200, body: { level: square.model.level(item, location) } };
    }
    case "POST counts": {
      const { item, location, quantity } = countBody.parse(body);
      square.count(item, location, quantity);
      return { status: 200, body: { level: quantity } };
    }
    case "PATCH faults":
      square.webhooks.faults = {
        ...square.webhooks.faults,
        ...(faultsBody.parse(body) as Partial<DeliveryFaults>),
      };
      return { status: 200, body: square.webhooks.faults };
    case "PUT behaviour":
      square.behaviour = behaviourBody.parse(body) as Behaviour;
      return { status: 200, body: square.behaviour };
    case "GET levels":
      return {
        status: 200,
        body: { levels: square.model.levels(), applied: square.model.applied, stats: square.stats },
      };
    case "GET books":
      return {
        status: 200,
        body: {
          ...{ sold: Object.fromEntries(square.books.sold), counted: Object.fromEntries(square.books.counted) },
          counts: square.books.counts,
        },
      };
    default:
      return { status: 404, body: { error: "no such route" } };
  }
}
