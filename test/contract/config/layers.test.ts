/** Arrows point inward: which folder may import which, read off the import lines themselves. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "./read-toml.ts";

/** `src` alone: the files at its top (entry, wiring, config), which join everything. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "src/domain": ["src/domain"],
  "src/observability": ["src/observability", "src/domain"],
  "src/client": ["src/client"],
  "src/services": ["src/services", "src/domain", "src/observability", "src/client"],
  "src/ingress": ["src/ingress", "src/domain", "src/observability", "src/queues", "src/services", "src/config.ts"],
  "src/queues": ["src/queues", "src/domain", "src/observability", "src/services", "src/config.ts"],
  "src/channels": ["src/channels", "src/domain", "src/observability", "src/services"],
  "src/store": ["src/store", "src/domain", "src/observability", "src/services"],
  "src/api": [
    "src/api",
    "src/domain",
    "src/services",
    "src/config.ts",
    "src/ingress/read-capped.ts",
    // Described by the document as it is validated.
    "src/ingress/channel-event-schema.ts",
    "type src/wiring.ts",
  ],
  "durable-objects": [
    "durable-objects",
    "src/domain",
    "src/services",
    "src/observability",
    "src/queues",
    "src/wiring.ts",
    "src/wiring",
  ],
  // The command line cuts a CSV where the parser sees its rows.
  dev: ["dev", "src/domain/csv"],
};

type Import = { readonly from: string; readonly to: string; readonly isType: boolean };

function importsUnder(folder: string): readonly Import[] {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  if (files.length === 0) throw new Error(`no source in ${folder}`);
  return files.flatMap((name) => {
    const from = join(folder, name);
    const text = readFileSync(join(ROOT, from), "utf8");
    return Array.from(
      text.matchAll(/^(?:import|export)\s+(type\s)?[^;"]*?from\s+"(\.[^"]+)"/gms),
      ([, isType, path = ""]) => ({
        from,
        to: relative(ROOT, normalize(join(ROOT, dirname(from), path))),
        isType: isType !== undefined,
      }),
    );
  });
}

it.each(Object.entries(MAY_IMPORT))("%s imports only inward", (folder, allowed) => {
  const imports = importsUnder(folder);
  const isAllowed = ({ to, isType }: Import): boolean =>
    allowed.some((place) =>
      place.startsWith("type ") ? isType && place === `type ${to}` : to === place || to.startsWith(`${place}/`),
    );
  expect(imports.filter((line) => !isAllowed(line)).map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
});
