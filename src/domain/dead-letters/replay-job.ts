/**
 * What a job over dead letters does next: pure, from what is written down, so that whoever drives it may die at any time and
 * another goes on. Each step is one write.
 */
export type JobAction = "replay" | "discard";

export type JobTally = {
  readonly action: JobAction;
  /** Items whose turn has not come. */
  readonly waiting: number;
  /** Its items that were sent and not heard of since (replayed, or died again), and may yet be. */
  readonly sent: number;
  /** The same of all jobs together. */
  readonly inFlight: number;
};

export type JobPace = {
  /** Letters that may be under way at once, over all jobs: what the rest of the stream still passes by. */
  readonly inFlightMax: number;
  readonly pageMax: number;
};

export type JobStep =
  | { readonly kind: "send"; readonly letters: number }
  | { readonly kind: "discard"; readonly letters: number }
  | { readonly kind: "wait" }
  | { readonly kind: "finish" };

export function nextStep({ action, waiting, sent, inFlight }: JobTally, { inFlightMax, pageMax }: JobPace): JobStep {
  if (waiting === 0) return sent === 0 ? { kind: "finish" } : { kind: "wait" };
  const page = Math.min(waiting, pageMax);
  if (action === "discard") return { kind: "discard", letters: page };
  // A page that is worth its write: not one for every letter that is heard of.
  const worthwhile = Math.min(page, Math.ceil(pageMax / 2), inFlightMax);
  const room = inFlightMax - inFlight;
  return room < worthwhile ? { kind: "wait" } : { kind: "send", letters: Math.min(page, room) };
}
