/** Where did it go: the way of one cause, and the recent events. */
import { type Command, UsageError } from "./command-context.ts";
import { table } from "./table.ts";

type Step = {
  readonly at: string;
  readonly sinceMs: number;
  readonly step: string;
  readonly outcome: string;
  readonly topic?: string;
  readonly shop?: string;
  readonly skus?: readonly string[];
  readonly code?: string;
  readonly detail?: string;
  readonly delta?: number;
  readonly callKey?: string;
  readonly deadLetterId?: string;
  readonly cause?: string;
};
type Trace = {
  readonly correlationId: string;
  readonly from: string;
  readonly ms: number;
  readonly skus: readonly string[];
  readonly steps: readonly Step[];
  readonly cut: readonly string[];
  readonly unreached: readonly { readonly part: string; readonly reason: string }[];
};

const SHOWN_SKUS_MAX = 3;

const skusText = (skus: readonly string[] = []): string =>
  skus.length <= SHOWN_SKUS_MAX ? skus.join(", ") : `${skus.slice(0, SHOWN_SKUS_MAX).join(", ")} … (${skus.length})`;

const signed = (delta: number): string => (delta > 0 ? `+${delta}` : `${delta}`);

const aboutOf = ({ topic, shop, code, detail, delta, callKey, deadLetterId, cause }: Step): string =>
  [
    ...(delta === undefined ? [] : [signed(delta)]),
    ...(code === undefined ? [] : [code]),
    ...(detail === undefined ? [] : [detail]),
    ...(topic === undefined ? [] : [topic]),
    ...(shop === undefined ? [] : [shop]),
    ...(callKey === undefined ? [] : [`call ${callKey}`]),
    ...(deadLetterId === undefined ? [] : [deadLetterId]),
    ...(cause === undefined ? [] : [`asked for by ${cause}`]),
  ].join(" · ");

export const showTrace: Command = async ({ client, args: [correlationId], flags }) => {
  if (correlationId === undefined || correlationId.trim() === "") throw new UsageError("Name a correlation id.");
  const skus = new URLSearchParams((flags.sku ?? []).map((sku) => ["sku", sku]));
  const query = skus.size === 0 ? "" : `?${skus}`;
  const answer = await client.call<Trace>("GET", `/v1/traces/${encodeURIComponent(correlationId)}${query}`);
  const rows = answer.steps.map((step) => [
    ...[step.at, `+${step.sinceMs} ms`, step.step, step.outcome, skusText(step.skus), aboutOf(step)],
  ]);
  const text = [
    `${correlationId}: ${answer.steps.length} steps in ${answer.ms} ms, of ${skusText(answer.skus) || "no SKU"}`,
    table(["AT", "SINCE", "STEP", "OUTCOME", "SKU", ""], rows),
    ...answer.cut.map((what) => `More is there than is shown: ${what}.`),
    ...answer.unreached.map(({ part, reason }) => `Not asked: ${part} (${reason}).`),
  ].join("\n");
  return { answer, text };
};

type Event = {
  readonly at: string;
  readonly step: string;
  readonly outcome: string;
  readonly topic: string;
  readonly shop: string | null;
  readonly code?: string;
  readonly ms?: number;
  readonly correlationId: string;
};
type Events = { readonly events: readonly Event[]; readonly next: string | null };

const SHOWN_EVENTS_MAX = 50;
/** A rare outcome may be far back: so many pages are turned, each of which looks through 20,000 entries. */
const PAGES_MAX = 20;

export const listEvents: Command = async ({ client, flags }) => {
  const { topic, step, outcome, shop, correlation: correlationId, from, to } = flags;
  const asked = { topic, step, outcome, shop, sku: flags.sku?.[0], correlationId, from, to };
  const filter = Object.entries(asked).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  const events: Event[] = [];
  let next: string | null = null;
  let pages = 0;
  do {
    const query = new URLSearchParams([...filter, ["limit", String(SHOWN_EVENTS_MAX - events.length)]]);
    if (next !== null) query.set("cursor", next);
    const page: Events = await client.call("GET", `/v1/events?${query}`);
    events.push(...page.events);
    next = page.next;
    pages += 1;
  } while (next !== null && events.length < SHOWN_EVENTS_MAX && pages < PAGES_MAX);
  if (events.length === 0) return { answer: { events, next }, text: "No events." };
  const rows = events.map((event) => [
    ...[event.at, event.step, event.outcome, event.topic, event.shop, event.code ?? "", event.ms ?? null],
    event.correlationId,
  ]);
  const head = ["AT", "STEP", "OUTCOME", "TOPIC", "SHOP", "WHY", "MS", "CORRELATION"];
  return { answer: { events, next }, text: table(head, rows) };
};
