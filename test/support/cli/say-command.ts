/** A command of the CLI, said to an API that answers what a test wants and remembers what it was asked. */
import type { OnhandClient } from "../../../dev/cli/client.ts";
import { findCommand } from "../../../dev/cli/commands.ts";

export type Call = readonly [method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>];

/**
 * @param words   as typed, without what comes after spaces of its own
 * @param answer  to the n-th call, from 0
 */
export async function sayCommand(
  words: readonly string[],
  flags: Record<string, unknown>,
  answer: (n: number) => unknown,
  shop = "a.myshopify.com",
) {
  const calls: Call[] = [];
  const client: OnhandClient = {
    url: "https://onhand.test",
    send: () => Promise.reject(new Error("sends no file")),
    stream: () => Promise.reject(new Error("streams nothing")),
    call: async <Answer>(...given: Call) => {
      calls.push(given);
      return answer(calls.length - 1) as Answer;
    },
  };
  const { command, args } = findCommand(words);
  const { text, code } = await command({ client, shop: () => shop, flags, args });
  return { calls, text, code };
}
