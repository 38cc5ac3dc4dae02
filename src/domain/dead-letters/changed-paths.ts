/** Which fields of a payload an edit changed, by name: what the audit log may tell, where values may not. */
export function changedPaths(before: unknown, after: unknown, pathsMax: number): readonly string[] {
  const paths: string[] = [];
  const compare = (a: unknown, b: unknown, path: string): void => {
    if (paths.length >= pathsMax || a === b) return;
    if (!isContainer(a) || !isContainer(b) || Array.isArray(a) !== Array.isArray(b)) {
      paths.push(path === "" ? "payload" : path);
      return;
    }
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)]))
      compare(a[key], b[key], path === "" ? key : `${path}.${key}`);
  };
  compare(before, after, "");
  return paths;
}

const isContainer = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
