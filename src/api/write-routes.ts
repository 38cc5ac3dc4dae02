/** Writes of one SKU: movements of every kind, and counts. */
import { type Context, Hono } from "hono";
import type { CountOutcome } from "../domain/counter/count.ts";
import type { CounterEvent } from "../domain/counter/counter-event.ts";
import type { MovementOutcome } from "../domain/counter/movement.ts";
import type { Sku } from "../domain/ids.ts";
import { type AskedMovement, countEvent, movementEvents } from "../services/asked-events.ts";
import type { AppEnv } from "./app-env.ts";
import { writeBundleReply } from "./bundle-reply.ts";
import {
  adjustmentBody,
  askedAdjustment,
  askedCount,
  askedMovement,
  countBody,
  movementBody,
} from "./movement-body.ts";
import { type Answered, countReply, movementReply } from "./movement-reply.ts";
import { parseBody, skuParam } from "./parse.ts";
import { problem } from "./problem.ts";
import { importing, unknownSku } from "./sku-problems.ts";
import { type WriteHeaders, writeHeaders } from "./write-headers.ts";

export const writeRoutes = new Hono<AppEnv>()
  .post("/:sku/adjustments", async (c) => {
    const headers = writeHeaders(c);
    if (!headers.ok) return problem(c, headers.error);
    const body = await parseBody(c, adjustmentBody);
    if (!body.ok) return problem(c, body.error);
    return writeMovement(c, askedAdjustment(body.value), headers.value);
  })
  .post("/:sku/movements", async (c) => {
    const headers = writeHeaders(c);
    if (!headers.ok) return problem(c, headers.error);
    const body = await parseBody(c, movementBody);
    if (!body.ok) return problem(c, body.error);
    return writeMovement(c, askedMovement(body.value), headers.value);
  })
  .post("/:sku/counts", async (c) => {
    const sku = skuParam(c);
    if (!sku.ok) return problem(c, sku.error);
    const headers = writeHeaders(c);
    if (!headers.ok) return problem(c, headers.error);
    const body = await parseBody(c, countBody);
    if (!body.ok) return problem(c, body.error);
    const event = await countEvent(askedCount(body.value), headers.value.by, Date.now());
    return write(c, sku.value, [event], headers.value, (answer) =>
      countReply(c, answer, answer.outcomes[0] as CountOutcome, headers.value.options.dryRun === true),
    );
  });

async function writeMovement(c: Context<AppEnv>, asked: AskedMovement, headers: WriteHeaders): Promise<Response> {
  const sku = skuParam(c);
  if (!sku.ok) return problem(c, sku.error);
  const services = c.get("services");
  const dryRun = headers.options.dryRun === true;
  const bundle = await services.bundleOf(sku.value);
  if (bundle !== null) {
    const quantity = Math.abs(asked.delta) || Math.abs(asked.moves.committed ?? 0); // a shipment moves no ledger
    const outcome = await services.writeBundle(bundle, asked, headers.by, dryRun);
    return writeBundleReply(c, outcome, { bundle, quantity, dryRun });
  }
  const events = await movementEvents(asked, headers.by, Date.now());
  const locationId = asked.locationId ?? undefined;
  return write(c, sku.value, events, headers, (answer) =>
    movementReply(c, answer, answer.outcomes.at(-1) as MovementOutcome, {
      dryRun: headers.options.dryRun === true,
      locationId,
    }),
  );
}

/** @param reply  to the counter's answer; its outcomes are those that these events can have */
export async function write(
  c: Context<AppEnv>,
  sku: Sku,
  events: readonly CounterEvent[],
  { options }: WriteHeaders,
  reply: (answer: Answered) => Response,
): Promise<Response> {
  const answer = await c.get("services").write(sku, events, options);
  switch (answer.kind) {
    case "unknown_sku":
      return problem(c, unknownSku(sku));
    case "not_connected":
      return problem(c, importing(sku));
    case "answered":
      return reply(answer);
  }
}
