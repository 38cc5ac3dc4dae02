/** Calls and failures of the last so many milliseconds, in slices: ten numbers instead of one per call. */
export type Slice = { readonly atMs: number; readonly calls: number; readonly failures: number };
/** Oldest first. A slice counts until the window has left its beginning. */
export type CallWindow = readonly Slice[];
export type CallSum = { readonly calls: number; readonly failures: number };

export const SLICES = 10;
export const noCalls: CallWindow = [];

export function withCall(window: CallWindow, isFailure: boolean, windowMs: number, nowMs: number): CallWindow {
  const sliceMs = windowMs / SLICES;
  const atMs = Math.floor(nowMs / sliceMs) * sliceMs;
  const kept = inWindow(window, windowMs, nowMs);
  const last = kept.at(-1);
  const failures = isFailure ? 1 : 0;
  return last?.atMs === atMs
    ? [...kept.slice(0, -1), { atMs, calls: last.calls + 1, failures: last.failures + failures }]
    : [...kept, { atMs, calls: 1, failures }];
}

export const sumOf = (window: CallWindow, windowMs: number, nowMs: number): CallSum =>
  inWindow(window, windowMs, nowMs).reduce(
    (sum, { calls, failures }) => ({ calls: sum.calls + calls, failures: sum.failures + failures }),
    { calls: 0, failures: 0 },
  );

/** A clock that went back leaves slices of the future: they say nothing of now. */
const inWindow = (window: CallWindow, windowMs: number, nowMs: number): CallWindow =>
  window.filter(({ atMs }) => atMs > nowMs - windowMs && atMs <= nowMs);
