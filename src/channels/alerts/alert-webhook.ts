/** Alerts to an address of the operator's: signed JSON, POSTed. */
import type { AlertDestination, TellOutcome, Told } from "../../services/alerts/tell-alert.ts";
import type { Called, NotCalled } from "../../services/destination-breaker.ts";
import { sha256Hex } from "../../services/sha256.ts";
import type { PostAnswer, PostLimits } from "../webhook/post-json.ts";
import { postSigned } from "../webhook/post-signed.ts";

export type AlertWebhook = {
  readonly url: string;
  readonly secret: string;
  readonly limits: PostLimits;
  nowMs(): number;
  /** Whether it goes out: the destination's circuit breaker. */
  through(call: () => Promise<Called<PostAnswer>>): Promise<Called<PostAnswer> | NotCalled>;
};

export const alertWebhook = ({ url, secret, limits, nowMs, through }: AlertWebhook): AlertDestination => ({
  name: "webhook",
  async tell(change) {
    const body = JSON.stringify(alertBody(change));
    const id = await webhookId(change.id);
    const post = { url, id, body, secrets: [secret], nowMs: nowMs() };
    return outcomeOf(await through(() => postSigned(post, limits)));
  },
});

function outcomeOf(called: Called<PostAnswer> | NotCalled): TellOutcome {
  switch (called.kind) {
    case "answered": {
      const { status } = called.answer;
      if (status >= 200 && status < 300) return { kind: "told" };
      return { kind: "failed", reason: `the receiver answered ${status}` };
    }
    case "failed":
      return { kind: "failed", reason: called.reason };
    case "wait":
      return { kind: "wait", untilMs: called.untilMs, reason: called.reason };
    case "isolated":
      return { kind: "wait", untilMs: null, reason: called.reason };
  }
}

/** The same for every try of one change; plain letters, whatever it is about. */
async function webhookId(changeId: string): Promise<string> {
  return `alert_${(await sha256Hex(new TextEncoder().encode(changeId))).slice(0, 32)}`;
}

/** Times in ISO 8601, for readers that are no programs. */
function alertBody({ sinceMs, atMs, id, ...change }: Told) {
  return {
    type: `alert.${change.change}`,
    timestamp: new Date(atMs).toISOString(),
    data: { id, ...change, since: new Date(sinceMs).toISOString(), at: new Date(atMs).toISOString() },
  };
}
