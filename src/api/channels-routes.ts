/** Channels themselves: what they are, whether they pass, how they are. */
import { type Context, Hono } from "hono";
import { type ChannelId, parseShopDomain } from "../domain/ids.ts";
import { parseRules } from "../domain/policy/parse-policy.ts";
import type { ChannelRules } from "../domain/policy/sku-policy.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { StoredChannel } from "../services/channels/channel-store.ts";
import type { AppEnv } from "./app-env.ts";
import { byOf } from "./caller.ts";
import { badField, channelToWire, draftOf, signingToWire } from "./channel-draft.ts";
import { dryRunQuery, parseBody, parseQuery } from "./parse.ts";
import { channelParam, malformed } from "./policy-routes.ts";
import { type Problem, problem } from "./problem.ts";
import { WITHHOLDS_NOTHING, withholds } from "./replica-rules.ts";
import { iso, isoOrNull } from "./time-to-wire.ts";
import { channelBody, pauseBody, readOnlyBody } from "./wire/channels.ts";
import { ifMatch } from "./write-headers.ts";

export const channelsRoutes = new Hono<AppEnv>()
  .get("/", async (c) => {
    const { channels, environmentShops } = c.get("services");
    const stored = await channels.list();
    return c.json({ channels: stored.map(channelToWire), environmentShops: [...environmentShops] });
  })
  .get("/:channel", async (c) => {
    const id = channelParam(c.req.param("channel"));
    if (!id.ok) return problem(c, id.error);
    const view = await c.get("services").channels.view(id.value);
    if (view === null) return problem(c, UNKNOWN_CHANNEL);
    const { stored, secrets, listingCount } = view;
    const credentials = secrets.credentials.map(({ name, createdAtMs }) => ({ name, createdAt: iso(createdAtMs) }));
    const told = { signing: secrets.signing.map(signingToWire), credentials };
    const etag = etagOf(stored);
    return c.json({ ...channelToWire(stored), secrets: told, listingCount }, 200, { etag });
  })
  .put("/:channel", put)
  .delete("/:channel", async (c) => {
    const id = channelParam(c.req.param("channel"));
    if (!id.ok) return problem(c, id.error);
    const removed = await c.get("services").channels.remove(id.value, byOf(c));
    switch (removed) {
      case "unknown":
        return problem(c, UNKNOWN_CHANNEL);
      case "connected": {
        const detail =
          "Items of it are counted as a shop's are. Disconnect it first (POST /v1/shops/{shop}/disconnect), so that each counter gives back what it had of it.";
        return problem(c, { code: "conflict", detail, field: "channel" });
      }
      case "removed":
        return c.json({ id: id.value, removed: true, ...inForce(c) });
    }
  })
  .post("/:channel/pause", async (c) => {
    const body = await parseBody(c, pauseBody, { isOptional: true });
    if (!body.ok) return problem(c, body.error);
    const reason = body.value.reason ?? "paused by an operator";
    return changed(c, (id) => c.get("services").channels.pause(id, reason, byOf(c)));
  })
  .post("/:channel/resume", (c) => changed(c, (id) => c.get("services").channels.resume(id, byOf(c))))
  .post("/:channel/read-only", async (c) => {
    const body = await parseBody(c, readOnlyBody);
    if (!body.ok) return problem(c, body.error);
    return changed(c, (id) => c.get("services").channels.setReadOnly(id, body.value.on, byOf(c)));
  })
  .post("/:channel/test", async (c) => {
    const id = channelParam(c.req.param("channel"));
    if (!id.ok) return problem(c, id.error);
    const tested = await c.get("services").channels.test(id.value, byOf(c));
    if (tested === null) return problem(c, UNKNOWN_CHANNEL);
    if (tested.kind === "nowhere") {
      const detail = "It has no endpoint: nothing can be sent to it.";
      return problem(c, { code: "conflict", detail, field: "endpoint" });
    }
    const { kind: _, retryAtMs, ...told } = tested;
    return c.json({ ...told, retryAt: isoOrNull(retryAtMs) });
  })
  .get("/:channel/health", async (c) => {
    const id = channelParam(c.req.param("channel"));
    if (!id.ok) return problem(c, id.error);
    const found = await c.get("services").channels.health(id.value);
    if (found === null) return problem(c, UNKNOWN_CHANNEL);
    const { health, stored, breaker, seen } = found;
    const { lastError, counts, isPartial } = seen;
    return c.json({
      ...{ id: id.value, ...health, state: stored.channel.state, readOnly: stored.channel.readOnly },
      breaker: breaker === null ? null : { ...breaker, since: isoOrNull(breaker.sinceMs), sinceMs: undefined },
      ...{ lastReceivedAt: isoOrNull(seen.lastReceivedMs), lastSentAt: isoOrNull(seen.lastSentMs) },
      lastError: lastError === null ? null : { ...lastError, at: iso(lastError.atMs), atMs: undefined },
      last24h: { counts, isPartial },
      waitingDeadLetters: seen.waitingLetters,
    });
  });

