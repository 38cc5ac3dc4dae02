/** CSV out and in. */
import { createWriteStream, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type CsvPart, cutCsv } from "../../src/domain/csv/cut-csv.ts";
import { type CsvRecord, parseCsv } from "../../src/domain/csv/parse-csv.ts";
import { ApiProblem, type OnhandClient } from "./client.ts";
import { type Command, type CommandAnswer, UsageError } from "./command-context.ts";
import { table } from "./table.ts";

export const exportLevels: Command = async ({ client, flags }) => {
  const out = flags.out === undefined ? process.stdout : createWriteStream(flags.out);
  let rows = 0;
  let path: string | null = "/v1/inventory/export";
  for (let isFirst = true; path !== null; isFirst = false) {
    const response: Response = await client.stream(path);
    let isHeader = !isFirst; // one header is enough
    let text = "";
    for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const end = text.lastIndexOf("\n") + 1;
      const whole = isHeader ? text.slice(text.indexOf("\n") + 1, end) : text.slice(0, end);
      if (end > 0) [isHeader, text] = [false, text.slice(end)];
      rows += whole.split("\n").length - 1;
      if (whole !== "" && !out.write(whole)) await new Promise<void>((resolve) => void out.once("drain", resolve));
    }
    path = /<([^>]+)>; rel="next"/.exec(response.headers.get("link") ?? "")?.[1] ?? null;
  }
  if (out !== process.stdout) await new Promise<void>((resolve) => void out.end(() => resolve()));
  const answer = { rows: rows - 1 };
  return { answer, text: flags.out === undefined ? "" : `${answer.rows} rows in ${flags.out}.` };
};

type RowError = { readonly line: number; readonly field: string; readonly message: string };
type Change = { readonly sku: string; readonly outcome: string; readonly difference: number | null };
type Plan = {
  readonly planId: string | null;
  readonly rows: number;
  readonly errors: readonly RowError[];
  readonly changes: readonly Change[];
};
type Run = {
  readonly nextLine: number | null;
  readonly counted: number;
  readonly already: number;
  readonly waiting: number;
  readonly failed: readonly RowError[];
};

/** What one request may hold, and a little less. */
const PART = { rowsMax: 500, charsMax: 120_000 };
const ERRORS_SHOWN = 50;

export const importCounts: Command = async ({ client, args: [file], flags }) => {
  if (file === undefined) throw new UsageError("Name the file.");
  const text = readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  const records = parseCsv(text);
  if (!records.ok) throw new UsageError(`${file}, line ${records.error.line}: ${records.error.message}.`);
  const parts = cutCsv(text, records.value, PART);
  const tell = (done: string): void => void (!flags.json && process.stderr.write(`${done}\n`));
  const plans: Plan[] = [];
  for (const part of parts) {
    plans.push(await patiently(() => client.send<Plan>("/v1/inventory/import?dryRun=true", part.text, "text/csv")));
    if (parts.length > 1) tell(`dry run: part ${plans.length} of ${parts.length}`);
  }
  const told = plans.flatMap((plan, i) => plan.errors.map((error) => inWhole(error, parts[i])));
  const isTold = ({ line, field }: RowError) => told.some((error) => error.line === line && error.field === field);
  const errors = [...told, ...repeatedRows(records.value).filter((error) => !isTold(error))].sort(
    (a, b) => a.line - b.line,
  );
  if (errors.length > 0 || plans.length === 0) return refusal(errors);
  const changes = plans.flatMap((plan) => plan.changes);
  if (flags["dry-run"]) return { answer: { errors, changes }, text: summaryOf(changes) };
  tell(summaryOf(changes));
  return runParts(client, parts, plans, tell);
};

