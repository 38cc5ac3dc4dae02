/** `.dev/stack.json`: where the running stack is, for tools, tests and people. Written when it is ready, gone when it ends. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
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
};

export function writeStackFile(stack: StackFile): void {
  mkdirSync(dirname(STACK_FILE), { recursive: true });
  writeFileSync(STACK_FILE, `${JSON.stringify(stack, null, 2)}\n`);
}

export const removeStackFile = (): void => rmSync(STACK_FILE, { force: true });
