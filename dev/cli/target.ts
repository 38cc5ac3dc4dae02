/** Which deployment a command means: named by flag or environment, else the local stack that runs in this folder. */
export type Target =
  | { readonly ok: true; readonly url: string; readonly token: string; readonly shop: string | null }
  | { readonly ok: false; readonly reason: string };

type Given = {
  readonly url?: string | undefined;
  readonly token?: string | undefined;
  readonly shop?: string | undefined;
};
type StackFile = { readonly worker: string; readonly adminToken: string; readonly shopify: { readonly shop: string } };

export type Surroundings = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stack: StackFile | null;
  /**
   * `--url` is where Shopify shall deliver, which may be a relay: the token goes there only when nothing else says
   * where the deployment is.
   */
  readonly urlIsDelivery: boolean;
};

export function findTarget(flags: Given, { env, stack, urlIsDelivery }: Surroundings): Target {
  const url = urlIsDelivery
    ? (env["ONHAND_URL"] ?? stack?.worker ?? flags.url)
    : (flags.url ?? env["ONHAND_URL"] ?? stack?.worker);
  if (url === undefined)
    return { ok: false, reason: "Name the deployment: --url https://…, or ONHAND_URL. (No local stack runs here.)" };
  if (!URL.canParse(url)) return { ok: false, reason: `"${url}" is no URL.` };
  const isLocal = stack !== null && new URL(url).origin === new URL(stack.worker).origin;
  const token = flags.token ?? env["ONHAND_TOKEN"] ?? (isLocal ? stack.adminToken : undefined);
  if (token === undefined)
    return { ok: false, reason: "Give the deployment's ADMIN_TOKEN: --token …, or ONHAND_TOKEN." };
  const shop = flags.shop ?? env["SHOPIFY_SHOP"] ?? (isLocal ? stack.shopify.shop : null);
  return { ok: true, url, token, shop };
}
