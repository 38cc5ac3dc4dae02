/** Who is told of news: webhooks, Slack-compatible addresses, e-mail. */
import { type Context, Hono } from "hono";
import { type NotifyDestination, TAKES_ALL } from "../domain/notification/destination.ts";
import { DESTINATION_ID } from "../domain/notification/destination-id.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { NewDestination } from "../services/notifications/create-destination.ts";
import type { AppEnv } from "./app-env.ts";
import { byOf } from "./caller.ts";
import { KEY_REUSED } from "./movement-reply.ts";
import { deliveryToWire, destinationToWire } from "./notifications-to-wire.ts";
import { parseBody, parseQuery } from "./parse.ts";
import { type Problem, problem } from "./problem.ts";
import { rotateBody } from "./wire/channels.ts";
import { type DestinationBody, deliveriesQuery, destinationBody } from "./wire/notifications.ts";
import { optionalKey } from "./write-headers.ts";

export const destinationRoutes = new Hono<AppEnv>()
  .get("/", async (c) => {
    const all = await c.get("services").notifications.destinations();
    return c.json({ destinations: all.map(destinationToWire) });
  })
  .get("/:id", async (c) => {
    const found = await c.get("services").notifications.destination(c.req.param("id"));
    return found === null ? problem(c, UNKNOWN) : c.json(destinationToWire(found));
  })
  .post("/", create)
  .put("/:id", put)
  .delete("/:id", async (c) => {
    const id = c.req.param("id");
    const removed = await c.get("services").notifications.remove(id, byOf(c));
    return removed ? c.json({ id, removed }) : problem(c, UNKNOWN);
  })
  .post("/:id/enable", async (c) => {
    const enabled = await c.get("services").notifications.enable(c.req.param("id"), byOf(c));
    return enabled === null ? problem(c, UNKNOWN) : c.json(destinationToWire(enabled));
  })
  .post("/:id/rotate", async (c) => {
    const body = await parseBody(c, rotateBody, { isOptional: true });
    if (!body.ok) return problem(c, body.error);
    const id = c.req.param("id");
    const rotated = await c.get("services").notifications.rotate(id, body.value.keepOldForSeconds * 1_000, byOf(c));
    if (rotated === null)
      return problem(c, { ...UNKNOWN, detail: "No webhook goes by this id: only they are signed." });
    return c.json({ id, secret: rotated.secret, previousRetiresAt: new Date(rotated.retiresAtMs).toISOString() });
  })
  .post("/:id/test", async (c) => {
    const id = c.req.param("id");
    const tested = await c.get("services").notifications.test(id, byOf(c));
    return tested === null ? problem(c, UNKNOWN) : c.json({ id, ...tested });
  })
  .get("/:id/deliveries", async (c) => {
    const query = parseQuery(c, deliveriesQuery);
    if (!query.ok) return problem(c, query.error);
    const { notifications } = c.get("services");
    const id = c.req.param("id");
    if ((await notifications.destination(id)) === null) return problem(c, UNKNOWN);
    const { deliveries, nextCursor } = await notifications.deliveriesOf(id, query.value);
    return c.json({ deliveries: deliveries.map(deliveryToWire), next: nextCursor });
  });

const UNKNOWN: Problem = { code: "not_found", detail: "No destination goes by this id.", field: "id" };

async function create(c: Context<AppEnv>): Promise<Response> {
  const key = optionalKey(c);
  if (!key.ok) return problem(c, key.error);
  const body = await parseBody(c, destinationBody);
  if (!body.ok) return problem(c, body.error);
  const { notifications } = c.get("services");
  const draft = draftOf(body.value, notifications.refusalOf);
  if (!draft.ok) return problem(c, draft.error);
  const outcome = await notifications.create(draft.value, slackUrlOf(body.value), key.value, byOf(c));
  switch (outcome.kind) {
    case "needs_url":
      return problem(c, NEEDS_URL);
    case "too_many":
      return problem(c, tooMany(outcome.max));
    case "key_reused":
      return problem(c, { ...KEY_REUSED, detail: `It made "${outcome.id}", which says something else.` });
    case "known":
      c.header("idempotent-replayed", "true");
      c.header("location", `/v1/destinations/${outcome.destination.id}`);
      return c.json(destinationToWire(outcome.destination));
    case "created":
      c.header("location", `/v1/destinations/${outcome.destination.id}`);
      return c.json(withSecret(outcome.destination, outcome.secret), 201);
  }
}

const slackUrlOf = (body: DestinationBody): string | null => (body.type === "slack" ? (body.url ?? null) : null);

const withSecret = (destination: NotifyDestination, secret: string | null) => ({
  ...destinationToWire(destination),
  ...(secret === null ? {} : { secret }),
});

async function put(c: Context<AppEnv>): Promise<Response> {
  const id = c.req.param("id") ?? "";
  if (!DESTINATION_ID.test(id)) {
    const detail = "A destination's id has 1–64 of a–z 0–9 . _ -, and begins with a letter or a digit.";
    return problem(c, { code: "bad_request", detail, field: "id" });
  }
  const body = await parseBody(c, destinationBody);
  if (!body.ok) return problem(c, body.error);
  const { notifications } = c.get("services");
  const draft = draftOf(body.value, notifications.refusalOf);
  if (!draft.ok) return problem(c, draft.error);
  const outcome = await notifications.put({ ...draft.value, id }, slackUrlOf(body.value), byOf(c));
  switch (outcome.kind) {
    case "other_type":
      return problem(c, conflict(`It is of type ${outcome.type}: remove it first.`, "type"));
    case "needs_url":
      return problem(c, NEEDS_URL);
    case "too_many":
      return problem(c, tooMany(outcome.max));
    case "put":
      return c.json(withSecret(outcome.destination, outcome.secret), outcome.isNew ? 201 : 200);
  }
}

const NEEDS_URL: Problem = { code: "bad_request", detail: "url: a new one needs its address.", field: "url" };
const conflict = (detail: string, field: string): Problem => ({ code: "conflict", detail, field });
const tooMany = (max: number): Problem => conflict(`There are ${max} destinations already.`, "id");

function draftOf(body: DestinationBody, refusalOf: (url: string) => string | null): Result<NewDestination, Problem> {
  const given = body.type === "email" ? undefined : body.url;
  const refusal = given === undefined ? null : refusalOf(given);
  if (refusal !== null) return err({ code: "bad_request", detail: `url: ${refusal}.`, field: "url" });
  const {
    kinds = null,
    minSeverity = "info",
    skus = null,
    locations = null,
    channels = null,
  } = body.filter ?? TAKES_ALL;
  const address = body.type === "email" ? body.address : body.type === "webhook" ? body.url : hostOf(given);
  return ok({
    ...{ type: body.type, name: body.name, address },
    filter: { kinds, minSeverity, skus, locations, channels },
    digestMinutes: body.digestMinutes ?? null,
    quietHours: body.quietHours ?? null,
  });
}

/** All that is shown of an address that is a secret. */
const hostOf = (url: string | undefined): string => (url === undefined ? "" : new URL(url).host);
