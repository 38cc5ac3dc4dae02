/**
 * Closed locations take nothing unless they are named: what the catalogue knows of them rides along with every take that
 * leaves the place to the counter. Best effort: a location that closed a minute ago may still be chosen, and the units are there.
 */
import type { CounterEvent } from "../domain/counter/counter-event.ts";
import type { LocationId } from "../domain/ids.ts";
import type { ApplyOptions, Counter, Counters } from "./counter-contract.ts";

/** @param closed  never rejects */
export function avoidingClosed(counters: Counters, closed: () => Promise<ReadonlySet<LocationId>>): Counters {
  return {
    of(skuId) {
      const counter = counters.of(skuId);
      const apply = async (events: readonly CounterEvent[], options?: ApplyOptions) => {
        if (!events.some(leavesPlaceOpen)) return counter.apply(events, options);
        const avoid = [...(await closed())];
        return counter.apply(avoid.length === 0 ? events : events.map((event) => avoiding(event, avoid)), options);
      };
      return new Proxy<Counter>(counter, {
        get(target, name) {
          if (name === "apply") return apply;
          const method: unknown = Reflect.get(target, name);
          return typeof method === "function"
            ? (...args: readonly unknown[]) => Reflect.apply(method, target, args)
            : method;
        },
      });
    },
  };
}

function leavesPlaceOpen(event: CounterEvent): boolean {
  if (event.kind === "movement") return event.request.locationId === null && event.request.delta < 0;
  return event.kind === "hold" && event.request.lines.some(({ locationId }) => locationId === null);
}

function avoiding(event: CounterEvent, avoid: readonly LocationId[]): CounterEvent {
  if (!leavesPlaceOpen(event)) return event;
  if (event.kind === "movement") return { ...event, request: { ...event.request, avoid } };
  return event.kind === "hold" ? { ...event, request: { ...event.request, avoid } } : event;
}
