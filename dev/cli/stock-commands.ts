/** Thresholds, what is bought again, and counts that wait for a person. */
import { type Command, type Flags, UsageError } from "./command-context.ts";
import { table } from "./table.ts";

type Reorder = {
  readonly id: string;
  readonly sku: string;
  readonly state: string;
  readonly quantity: number;
  readonly received: number;
  readonly reason: string;
  readonly requestedAt: string;
};
type Count = {
  readonly id: string;
  readonly sku: string;
  readonly kind: string;
  readonly state: string;
  readonly locationId: string;
  readonly counted: number;
  readonly ours: number;
  readonly difference: number;
  readonly actor: string;
  readonly countedAt: string;
};

const skuPath = (sku: string | undefined, rest: string): string => {
  if (sku === undefined) throw new UsageError("Name the SKU.");
  return `/v1/inventory/${encodeURIComponent(sku)}/${rest}`;
};

/** Of a SKU, or of all that have none of their own; `--low N` [`--back N`] sets them. */
const thresholds: Command = async ({ client, args: [sku], flags }) => {
  const path = sku === undefined ? "/v1/thresholds" : skuPath(sku, "thresholds");
  const whose = sku ?? "all SKUs without their own";
  if (flags.clear) {
    if (sku === undefined) throw new UsageError("Name the SKU whose own thresholds shall go.");
    const answer = await client.call("DELETE", path);
    return { answer, text: `What holds for all SKUs holds for ${sku}.` };
  }
  if (flags.low === undefined) {
    const answer = await client.call("GET", path);
    return { answer, text: JSON.stringify(answer, null, 2) };
  }
  const inAll = {
    lowAt: unitsOf("--low", flags.low),
    ...(flags.back === undefined ? {} : { backAt: unitsOf("--back", flags.back) }),
  };
  const answer = await client.call("PUT", path, { inAll });
  return { answer, text: `Low is ${flags.low} or fewer, for ${whose}.` };
};

/** The rule of a SKU, or the default; `--point N --quantity N` or `--cover DAYS` sets it. */
const reorderRule: Command = async ({ client, args: [sku], flags }) => {
  const path = sku === undefined ? "/v1/reorder-rule" : skuPath(sku, "reorder-rule");
  const rule = flags.clear ? null : ruleOf(flags);
  if (rule === undefined) {
    const answer = await client.call("GET", path);
    return { answer, text: JSON.stringify(answer, null, 2) };
  }
  const answer = await client.call("PUT", path, { rule });
  return { answer, text: rule === null ? "It is ordered by no rule." : "The rule holds." };
};

function ruleOf({ point, quantity, cover, lead }: Flags): Record<string, unknown> | undefined {
  if (point === undefined && cover === undefined) return undefined;
  const leadDays = lead === undefined ? {} : { leadDays: unitsOf("--lead", lead) };
  if (cover !== undefined) return { when: { kind: "cover", coverDays: unitsOf("--cover", cover) }, ...leadDays };
  if (point === undefined || quantity === undefined)
    throw new UsageError("Say --point N and --quantity N, or --cover DAYS.");
  return {
    when: { kind: "point", point: unitsOf("--point", point), quantity: unitsOf("--quantity", quantity) },
    ...leadDays,
  };
}

function unitsOf(flag: string, given: string): number {
  if (!/^\d{1,9}$/.test(given)) throw new UsageError(`${flag}: "${given}" is no whole number.`);
  return Number(given);
}

const listReorders: Command = async ({ client, flags }) => {
  const query = new URLSearchParams();
  if (flags.status !== undefined) query.set("state", flags.status);
  if (flags.sku?.[0] !== undefined) query.set("sku", flags.sku[0]);
  const answer = await client.call<{ reorders: readonly Reorder[] }>("GET", `/v1/reorders?${query}`);
  const rows = answer.reorders.map(({ id, sku, state, quantity, received, reason, requestedAt }) => [
    ...[id, sku, state, `${received} of ${quantity}`, requestedAt, reason],
  ]);
  const head = ["ID", "SKU", "STATE", "RECEIVED", "REQUESTED", "WHY"];
  return { answer, text: rows.length === 0 ? "Nothing is on order." : table(head, rows) };
};

const askForMore: Command = async ({ client, args: [sku], flags }) => {
  const path = skuPath(sku, "reorders");
  if (flags.quantity === undefined) throw new UsageError("Say how many: --quantity N.");
  const body = {
    quantity: unitsOf("--quantity", flags.quantity),
    ...(flags.reason === undefined ? {} : { reason: flags.reason }),
  };
  const answer = await client.call<Reorder>("POST", path, body);
  return { answer, text: `${answer.id}: ${answer.quantity} of ${answer.sku} are asked for.` };
};

const decided = (flags: Flags): { readonly reason: string } => {
  if (flags.reason === undefined) throw new UsageError("Say why: --reason TEXT.");
  return { reason: flags.reason };
};

const cancelReorder: Command = async ({ client, args: [id], flags }) => {
  if (id === undefined) throw new UsageError("Name the reorder: `reorders` lists them.");
  const answer = await client.call("POST", `/v1/reorders/${encodeURIComponent(id)}/cancel`, decided(flags));
  return { answer, text: `${id} is cancelled.` };
};

const listCounts: Command = async ({ client, flags }) => {
  const query = new URLSearchParams({ state: flags.status ?? "held" });
  if (flags.sku?.[0] !== undefined) query.set("sku", flags.sku[0]);
  const answer = await client.call<{ counts: readonly Count[] }>("GET", `/v1/counts?${query}`);
  const rows = answer.counts.map((count) => [
    ...[count.id, count.sku, count.locationId, count.kind, count.counted, count.ours],
    ...[signed(count.difference), count.actor, count.countedAt],
  ]);
  const head = ["ID", "SKU", "LOCATION", "WHAT", "COUNTED", "OURS", "DIFFERENCE", "BY", "COUNTED AT"];
  return { answer, text: rows.length === 0 ? "No count waits." : table(head, rows) };
};

const signed = (units: number): string => (units > 0 ? `+${units}` : String(units));

const decideCount =
  (verb: "approve" | "reject"): Command =>
  async ({ client, args: [id], flags }) => {
    if (id === undefined) throw new UsageError("Name the count: `counts` lists them.");
    type Decided = { readonly state: string; readonly delta: number | null };
    const answer = await client.call<Decided>("POST", `/v1/counts/${encodeURIComponent(id)}/${verb}`, decided(flags));
    const change = answer.delta === null ? "" : `, ${signed(answer.delta)} units`;
    return { answer, text: `${id} is ${answer.state}${change}.` };
  };

export const STOCK_COMMANDS: readonly (readonly [name: string, wordsMax: number, Command])[] = [
  ["thresholds", 1, thresholds],
  ["reorder-rule", 1, reorderRule],
  ["reorders", 0, listReorders],
  ["reorders ask", 1, askForMore],
  ["reorders cancel", 1, cancelReorder],
  ["counts", 0, listCounts],
  ["counts approve", 1, decideCount("approve")],
  ["counts reject", 1, decideCount("reject")],
];
