/**
 * Where the local stack's notifications end: a receiver of signed webhooks, and one that a chat's incoming webhook could be.
 * It remembers every message by its webhook-id and every notification by its own, and shows them. README.md has its page.
 */
import { answerControl, controlToken } from "../channel-link/control.ts";
import { type Received, SignedReceiver } from "../channel-link/signed-receiver.ts";

export type NotificationTold = {
  readonly id: string;
  readonly kind: string;
  readonly severity: string;
  readonly subject: string;
  readonly title: string;
  readonly sku: string | null;
  readonly locationId: string | null;
  readonly channel: string | null;
  readonly atMs: number;
  /** webhook-ids of the messages that carried it: more than one and somebody told it twice. */
  readonly messages: Set<string>;
};

type Body = { readonly type: string; readonly timestamp: string; readonly data: Readonly<Record<string, unknown>> };

const HOOK = "/hook";
const CHAT = "/chat";

export class NotificationSink {
  readonly controlToken = controlToken();
  readonly receiver: SignedReceiver;
  /** By the notification's id, in the order in which they came first. */
  readonly told = new Map<string, NotificationTold>();
  /** Test-fires. */
  tests = 0;
  digests = 0;
  /** Texts that came as for a chat. */
  readonly chat: string[] = [];

  constructor(port = 0) {
    this.receiver = new SignedReceiver({
      port,
      unsigned: (path) => path.startsWith(CHAT),
      take: (received) => this.#take(received),
      other: (request) => {
        if (request.method === "GET" && request.path === "/_notifications")
          return { status: 200, body: { notifications: this.newest(200), chat: this.chat.slice(-200) } };
        return answerControl({ controlToken: this.controlToken, receiver: this.receiver, sender: null }, {}, request);
      },
    });
  }

  get url(): string {
    return this.receiver.url;
  }

  /** Of a webhook destination. */
  get hook(): string {
    return `${this.url}${HOOK}`;
  }

  /** Of a Slack-compatible destination: whoever knows the address may post. */
  get chatHook(): string {
    return `${this.url}${CHAT}`;
  }

  of(kind: string, sku: string | null = null): readonly NotificationTold[] {
    return [...this.told.values()].filter((told) => told.kind === kind && (sku === null || told.sku === sku));
  }

  newest(count: number): readonly (Omit<NotificationTold, "messages"> & { readonly times: number })[] {
    return [...this.told.values()]
      .slice(-count)
      .reverse()
      .map(({ messages, ...told }) => ({ ...told, times: messages.size }));
  }

  close(): Promise<void> {
    return this.receiver.close();
  }

  #take({ path, webhookId, body }: Received): void {
    if (path.startsWith(CHAT)) {
      this.chat.push(shownByChat(String((body as { text?: unknown }).text ?? "")));
      return;
    }
    const { type, timestamp, data } = body as Body;
    if (type === "notification.test") this.tests += 1;
    else if (type === "notification.digest") {
      this.digests += 1;
      for (const one of data["notifications"] as readonly Body["data"][]) this.#note(one, timestamp, webhookId);
    } else this.#note(data, timestamp, webhookId);
  }

  #note(data: Body["data"], timestamp: string, webhookId: string): void {
    const text = (name: string): string | null => (typeof data[name] === "string" ? (data[name] as string) : null);
    const id = text("id") ?? webhookId;
    const known = this.told.get(id);
    if (known !== undefined) {
      known.messages.add(webhookId);
      return;
    }
    this.told.set(id, {
      id,
      kind: text("kind") ?? "",
      severity: text("severity") ?? "",
      subject: text("subject") ?? "",
      title: text("title") ?? "",
      sku: text("sku"),
      locationId: text("locationId"),
      channel: text("channel"),
      atMs: Date.parse(text("at") ?? timestamp),
      messages: new Set([webhookId]),
    });
  }
}

/** A chat shows Slack's three escaped characters as themselves. */
const shownByChat = (text: string): string =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

export async function startNotificationSink(port = 0): Promise<NotificationSink> {
  const sink = new NotificationSink(port);
  await sink.receiver.listen();
  return sink;
}
