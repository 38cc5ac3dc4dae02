/**
 * What each sender's format needs of the merchant, by name. Several secrets of one kind may be in force at once: every
 * credential whose name begins with the first one's verifies (`webhook_secret`, `webhook_secret_2` …), so that one is changed
 * without a gap. Pure; a fault is told before anything is stored.
 */
import type { AdapterName } from "./channel.ts";

export type CredentialSpec = {
  readonly name: string;
  readonly isRequired: boolean;
  /** For people: where it comes from. */
  readonly meaning: string;
  /** @returns what is wrong with a value; null: nothing that could be told here */
  faultOf(value: string, where: Where): string | null;
};

/** In development a simulator on loopback may be the other side. */
type Where = { readonly isDevelopment: boolean };

const SECRET_CHARS_MIN = 16;

const secretText = (value: string): string | null =>
  value.length < SECRET_CHARS_MIN || /\s/.test(value)
    ? `has at least ${SECRET_CHARS_MIN} characters and no space`
    : null;

/** Nothing is sent there: Square signs it, as text. Over plain http it delivers to nobody but a development stack. */
function notificationUrl(value: string, { isDevelopment }: Where): string | null {
  const told = "is the https address exactly as it was given to Square";
  if (!URL.canParse(value) || value !== value.trim()) return told;
  const { protocol, hostname, hash } = new URL(value);
  const isLocal = isDevelopment && protocol === "http:" && hostname === "127.0.0.1";
  return hash === "" && (protocol === "https:" || isLocal) ? null : told;
}

const SPECS: Readonly<Record<AdapterName, readonly CredentialSpec[]>> = {
  onhand: [],
  shopify: [],
  square: [
    required("signature_key", "the webhook subscription's signature key (Developer Console, Webhooks)", secretText),
    required(
      "notification_url",
      "the address as the subscription has it: Square signs it with the body",
      notificationUrl,
    ),
    required("access_token", "of the application, with INVENTORY_READ and INVENTORY_WRITE", secretText),
  ],
  amazon: [
    required("webhook_secret", "the value of the API key that the EventBridge connection sends", (value) =>
      value.length < 24 || /\s/.test(value) ? "has at least 24 characters and no space" : null,
    ),
  ],
  shiphero: [required("webhook_secret", "shared_signature_secret, which webhook_create answers once", secretText)],
};

function required(name: string, meaning: string, faultOf: CredentialSpec["faultOf"]): CredentialSpec {
  return { name, isRequired: true, meaning, faultOf };
}

/** What a channel of this format needs. Of a Shopify shop see `missingOfShop`. */
export const credentialsOf = (adapter: AdapterName): readonly CredentialSpec[] => SPECS[adapter];

/** @returns what is wrong with it; null: it may be stored. A name that the format does not use is refused */
export function faultOfCredential(adapter: AdapterName, name: string, value: string, where: Where): string | null {
  const specs = credentialsOf(adapter);
  if (specs.length === 0) return null;
  const spec = specs.find((each) => isOf(each.name, name));
  return spec === undefined
    ? `is none that ${adapter} uses: ${specs.map((each) => each.name).join(", ")}`
    : spec.faultOf(value, where);
}

/** Those without which nothing of it works. */
export const missingCredentialsOf = (adapter: AdapterName, names: ReadonlySet<string>): readonly string[] =>
  credentialsOf(adapter).flatMap(({ name, isRequired }) =>
    isRequired && ![...names].some((given) => isOf(name, given)) ? [name] : [],
  );

/** Each costs a hash of the whole body. */
const IN_FORCE_MAX = 8;

/** All of one kind, in the order of their names. */
export const inForce = (credentials: Readonly<Record<string, string>>, kind: string): readonly string[] =>
  Object.entries(credentials)
    .filter(([name]) => isOf(kind, name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, IN_FORCE_MAX)
    .map(([, value]) => value);

const isOf = (kind: string, name: string): boolean => name === kind || name.startsWith(`${kind}_`);
