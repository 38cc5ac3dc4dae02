/**
 * Hours in which nobody wants to be woken: what is not critical waits for their end. Given as people live by them, in a
 * time zone; the end of a night in which clocks change is where the clock on the wall shows it.
 */

/** "22:00" to "07:00" spans midnight. The same time twice is no quiet hour at all. `timeZone`: IANA. */
export type QuietHours = { readonly from: string; readonly to: string; readonly timeZone: string };

const MINUTE_MS = 60_000;
/** Longest night there can be: a day, and the hour that clocks may be set back. */
const SEARCH_MINUTES = 25 * 60;

/** Null: it is not quiet then. Else the moment (epoch ms) at which the quiet hours end. */
export function quietUntil(hours: QuietHours, atMs: number): number | null {
  if (!isQuiet(hours, atMs)) return null;
  const firstMs = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
  // Minute by minute: a clock that jumps makes arithmetic on local times wrong.
  for (let step = 1; step <= SEARCH_MINUTES; step += 1) {
    const nextMs = firstMs + step * MINUTE_MS;
    if (!isQuiet(hours, nextMs)) return nextMs;
  }
  return firstMs + SEARCH_MINUTES * MINUTE_MS;
}

function isQuiet({ from, to, timeZone }: QuietHours, atMs: number): boolean {
  const [start, end] = [minutesOf(from), minutesOf(to)];
  const now = localMinutes(timeZone, atMs);
  return start <= end ? now >= start && now < end : now >= start || now < end;
}

/** "07:30" → 450. */
const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

const formats = new Map<string, Intl.DateTimeFormat>();

function localMinutes(timeZone: string, atMs: number): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    formats.set(timeZone, format);
  }
  return minutesOf(format.format(atMs));
}

export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en-GB", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
