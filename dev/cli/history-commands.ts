/** What was: movements, and levels at a past moment. */
import { type Command, UsageError } from "./command-context.ts";
import { table } from "./table.ts";

type MovementRow = {
  readonly recordedAt: string;
  readonly kind: string;
  readonly locationId: string;
  readonly delta: number;
  readonly before: number;
  readonly after: number;
  readonly states?: Readonly<Record<string, { readonly before: number; readonly after: number }>>;
  readonly reason: string;
  readonly correlationId: string;
};
type MovementPage = { readonly movements: readonly MovementRow[]; readonly next: number | null };

const SHOWN_MAX = 50;

/** A filter may come back with empty pages: they are turned until there is something to show, or nothing more. */
export const showMovements: Command = async ({ client, args: [sku], flags }) => {
  if (sku === undefined) throw new UsageError("Name a SKU.");
  const { kind, location, source, reason, channel, reference, correlation, from, to } = flags;
  const asked = {
    kind,
    locationId: location,
    source,
    reason,
    channel,
    reference,
    correlationId: correlation,
    from,
    to,
  };
  const filter = Object.entries(asked).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  const movements: MovementRow[] = [];
  let next: number | null = null;
  do {
    const query = new URLSearchParams([...filter, ["limit", String(SHOWN_MAX - movements.length)]]);
    if (next !== null) query.set("before", String(next));
    const page: MovementPage = await client.call("GET", `/v1/inventory/${encodeURIComponent(sku)}/movements?${query}`);
    movements.push(...page.movements);
    next = page.next;
  } while (next !== null && movements.length < SHOWN_MAX);
  const rows = movements.map((m) => [
    ...[m.recordedAt, m.kind, m.locationId, m.delta, m.before, m.after],
    Object.entries(m.states ?? {})
      .map(([state, { before, after }]) => `${state} ${before} → ${after}`)
      .join(", "),
    ...[m.reason, m.correlationId],
  ]);
  const head = ["RECORDED", "KIND", "LOCATION", "DELTA", "BEFORE", "AFTER", "STATES", "REASON", "CORRELATION"];
  return { answer: { movements, next }, text: rows.length === 0 ? "No movements." : table(head, rows) };
};

type Past = Readonly<Record<"ledger" | "reserved" | "committed" | "damaged" | "safetyStock", number>>;
type PastLevels = Past & {
  readonly sku: string;
  readonly precision: "exact" | "day";
  readonly at: string;
  readonly locations: readonly (Past & { readonly locationId: string })[];
};

export const showPastLevels: Command = async ({ client, args, flags }) => {
  const [sku] = args;
  if (sku === undefined || args.length > 1) throw new UsageError("--as-of: name one SKU.");
  const asOf = flags["as-of"] ?? "";
  const path = `/v1/inventory/${encodeURIComponent(sku)}?asOf=${encodeURIComponent(asOf)}`;
  const answer = await client.call<PastLevels>("GET", path);
  const rows = [...answer.locations, { ...answer, locationId: "all" }].map((each) => [
    ...[each.locationId, each.ledger, each.reserved, each.committed, each.damaged, each.safetyStock],
  ]);
  const when = answer.precision === "exact" ? answer.at : `${answer.at} (history of that time is kept by the day)`;
  const head = ["LOCATION", "LEDGER", "RESERVED", "COMMITTED", "DAMAGED", "SAFETY STOCK"];
  return { answer, text: `${answer.sku} at ${when}\n${table(head, rows)}` };
};
