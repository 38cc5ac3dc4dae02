/** A test of a channel, as an operator fires it: one signed call through its breaker, and what came of it. */
import { maskReason } from "../../domain/mask-text.ts";
import type { Said } from "../../domain/reply-beginning.ts";
import type { Called, NotCalled } from "../destination-breaker.ts";

export type Answer = Said & { readonly status: number };

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

export function testOf(called: Called<Answer> | NotCalled, ms: number): ChannelTest {
  const nothing = { ok: false, status: null, reply: null, retryAtMs: null };
  switch (called.kind) {
    case "answered": {
      const { status, reply } = called.answer;
      const ok = status >= 200 && status < 300;
      const reason = ok ? null : `the receiver answered ${status}`;
      return { sent: true, ok, status, ms, reply, reason, retryAtMs: null };
    }
    case "failed":
      return { ...nothing, ...called.answer, sent: true, ms, reason: maskReason(called.reason) };
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
