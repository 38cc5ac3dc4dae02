/**
 * Seeds that find what once was wrong, each with what it found: with the mend taken back they fail. The mended code has tests
 * of its own; these schedules stay because they are good at finding such things.
 */
export const REGRESSIONS: readonly { readonly seed: number; readonly found: string }[] = [
  { seed: 5, found: "a gate that woke every millisecond while a read past its deadline was still under way" },
  { seed: 6, found: "the same, early in its life" },
  {
    seed: 101007,
    found: "an order that was matched and never verified was forgotten after ten minutes, and the read with it",
  },
];
