/** Whether the parts that Onhand stands on answer, for whoever decides where to send traffic. */
import type { Log } from "../observability/log.ts";
import { reasonOf } from "../observability/log.ts";
import type { Mirror } from "./mirror.ts";
import { inTime } from "./with-deadline.ts";

export interface ReadinessDeps {
  readonly mirror: Pick<Mirror, "ping">;
  database(): Promise<unknown>;
  counter(): Promise<unknown>;
  /** What has not answered by then is away. */
  readonly msMax: number;
  readonly log: Log;
}

export type Readiness = { readonly redis: string; readonly d1: string; readonly counter: string };

export async function checkReadiness(deps: ReadinessDeps): Promise<Readiness> {
  const told = async (part: string, check: () => Promise<unknown>): Promise<string> => {
    try {
      const answer = await inTime(deps.msMax, check);
      return part === "redis" ? String(answer) : "ok";
    } catch (error) {
      deps.log("error", "readiness.failed", { reason: `${part}: ${reasonOf(error)}` });
      return "unavailable";
    }
  };
  const [redis, d1, counter] = await Promise.all([
    told("redis", () => deps.mirror.ping()),
    told("d1", async () => deps.database()),
    told("counter", async () => deps.counter()),
  ]);
  return { redis, d1, counter };
}
