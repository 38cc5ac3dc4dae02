/** What a channel may sell: of one SKU, and by default of all. */
import { type Command, type CommandContext, type Flags, UsageError } from "./command-context.ts";
import { table } from "./table.ts";

type Rules = { readonly isStopped: boolean } & Readonly<Record<string, unknown>>;
type Sellable = {
  readonly sku: string;
  readonly channel: string;
  readonly sellable: number;
  readonly withheld: number;
  readonly certain: number;
  readonly rulesFrom: string;
  readonly rules: Rules;
  readonly locations: readonly { locationId: string; available: number; withheld: number; sellable: number }[];
};
type ChannelRules = {
  readonly channel: string;
  readonly rules: Rules | null;
  readonly counters: number;
  readonly learnt: number;
};

const named = ({ args: [sku, channel] }: CommandContext): { readonly sku: string; readonly channel: string } => {
  if (sku === undefined || channel === undefined) throw new UsageError("Name a SKU and a channel.");
  return { sku: encodeURIComponent(sku), channel: encodeURIComponent(channel) };
};

export const showSellable: Command = async (context) => {
  const { sku, channel } = named(context);
  const path = `/v1/inventory/${sku}/sellable?channel=${channel}`;
  const answer = await context.client.call<Sellable>("GET", path);
  const rows = answer.locations.map((at) => [at.locationId, at.available, at.withheld, at.sellable]);
  const head = `${answer.sellable} may be sold, ${answer.certain} of them certainly there; ${answer.withheld} withheld.`;
  const by = `Rules of the ${answer.rulesFrom}: ${JSON.stringify(answer.rules)}`;
  return { answer, text: `${head}\n${by}\n${table(["LOCATION", "AVAILABLE", "WITHHELD", "SELLABLE"], rows)}` };
};

export const showPolicy: Command = async ({ client, args: [sku] }) => {
  if (sku === undefined) throw new UsageError("Name a SKU.");
  const answer = await client.call("GET", `/v1/inventory/${encodeURIComponent(sku)}/policy`);
  return { answer, text: JSON.stringify(answer, null, 2) };
};

const change =
  (method: "POST" | "PUT" | "DELETE", suffix: string, said: string, bodyOf?: (flags: Flags) => unknown): Command =>
  async (context) => {
    const { sku, channel } = named(context);
    const body = bodyOf?.(context.flags);
    const answer = await context.client.call(method, `/v1/inventory/${sku}/channels/${channel}${suffix}`, body);
    return { answer, text: `${context.args[0]} at ${context.args[1]}: ${said}` };
  };

export const stopChannel = change("POST", "/stop", "nothing is sold any more.");
export const resumeChannel = change("POST", "/resume", "sold again, within its rules.");
export const setChannel = change("PUT", "", "rules of its own are in force.", (flags) => {
  const rules = rulesOf(flags);
  if (rules === null) throw new UsageError("Say what to set: --buffer N or N%, --zero-below N, --cap N.");
  return rules;
});
export const clearChannel = change("DELETE", "", "the channel's defaults hold again.");

/** Shows the defaults of a channel; with rules, or --clear, changes them. */
export const channelRules: Command = async ({ client, args: [channel], flags }) => {
  if (channel === undefined) throw new UsageError("Name a channel.");
  const path = `/v1/channels/${encodeURIComponent(channel)}/rules`;
  const rules = rulesOf(flags);
  if (rules !== null && flags.clear) throw new UsageError("Rules or --clear: say one of them.");
  const answer =
    rules !== null
      ? await client.call<ChannelRules>("PUT", path, rules)
      : await client.call<ChannelRules>(flags.clear ? "DELETE" : "GET", path);
  const told = `${answer.learnt} of ${answer.counters} SKUs have learnt them.`;
  return { answer, text: `${answer.rules === null ? "No default rules." : JSON.stringify(answer.rules)}\n${told}` };
};

/** Null: nothing was said. */
function rulesOf(flags: Flags): object | null {
  const { buffer, cap, "zero-below": zeroBelow } = flags;
  const rules = {
    ...(buffer === undefined ? {} : { buffer: bufferOf(buffer) }),
    ...(zeroBelow === undefined ? {} : { zeroBelow: unitsOf("--zero-below", zeroBelow) }),
    ...(cap === undefined ? {} : { cap: unitsOf("--cap", cap) }),
  };
  return Object.keys(rules).length === 0 ? null : rules;
}

const bufferOf = (given: string): object =>
  given.endsWith("%")
    ? { kind: "percentage", percent: unitsOf("--buffer", given.slice(0, -1)) }
    : { kind: "fixed", units: unitsOf("--buffer", given) };

function unitsOf(name: string, given: string): number {
  if (!/^\d{1,9}$/.test(given)) throw new UsageError(`${name}: "${given}" is no number.`);
  return Number(given);
}
