/** `.dev/stack.json`: where the running stack is, for tools, tests and people. There only while it is ready. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
export const DEV_DIR = join(ROOT, ".dev");
export const STACK_FILE = join(DEV_DIR, "stack.json");

export type StackFile = {
  readonly worker: string;
  readonly shopify: {
    readonly url: string;
    readonly shop: string;
    /** Null when the shop is somebody else's. */
    readonly accessToken: string | null;
    readonly webhookSecret: string;
  };
  readonly redis: { readonly url: string; readonly token: string; readonly engine: string };
  readonly adminToken: string;
  /** Simulated channels, and who is told of what happens: where they are, and who may play them. */
  readonly neighbours?: Neighbours;
};

export type Neighbours = Readonly<Record<string, { readonly url: string; readonly controlToken: string }>>;

/** Whole or not at all; for its owner's eyes, because it holds tokens. */
export function writeStackFile(stack: StackFile): void {
  mkdirSync(dirname(STACK_FILE), { recursive: true });
  const draft = `${STACK_FILE}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(stack, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, STACK_FILE);
}

/** Unless another stack's has taken its place. */
export function removeStackFile(stack: StackFile): void {
  if (readStackFile()?.worker === stack.worker) rmSync(STACK_FILE, { force: true });
}

export function readStackFile(): StackFile | null {
  try {
    return JSON.parse(readFileSync(STACK_FILE, "utf8")) as StackFile;
  } catch {
    return null;
  }
}

/** What a killed run left is removed. @returns a stack that lives: its file would be replaced */
export async function otherStack(): Promise<StackFile | null> {
  const found = readStackFile();
  if (found === null) return null;
  const lives = await fetch(`${found.worker}/healthz`, { signal: AbortSignal.timeout(2_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
  if (lives) return found;
  rmSync(STACK_FILE, { force: true });
  return null;
}
