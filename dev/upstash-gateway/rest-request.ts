/**
 * Reads a request of the Upstash REST protocol: one command as a JSON array, a pipeline, a transaction, or a command
 * in the path. Pure: no engine, no sockets.
 * @see https://upstash.com/docs/redis/features/restapi
 */
import type { Command } from "./engine.ts";

export type RestRequest =
  | { readonly kind: "single"; readonly command: Command }
  | { readonly kind: "pipeline"; readonly commands: readonly Command[] }
  | { readonly kind: "transaction"; readonly commands: readonly Command[] }
  | { readonly kind: "malformed"; readonly error: string };

/**
 * @param path   still percent-encoded, without the query
 * @param query  the token is no argument and must have been taken out
 * @param body   whole; empty for GET
 */
export function parseRestRequest(path: string, query: URLSearchParams, body: Buffer): RestRequest {
  switch (path) {
    case "/":
      return parseSingle(body);
    case "/pipeline":
      return parseBatch("pipeline", body);
    case "/multi-exec":
      return parseBatch("transaction", body);
    default:
      return parsePath(path, query, body);
  }
}

const malformed = (error: string): RestRequest => ({ kind: "malformed", error });

function parseSingle(body: Buffer): RestRequest {
  const parsed = parseJsonArray(body);
  if (typeof parsed === "string") return malformed(parsed);
  const command = parseCommand(parsed);
  return typeof command === "string" ? malformed(command) : { kind: "single", command };
}

function parseBatch(kind: "pipeline" | "transaction", body: Buffer): RestRequest {
  const parsed = parseJsonArray(body);
  if (typeof parsed === "string") return malformed(parsed);
  if (parsed.length === 0) return malformed("ERR empty pipeline request");
  const commands: Command[] = [];
  for (const row of parsed) {
    const command = Array.isArray(row) ? parseCommand(row) : "ERR failed to parse pipeline request";
    if (typeof command === "string") return malformed(command);
    commands.push(command);
  }
  return { kind, commands };
}

/** `/set/foo/bar`; a body is the argument after the path's, query parameters (`?EX=100`) come last, name and value. */
function parsePath(path: string, query: URLSearchParams, body: Buffer): RestRequest {
  const [name, ...args] = path.slice(1).split("/").map(decode);
  const rest: (string | Buffer)[] = [...args];
  if (body.length > 0) rest.push(body);
  for (const [option, value] of query) rest.push(...(value === "" ? [option] : [option, value]));
  return { kind: "single", command: [name ?? "", ...rest] };
}

/** The array, or the refusal's text. */
function parseJsonArray(body: Buffer): readonly unknown[] | string {
  if (body.length === 0) return "EOF";
  try {
    const parsed: unknown = JSON.parse(body.toString("utf8"));
    return Array.isArray(parsed) ? parsed : "expected JSON array";
  } catch {
    return "ERR failed to parse command";
  }
}

/** The command, or the refusal's text. Numbers and booleans become the text that Redis would get from a shell. */
function parseCommand(row: readonly unknown[]): Command | string {
  const words: string[] = [];
  for (const word of row) {
    if (typeof word === "string") words.push(word);
    else if (typeof word === "number" || typeof word === "boolean") words.push(String(word));
    else if (word === null) return "ERR null args are not supported";
    else return "ERR unsupported arg type";
  }
  const [name, ...args] = words;
  return name === undefined ? "ERR empty command" : [name, ...args];
}

/** A stray `%` is no reason to fail: it is part of the key then. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
