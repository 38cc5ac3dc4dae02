/** Dead letters, as a person at the API sees and settles them. */
import { expect } from "vitest";
import type { OnhandClient } from "../../../dev/cli/client.ts";
import { waitUntil } from "./wait-until.ts";

export type Letter = {
  readonly id: string;
  readonly status: "waiting" | "replayed" | "discarded";
  readonly version: number;
  readonly queue: string | null;
  readonly topic: string;
  readonly subject: string | null;
  readonly eventId: string;
  readonly code: string;
  readonly error: string;
  readonly errors: readonly { readonly code: string; readonly message: string; readonly attempt: number }[];
  readonly attempts: number;
  readonly deaths: number;
  readonly replays: number;
  readonly replayDueAt: string | null;
  /** Newest first. */
  readonly trail: readonly { readonly what: string; readonly actor: string | null; readonly detail: string | null }[];
};

/** A message is tried again with growing pauses before it dies. */
const DIES_MS_MAX = 90_000;

/** @param query  as the API takes it: `code=counter_away` */
export async function lettersBy(client: OnhandClient, query: string): Promise<readonly Letter[]> {
  const path = `/v1/dead-letters?limit=200&${query}`;
  return (await client.call<{ deadLetters: readonly Letter[] }>("GET", path)).deadLetters;
}

export const waitingLetters = (client: OnhandClient): Promise<readonly Letter[]> => lettersBy(client, "status=waiting");

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

/** What they told of needs nobody. */
export async function discarded(client: OnhandClient, letters: readonly Letter[]): Promise<void> {
  for (const { id } of letters)
    await client.call("POST", `/v1/dead-letters/${id}/discard`, { reason: "looked at by the chaos suite" });
}
