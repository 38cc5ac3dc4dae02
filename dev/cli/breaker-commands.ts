/** Circuit breakers: how each destination stands, and the operator's stop of one. */
import { type Command, UsageError } from "./command-context.ts";
import { table } from "./table.ts";

type Breaker = {
  readonly destination: string;
  readonly state: string;
  readonly since: string | null;
  readonly reason: string | null;
  readonly by: string | null;
  readonly calls: number;
  readonly failures: number;
  readonly nextProbe: string | null;
};
type Listed = Breaker | { readonly destination: string; readonly error: string };

export const listBreakers: Command = async ({ client }) => {
  const answer = await client.call<{ breakers: Listed[] }>("GET", "/v1/breakers");
  const rows = answer.breakers.map((each) =>
    "error" in each
      ? [each.destination, "does not answer", "", each.error, "", ""]
      : [
          ...[each.destination, each.state, each.since ?? "", each.reason ?? ""],
          each.state === "closed" ? `${each.failures} of ${each.calls} failed` : "",
          each.by === null ? (each.nextProbe ?? "") : `released by hand (${each.by})`,
        ],
  );
  return { answer, text: table(["DESTINATION", "STATE", "SINCE", "WHY", "LAST 30 S", "NEXT PROBE"], rows) };
};

export const isolateBreaker: Command = async ({ client, args: [destination], flags: { reason } }) => {
  if (destination === undefined || reason === undefined)
    throw new UsageError("Say which, and why: breakers isolate DESTINATION --reason TEXT.");
  const answer = await client.call<Breaker>("POST", `/v1/breakers/${pathOf(destination)}/isolate`, { reason });
  return { answer, text: `Nothing is sent to ${destination} until it is released. What comes for it waits.` };
};

export const releaseBreaker: Command = async ({ client, args: [destination] }) => {
  if (destination === undefined) throw new UsageError("Say which: breakers release DESTINATION.");
  const answer = await client.call<Breaker>("POST", `/v1/breakers/${pathOf(destination)}/release`);
  return { answer, text: `${destination} is ${answer.state.replace("_", "-")}.` };
};

const pathOf = (destination: string): string => destination.split("/").map(encodeURIComponent).join("/");
