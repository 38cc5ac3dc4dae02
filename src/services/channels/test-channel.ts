/** A test of a channel, as an operator fires it: one signed call through its breaker, and what came of it. */
import type { Called, NotCalled } from "../destination-breaker.ts";

export type Answer = { readonly status: number; readonly text: string };

export type ChannelTest = {
  readonly sent: boolean;
  /** It took it. */
  readonly ok: boolean;
  readonly status: number | null;
  readonly ms: number;
  /** The beginning of what it said. */
  readonly reply: string | null;
  readonly reason: string | null;
  /** When the breaker lets the next try pass; null: it does, or nobody knows. */
  readonly retryAtMs: number | null;
};

export function testOf(called: Called<Answer> | NotCalled, ms: number, replyCharsMax: number): ChannelTest {
  const nothing = { ok: false, status: null, reply: null, retryAtMs: null };
  switch (called.kind) {
    case "answered": {
      const { status, text } = called.answer;
      const ok = status >= 200 && status < 300;
      const reason = ok ? null : `the receiver answered ${status}`;
      return { sent: true, ok, status, ms, reply: text.slice(0, replyCharsMax), reason, retryAtMs: null };
    }
    case "failed":
      return { ...nothing, sent: true, ms, status: statusIn(called.reason), reason: called.reason };
    case "wait":
      return {
        ...nothing,
        sent: false,
        ms: 0,
        reason: `the breaker holds it: ${called.reason}`,
        retryAtMs: called.untilMs,
      };
    case "isolated":
      return { ...nothing, sent: false, ms: 0, reason: `an operator isolated it: ${called.reason}` };
  }
}

const statusIn = (reason: string): number | null => {
  const digits = /^HTTP_(\d{3})$/.exec(reason)?.[1];
  return digits === undefined ? null : Number(digits);
};
