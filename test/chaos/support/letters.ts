/** Dead letters, as a person at the API sees and settles them. */
import { expect } from "vitest";
import type { OnhandClient } from "../../../dev/cli/client.ts";
import { waitUntil } from "./wait-until.ts";

export type Letter = {
  readonly id: string;
  readonly eventId: string;
  readonly topic: string;
  readonly code: string;
  readonly subject: string | null;
  readonly version: number;
};

/** A message is tried again with growing pauses before it dies. */
const DIES_MS_MAX = 90_000;

export const waitingLetters = async (client: OnhandClient): Promise<readonly Letter[]> =>
  (await client.call<{ deadLetters: readonly Letter[] }>("GET", "/v1/dead-letters?status=waiting&limit=100"))
    .deadLetters;

/** Waits for so many. @returns all that wait */
export async function untilWaiting(client: OnhandClient, count: number): Promise<readonly Letter[]> {
  await waitUntil(async () => (await waitingLetters(client)).length >= count, DIES_MS_MAX);
  const letters = await waitingLetters(client);
  expect(letters).toHaveLength(count);
  return letters;
}

/** Replays them, and waits until none waits any more. */
export async function replayed(client: OnhandClient, letters: readonly Letter[]): Promise<void> {
  for (const { id } of letters) await client.call("POST", `/v1/dead-letters/${id}/replay`);
  expect(await waitUntil(async () => (await waitingLetters(client)).length === 0, DIES_MS_MAX)).toBe(true);
}
