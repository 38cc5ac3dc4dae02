/** Dead letters: found, read, replayed, mended, discarded; one by one, or all that match, as a named job. */
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type Command, type CommandAnswer, type CommandContext, type Flags, UsageError } from "./command-context.ts";
import { table } from "./table.ts";

type Trail = {
  readonly what: string;
  readonly at: string;
  readonly actor: string | null;
  readonly detail: string | null;
  readonly times?: number;
};
type Letter = {
  readonly id: string;
  readonly status: string;
  readonly version: number;
  readonly createdAt: string;
  readonly diedAt: string;
  readonly replayDueAt: string | null;
  readonly outlinedAt: string | null;
  readonly origin: string;
  readonly topic: string;
  readonly shop: string | null;
  readonly correlationId: string;
  readonly code: string;
  readonly error: string;
  readonly errors: readonly {
    readonly code: string;
    readonly message: string;
    readonly attempt: number;
    readonly at: string;
  }[];
  readonly subject: string | null;
  readonly deaths: number;
  readonly replays: number;
  readonly truncated: boolean;
  readonly trail: readonly Trail[];
  readonly payload: unknown;
  readonly original?: unknown;
};
type Job = Readonly<
  Record<
    "total" | "waiting" | "sent" | "replayed" | "diedAgain" | "failed" | "skipped" | "discarded" | "cancelled",
    number
  >
> & {
  readonly id: string;
  readonly name: string;
  readonly action: string;
  readonly status: string;
  readonly actor: string;
  readonly createdAt: string;
};
type Foreseen = {
  readonly total: number;
  readonly notReplayable: number;
  readonly groups: readonly { readonly origin: string; readonly code: string; readonly letters: number }[];
};

const PATH = "/v1/dead-letters";

