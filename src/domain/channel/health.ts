/** How a channel is, in a word, with its reasons: from what was last seen of it. */
import type { Channel } from "./channel.ts";

/** Of the gate of a shop or a till. */
export type GateSigns = {
  /** Why nothing is sent just now, the breaker's own pauses included; null where nothing is held up. */
  readonly pausedReason: string | null;
  /** Pushes whose outcome nobody knows, given up after a day: a person says what became of them. */
  readonly expired: number;
};

export type ChannelSigns = {
  readonly channel: Pick<Channel, "state" | "readOnly" | "direction">;
  readonly stateReason: string | null;
  /** `closed`, `open`, …; null: nothing was ever sent, or its object does not answer. */
  readonly breaker: string | null;
  readonly breakerReason: string | null;
  /** Null: it has none, or none that answers. */
  readonly gate: GateSigns | null;
  /** Of the last day. */
  readonly received: number;
  readonly refused: number;
  readonly waitingLetters: number;
  /** Credentials without which it can do nothing. */
  readonly missing: readonly string[];
};

/** `failing`: something of it does not pass. `degraded`: it passes, and a person should look. */
export type Verdict = "healthy" | "degraded" | "failing" | "paused" | "idle";
export type Health = { readonly verdict: Verdict; readonly reasons: readonly string[] };

export function healthOf(signs: ChannelSigns): Health {
  const { channel, stateReason, breaker, breakerReason, gate, waitingLetters, refused, missing } = signs;
  if (channel.state === "paused") return { verdict: "paused", reasons: [stateReason ?? "an operator paused it"] };
  const failing = [
    ...missing.map((name) => `credential missing: ${name}`),
    ...(breaker === "open" || breaker === "isolated"
      ? [`breaker ${breaker}${breakerReason === null ? "" : `: ${breakerReason}`}`]
      : []),
    // Without credentials it is held up, too: once is enough.
    ...(breaker === "closed" && missing.length === 0 && isHeldUp(gate) ? [`gate paused: ${gate?.pausedReason}`] : []),
  ];
  const degraded = [
    ...(breaker === "half_open" ? ["breaker half open: it is being tried"] : []),
    ...((gate?.expired ?? 0) > 0
      ? [`${gate?.expired} pushes of unknown outcome wait for an operator (gate held)`]
      : []),
    ...(waitingLetters > 0 ? [`${waitingLetters} dead letters wait`] : []),
    ...(refused > 0 ? [`${refused} refused within a day`] : []),
    ...(channel.readOnly ? ["read-only: nothing goes out"] : []),
  ];
  const reasons = [...failing, ...degraded];
  if (failing.length > 0) return { verdict: "failing", reasons };
  if (degraded.length > 0) return { verdict: "degraded", reasons };
  const isSilent = channel.direction !== "out" && signs.received === 0;
  return isSilent
    ? { verdict: "idle", reasons: ["nothing was received within a day"] }
    : { verdict: "healthy", reasons };
}

/** What pace alone holds up passes by itself; what is read-only is told as such. */
const isHeldUp = (gate: GateSigns | null): boolean =>
  gate?.pausedReason != null && gate.pausedReason !== "throttled" && gate.pausedReason !== "read_only";
