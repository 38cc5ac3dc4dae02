/**
 * The requests of the mirror: how SKUs are parted into commands and requests, what is sent, and what counts as an answer.
 * Each request throws when it got none; the mirror turns that into a value.
 */
import type { Pipeline, Redis } from "@upstash/redis/cloudflare";
import { chunksOf } from "../domain/chunks-of.ts";
import type { Sku } from "../domain/ids.ts";
import { BadReply, CommandRefused } from "./mirror-fault.ts";
import { levelsKey } from "./mirror-keys.ts";
import { SET_IF_NOT_OLDER } from "./redis-scripts.ts";

/** A page of the API. Some 150 KB with three locations each, and a lost request loses no more than this. */
const SKUS_PER_REQUEST_MAX = 250;
/** Upstash's smallest plan refuses requests above 1 MB. */
const CHARS_PER_REQUEST_MAX = 900_000;
/** Upstash limits and bills the single command: few commands, but no answer that comes near a megabyte. */
const KEYS_PER_COMMAND_MAX = 50;

/** Slots of SET_IF_NOT_OLDER. */
export type WriteArgs = {
  readonly keys: readonly [levelsKey: string, versionKey: string];
  readonly args: readonly [version: string, levels: string, ttlSeconds: string, versionTtlSeconds: string];
};

/** What the requests of one call came to. */
export class WriteTally {
  written = 0;
  stale = 0;
  /** The first. */
  fault: unknown = null;

  fail(thrown: unknown): void {
    this.fault ??= thrown;
  }

  count(result: unknown): void {
    const [outcome] = Array.isArray(result) ? result : [];
    if (outcome === 1) this.written++;
    else if (outcome === 0) this.stale++;
    else this.fail(new BadReply());
  }
}

/**
 * Calls the script by its hash: for 100 SKUs that spares 33 KB and a tenth to a third of the time. A Redis that
 * does not know it (fresh, flushed) gets its text in one further request.
 */
export async function writeChunk(redis: Redis, rows: readonly WriteArgs[], tally: WriteTally): Promise<void> {
  const byHash = redis.pipeline();
  for (const { keys, args } of rows) byHash.evalsha(SET_IF_NOT_OLDER.sha1, [...keys], [...args]);
  const unknown: WriteArgs[] = [];
  (await run(byHash)).forEach(({ result, error }, i) => {
    const row = rows[i];
    if (error === undefined) tally.count(result);
    else if (error.startsWith("NOSCRIPT") && row !== undefined) unknown.push(row);
    else tally.fail(new CommandRefused(error));
  });
  if (unknown.length === 0) return;
  const byText = redis.pipeline();
  for (const { keys, args } of unknown) byText.eval(SET_IF_NOT_OLDER.source, [...keys], [...args]);
  for (const { result, error } of await run(byText)) {
    if (error === undefined) tally.count(result);
    else tally.fail(new CommandRefused(error));
  }
}

/** The stored text of each SKU, same order; null where there is none. */
export async function readTexts(redis: Redis, skus: readonly Sku[]): Promise<(string | null)[]> {
  const pipeline = redis.pipeline();
  for (const keys of chunksOf(skus.map(levelsKey), KEYS_PER_COMMAND_MAX)) pipeline.mget(...keys);
  const texts = (await run(pipeline)).flatMap(({ result, error }) => {
    if (error !== undefined) throw new CommandRefused(error);
    if (!Array.isArray(result) || !result.every(isTextOrNull)) throw new BadReply();
    return result;
  });
  if (texts.length !== skus.length) throw new BadReply();
  return texts;
}

/** Forgets the levels of all of them in one request. */
export async function deleteLevels(redis: Redis, skus: readonly Sku[]): Promise<void> {
  const pipeline = redis.pipeline();
  for (const keys of chunksOf(skus.map(levelsKey), SKUS_PER_REQUEST_MAX)) pipeline.del(...keys);
  for (const { error } of await run(pipeline)) if (error !== undefined) throw new CommandRefused(error);
}

type CommandAnswer = { readonly result?: unknown; readonly error?: string | undefined };

/** One answer per command, or it throws. */
async function run(pipeline: Pipeline): Promise<readonly CommandAnswer[]> {
  const expected = pipeline.length();
  const answers: readonly CommandAnswer[] = await pipeline.exec({ keepErrors: true });
  if (answers.length !== expected) throw new BadReply();
  return answers;
}

const isTextOrNull = (given: unknown): given is string | null => given === null || typeof given === "string";

/** What one read request asks for. */
export const skuChunks = (skus: readonly Sku[]): Sku[][] => chunksOf(skus, SKUS_PER_REQUEST_MAX);

/** As few requests as the limits allow. A single row above the limit goes alone: Redis decides. */
export function requestsOf(rows: readonly WriteArgs[]): WriteArgs[][] {
  const requests: WriteArgs[][] = [];
  let current: WriteArgs[] = [];
  let chars = 0;
  for (const row of rows) {
    const rowChars = row.args[1].length;
    if (current.length === SKUS_PER_REQUEST_MAX || (current.length > 0 && chars + rowChars > CHARS_PER_REQUEST_MAX)) {
      requests.push(current);
      current = [];
      chars = 0;
    }
    current.push(row);
    chars += rowChars;
  }
  if (current.length > 0) requests.push(current);
  return requests;
}
