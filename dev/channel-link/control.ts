/** The part of `/_simulator/…` that every simulated channel has: JSON in, JSON out, guarded by a token of its own. */
import { randomBytes, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import type { HttpAnswer } from "../shopify-simulator/http/http-io.ts";
import type { EventSender } from "./event-sender.ts";
import type { OtherRequest, SignedReceiver } from "./signed-receiver.ts";

const times = z.number().int().min(1).optional();
const behaviourBody = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("answer") }),
  z.strictObject({
    kind: z.literal("refuse"),
    status: z.number().int().min(300).max(599),
    retryAfterSeconds: z.number().int().min(0).optional(),
    about: z.string().optional(),
    times,
  }),
  z.strictObject({ kind: z.literal("hang"), times }),
  z.strictObject({ kind: z.literal("lose_answer"), times }),
]);

const rate = z.number().min(0).max(1);
const faultsBody = z.strictObject({
  duplicateRate: rate,
  retellRate: rate,
  reorderRate: rate,
  reorderHoldMs: z.number().int().min(0),
  forgeRate: rate,
});

/** Method and path (without the prefix) → what it does with the parsed body. It may throw: 422. */
export type ControlRoutes = Readonly<Record<string, (body: unknown) => unknown>>;

export type Controlled = {
  readonly controlToken: string;
  readonly receiver: SignedReceiver;
  /** Null: it only listens. */
  readonly sender: EventSender | null;
};

export const controlToken = (): string => randomBytes(16).toString("hex");

const PREFIX = "/_simulator";

export function answerControl(
  { controlToken: token, receiver, sender }: Controlled,
  own: ControlRoutes,
  request: OtherRequest,
): HttpAnswer | null {
  if (!request.path.startsWith(`${PREFIX}/`)) return null;
  if (!isSame(request.headers["x-simulator-token"] ?? "", token))
    return { status: 401, body: { error: "X-Simulator-Token must be the simulator's control token" } };
  const routes: ControlRoutes = {
    "GET /stats": () => ({ received: receiver.stats, sent: sender?.stats ?? null, refusals: sender?.refusals ?? [] }),
    "PUT /behaviour": (body) => {
      receiver.behaviour = behaviourBody.parse(body) as SignedReceiver["behaviour"];
      return receiver.behaviour;
    },
    "PATCH /faults": (body) => {
      if (sender === null) throw new Error("it sends nothing");
      sender.faults = { ...sender.faults, ...(faultsBody.partial().parse(body) as Partial<EventSender["faults"]>) };
      return sender.faults;
    },
    ...own,
  };
  const route = routes[`${request.method} ${request.path.slice(PREFIX.length)}`];
  if (route === undefined) return { status: 404, body: { error: "no such route" } };
  try {
    return { status: 200, body: route(request.body === "" ? {} : JSON.parse(request.body)) ?? { done: true } };
  } catch (error) {
    return { status: 422, body: { error: error instanceof Error ? error.message : String(error) } };
  }
}

function isSame(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}
