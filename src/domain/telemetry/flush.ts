/** What an isolate tells at once: a part of its tally, under a name of its own, so that telling it twice counts once. */
import type { TallyDelta } from "./tally.ts";

export type Flush = {
  readonly id: string;
  /** When it was taken out of the tally: all in it happened before. */
  readonly atMs: number;
  readonly delta: TallyDelta;
};
