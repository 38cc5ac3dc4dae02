/** What a section of the benchmark is given. */
export type Run = {
  readonly root: string;
  /** Its own, gone afterwards. */
  readonly dir: string;
  /** A tenth of everything: shows that it works, and measures little. */
  readonly isQuick: boolean;
  /** How long a section that lasts as long as it is told to lasts; null: as long as it thinks right. */
  readonly minutes: number | null;
  /** Progress, for people. */
  say(text: string): void;
};
