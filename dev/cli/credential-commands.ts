/** What a channel needs of its sender's: stored, replaced and removed by name. A value is read from a file or from stdin, never from
 * the command line, where a process list and a shell's history show it. */
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { type Command, UsageError } from "./command-context.ts";
import { table } from "./table.ts";

type Shown = { readonly secrets: { readonly credentials: readonly { name: string; createdAt: string }[] } };

/** With the channel alone: which there are. With --clear it is removed. */
export const credentials: Command = async ({ client, args: [id, name, file], flags }) => {
  if (id === undefined) throw new UsageError("Name the channel: `channels` lists them.");
  const channel = `/v1/channels/${encodeURIComponent(id)}`;
  if (name === undefined) {
    const shown = await client.call<Shown>("GET", channel);
    const rows = shown.secrets.credentials.map((each) => [each.name, each.createdAt]);
    const told = rows.length === 0 ? "It has no credentials." : table(["NAME", "STORED"], rows);
    return { answer: { credentials: shown.secrets.credentials }, text: told };
  }
  const path = `${channel}/credentials/${encodeURIComponent(name)}`;
  if (flags.clear) {
    const answer = await client.call("DELETE", path);
    return { answer, text: `${name} of ${id} is removed.` };
  }
  const answer = await client.call("PUT", path, { value: await valueFrom(file, process.stdin.isTTY) });
  return { answer, text: `${name} of ${id} is stored.` };
};

async function valueFrom(file: string | undefined, isTerminal: boolean): Promise<string> {
  if (file === undefined && isTerminal)
    throw new UsageError("Name the file that holds the value, or pipe it in: it would be seen on the screen.");
  // The newline is the editor's, or the shell's.
  const value = (file === undefined ? await text(process.stdin) : textOf(file)).replace(/\r?\n$/, "");
  if (value === "") throw new UsageError("The value is empty.");
  return value;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : error}`);
  }
}