async function put(c: Context<AppEnv>): Promise<Response> {
  const { channels, changeChannelRules, environmentShops } = c.get("services");
  const id = channelParam(c.req.param("channel"));
  if (!id.ok) return problem(c, id.error);
  const shop = parseShopDomain(id.value);
  if (shop.ok && environmentShops.has(shop.value)) return problem(c, OF_THE_ENVIRONMENT);
  const query = parseQuery(c, dryRunQuery);
  if (!query.ok) return problem(c, query.error);
  const dryRun = query.value.dryRun === "true";
  const ifRevision = ifMatch(c);
  if (!ifRevision.ok) return problem(c, ifRevision.error);
  const body = await parseBody(c, channelBody);
  if (!body.ok) return problem(c, body.error);
  const rules = rulesOf(body.value.rules);
  if (!rules.ok) return problem(c, rules.error);
  const draft = draftOf(id.value, body.value, channels);
  if (!draft.ok) return problem(c, draft.error);
  if (draft.value.adapter === "square" && rules.value !== null && withholds(rules.value))
    return problem(c, WITHHOLDS_NOTHING);
  const outcome = await channels.put(draft.value, { ifRevision: ifRevision.value, dryRun }, byOf(c));
  switch (outcome.kind) {
    case "refused":
      return problem(c, badField(outcome.fault.field, outcome.fault.message));
    case "stale": {
      const now = outcome.revision === null ? "There is no such channel" : `Its revision is ${outcome.revision}`;
      return problem(c, { code: "version_mismatch", detail: `${now} now.`, field: "If-Match" });
    }
    case "put": {
      if (rules.value !== null && !dryRun) await changeChannelRules(id.value, rules.value);
      const { stored, secret, isNew } = outcome;
      const told = {
        ...channelToWire(stored),
        ...(rules.value === null ? {} : { rules: rules.value }),
        ...(dryRun ? { dryRun } : { effectiveWithinSeconds: channels.effectiveWithinMs / 1_000, ...inForce(c) }),
        ...(secret === null ? {} : { secret }),
      };
      return c.json(told, isNew && !dryRun ? 201 : 200, dryRun ? {} : { etag: etagOf(stored) });
    }
  }
}

function rulesOf(given: unknown): Result<ChannelRules | null, Problem> {
  if (given === undefined) return ok(null);
  const rules = parseRules(given, "asked", "rules");
  return rules.ok ? rules : err(malformed(rules.error));
}

async function changed(
  c: Context<AppEnv>,
  change: (id: ChannelId) => Promise<StoredChannel | null>,
): Promise<Response> {
  const id = channelParam(c.req.param("channel"));
  if (!id.ok) return problem(c, id.error);
  const stored = await change(id.value);
  if (stored === null) return problem(c, UNKNOWN_CHANNEL);
  return c.json({ ...channelToWire(stored), ...inForce(c) }, 200, { etag: etagOf(stored) });
}

/** From when on every part of ours goes by what was just changed. */
export const inForce = (c: Context<AppEnv>): { readonly inForceAt: string } => ({
  inForceAt: iso(c.get("services").channels.inForceAtMs()),
});

const etagOf = ({ channel }: StoredChannel): string => `W/"${channel.revision}"`;

export const UNKNOWN_CHANNEL: Problem = { code: "not_found", detail: "No channel goes by this id.", field: "channel" };

const OF_THE_ENVIRONMENT: Problem = {
  code: "conflict",
  detail: "This shop is in SHOPIFY_SHOPS: the environment's settings hold for it. Take it out there first.",
  field: "channel",
};
