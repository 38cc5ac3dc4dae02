/** Reconciliation from the command line: run one, see what it found, overwrite what should be undone. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Command, type CommandAnswer, UsageError } from "./command-context.ts";
import { table } from "./table.ts";

type Finding = {
  readonly id: string;
  readonly cause: string;
  readonly remedy: string;
  readonly sku: string | null;
  readonly shopLocationId: string | null;
  readonly expected: number | null;
  readonly found: number | null;
  readonly difference: number | null;
  readonly detail: string | null;
  readonly healed: boolean;
  readonly overwritten: { readonly by: string; readonly reason: string } | null;
};
type Run = {
  readonly id: string;
  readonly shop: string;
  readonly scope: { readonly skus: string | readonly string[] };
  readonly dryRun: boolean;
  readonly trigger: string;
  readonly status: string;
  readonly phase: string | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly mismatchRate: number | null;
  readonly notes: readonly string[];
  readonly createdAt: string;
};
type RunWithFindings = Run & { readonly findings: readonly Finding[]; readonly nextFinding: string | null };

const POLL_MS = 1_000;
const isOver = ({ status }: Run): boolean => status !== "queued" && status !== "running";

/** Starts a run and waits for its end. */
export const reconcile: Command = async ({ client, flags }) => {
  if (flags.all && flags.sku !== undefined) throw new UsageError("--all or --sku: say one of them.");
  const scope = {
    ...(flags.shop === undefined ? {} : { shop: flags.shop }),
    skus: flags.all ? "all" : (flags.sku ?? "changed"),
  };
  const body = { scope, dryRun: flags["dry-run"] ?? false };
  const started = await client.call<{ runs: readonly Run[] }>("POST", "/v1/reconciliations", body);
  const ended: RunWithFindings[] = [];
  for (const { id } of started.runs) {
    let run = await read(client, id);
    while (!isOver(run)) {
      if (!flags.json && process.stderr.isTTY) process.stderr.write(`\r\x1b[K${run.shop}: ${run.phase} …`);
      await sleep(POLL_MS);
      run = await read(client, id);
    }
    if (!flags.json && process.stderr.isTTY) process.stderr.write("\r\x1b[K");
    ended.push(run);
  }
  const isAllDone = ended.every(({ status }) => status === "done");
  return { answer: { runs: ended }, text: ended.map(textOf).join("\n\n"), code: isAllDone ? 0 : 1 };
};

/** Without a word: the runs. With one: what that run found. */
export const reconciliations: Command = async ({ client, args: [id], flags }) => {
  if (id !== undefined) {
    const run = await read(client, encodeURIComponent(id));
    return { answer: run, text: textOf(run) };
  }
  const query = new URLSearchParams({ limit: "50", ...(flags.status === undefined ? {} : { status: flags.status }) });
  const answer = await client.call<{ runs: readonly Run[] }>("GET", `/v1/reconciliations?${query}`);
  if (answer.runs.length === 0) return { answer, text: "No reconciliations." };
  const rows = answer.runs.map((run) => [
    ...[run.id, run.createdAt, run.shop, scopeOf(run), run.trigger, run.dryRun ? "dry" : "", run.status],
    ...[run.counts["levels"] ?? 0, run.counts["mismatches"] ?? 0, run.counts["healed"] ?? 0, rateOf(run)],
  ]);
  const head = ["ID", "ASKED FOR", "SHOP", "OF", "BY", "", "STATUS", "LEVELS", "MISMATCHES", "HEALED", "RATE"];
  return { answer, text: table(head, rows) };
};

export const cancelReconciliation: Command = async ({ client, args: [id] }) => {
  if (id === undefined) throw new UsageError("Name a reconciliation.");
  const answer = await client.call<Run>("POST", `/v1/reconciliations/${encodeURIComponent(id)}/cancel`);
  return { answer, text: `${answer.id} is ${answer.status}.` };
};

/** Puts our number over Shopify's: whoever says this has looked. */
export const overwriteFinding: Command = async ({ client, args: [id, finding], flags }): Promise<CommandAnswer> => {
  if (id === undefined || finding === undefined) throw new UsageError("Name a reconciliation and one of its findings.");
  if (flags.reason === undefined) throw new UsageError("Say why: --reason TEXT. It stays in the history of the SKU.");
  const path = `/v1/reconciliations/${encodeURIComponent(id)}/findings/${encodeURIComponent(finding)}/overwrite`;
  const answer = await client.call<Finding>("POST", path, { approve: true, reason: flags.reason });
  return { answer, text: `${answer.sku ?? finding}: overwritten. Shopify hears of it within seconds.` };
};

/** With all its findings, page by page. */
async function read(client: Parameters<Command>[0]["client"], id: string): Promise<RunWithFindings> {
  const findings: Finding[] = [];
  let after = "";
  for (;;) {
    const page = await client.call<RunWithFindings>("GET", `/v1/reconciliations/${id}?limit=200${after}`);
    findings.push(...page.findings);
    if (page.nextFinding === null) return { ...page, findings };
    after = `&after=${encodeURIComponent(page.nextFinding)}`;
  }
}

function textOf(run: RunWithFindings): string {
  const { levels = 0, mismatches = 0, healed = 0, ordersSent = 0, ordersRead = 0 } = run.counts;
  const told = `${levels} levels compared, ${mismatches} differ (${rateOf(run)}), ${healed} healed; ${ordersRead} orders read, ${ordersSent} sent.`;
  const head = `${run.id} ${run.shop} ${scopeOf(run)}${run.dryRun ? " (dry run)" : ""}: ${run.status}. ${told}`;
  const notes = run.notes.map((note) => `note: ${note}`);
  if (run.findings.length === 0) return [head, ...notes].join("\n");
  const rows = run.findings.map((finding) => [
    ...[finding.id, finding.sku ?? finding.detail, finding.shopLocationId, finding.expected, finding.found],
    ...[finding.difference, finding.cause, stateOf(finding)],
  ]);
  const columns = ["FINDING", "SKU", "LOCATION", "EXPECTED", "FOUND", "DIFFERENCE", "CAUSE", ""];
  return [head, ...notes, "", table(columns, rows)].join("\n");
}

function stateOf({ healed, overwritten, remedy }: Finding): string {
  if (overwritten !== null) return `overwritten by ${overwritten.by}: ${overwritten.reason}`;
  return healed ? "healed" : `to mend: ${remedy}`;
}

const scopeOf = ({ scope: { skus } }: Run): string => (typeof skus === "string" ? skus : skus.join(", "));
const rateOf = ({ mismatchRate }: Run): string =>
  mismatchRate === null ? "–" : `${(mismatchRate * 100).toFixed(2)} %`;
