/** What may be done with a SKU, and what each channel may sell of it. */
import { type Context, Hono } from "hono";
import type { ChannelSellable } from "../domain/counter/channel-sellable.ts";
import type { CounterEvent, EventOutcome } from "../domain/counter/counter-event.ts";
import type { GuardRefusal } from "../domain/counter/movement.ts";
import { type ChannelId, parseChannelId, type Sku } from "../domain/ids.ts";
import { type PolicyError, parsePolicy, parseRules, policyToJson } from "../domain/policy/parse-policy.ts";
import type { ChannelRules } from "../domain/policy/sku-policy.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { SellableReply } from "../services/counter-contract.ts";
import type { FoundOf } from "../services/sku-policy.ts";
import type { AppEnv } from "./app-env.ts";
import { guardProblem } from "./guard-problem.ts";
import { etagOf, levelsToWire } from "./levels-to-wire.ts";
import { type Answered, withTicket } from "./movement-reply.ts";
import { parseJson, skuParam } from "./parse.ts";
import { type Problem, problem } from "./problem.ts";
import { refusedRules } from "./replica-rules.ts";
import { importing, unknownSku } from "./sku-problems.ts";
import { writeHeaders } from "./write-headers.ts";
import { write } from "./write-routes.ts";

/** Mounted before the levels of a SKU: with `?channel=` they tell what the channel may sell, too. */
export const policyRoutes = new Hono<AppEnv>()
  .get("/:sku", async (c, next) => {
    if (c.req.query("channel") === undefined) return next();
    return readSellable(c, ({ view, sellable }) => {
      const headers = { etag: etagOf(view), "cache-control": "no-cache" };
      return c.json({ ...levelsToWire({ view, source: "counter" }), channel: sellableToWire(sellable) }, 200, headers);
    });
  })
  .get("/:sku/sellable", (c) =>
    readSellable(c, ({ view, sellable }) =>
      c.json({ sku: view.sku, ...sellableToWire(sellable), asOf: sellable.asOf }, 200, { etag: etagOf(view) }),
    ),
  )
  .get("/:sku/policy", async (c) => {
    const sku = skuParam(c);
    if (!sku.ok) return problem(c, sku.error);
    return foundReply(c, sku.value, await c.get("services").policy(sku.value), ({ policy, defaults, version }) =>
      c.json(
        {
          sku: sku.value,
          version,
          policy: policyToJson(policy),
          channelDefaults: Object.fromEntries(defaults.map(({ channel, rules }) => [channel, rules])),
        },
        200,
        { etag: `W/"${version}"` },
      ),
    );
  })
  .put("/:sku/policy", async (c) => {
    const body = await parseJson(c);
    if (!body.ok) return problem(c, body.error);
    const policy = parsePolicy(body.value, "asked");
    if (!policy.ok) return problem(c, malformed(policy.error));
    return change(c, { kind: "policy", policy: policy.value });
  })
  .put("/:sku/channels/:channel", async (c) => {
    const body = await parseJson(c);
    if (!body.ok) return problem(c, body.error);
    const rules = parseRules(body.value, "asked");
    if (!rules.ok) return problem(c, malformed(rules.error));
    const refused = await refusedOf(c, rules.value);
    if (refused !== null) return problem(c, refused);
    return changeChannel(c, (channel) => ({ kind: "channel_rules", channel, rules: rules.value }));
  })
  .delete("/:sku/channels/:channel", (c) =>
    changeChannel(c, (channel) => ({ kind: "channel_rules", channel, rules: null })),
  )
  .post("/:sku/channels/:channel/stop", async (c) => {
    const refused = await refusedOf(c, "stop");
    if (refused !== null) return problem(c, refused);
    return changeChannel(c, (channel) => ({ kind: "channel_stop", channel, isStopped: true }));
  })
  .post("/:sku/channels/:channel/resume", (c) =>
    changeChannel(c, (channel) => ({ kind: "channel_stop", channel, isStopped: false })),
  );

