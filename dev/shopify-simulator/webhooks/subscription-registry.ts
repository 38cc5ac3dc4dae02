/**
 * The app's webhook subscriptions. Rules and messages as recorded from a live shop (API 2026-04), but for two things that
 * a local stack needs: plain http is allowed on loopback, and XML is refused for every topic.
 */
import { namesFields, parseSearch, type SearchNode } from "../model/search-syntax.ts";

export type Subscription = {
  readonly seq: number;
  readonly id: string;
  /** As the enum spells it: `ORDERS_CREATE`. */
  readonly topic: string;
  readonly createdAtMs: number;
  uri: string;
  includeFields: readonly string[];
  metafieldNamespaces: readonly string[];
  filter: string | null;
  filterNode: SearchNode | null;
  name: string | null;
  updatedAtMs: number;
};

export type SubscriptionInput = {
  readonly uri?: string | null;
  readonly callbackUrl?: string | null;
  readonly format?: "JSON" | "XML" | null;
  readonly includeFields?: readonly string[] | null;
  readonly metafieldNamespaces?: readonly string[] | null;
  readonly filter?: string | null;
  readonly name?: string | null;
};

export type UserError = { readonly field: readonly string[] | null; readonly message: string };
export type SubscriptionOutcome =
  | { readonly kind: "saved"; readonly subscription: Subscription }
  | { readonly kind: "refused"; readonly userErrors: readonly UserError[] };

export type RegistryDeps = {
  readonly now: () => number;
  readonly newId: () => string;
  readonly nextSeq: () => number;
  /** Whether `http://127.0.0.1:…` may be subscribed. The real shop takes https alone. */
  readonly allowsLoopbackHttp: boolean;
};

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

export class SubscriptionRegistry {
  readonly #deps: RegistryDeps;
  readonly #byId = new Map<string, Subscription>();
  #byTopic = new Map<string, Subscription[]>();

  constructor(deps: RegistryDeps) {
    this.#deps = deps;
  }

  all(): Subscription[] {
    return [...this.#byId.values()];
  }

  byId(id: string): Subscription | undefined {
    return this.#byId.get(id);
  }

  /** Who is told of a topic (enum spelling). Read for every event, hence indexed. */
  byTopic(topic: string): readonly Subscription[] {
    return this.#byTopic.get(topic) ?? [];
  }

  create(topic: string, input: SubscriptionInput): SubscriptionOutcome {
    const uri = (input.uri ?? input.callbackUrl ?? "").trim();
    const userErrors = this.#problems({ topic, uri, filter: input.filter ?? null, input, self: null });
    if (userErrors.length > 0) return { kind: "refused", userErrors };
    const nowMs = this.#deps.now();
    const subscription: Subscription = {
      seq: this.#deps.nextSeq(),
      id: this.#deps.newId(),
      topic,
      createdAtMs: nowMs,
      uri,
      includeFields: input.includeFields ?? [],
      metafieldNamespaces: input.metafieldNamespaces ?? [],
      filter: input.filter ?? null,
      filterNode: parseSearch(input.filter ?? ""),
      name: input.name ?? null,
      updatedAtMs: nowMs,
    };
    this.#byId.set(subscription.id, subscription);
    this.#reindex();
    return { kind: "saved", subscription };
  }

  update(id: string, input: SubscriptionInput): SubscriptionOutcome {
    const subscription = this.#byId.get(id);
    if (subscription === undefined) return refuse(["id"], "Webhook subscription does not exist");
    const uri = (input.uri ?? input.callbackUrl ?? subscription.uri).trim();
    const filter = input.filter === undefined ? subscription.filter : input.filter;
    const userErrors = this.#problems({ topic: subscription.topic, uri, filter, input, self: subscription });
    if (userErrors.length > 0) return { kind: "refused", userErrors };
    subscription.uri = uri;
    subscription.filter = filter;
    subscription.filterNode = parseSearch(filter ?? "");
    subscription.includeFields = input.includeFields ?? subscription.includeFields;
    subscription.metafieldNamespaces = input.metafieldNamespaces ?? subscription.metafieldNamespaces;
    subscription.name = input.name === undefined ? subscription.name : input.name;
    subscription.updatedAtMs = this.#deps.now();
    return { kind: "saved", subscription };
  }

  /** @returns false when there was none */
  delete(id: string): boolean {
    const isKnown = this.#byId.delete(id);
    this.#reindex();
    return isKnown;
  }

  #reindex(): void {
    this.#byTopic = Map.groupBy(this.#byId.values(), (subscription) => subscription.topic);
  }

  #problems(wanted: {
    readonly topic: string;
    readonly uri: string;
    readonly filter: string | null;
    readonly input: SubscriptionInput;
    readonly self: Subscription | null;
  }): UserError[] {
    const errors: UserError[] = [];
    const address = addressProblem(wanted.uri, this.#deps.allowsLoopbackHttp);
    if (address !== null) errors.push({ field: ["webhookSubscription", "callbackUrl"], message: address });
    if (wanted.input.format === "XML") {
      const message = "Format 'xml' is invalid for this webhook topic. Allowed formats: json";
      errors.push({ field: ["webhookSubscription", "format"], message });
    }
    errors.push(...this.#nameProblems(wanted.input.name ?? null, wanted.self));
    const filter = parseSearch(wanted.filter ?? "");
    if (filter !== null && !namesFields(filter)) {
      const message = "The specified filter is invalid, please ensure you specify the field(s) you wish to filter on.";
      errors.push({ field: ["webhookSubscription"], message });
    }
    const twin = this.byTopic(wanted.topic).find(
      (other) => other !== wanted.self && other.uri === wanted.uri && (other.filter ?? "") === (wanted.filter ?? ""),
    );
    if (twin !== undefined) {
      const message = "Address for this topic has already been taken";
      errors.push({ field: ["webhookSubscription", "callbackUrl"], message });
    }
    return errors;
  }

  #nameProblems(name: string | null, self: Subscription | null): UserError[] {
    if (name === null) return [];
    const messages: string[] = [];
    if (name === "") messages.push("Name is too short (minimum is 1 character)");
    if (!/^[\w-]+$/.test(name)) {
      messages.push("Name name field can only contain alphanumeric characters, underscores, and hyphens");
    }
    const isTaken = this.all().some((other) => other !== self && other.name?.toLowerCase() === name.toLowerCase());
    if (isTaken) messages.push("Name already exists, no duplicate allowed");
    return messages.map((message) => ({ field: ["webhookSubscription", "name"], message }));
  }
}

function refuse(field: readonly string[], message: string): SubscriptionOutcome {
  return { kind: "refused", userErrors: [{ field, message }] };
}

function addressProblem(uri: string, allowsLoopbackHttp: boolean): string | null {
  if (uri === "") return "Address can't be blank";
  if (/^pubsub:\/\/[^:]+:.+$/.test(uri) || uri.startsWith("arn:aws:events:")) return null;
  const url = URL.parse(uri);
  if (url === null) return "Address is invalid";
  const isLoopback = LOOPBACK.test(url.hostname);
  if (isLoopback && allowsLoopbackHttp && /^https?:$/.test(url.protocol)) return null;
  if (url.protocol !== "https:") return `Address protocol ${url.protocol}// is not supported`;
  const isInternal = isLoopback || /(^|\.)(myshopify\.com|shopify\.com|internal|local)$/.test(url.hostname);
  return isInternal ? "Address cannot be a Shopify or an internal domain" : null;
}