/** The filter that the flags say, by the API's names. */
function filterOf({
  queue,
  topic,
  code,
  channel,
  shop,
  sku,
  correlation,
  from,
  to,
  text,
}: Flags): Record<string, string> {
  const [only, ...more] = sku ?? [];
  if (more.length > 0) throw new UsageError("--sku: one at a time.");
  const given = { queue, topic, code, channel: channel ?? shop, sku: only, correlationId: correlation, from, to, text };
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

const noneOf = (waiting: number): string =>
  waiting === 0 ? "No dead letters wait." : `No such dead letters. ${waiting} waiting in all.`;

const listLetters: Command = async ({ client, flags }) => {
  const query = new URLSearchParams({ limit: "100", status: flags.status ?? "waiting", ...filterOf(flags) });
  const answer = await client.call<{ deadLetters: readonly Letter[]; next: string | null; waiting: number }>(
    "GET",
    `${PATH}?${query}`,
  );
  if (answer.deadLetters.length === 0) return { answer, text: noneOf(answer.waiting) };
  const rows = answer.deadLetters.map((l) => [
    ...[l.id, l.diedAt, l.topic, l.code, l.subject ?? l.error, l.deaths],
    l.replayDueAt === null ? (l.status === "waiting" ? "you" : l.status) : `replay at ${l.replayDueAt}`,
  ]);
  const more = answer.next === null ? "" : "\n… and more: narrow the filter, or act on all of them with replay-all.";
  const head = ["ID", "DIED", "TOPIC", "WHY", "ABOUT", "DEATHS", "WAITS FOR"];
  return { answer, text: `${answer.waiting} waiting in all.\n${table(head, rows)}${more}` };
};

const showLetter: Command = async ({ client, args: [id] }) => {
  if (id === undefined) throw new UsageError("Name a dead letter's id.");
  const letter = await client.call<Letter>("GET", `${PATH}/${encodeURIComponent(id)}`);
  const trail = letter.trail.map(({ at, what, actor, detail, times }) => [
    ...[at, times === undefined ? what : `${what} ${times} times`, actor, detail],
  ]);
  const notes = [
    ...(letter.truncated ? ["The payload was cut when it was kept: edit it to replay it."] : []),
    ...(letter.outlinedAt === null ? [] : [`Since ${letter.outlinedAt} the payload is only an outline.`]),
    ...(letter.replayDueAt === null ? [] : [`It will be replayed by itself at ${letter.replayDueAt}.`]),
  ];
  const text = [
    `${letter.id}  ${letter.status}  ${letter.topic} of ${letter.shop ?? "no shop"}, from ${letter.origin}`,
    ...(letter.subject === null ? [] : [`About: ${letter.subject}`]),
    `Correlation id ${letter.correlationId}; died ${letter.deaths} times, replayed ${letter.replays} times; version ${letter.version}`,
    ...notes,
    "",
    table(
      ["ERROR AT", "WHY", "TRY", "MESSAGE"],
      letter.errors.map(({ at, code, attempt, message }) => [at, code, attempt, message]),
    ),
    "",
    table(["TRAIL", "WHAT", "BY", ""], trail),
    "",
    `Payload: ${JSON.stringify(letter.payload, null, 2)}`,
    ...(letter.original === undefined ? [] : [`As it died: ${JSON.stringify(letter.original, null, 2)}`]),
  ].join("\n");
  return { answer: letter, text };
};

const replayLetters: Command = async ({ client, args }) => {
  if (args.length === 0) throw new UsageError("Name a dead letter's id.");
  const answer = [];
  for (const id of args)
    answer.push(await client.call<{ id: string; status: string }>("POST", `${PATH}/${encodeURIComponent(id)}/replay`));
  const told = ({ id, status }: { id: string; status: string }): string =>
    status === "waiting" ? `${id} died again` : `${id} replayed`;
  return { answer, text: answer.map(told).join("\n") };
};

const discardLetter: Command = async ({ client, args, flags: { reason } }) => {
  if (args.length === 0) throw new UsageError("Name a dead letter's id.");
  if (reason === undefined) throw new UsageError("Say why: --reason TEXT.");
  const answer = [];
  for (const id of args)
    answer.push(await client.call<{ id: string }>("POST", `${PATH}/${encodeURIComponent(id)}/discard`, { reason }));
  return { answer, text: answer.map(({ id }) => `${id} discarded`).join("\n") };
};

/** The file holds version and payload: what somebody else did since it was written is not overwritten. */
const editLetter: Command = async ({ client, args: [id, file], flags: { out } }) => {
  if (id === undefined || (file === undefined) === (out === undefined))
    throw new UsageError(
      "First `dead-letters edit ID --out FILE`; edit the payload in it; then `dead-letters edit ID FILE`.",
    );
  const path = `${PATH}/${encodeURIComponent(id)}`;
  if (out !== undefined) {
    const { version, payload } = await client.call<Letter>("GET", path);
    writeFileSync(out, `${JSON.stringify({ version, payload }, null, 2)}\n`);
    return { answer: { version, payload }, text: `${out}: edit the payload, then \`dead-letters edit ${id} ${out}\`.` };
  }
  const answer = await client.call<{ status: string }>("POST", `${path}/edit`, readEdit(file ?? ""));
  return { answer, text: answer.status === "waiting" ? `${id} died again` : `${id} edited and replayed` };
};

function readEdit(file: string): { readonly version: number; readonly payload: unknown } {
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : error}`);
  }
  const { version, payload } = given as { version?: unknown; payload?: unknown };
  if (typeof version !== "number" || payload === undefined)
    throw new UsageError(`${file}: it needs "version" and "payload", as --out wrote them.`);
  return { version, payload };
}

const POLL_MS = 500;

async function runJob(context: CommandContext, action: "replay" | "discard"): Promise<CommandAnswer> {
  const { client, flags } = context;
  const { name, reason } = flags;
  const filter = filterOf(flags);
  const body = { action, filter, ...(name === undefined ? {} : { name }), ...(reason === undefined ? {} : { reason }) };
  if (flags["dry-run"]) {
    const answer = await client.call<Foreseen>("POST", `${PATH}/jobs`, { ...body, dryRun: true });
    const rows = answer.groups.map(({ origin, code, letters }) => [origin, code, letters]);
    const cut = answer.notReplayable === 0 ? "" : ` ${answer.notReplayable} of them must be edited first.`;
    const text = `${answer.total} dead letters match.${cut}`;
    return { answer, text: rows.length === 0 ? text : `${text}\n${table(["FROM", "WHY", "LETTERS"], rows)}` };
  }
  if (name === undefined) throw new UsageError("Name the job: --name NAME. Said twice under one name, it runs once.");
  if (action === "discard" && reason === undefined) throw new UsageError("Say why: --reason TEXT.");
  let job = await client.call<Job>("POST", `${PATH}/jobs`, body);
  while (job.status === "running") {
    if (!flags.json && process.stderr.isTTY) process.stderr.write(`\r\x1b[K${progressOf(job)} …`);
    await sleep(POLL_MS);
    job = await client.call<Job>("GET", `${PATH}/jobs/${job.id}`);
  }
  if (!flags.json && process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  return { answer: job, text: progressOf(job), code: job.failed + job.diedAgain === 0 ? 0 : 1 };
}

function progressOf(job: Job): string {
  const parts = [
    ...[`${job.replayed} replayed`, `${job.discarded} discarded`, `${job.sent} under way`, `${job.waiting} waiting`],
    ...[`${job.diedAgain} died again`, `${job.failed} failed`, `${job.skipped} skipped`, `${job.cancelled} cancelled`],
  ].filter((part) => !part.startsWith("0 "));
  return `${job.name}: ${job.status}, ${job.total} letters${parts.length === 0 ? "" : `: ${parts.join(", ")}`}`;
}

const showJobs: Command = async ({ client, args: [name] }) => {
  if (name === undefined) {
    const answer = await client.call<{ jobs: readonly Job[] }>("GET", `${PATH}/jobs?limit=50`);
    const rows = answer.jobs.map((job) => [job.createdAt, job.actor, job.action, progressOf(job)]);
    return { answer, text: rows.length === 0 ? "No jobs." : table(["SINCE", "BY", "WHAT", "HOW FAR"], rows) };
  }
  type Item = { readonly deadLetter: string; readonly state: string; readonly detail: string | null };
  const path = `${PATH}/jobs/${encodeURIComponent(name)}`;
  const job = await client.call<Job>("GET", path);
  const of = (state: string) =>
    client.call<{ items: readonly Item[]; next: number | null }>("GET", `${path}/items?limit=100&state=${state}`);
  const pages = [await of("failed"), await of("died_again")];
  const rows = pages.flatMap(({ items }) => items.map(({ deadLetter, state, detail }) => [deadLetter, state, detail]));
  const more = pages.some(({ next }) => next !== null) ? "\n… and more." : "";
  const text =
    rows.length === 0 ? progressOf(job) : `${progressOf(job)}\n${table(["ID", "STATE", "WHY"], rows)}${more}`;
  return { answer: { ...job, items: pages.flatMap(({ items }) => items) }, text };
};

const cancelJob: Command = async ({ client, args: [name] }) => {
  if (name === undefined) throw new UsageError("Name the job.");
  const answer = await client.call<Job>("POST", `${PATH}/jobs/${encodeURIComponent(name)}/cancel`);
  return { answer, text: progressOf(answer) };
};

const showAudit: Command = async ({ client, flags: { actor, from, to, correlation }, args: [subject] }) => {
  type Entry = { at: string; actor: string; action: string; subject: string; detail: unknown };
  const given = { actor, from, to, correlationId: correlation, subject };
  const query = new URLSearchParams({ limit: "100" });
  for (const [name, value] of Object.entries(given)) if (value !== undefined) query.set(name, value);
  const answer = await client.call<{ entries: readonly Entry[] }>("GET", `/v1/audit?${query}`);
  const rows = answer.entries.map((e) => [e.at, e.actor, e.action, e.subject, JSON.stringify(e.detail)]);
  return { answer, text: rows.length === 0 ? "Nothing." : table(["AT", "BY", "DID", "TO", "DETAIL"], rows) };
};

export const DEAD_LETTER_COMMANDS: readonly (readonly [string, Command])[] = [
  ["dead-letters list", listLetters],
  ["dead-letters show", showLetter],
  ["dead-letters replay", replayLetters],
  ["dead-letters discard", discardLetter],
  ["dead-letters edit", editLetter],
  ["dead-letters replay-all", (context) => runJob(context, "replay")],
  ["dead-letters discard-all", (context) => runJob(context, "discard")],
  ["dead-letters jobs", showJobs],
  ["dead-letters cancel", cancelJob],
  ["audit", showAudit],
];
