/** How a channel is, in a word, with its reasons: from what was last seen of it. */
import type { Channel } from "./channel.ts";

export type ChannelSigns = {
  readonly channel: Pick<Channel, "state" | "readOnly" | "direction">;
  readonly stateReason: string | null;
  /** `closed`, `open`, …; null: nothing was ever sent, or its object does not answer. */
  readonly breaker: string | null;
  readonly breakerReason: string | null;
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
  const { channel, stateReason, breaker, breakerReason, waitingLetters, refused, missing } = signs;
  if (channel.state === "paused") return { verdict: "paused", reasons: [stateReason ?? "an operator paused it"] };
  const failing = [
    ...missing.map((name) => `credential missing: ${name}`),
    ...(breaker === "open" || breaker === "isolated"
      ? [`breaker ${breaker}${breakerReason === null ? "" : `: ${breakerReason}`}`]
      : []),
  ];
  const degraded = [
    ...(breaker === "half_open" ? ["breaker half open: it is being tried"] : []),
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
