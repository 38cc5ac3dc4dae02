/** One message to one destination, by its kind; what the answer means for the delivery. */
import type { AttemptResult } from "../../domain/notification/after-attempt.ts";
import type { DestinationType, NotifyDestination } from "../../domain/notification/destination.ts";
import { emailMessage, slackMessage, webhookBody } from "../../domain/notification/render.ts";
import { NOT_CALLED, NOTHING_SAID, type Said, secretPartsOf } from "../../domain/reply-beginning.ts";
import { reasonOf } from "../../observability/log.ts";
import type { Called, NotCalled } from "../../services/destination-breaker.ts";
import type { Message } from "../../services/notifications/deliver.ts";
import { timed } from "../../services/timed.ts";
import { inTime } from "../../services/with-deadline.ts";
import { type PostLimits, postJson } from "../webhook/post-json.ts";
import { postSigned } from "../webhook/post-signed.ts";

export interface SendDeps {
  /** Decrypted, newest first. Empty: none is stored, or none opens. */
  secrets(destinationId: string, name: string): Promise<readonly string[]>;
  /** Why an address may not be called; null: it may. */
  refusalOf(url: string): string | null;
  /** Through the destination's circuit breaker. */
  through(destination: NotifyDestination, call: () => Promise<Called<Said>>): Promise<Called<Said> | NotCalled>;
  /** Null: this deployment cannot send e-mail; the text says why. */
  readonly email: Mailer | { readonly missing: string };
  readonly limits: PostLimits;
  nowMs(): number;
}

export type Mailer = {
  readonly from: string;
  send(mail: {
    readonly from: string;
    readonly to: string;
    readonly subject: string;
    readonly text: string;
    readonly headers: Readonly<Record<string, string>>;
  }): Promise<unknown>;
};

/** What a webhook is signed with; a Slack-compatible address as a whole. */
export const SECRET_OF = { webhook: "signing", slack: "url", email: null } as const satisfies Record<
  DestinationType,
  string | null
>;

export async function sendNotification(
  destination: NotifyDestination,
  message: Message,
  deps: SendDeps,
): Promise<AttemptResult> {
  const call = await callFor(destination, message, deps);
  if (typeof call === "string") return { kind: "failed", reason: call, retryAfterSeconds: null, ...NOT_CALLED };
  const { run, tookMs } = timed(call, deps.nowMs);
  return resultOf(await deps.through(destination, run), tookMs());
}

/** Text: why nothing can be sent. */
async function callFor(
  { id, type, address }: NotifyDestination,
  message: Message,
  deps: SendDeps,
): Promise<(() => Promise<Called<Said>>) | string> {
  switch (type) {
    case "webhook": {
      const secrets = await deps.secrets(id, SECRET_OF.webhook);
      if (secrets.length === 0) return "its secret cannot be read: rotate it";
      const nowMs = deps.nowMs();
      const body = JSON.stringify(webhookBody(message.news, nowMs));
      const post = { url: address, id: message.id, body, secrets, nowMs };
      return deps.refusalOf(address) ?? (() => postSigned(post, deps.limits));
    }
    case "slack": {
      const [url] = await deps.secrets(id, SECRET_OF.slack);
      if (url === undefined) return "its address cannot be read: set it again";
      const body = JSON.stringify(slackMessage(message.news));
      const refusal = deps.refusalOf(url);
      return refusal ?? (() => postJson({ url, body, headers: {}, hidden: secretPartsOf(url) }, deps.limits));
    }
    case "email": {
      const { email } = deps;
      if ("missing" in email) return email.missing;
      const mail = { ...emailMessage(message.news), from: email.from, to: address };
      const headers = { "X-Onhand-Delivery": message.id };
      return () => sendMail(() => email.send({ ...mail, headers }), deps.limits.timeoutMs);
    }
  }
}

async function sendMail(send: () => Promise<unknown>, timeoutMs: number): Promise<Called<Said>> {
  try {
    await inTime(timeoutMs, send);
    return { kind: "answered", answer: NOTHING_SAID };
  } catch (error) {
    return { kind: "failed", reason: mailReason(error), retryAfterSeconds: null, answer: null };
  }
}

/** Cloudflare's errors have a code: E_RECIPIENT_NOT_ALLOWED.
 * @see https://developers.cloudflare.com/email-service/api/send-emails/workers-api/ */
function mailReason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && error instanceof Error ? `${code}: ${error.message}` : reasonOf(error);
}

function resultOf(called: Called<Said> | NotCalled, ms: number): AttemptResult {
  switch (called.kind) {
    case "answered": {
      const heard = { ...called.answer, ms };
      const { status } = heard;
      // E-mail has no status: what did not throw was taken.
      if (status === null || (status >= 200 && status < 300)) return { kind: "told", ...heard };
      const reason = `the receiver answered ${status}`;
      if (status === 410) return { kind: "gone", reason, ...heard };
      return { kind: "failed", reason, retryAfterSeconds: null, ...heard };
    }
    case "failed": {
      const { kind, reason, retryAfterSeconds, answer } = called;
      return { kind, reason, retryAfterSeconds, ...(answer ?? NOTHING_SAID), ms };
    }
    case "wait":
      return called;
    case "isolated":
      return { kind: "wait", untilMs: null, reason: called.reason };
  }
}
