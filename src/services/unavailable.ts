/**
 * A part that a request needs is away: no bug of ours, and worth another try. Thrown at the part's border, so that an
 * outage of D1 or of a counter is never told, or reported, as something broken.
 */
import { reasonOf } from "../observability/log.ts";

export type Part =
  | "catalogue"
  | "counter"
  | "gate"
  | "dead letters"
  | "oversells"
  | "stock"
  | "queue"
  | "reservation"
  | "bundles"
  | "reconciliation"
  | "breakers"
  | "journal"
  | "alerts"
  | "notifications"
  | "channels";

export class Unavailable extends Error {
  readonly part: Part;

  /** @param reason  for the log alone */
  constructor(part: Part, reason: string) {
    super(`${part}: ${reason}`);
    this.name = "Unavailable";
    this.part = part;
  }
}

/** A call over the border: whatever it throws means that the part is away. */
export async function reach<Value>(part: Part, call: () => Promise<Value>): Promise<Value> {
  try {
    return await call();
  } catch (error) {
    throw error instanceof Unavailable ? error : new Unavailable(part, reasonOf(error));
  }
}

/** The same service, every call of which goes over the border. */
export function reaching<Service extends object>(part: Part, service: Service): Service {
  return new Proxy(service, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...args: readonly unknown[]) => reach(part, async () => Reflect.apply(method, target, args));
    },
  });
}
