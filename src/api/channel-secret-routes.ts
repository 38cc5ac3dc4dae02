/** Secrets of a channel: ours to sign with, shown once; the merchant's credentials, never shown. */
import { Hono } from "hono";
import { CREDENTIAL_NAME } from "../domain/channel/check-draft.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { SIGNING } from "../services/channels/channel-store.ts";
import type { AppEnv } from "./app-env.ts";
import { byOf } from "./caller.ts";
import { inForce, UNKNOWN_CHANNEL } from "./channels-routes.ts";
import { parseBody } from "./parse.ts";
import { channelParam } from "./policy-routes.ts";
import { type Problem, problem } from "./problem.ts";
import { iso } from "./time-to-wire.ts";
import { credentialBody, rotateBody } from "./wire/channels.ts";

export const channelSecretRoutes = new Hono<AppEnv>()
  .post("/secrets/reseal", async (c) => c.json(await c.get("services").channels.reseal(byOf(c))))
  .post("/:channel/secrets/rotate", async (c) => {
    const id = channelParam(c.req.param("channel"));
    if (!id.ok) return problem(c, id.error);
    const body = await parseBody(c, rotateBody, { isOptional: true });
    if (!body.ok) return problem(c, body.error);
    const { keepOldForSeconds } = body.value;
    const rotated = await c.get("services").channels.rotate(id.value, keepOldForSeconds * 1_000, byOf(c));
    if (rotated === null) return problem(c, UNKNOWN_CHANNEL);
    return c.json({ id: id.value, secret: rotated.secret, previousRetiresAt: iso(rotated.retiresAtMs), ...inForce(c) });
  })
  .delete("/:channel/secrets/previous", async (c) => {
    const id = channelParam(c.req.param("channel"));
    if (!id.ok) return problem(c, id.error);
    const retired = await c.get("services").channels.retirePrevious(id.value, byOf(c));
    return retired === null ? problem(c, UNKNOWN_CHANNEL) : c.json({ id: id.value, retired, ...inForce(c) });
  })
  .put("/:channel/credentials/:name", async (c) => {
    const id = channelParam(c.req.param("channel"));
    if (!id.ok) return problem(c, id.error);
    const name = credentialName(c.req.param("name"));
    if (!name.ok) return problem(c, name.error);
    const body = await parseBody(c, credentialBody);
    if (!body.ok) return problem(c, body.error);
    const fault = await c.get("services").channels.credentialFault(id.value, name.value, body.value.value);
    if (fault !== null) return problem(c, { code: "bad_request", detail: `${name.value}: ${fault}.`, field: "value" });
    const stored = await c.get("services").channels.putCredential(id.value, name.value, body.value.value, byOf(c));
    if (!stored) return problem(c, UNKNOWN_CHANNEL);
    return c.json({ id: id.value, name: name.value, stored, ...inForce(c) });
  })
  .delete("/:channel/credentials/:name", async (c) => {
    const id = channelParam(c.req.param("channel"));
    if (!id.ok) return problem(c, id.error);
    const name = credentialName(c.req.param("name"));
    if (!name.ok) return problem(c, name.error);
    const removed = await c.get("services").channels.removeCredential(id.value, name.value, byOf(c));
    if (removed === null) return problem(c, UNKNOWN_CHANNEL);
    if (removed) return c.json({ id: id.value, name: name.value, stored: false, ...inForce(c) });
    return problem(c, { code: "not_found", detail: "No credential of this name is stored.", field: "name" });
  });

function credentialName(given: string): Result<string, Problem> {
  if (CREDENTIAL_NAME.test(given) && given !== SIGNING) return ok(given);
  const detail = "A credential's name is of [a-z0-9_], begins with a letter, has 1–40 characters, and is not signing.";
  return err({ code: "bad_request", detail, field: "name" });
}
