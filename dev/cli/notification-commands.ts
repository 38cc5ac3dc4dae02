/** What was told, to whom, and who hears of what. */
import { randomUUID } from "node:crypto";
import { type Attempt, type Heard, heardText } from "./attempt-text.ts";
import { type Command, type Flags, UsageError } from "./command-context.ts";
import { type NewsLine, notificationTable } from "./notification-table.ts";
import { table } from "./table.ts";

type News = NewsLine & { readonly text: string };
type Delivery = {
  readonly id: string;
  readonly notificationId: string | null;
  readonly destinationId: string;
  readonly state: string;
  readonly attempts: number;
  readonly dueAt: string;
  readonly history: readonly Attempt[];
};
type Destination = {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly address: string;
  readonly state: string;
  readonly stateReason: string | null;
  readonly failures: number;
  readonly filter: { readonly kinds: readonly string[] | null; readonly minSeverity: string };
  readonly digestMinutes: number | null;
  readonly secret?: string;
};

const SHOWN = 50;

/** `notifications`: the newest, the very newest last; `notifications ID`: one of them, and who was told. */
const showNotifications: Command = async ({ client, args: [id], flags }) => {
  if (id !== undefined) {
    const answer = await client.call<News & { readonly deliveries: readonly Delivery[] }>(
      "GET",
      `/v1/notifications/${encodeURIComponent(id)}`,
    );
    const { at, kind, severity, title, text, deliveries } = answer;
    const head = `${title}\n${text}\n${kind}, ${severity}, ${at}`;
    return {
      answer,
      text:
        deliveries.length === 0
          ? `${head}\n\nNobody wanted to hear it.`
          : `${head}\n\n${deliveryTable("TO", ({ destinationId }) => destinationId, deliveries)}`,
    };
  }
  const query = new URLSearchParams({ limit: String(SHOWN) });
  for (const [name, value] of [
    ["kind", flags.kind],
    ["sku", flags.sku?.[0]],
    ["from", flags.from],
    ["to", flags.to],
  ] as const)
    if (value !== undefined) query.set(name, value);
  const answer = await client.call<{ notifications: readonly News[]; next: string | null }>(
    "GET",
    `/v1/notifications?${query}`,
  );
  const { notifications } = answer;
  const more =
    answer.next === null ? "" : `\nOnly the newest ${SHOWN} are shown: narrow it by --kind, --sku, --from, --to.`;
  return {
    answer,
    text: notifications.length === 0 ? "There is no news." : notificationTable(notifications, { withIds: true }) + more,
  };
};

/** A line for each try, the newest first; of one that was not tried yet, when it will be. */
function deliveryTable(
  about: string,
  aboutOf: (delivery: Delivery) => string,
  deliveries: readonly Delivery[],
): string {
  const rows = deliveries.flatMap((delivery) => {
    const { id, state, attempts, history, dueAt } = delivery;
    const head = [id, aboutOf(delivery), state, attempts];
    const tries = history.map((attempt) => [attempt.at, `${attempt.outcome}: ${heardText(attempt)}`]);
    const lines = state === "sent" || state === "given_up" ? tries : [[dueAt, "is due"], ...tries];
    return lines.map((line, n) => [...(n === 0 ? head : ["", "", "", ""]), ...line]);
  });
  return table(["DELIVERY", about, "STATE", "TRIES", "AT", "WHAT CAME OF IT"], rows);
}

const listDestinations: Command = async ({ client }) => {
  const answer = await client.call<{ destinations: readonly Destination[] }>("GET", "/v1/destinations");
  const rows = answer.destinations.map((each) => [
    ...[each.id, each.type, each.name, each.address, each.filter.kinds?.join(",") ?? "all", each.filter.minSeverity],
    each.digestMinutes === null ? "" : `every ${each.digestMinutes} min`,
    each.state === "enabled" ? (each.failures > 0 ? `${each.failures} failures` : "") : `disabled: ${each.stateReason}`,
  ]);
  const none = "Nobody is told. `destinations add --webhook URL --name NAME` makes one.";
  const head = ["ID", "TYPE", "NAME", "ADDRESS", "KINDS", "FROM", "DIGEST", ""];
  return { answer, text: rows.length === 0 ? none : table(head, rows) };
};

const named = (id: string | undefined): string => {
  if (id === undefined) throw new UsageError("Name the destination.");
  return `/v1/destinations/${encodeURIComponent(id)}`;
};

const addDestination: Command = async ({ client, flags }) => {
  const headers = { "idempotency-key": flags.key ?? randomUUID() };
  const answer = await client.call<Destination>("POST", "/v1/destinations", bodyOf(flags), headers);
  return { answer, text: tellsOf(answer) };
};

