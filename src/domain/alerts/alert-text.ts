/** One plain sentence per change of an alert: what is wrong, and where to look. Numbers and names of ours alone. */
import type { AlertName, AlertSpec } from "./alert-table.ts";

type Said = {
  readonly fires: (subject: string, value: number) => string;
  readonly over: (subject: string) => string;
};

const SAID: Readonly<Record<AlertName, Said>> = {
  queue_lag: {
    fires: (queue, value) => `The oldest message of queue ${queue} waits ${rounded(value)} s`,
    over: (queue) => `Queue ${queue} is quick again`,
  },
  dead_letter_growth: {
    fires: (queue, value) => `Messages of queue ${queue} that died lately: ${rounded(value)}`,
    over: (queue) => `No more messages of queue ${queue} die; those that died may still wait for a replay`,
  },
  sync_latency: {
    fires: (shop, value) => `One event in twenty takes ${rounded(value)} s or longer to reach ${shop}`,
    over: (shop) => `Events reach ${shop} quickly again`,
  },
  mismatch_rate: {
    fires: (shop, value) => `Levels at ${shop} differed from ours: ${rounded(100 * value)} % of those compared lately`,
    over: (shop) => `Levels at ${shop} agree with ours again`,
  },
  oversell: {
    fires: (_, value) => `Units that are sold and missing: ${rounded(value)}`,
    over: () => "Nothing that is sold is missing any more",
  },
  rate_limited: {
    fires: (shop, value) => `Calls that ${shop} refused for their rate lately: ${rounded(value)}`,
    over: (shop) => `${shop} refuses no more calls for their rate`,
  },
  breaker_open: {
    fires: (destination, value) =>
      value < 1
        ? `An operator has isolated ${destination}: what goes there waits`
        : `The circuit breaker of ${destination} is open: what goes there waits`,
    over: (destination) => `The circuit breaker of ${destination} is closed again`,
  },
  webhooks_silent: {
    fires: (topic, value) => `No webhook of topic ${topic} has come for ${rounded(value)} of its usual pauses`,
    over: (topic) => `Webhooks of topic ${topic} come again`,
  },
  token_refused: {
    fires: (shop) => `${shop} gives no access: its token was refused, or the app was removed`,
    over: (shop) => `${shop} gives access again`,
  },
  subscription_missing: {
    fires: (shop, value) =>
      value < 1
        ? `Webhook subscriptions at ${shop} were missing and have been made again`
        : `Webhook subscriptions at ${shop} are missing and could not be made again`,
    over: (shop) => `Webhook subscriptions at ${shop} are complete again`,
  },
};

export function alertText(
  { name, threshold, unit }: AlertSpec,
  subject: string,
  change: "fired" | "escalated" | "recovered",
  value: number,
  note?: string,
): string {
  const { fires, over } = SAID[name];
  if (note !== undefined) return `${name} of ${subject === "" ? "the whole" : subject} is ${note}.`;
  if (change === "recovered") return `${over(subject)}.`;
  // A state has no threshold that would tell anybody anything.
  const at = unit === "state" ? "" : ` (critical at ${threshold} ${unit})`;
  return `${fires(subject, value)}${at}. What to do: runbook, alert ${name}.`;
}

/** At most three digits after the point. */
const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;
