/** A copy of parts of the project with one mutant in it, in a directory of its own. */
import { cp, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Mutant } from "./mutant-list.ts";

export const ROOT = join(import.meta.dirname, "../../..");

/**
 * Throws when the mutant no longer fits the source.
 * @param mutant  null: the parts as they are
 */
export async function plant(mutant: Mutant | null, copied: readonly string[], prefix: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), prefix));
  for (const path of copied) await cp(join(ROOT, path), join(directory, path), { recursive: true });
  await writeFile(join(directory, "package.json"), '{ "type": "module" }\n');
  if (mutant === null) return directory;
  const path = join(directory, mutant.file);
  const parts = (await readFile(path, "utf8")).split(mutant.find);
  if (parts.length !== 2)
    throw new Error(`"${mutant.name}": its text stands ${parts.length - 1} times in ${mutant.file}`);
  await writeFile(path, parts.join(mutant.put));
  return directory;
}
