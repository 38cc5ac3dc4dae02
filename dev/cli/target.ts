/** Which deployment a command means: named by flag or environment, else the local stack that runs in this folder. */
import { readFileSync } from "node:fs";
import { STACK_FILE } from "../stack/stack-file.ts";

export type Target =
  | { readonly ok: true; readonly url: string; readonly token: string; readonly shop: string | null }
  | { readonly ok: false; readonly reason: string };

type Given = {
  readonly url?: string | undefined;
  readonly token?: string | undefined;
  readonly shop?: string | undefined;
};
type StackFile = { readonly worker: string; readonly adminToken: string; readonly shopify: { readonly shop: string } };

export function findTarget(flags: Given): Target {
  const stack = readStack();
  const url = flags.url ?? process.env["ONHAND_URL"] ?? stack?.worker;
  if (url === undefined)
    return { ok: false, reason: "Name the deployment: --url https://…, or ONHAND_URL. (No local stack runs here.)" };
  if (!URL.canParse(url)) return { ok: false, reason: `--url: "${url}" is no URL.` };
  const isLocal = stack !== null && new URL(url).origin === new URL(stack.worker).origin;
  const token = flags.token ?? process.env["ONHAND_TOKEN"] ?? (isLocal ? stack.adminToken : undefined);
  if (token === undefined)
    return { ok: false, reason: "Give the deployment's ADMIN_TOKEN: --token …, or ONHAND_TOKEN." };
  const shop = flags.shop ?? process.env["SHOPIFY_SHOP"] ?? (isLocal ? stack.shopify.shop : null);
  return { ok: true, url, token, shop };
}

function readStack(): StackFile | null {
  try {
    return JSON.parse(readFileSync(STACK_FILE, "utf8")) as StackFile;
  } catch {
    return null;
  }
}
