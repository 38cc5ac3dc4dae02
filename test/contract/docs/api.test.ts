/** The prose names every operation: in docs/api.md, or in a document that it links. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "../config/read-toml.ts";

type Group = { readonly operations: readonly { readonly method: string; readonly path: string }[] };

/** By its path: the types behind it are the Worker's, and not those of these tests. */
const { GROUPS } = (await import(join(ROOT, "src/api/openapi/groups.ts"))) as { readonly GROUPS: readonly Group[] };

const METHODS = /^(?:GET|PUT|POST|PATCH|DELETE)(?=$|[ /…])/;
const FILE = "docs/api.md";

const operations = GROUPS.flatMap((group) =>
  group.operations.map(({ method, path }) => `${method.toUpperCase()} ${bare(path)}`),
);

/** Whatever its parameters are called, and whatever it is asked. */
function bare(path: string): string {
  return path.replace(/\?.*$/, "").replaceAll(/\{[^}]*\}/g, "{}");
}

/**
 * Operations as a line says them: `GET`, `PUT /v1/a/{id}` are two of one path; `/resume` after `POST /v1/a/stop` takes the place
 * of its last part; `…/b` is a path that ends so and begins as the one before.
 */
function namedIn(line: string): readonly string[] {
  const named: string[] = [];
  let [methods, path, isOpen] = [[] as string[], "", false];
  for (const [, span = ""] of line.matchAll(/`([^`]+)`/g)) {
    const method = METHODS.exec(span)?.[0];
    if (method !== undefined) {
      methods = isOpen ? [...methods, method] : [method];
      isOpen = true;
    }
    const said = bare(method === undefined ? span : span.slice(method.length));
    const paths = pathsOf(said.trim().split(/\s/)[0] ?? "", path);
    if (paths.length === 0) continue;
    path = paths[0] ?? path;
    isOpen = false;
    named.push(...methods.flatMap((each) => paths.map((its) => `${each} ${its}`)));
  }
  return named;
}

function pathsOf(path: string, before: string): readonly string[] {
  if (path.startsWith("…")) {
    const base = before.split("/").slice(0, 3).join("/");
    const all = new Set(operations.map((operation) => operation.replace(/^\w+ /, "")));
    return [...all].filter((each) => each.startsWith(base) && each.endsWith(path.slice(1)));
  }
  if (!path.startsWith("/")) return [];
  if (operations.some((operation) => operation.endsWith(` ${path}`))) return [path];
  return before === "" ? [] : [before.replace(/\/[^/]*$/, path), before + path];
}

const textOf = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const linked = Array.from(textOf(FILE).matchAll(/\]\(([\w/-]+\.md)\)/g), ([, name = ""]) => join(dirname(FILE), name));
const named = new Set([FILE, ...linked].flatMap((file) => textOf(file).split("\n").flatMap(namedIn)));

it("understands how the tables shorten what they say", () => {
  expect(namedIn("| `GET`/`PUT /v1/channels/{id}`, `POST …/pause`, `/resume` `{reason}` | `{on}` |")).toEqual(
    expect.arrayContaining([
      ...["GET /v1/channels/{}", "PUT /v1/channels/{}", "POST /v1/channels/{}/pause", "POST /v1/channels/{}/resume"],
    ]),
  );
  expect(namedIn("nothing is said by `/v1/channels` alone, nor by `PUT`")).toEqual([]);
});

it("names every operation", () => {
  expect(operations.length).toBeGreaterThan(100);
  expect(operations.filter((operation) => !named.has(operation))).toEqual([]);
});
