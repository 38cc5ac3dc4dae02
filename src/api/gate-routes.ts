/** The gates of all shops at once: for the moment in which nobody wants to look for shop names. */
import { type Context, Hono } from "hono";
import { askAllGates, type GateAnswer } from "../services/all-gates.ts";
import type { AppEnv } from "./app-env.ts";
import { parseSettings } from "./gate-settings.ts";
import { problem } from "./problem.ts";

export const gateRoutes = new Hono<AppEnv>()
  .get("/", async (c) => {
    const { knownGates, gate } = c.get("services");
    const { shops, isComplete } = await knownGates();
    return answer(c, await askAllGates(shops, (shop) => gate(shop).status()), isComplete);
  })
  .patch("/", async (c) => {
    const settings = await parseSettings(c);
    if (!settings.ok) return problem(c, settings.error);
    const { knownGates, gate } = c.get("services");
    const { shops, isComplete } = await knownGates();
    return answer(c, await askAllGates(shops, (shop) => gate(shop).configure(settings.value)), isComplete);
  });

/** A stop that did not reach every shop is no success, whatever the others said. */
function answer(c: Context<AppEnv>, shops: readonly GateAnswer[], isComplete: boolean): Response {
  const silent = shops.filter((each) => "error" in each);
  if (silent.length === 0 && isComplete) return c.json({ shops });
  const others = isComplete ? [] : ["shops that are channels, as the database is away"];
  const names = [...silent.map(({ shop }) => shop as string), ...others].join(", ");
  return problem(c, { code: "unavailable", detail: `Not reached: ${names}. The others were.`, more: { shops } });
}
