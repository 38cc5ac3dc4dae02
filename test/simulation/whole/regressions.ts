/**
 * Seeds that once failed, or cost what they should not, each with what it had found. The mended code has tests of its own;
 * these schedules stay because they are good at finding such things.
 */
export const REGRESSIONS: readonly { readonly seed: number; readonly found: string }[] = [
  { seed: 5, found: "a gate that woke every millisecond while a read past its deadline was still under way" },
  { seed: 14, found: "the same, for ten seconds, under webhook loss" },
];
