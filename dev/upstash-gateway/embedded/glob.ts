/** Redis's glob patterns (KEYS, SCAN MATCH): `*`, `?`, `[a-c]`, `[^a]`, and a backslash before a literal character. */

export function globToRegExp(glob: string): RegExp {
  let source = "";
  for (let i = 0; i < glob.length; i++) {
    const character = glob.charAt(i);
    if (character === "*") source += ".*";
    else if (character === "?") source += ".";
    else if (character === "\\" && i + 1 < glob.length) source += literal(glob.charAt(++i));
    else if (character === "[") {
      const end = endOfClass(glob, i);
      source += classSource(glob.slice(i + 1, end));
      i = end;
    } else source += literal(character);
  }
  return new RegExp(`^${source}$`, "s");
}

const literal = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

/** Index of the closing bracket; a class that never closes reaches to the end. */
function endOfClass(glob: string, start: number): number {
  for (let i = start + 1; i < glob.length; i++) {
    if (glob.charAt(i) === "\\") i++;
    else if (glob.charAt(i) === "]") return i;
  }
  return glob.length;
}

function classSource(inner: string): string {
  const negated = inner.startsWith("^");
  let source = "";
  for (let i = negated ? 1 : 0; i < inner.length; i++) {
    const character = inner.charAt(i);
    if (character === "\\" && i + 1 < inner.length) source += literal(inner.charAt(++i));
    else if (inner.charAt(i + 1) === "-" && i + 2 < inner.length) {
      const [low, high] = [character, inner.charAt(i + 2)].sort();
      source += `${literal(low ?? "")}-${literal(high ?? "")}`;
      i += 2;
    } else source += literal(character);
  }
  // An empty class matches nothing; negated, anything.
  if (source === "") return negated ? "." : "(?!)";
  return `[${negated ? "^" : ""}${source}]`;
}
