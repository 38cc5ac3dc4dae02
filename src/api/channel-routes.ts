/** Channels: what each may sell of every SKU that has no rules of its own. */
import { type Context, Hono } from "hono";
import { parseRules } from "../domain/policy/parse-policy.ts";
import type { ChannelRules } from "../domain/policy/sku-policy.ts";
import type { ChannelRulesView } from "../services/channel-rules.ts";
import type { AppEnv } from "./app-env.ts";
import { dryRunQuery, parseJson, parseQuery } from "./parse.ts";
import { channelParam, malformed } from "./policy-routes.ts";
import { problem } from "./problem.ts";
import { refusedRules } from "./replica-rules.ts";

export const channelRoutes = new Hono<AppEnv>()
  .get("/:channel/rules", async (c) => {
    const channel = channelParam(c.req.param("channel"));
    if (!channel.ok) return problem(c, channel.error);
    return c.json(rulesToWire(await c.get("services").channelRules(channel.value)));
  })
  .put("/:channel/rules", async (c) => {
    const body = await parseJson(c);
    if (!body.ok) return problem(c, body.error);
    const rules = parseRules(body.value, "asked");
    return rules.ok ? change(c, rules.value) : problem(c, malformed(rules.error));
  })
  .delete("/:channel/rules", (c) => change(c, null));

async function change(c: Context<AppEnv>, rules: ChannelRules | null): Promise<Response> {
  const channel = channelParam(c.req.param("channel"));
  if (!channel.ok) return problem(c, channel.error);
  const query = parseQuery(c, dryRunQuery);
  if (!query.ok) return problem(c, query.error);
  const refused = await refusedRules(c, channel.value, rules);
  if (refused !== null) return problem(c, refused);
  const services = c.get("services");
  if (query.value.dryRun !== "true")
    return c.json(rulesToWire(await services.changeChannelRules(channel.value, rules)));
  // Nobody has learnt what nobody was told.
  const { progress, ...now } = await services.channelRules(channel.value);
  return c.json({ dryRun: true, ...rulesToWire({ ...now, rules, progress: { ...progress, learnt: 0 } }) });
}

/** `learnt` of `counters` know these rules; the others learn them within minutes. */
const rulesToWire = ({ channel, rules, revision, updatedAtMs, progress }: ChannelRulesView) => ({
  channel,
  rules,
  revision,
  updatedAt: updatedAtMs === null ? null : new Date(updatedAtMs).toISOString(),
  ...progress,
});