/** Of a name that is none, the next one tells. */
async function refusedOf(c: Context<AppEnv>, rules: ChannelRules | "stop"): Promise<Problem | null> {
  const channel = channelParam(c.req.param("channel"));
  return channel.ok ? refusedRules(c, channel.value, rules) : null;
}

export function channelParam(given: string | undefined): Result<ChannelId, Problem> {
  const channel = parseChannelId(given);
  if (channel.ok) return ok(channel.value);
  const detail = "A channel is a shop's myshopify.com domain, or a name of [a-z0-9._-], 1–64 characters.";
  return err({ code: "bad_request", detail, field: "channel" });
}

export const malformed = ({ field, expected }: PolicyError): Problem => ({
  code: "bad_request",
  detail: `${field}: ${expected}.`,
  field,
});

const sellableToWire = ({ channel, rules, rulesFrom, sellable, withheld, certain, locations }: ChannelSellable) => ({
  ...{ channel, sellable, withheld, certain, rulesFrom, rules, locations },
});

async function readSellable(c: Context<AppEnv>, reply: (read: SellableReply) => Response): Promise<Response> {
  const sku = skuParam(c);
  if (!sku.ok) return problem(c, sku.error);
  const channel = channelParam(c.req.query("channel"));
  if (!channel.ok) return problem(c, channel.error);
  const { bundleOf, bundleSellable, sellable } = c.get("services");
  const bundle = await bundleOf(sku.value);
  if (bundle !== null) {
    const answer = await bundleSellable(bundle, channel.value);
    if (answer.kind === "not_connected") return problem(c, importing(answer.sku));
    const { version, ...told } = answer.value;
    return c.json({ sku: sku.value, version, bundle: true, ...told }, 200, { etag: `W/"${version}"` });
  }
  return foundReply(c, sku.value, await sellable(sku.value, channel.value), reply);
}

function foundReply<Value>(
  c: Context<AppEnv>,
  sku: Sku,
  found: FoundOf<Value>,
  reply: (value: Value) => Response,
): Response {
  switch (found.kind) {
    case "unknown_sku":
      return problem(c, unknownSku(sku));
    case "not_connected":
      return problem(c, importing(sku));
    case "found":
      return reply(found.value);
  }
}

type PolicyEvent = Extract<CounterEvent, { readonly kind: "policy" | "channel_rules" | "channel_stop" }>;
type Change = PolicyEvent extends infer Event
  ? Event extends PolicyEvent
    ? Omit<Event, "correlationId">
    : never
  : never;

function changeChannel(c: Context<AppEnv>, changeOf: (channel: ChannelId) => Change): Response | Promise<Response> {
  const channel = channelParam(c.req.param("channel"));
  return channel.ok ? change(c, changeOf(channel.value)) : problem(c, channel.error);
}

async function change(c: Context<AppEnv>, asked: Change): Promise<Response> {
  const sku = skuParam(c);
  if (!sku.ok) return problem(c, sku.error);
  const headers = writeHeaders(c, { needsKey: false });
  if (!headers.ok) return problem(c, headers.error);
  const { expected, correlationId } = headers.value.by;
  const event: CounterEvent = { ...asked, expected, correlationId };
  return write(c, sku.value, [event], headers.value, (answer) => changeReply(c, answer, headers.value.options.dryRun));
}

/** A policy is refused for no reason but the caller's own preconditions. */
type ChangeOutcome = Extract<EventOutcome, { readonly kind: "policy_set" }> | GuardRefusal;

function changeReply(c: Context<AppEnv>, { outcomes, view, ticket }: Answered, dryRun = false): Response {
  const outcome = outcomes[0] as ChangeOutcome;
  if (outcome.kind !== "policy_set") {
    return problem(c, withTicket(guardProblem(outcome, view.version, Date.parse(view.asOf)), ticket));
  }
  const { sku, version } = view;
  const body = { ...(dryRun ? { dryRun } : {}), sku, version, policy: policyToJson(outcome.policy) };
  return dryRun ? c.json(body) : c.json(body, 200, { etag: etagOf(view) });
}
