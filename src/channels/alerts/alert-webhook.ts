/** Alerts to an address of the operator's: signed JSON, POSTed. */
import type { AlertDestination, TellOutcome, Told } from "../../services/alerts/tell-alert.ts";
import { type Called, judgeHttp, type NotCalled } from "../../services/destination-breaker.ts";
import { sha256Hex } from "../../services/sha256.ts";
import { withDeadline } from "../../services/with-deadline.ts";
import { signWebhook } from "../webhook/sign.ts";

export type AlertWebhook = {
  readonly url: string;
  readonly secret: string;
  readonly timeoutMs: number;
  nowMs(): number;
  /** Whether it goes out: the destination's circuit breaker. */
  through(call: () => Promise<Called<number>>): Promise<Called<number> | NotCalled>;
};

export const alertWebhook = ({ url, secret, timeoutMs, nowMs, through }: AlertWebhook): AlertDestination => ({
  name: "webhook",
  async tell(change) {
    const body = JSON.stringify(alertBody(change));
    const id = await webhookId(change.id);
    const signed = await signWebhook(id, body, secret, nowMs());
    const headers = { ...signed, "idempotency-key": id, "content-type": "application/json", "user-agent": "Onhand" };
    const called = await through(() =>
      withDeadline(timeoutMs, async (signal) => {
        // Elsewhere than it was sent to it may not go.
        const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "manual" });
        await response.body?.cancel();
        return judgeHttp(response, response.status);
      }),
    );
    return outcomeOf(called);
  },
});

function outcomeOf(called: Called<number> | NotCalled): TellOutcome {
  switch (called.kind) {
    case "answered":
      if (called.answer >= 200 && called.answer < 300) return { kind: "told" };
      return { kind: "failed", reason: `the receiver answered ${called.answer}` };
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
