/** What a command is given: its words, its flags, and whom it talks to. */
import type { parseArgs } from "node:util";
import type { OnhandClient } from "./client.ts";

/** The command was not said rightly; the message says how. */
export class UsageError extends Error {}

export const OPTIONS = {
  url: { type: "string" },
  token: { type: "string" },
  shop: { type: "string" },
  code: { type: "string" },
  status: { type: "string" },
  kind: { type: "string" },
  location: { type: "string" },
  source: { type: "string" },
  reason: { type: "string" },
  channel: { type: "string" },
  reference: { type: "string" },
  correlation: { type: "string" },
  topic: { type: "string" },
  queue: { type: "string" },
  text: { type: "string" },
  name: { type: "string" },
  actor: { type: "string" },
  step: { type: "string" },
  outcome: { type: "string" },
  from: { type: "string" },
  to: { type: "string" },
  "as-of": { type: "string" },
  out: { type: "string" },
  "read-only": { type: "boolean" },
  writable: { type: "boolean" },
  all: { type: "boolean" },
  stop: { type: "boolean" },
  go: { type: "boolean" },
  "delta-max": { type: "string" },
  replace: { type: "boolean" },
  sku: { type: "string", multiple: true },
  ttl: { type: "string" },
  key: { type: "string" },
  buffer: { type: "string" },
  "zero-below": { type: "string" },
  cap: { type: "string" },
  clear: { type: "boolean" },
  threshold: { type: "string" },
  minutes: { type: "string" },
  mode: { type: "string" },
  webhook: { type: "string" },
  slack: { type: "string" },
  email: { type: "string" },
  kinds: { type: "string" },
  severity: { type: "string" },
  digest: { type: "string" },
  quiet: { type: "string" },
  zone: { type: "string" },
  low: { type: "string" },
  back: { type: "string" },
  point: { type: "string" },
  quantity: { type: "string" },
  cover: { type: "string" },
  lead: { type: "string" },
  "dry-run": { type: "boolean" },
  json: { type: "boolean" },
  version: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

export type Flags = ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>["values"];

export type CommandContext = {
  readonly client: OnhandClient;
  readonly shop: () => string;
  readonly flags: Flags;
  readonly args: readonly string[];
};

/** `code`: of the process, 0 where it is left out. */
export type CommandAnswer = { readonly answer: unknown; readonly text: string; readonly code?: number };
export type Command = (context: CommandContext) => Promise<CommandAnswer>;