async function runParts(
  client: OnhandClient,
  parts: readonly CsvPart[],
  plans: readonly Plan[],
  tell: (done: string) => void,
): Promise<CommandAnswer> {
  const total = { counted: 0, already: 0, waiting: 0 };
  const failed: RowError[] = [];
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  for (const [i, part] of parts.entries()) {
    for (let fromLine: number | null = 1; fromLine !== null; ) {
      const path = `/v1/inventory/import?dryRun=false&planId=${plans[i]?.planId}&fromLine=${fromLine}`;
      const run: Run = await patiently(() => client.send<Run>(path, part.text, "text/csv"));
      for (const key of ["counted", "already", "waiting"] as const) total[key] += run[key];
      failed.push(...run.failed.map((error) => inWhole(error, part)));
      fromLine = run.nextLine;
      tell(`${total.counted + total.already + total.waiting + failed.length} of ${rows} rows`);
    }
  }
  const { counted, already, waiting } = total;
  const done = `${counted} counted, ${already} counted already, ${waiting} wait for Shopify, ${failed.length} failed.`;
  const text = failed.length === 0 ? done : `${done}\n${errorTable(failed)}`;
  return { answer: { ...total, failed }, text, code: failed.length === 0 ? 0 : 1 };
}

const inWhole = (error: RowError, part: CsvPart | undefined): RowError => ({
  ...error,
  line: error.field === "header" ? 1 : error.line + (part?.lineOffset ?? 0),
});

/** The API sees repeats within a part; those in two of them are seen here. */
function repeatedRows([header, ...rows]: readonly CsvRecord[]): readonly RowError[] {
  const names = (header?.fields ?? []).map((name) => name.trim());
  const [sku, location] = [names.indexOf("sku"), names.indexOf("locationId")];
  const seen = new Map<string, number>();
  return rows.flatMap(({ line, fields }): readonly RowError[] => {
    const place = `${fields[location]?.trim()} ${fields[sku]?.trim()}`;
    const earlier = seen.get(place);
    if (earlier === undefined) seen.set(place, line);
    if (earlier === undefined) return [];
    return [{ line, field: "sku", message: `is counted at this location in line ${earlier} already` }];
  });
}

const errorTable = (errors: readonly RowError[]): string =>
  table(
    ["LINE", "FIELD", "WHAT IS WRONG"],
    errors.slice(0, ERRORS_SHOWN).map(({ line, field, message }) => [line, field, message]),
  );

function refusal(errors: readonly RowError[]): CommandAnswer {
  if (errors.length === 0) return { answer: { errors }, text: "There is no row in it.", code: 1 };
  const more = errors.length > ERRORS_SHOWN ? `\n… and ${errors.length - ERRORS_SHOWN} more.` : "";
  const text = `Nothing was counted: ${errors.length} faults.\n${errorTable(errors)}${more}`;
  return { answer: { errors }, text, code: 1 };
}

function summaryOf(changes: readonly Change[]): string {
  const already = changes.filter(({ outcome }) => outcome === "already").length;
  const differing = changes.filter(({ outcome, difference }) => outcome === "counted" && (difference ?? 0) !== 0);
  const [found, missing] = [1, -1].map((sign) =>
    differing.reduce((sum, { difference }) => sum + Math.max(0, sign * (difference ?? 0)), 0),
  );
  const waiting = changes.filter(({ outcome }) => outcome === "waiting").length;
  const waits = waiting === 0 ? "" : `, ${waiting} known only when Shopify was read`;
  const known = already === 0 ? "" : `, ${already} counted already`;
  return `${changes.length} rows: ${differing.length} differ (${found} units more, ${missing} fewer)${known}${waits}.`;
}

const TRIES_MAX = 10;

/** A part that is away for a moment: the same request again counts nothing twice. */
async function patiently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      const isAway = !(error instanceof ApiProblem) || error.status === 503;
      if (!isAway || tries >= TRIES_MAX) throw error;
      await sleep(((error instanceof ApiProblem ? error.retryAfterSeconds : null) ?? 2) * 1_000);
    }
  }
}
