/** Connects a shop or a till as one that mirrors our stock, page by page, as an operator would: first dry, then for good. */
import type { OnhandClient } from "../cli/client.ts";

type Page = {
  readonly nextCursor: string | null;
  readonly firstPushes: readonly { readonly connection: string; readonly delta: number }[];
};

/**
 * @param path  of a shop's import, or of a till's connection
 * @returns how many first pushes the dry run listed
 */
export async function mirrorAll(client: OnhandClient, path: string): Promise<number> {
  const run = async (dryRun: boolean): Promise<number> => {
    let [cursor, pushes]: [string | null, number] = [null, 0];
    do {
      const page: Page = await client.call("POST", path, { cursor, mode: "mirror", dryRun });
      pushes += page.firstPushes.filter(({ connection, delta }) => connection === "mirror" && delta !== 0).length;
      cursor = page.nextCursor;
    } while (cursor !== null);
    return pushes;
  };
  const listed = await run(true);
  await run(false);
  return listed;
}
