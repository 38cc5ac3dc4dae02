/**
 * An error's message, made fit to keep: people's data and secrets do not survive, ids and numbers of ours do. Messages come
 * from schemas, from the network and from other people's services, which may repeat what they were sent.
 */
const RULES: readonly (readonly [RegExp, string])[] = [
  // Of an address only where it leads: user, query and fragment may hold tokens.
  [/\b(https?:\/\/)(?:[^\s/@]*@)?([^\s/?#"'<>]+)([^\s?#"'<>]*)[^\s"'<>]*/gi, "$1$2$3"],
  [/[^\s@"'<>(),;:]+@[^\s@"'<>(),;:]+\.[a-z]{2,}/gi, "(email)"],
  [/\b(bearer|basic)(\s+)[^\s"',;]{6,}/gi, "$1$2(secret)"],
  [
    /\b(token|password|secret|signature|api[_-]?key|authorization)\b(["']?\s*[:=]\s*["']?)(?!bearer|basic)[^\s"',;]+/gi,
    "$1$2(secret)",
  ],
  [/\bshp[a-z]{2}_[A-Za-z0-9]+/g, "(secret)"],
  // Keys, hashes, parts of a JWT: no id of ours is as long without a dash.
  [/(?<![A-Za-z0-9+/_=.-])[A-Za-z0-9+/_=]{40,}(?![A-Za-z0-9+/_=])/g, "(secret)"],
  [/\beyJ[A-Za-z0-9._-]{20,}/g, "(secret)"],
  // A telephone number is written with a plus or in groups; an id is bare digits, a time has colons.
  [/(?<![\w+])\+\d[\d ().-]{6,18}\d(?!\w)/g, "(telephone)"],
  [/(?<![\w-])\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?![\w-])/g, "(telephone)"],
  [/(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w.-])/g, "(address)"],
];

/** @param charsMax  of what is kept */
export function scrubMessage(message: string, charsMax: number): string {
  return RULES.reduce((text, [pattern, kept]) => text.replace(pattern, kept), message.slice(0, 4 * charsMax)).slice(
    0,
    charsMax,
  );
}
