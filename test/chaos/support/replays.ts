/** Letters that die and are replayed, the jobs over them, and time that passes for both. */
import { expect } from "vitest";
import type { Stack } from "../../../dev/stack/stack.ts";
import type { Calm } from "./calm.ts";
import { type Letter, lettersBy } from "./letters.ts";
import { waitUntil } from "./wait-until.ts";

export type Job = {
  readonly id: string;
  readonly name: string;
  readonly status: "running" | "done" | "cancelled";
  readonly trigger: "operator" | "breaker" | "minute";
} & Readonly<Record<"total" | "waiting" | "sent" | "replayed" | "diedAgain" | "failed", number>>;

/** Tries without pauses, a dead-letter queue that had to wait for D1, a busy machine. */
export const DIES_MS_MAX = 60_000;
/** Due ten seconds after the death; the minute comes every five; then its turn in the queue. */
export const REPLAYED_MS_MAX = 90_000;

/** @param query  as the API takes it: `code=counter_away` */
export const lettersOf = ({ stack }: Calm, query: string): Promise<readonly Letter[]> => lettersBy(stack.client, query);

/** Waits until so many letters wait that match. */
export async function untilDead(calm: Calm, query: string, count: number): Promise<readonly Letter[]> {
  const read = (): Promise<readonly Letter[]> => lettersOf(calm, `status=waiting&${query}`);
  await waitUntil(async () => (await read()).length >= count, DIES_MS_MAX);
  const found = await read();
  expect(found.length, `letters that wait: ${query}`).toBeGreaterThanOrEqual(count);
  return found;
}

export async function untilSettled(calm: Calm, query: string, patienceMs = REPLAYED_MS_MAX): Promise<void> {
  const read = (): Promise<readonly Letter[]> => lettersOf(calm, `status=waiting&${query}`);
  await waitUntil(async () => (await read()).length === 0, patienceMs);
  expect(await read(), `letters that still wait: ${query}`).toEqual([]);
}

export const jobOf = ({ stack }: Calm, name: string): Promise<Job> =>
  stack.client.call<Job>("GET", `/v1/dead-letters/jobs/${encodeURIComponent(name)}`);

export async function startReplay({ stack }: Calm, name: string, filter: object): Promise<Job> {
  return stack.client.call<Job>("POST", "/v1/dead-letters/jobs", { name, filter });
}

export async function untilDone(calm: Calm, name: string): Promise<Job> {
  await waitUntil(async () => (await jobOf(calm, name)).status !== "running", REPLAYED_MS_MAX);
  const job = await jobOf(calm, name);
  expect(job, name).toMatchObject({ status: "done" });
  return job;
}

export const replay = ({ stack }: Calm, { id }: Letter): Promise<{ readonly status: string }> =>
  stack.client.call("POST", `/v1/dead-letters/${id}/replay`);

/** A test that replays letters itself: the minute does nothing to them for an hour. */
export async function notByThemselves({ worker }: Stack): Promise<void> {
  const { DB } = await worker.bindings();
  await DB.prepare("UPDATE dead_letters SET auto_due_at_ms = auto_due_at_ms + 3600000").all();
}

/**
 * For dead letters and their jobs so much time has passed: deaths, drivers' leases and what was sent are older by that, what is
 * due is nearer; and a minute is over. Waiting for it would show the same.
 */
export async function letTimePass({ worker }: Stack, ms: number): Promise<void> {
  const { DB } = await worker.bindings();
  const passed = Math.trunc(ms);
  for (const update of [
    `UPDATE dead_letters SET died_at_ms = died_at_ms - ${passed}, auto_due_at_ms = auto_due_at_ms - ${passed}`,
    `UPDATE dead_letter_jobs SET lease_until_ms = lease_until_ms - ${passed} WHERE status = 'running'`,
    `UPDATE dead_letter_job_items SET at_ms = at_ms - ${passed}`,
  ])
    await DB.prepare(update).all();
  await worker.scheduled("* * * * *").catch(() => {}); // it logs its own failures, and the next one comes soon
}
