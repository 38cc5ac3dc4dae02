/** The gates of all shops at once: for the moment in which nobody wants to look for shop names. */
import { type Context, Hono } from "hono";
import { askAllGates, type GateAnswer } from "../services/all-gates.ts";
import type { AppEnv } from "./app-env.ts";
import { parseSettings } from "./gate-settings.ts";
import { problem } from "./problem.ts";

export const gateRoutes = new Hono<AppEnv>()
  .get("/", async (c) => {
    const { shops, gate } = c.get("services");
    return answer(c, await askAllGates(shops, (shop) => gate(shop).status()));
  })
  .patch("/", async (c) => {
    const settings = await parseSettings(c);
    if (!settings.ok) return problem(c, settings.error);
    const { shops, gate } = c.get("services");
    return answer(c, await askAllGates(shops, (shop) => gate(shop).configure(settings.value)));
  });

/** A stop that did not reach every shop is no success, whatever the others said. */
function answer(c: Context<AppEnv>, shops: readonly GateAnswer[]): Response {
  const silent = shops.filter((each) => "error" in each);
  if (silent.length === 0) return c.json({ shops });
  const names = silent.map(({ shop }) => shop).join(", ");
  return problem(c, { code: "unavailable", detail: `Not reached: ${names}. The others were.`, more: { shops } });
}
