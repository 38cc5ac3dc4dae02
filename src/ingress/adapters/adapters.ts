/** Which adapter reads a channel's deliveries. */
import type { AdapterName } from "../../domain/channel/channel.ts";
import type { Adapter } from "./adapter.ts";
import { amazon } from "./amazon.ts";
import { shiphero } from "./shiphero.ts";
import { square } from "./square.ts";

const ADAPTERS: ReadonlyMap<AdapterName, Adapter> = new Map(
  [square, amazon, shiphero].map((each) => [each.name, each]),
);

/** Undefined: what it sends has another address. */
export const adapterOf = (name: string): Adapter | undefined => ADAPTERS.get(name as AdapterName);
