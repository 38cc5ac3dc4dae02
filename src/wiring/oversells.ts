/** Where oversells are kept. */
import type { OversellStore } from "../services/oversells.ts";
import { d1Oversells } from "../store/d1-oversells.ts";

export const oversellsOf = (env: Env): OversellStore => d1Oversells(env.DB);
