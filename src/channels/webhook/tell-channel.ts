/** Calls a channel's endpoint: JSON, POSTed, signed with the channel's secrets (Standard Webhooks). */

import type { Pace } from "../../domain/breaker/destination.ts";
import type { Channel } from "../../domain/channel/channel.ts";
import { type Heard, NOT_CALLED, NOTHING_SAID } from "../../domain/reply-beginning.ts";
import type { CallChannel, ChannelCalled, ChannelMessage } from "../../services/channels/channel-call.ts";
import type { Called, NotCalled } from "../../services/destination-breaker.ts";
import { sha256Hex } from "../../services/sha256.ts";
import { timed } from "../../services/timed.ts";
import type { PostAnswer, PostLimits } from "./post-json.ts";
import { postSigned } from "./post-signed.ts";

export interface TellChannelDeps {
  readonly limits: PostLimits;
  nowMs(): number;
  /** Through the breaker and the pace of this channel. Never rejects. */
  through(
    channel: Channel,
    pace: Pace,
    call: () => Promise<Called<PostAnswer>>,
  ): Promise<Called<PostAnswer> | NotCalled>;
  /** Once per call that was made. */
  onCalled(channel: Channel, message: ChannelMessage, outcome: ChannelCalled["kind"], ms: number): void;
}

export const tellChannel =
  ({ limits, nowMs, through, onCalled }: TellChannelDeps): CallChannel =>
  async ({ channel, secrets }, message) => {
    const { endpoint } = channel;
    if (endpoint === null)
      return { kind: "refused", reason: "the channel has no endpoint", isAboutContent: false, ...NOT_CALLED };
    if (secrets.signing.length === 0)
      return { kind: "failed", reason: "the channel's secrets are not at hand", ...NOT_CALLED };
    const { type, data, content, urgent } = message;
    const id = await messageId(channel, type, content);
    const pace = { callsPerSecond: channel.outbound.callsPerSecond, urgent };
    const call = timed(async () => {
      const body = JSON.stringify({ type, timestamp: new Date(nowMs()).toISOString(), channel: channel.id, data });
      const post = { url: endpoint, id, body, secrets: secrets.signing, nowMs: nowMs() };
      return judged(await postSigned(post, limits));
    }, nowMs);
    const outcome = outcomeOf(await through(channel, pace, call.run), call.tookMs());
    if (outcome.kind !== "wait") onCalled(channel, message, outcome.kind, outcome.ms);
    return outcome;
  };

/**
 * These say nothing of what was sent: its secret is not installed there yet, or its path is wrong. Whoever mends that finds
 * everything waiting behind the breaker, and no thousand dead letters.
 */
const NOT_SET_UP: ReadonlySet<number> = new Set([401, 403, 404, 405]);

function judged(called: Called<PostAnswer>): Called<PostAnswer> {
  if (called.kind !== "answered" || !NOT_SET_UP.has(called.answer.status)) return called;
  const { answer } = called;
  return { kind: "failed", reason: `HTTP_${answer.status}`, retryAfterSeconds: null, answer };
}

/** The same for every try of one content; plain letters, whatever it is about. */
async function messageId({ id }: Channel, type: string, content: string): Promise<string> {
  const text = JSON.stringify([id, type, content]);
  return `msg_${(await sha256Hex(new TextEncoder().encode(text))).slice(0, 32)}`;
}

function outcomeOf(called: Called<PostAnswer> | NotCalled, ms: number): ChannelCalled {
  switch (called.kind) {
    case "answered":
      return judgeStatus({ ...called.answer, ms });
    case "failed":
      return { kind: "failed", reason: called.reason, ...(called.answer ?? NOTHING_SAID), ms };
    case "wait":
      return { kind: "wait", untilMs: called.untilMs, reason: called.reason };
    case "isolated":
      return { kind: "wait", untilMs: null, reason: called.reason };
  }
}

function judgeStatus(heard: PostAnswer & Heard): ChannelCalled {
  const { status } = heard;
  if (status >= 200 && status < 300) return { kind: "taken", ...heard };
  if (status === 410) return { kind: "gone", ...heard };
  return {
    kind: "refused",
    ...heard,
    reason: `the receiver answered ${status}`,
    isAboutContent: status === 400 || status === 422 || status === 413,
  };
}
