/** What is broken at present in this isolate: objects of the local runtime share it with the Worker. */
import type { Breakage, Struck } from "../support/breakage.ts";

type Broken = { readonly breakage: Breakage; struck: number };

export type Call = {
  readonly where: string;
  readonly what: string;
  /** Made only when somebody wants to look into it. */
  readonly about: () => string;
};

const HANG_MS = 5_000;
const LOOK_EVERY_MS = 100;

const broken = new Map<string, Broken>();

export function breakDown(id: string, breakage: Breakage): void {
  broken.set(id, { breakage, struck: 0 });
}

export function mend(id: string): void {
  broken.delete(id);
}

export const struckSoFar = (): Struck => Object.fromEntries(Array.from(broken, ([id, { struck }]) => [id, struck]));

/** Does what was asked for, unless that is broken just now. */
export async function tried<Result>(
  call: Call,
  act: (isAnswerLost: boolean) => Promise<Result> | Result,
): Promise<Result> {
  const [id, found] = [...broken].find(([, each]) => strikes(each, call)) ?? [];
  if (id === undefined || found === undefined) return act(false);
  found.struck += 1;
  const { how, hangMs = HANG_MS } = found.breakage;
  // Whoever is told that all is done wants no more of it than that.
  if (how === "swallow") return undefined as Result;
  if (how === "lose_answer") await act(true);
  if (how === "hang" || how === "late") await untilMended(id, hangMs);
  if (how === "late") return act(false);
  throw errorOf(found.breakage, call);
}

/** The same of a call that answers at once, and no promise: it is refused or done. */
export function triedAtOnce<Result>(call: Call, act: () => Result): Result {
  const [, found] = [...broken].find(([, each]) => strikes(each, call)) ?? [];
  if (found === undefined) return act();
  found.struck += 1;
  throw errorOf(found.breakage, call);
}

const errorOf = ({ how, saying }: Breakage, { where, what }: Call): Error =>
  new Error(saying ?? `${where}.${what} is broken: ${how}`);

function strikes({ breakage, struck }: Broken, call: Call): boolean {
  const { where, what, about, times } = breakage;
  if (where !== call.where || (what !== undefined && what !== call.what)) return false;
  if (times !== undefined && struck >= times) return false;
  return about === undefined || call.about().includes(about);
}

async function untilMended(id: string, hangMs: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < hangMs && broken.has(id); waitedMs += LOOK_EVERY_MS)
    await scheduler.wait(LOOK_EVERY_MS);
}
