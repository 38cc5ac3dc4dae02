/** A breakage that ends with its test, whatever becomes of that. */
import { onTestFinished } from "vitest";
import type { Breakage } from "./breakage.ts";
import type { Calm, Mend } from "./calm.ts";

export async function broken(calm: Calm, breakage: Breakage): Promise<Mend> {
  const mend = await calm.break(breakage);
  onTestFinished(async () => void (await mend()));
  return mend;
}