const putDestination: Command = async ({ client, args: [id], flags }) => {
  const path = named(id);
  const answer = await client.call<Destination>("PUT", path, bodyOf(flags));
  return { answer, text: tellsOf(answer) };
};

const tellsOf = ({ id, address, secret }: Destination): string =>
  `${id} is told at ${address}.${secret === undefined ? "" : `\nIts signing secret, shown this once: ${secret}`}`;

function bodyOf(flags: Flags): Record<string, unknown> {
  const { webhook, slack, email, name, kinds, severity, digest, quiet, zone } = flags;
  const given = [webhook, slack, email].filter((value) => value !== undefined);
  if (given.length !== 1 || name === undefined)
    throw new UsageError("Say one of --webhook URL, --slack URL, --email ADDRESS, and --name NAME.");
  const skus = flags.sku === undefined ? {} : { skus: flags.sku };
  const filter = {
    ...(kinds === undefined ? {} : { kinds: kinds.split(",") }),
    ...(severity === undefined ? {} : { minSeverity: severity }),
    ...skus,
  };
  return {
    ...(webhook === undefined ? {} : { type: "webhook", url: webhook }),
    ...(slack === undefined ? {} : { type: "slack", url: slack }),
    ...(email === undefined ? {} : { type: "email", address: email }),
    name,
    filter,
    ...(digest === undefined ? {} : { digestMinutes: minutesOf(digest) }),
    ...(quiet === undefined ? {} : { quietHours: quietOf(quiet, zone) }),
  };
}

function minutesOf(given: string): number {
  if (!/^\d{1,4}$/.test(given)) throw new UsageError(`--digest: "${given}" is no number of minutes.`);
  return Number(given);
}

function quietOf(given: string, zone: string | undefined): Record<string, string> {
  const [, from, to] = /^(\d\d:\d\d)-(\d\d:\d\d)$/.exec(given) ?? [];
  if (from === undefined || to === undefined || zone === undefined)
    throw new UsageError("Quiet hours are said like --quiet 22:00-07:00 --zone Europe/Berlin.");
  return { from, to, timeZone: zone };
}

const testDestination: Command = async ({ client, args: [id] }) => {
  type Tested = Heard & { readonly told: boolean };
  const answer = await client.call<Tested>("POST", `${named(id)}/test`);
  const text = `${answer.told ? "Told" : "Not told"}: ${heardText(answer)}.`;
  return { answer, text, code: answer.told ? 0 : 1 };
};

const rotateDestination: Command = async ({ client, args: [id] }) => {
  const answer = await client.call<{ secret: string; previousRetiresAt: string }>("POST", `${named(id)}/rotate`, {});
  return {
    answer,
    text: `The new secret, shown this once: ${answer.secret}\nThe old one signs beside it until ${answer.previousRetiresAt}.`,
  };
};

const enableDestination: Command = async ({ client, args: [id] }) => {
  const answer = await client.call<Destination>("POST", `${named(id)}/enable`);
  return { answer, text: `${answer.id} is told again. \`destinations deliveries ${answer.id}\` shows what it missed.` };
};

const removeDestination: Command = async ({ client, args: [id] }) => {
  const answer = await client.call("DELETE", named(id));
  return { answer, text: `${id} is told no more.` };
};

const listDeliveries: Command = async ({ client, args: [id] }) => {
  const answer = await client.call<{ deliveries: readonly Delivery[] }>(
    "GET",
    `${named(id)}/deliveries?limit=${SHOWN}`,
  );
  const { deliveries } = answer;
  const aboutOf = ({ notificationId }: Delivery): string => notificationId ?? "a digest";
  return { answer, text: deliveries.length === 0 ? "It was never told." : deliveryTable("OF", aboutOf, deliveries) };
};

const resendDelivery: Command = async ({ client, args: [id] }) => {
  if (id === undefined) throw new UsageError("Name the delivery: `destinations deliveries ID` lists them.");
  const answer = await client.call<Delivery>("POST", `/v1/deliveries/${encodeURIComponent(id)}/resend`);
  return { answer, text: `${id} is sent again to ${answer.destinationId}.` };
};

export const NOTIFICATION_COMMANDS: readonly (readonly [string, Command])[] = [
  ["notifications", showNotifications],
  ["destinations", listDestinations],
  ["destinations add", addDestination],
  ["destinations put", putDestination],
  ["destinations test", testDestination],
  ["destinations rotate", rotateDestination],
  ["destinations enable", enableDestination],
  ["destinations remove", removeDestination],
  ["destinations deliveries", listDeliveries],
  ["destinations resend", resendDelivery],
];
