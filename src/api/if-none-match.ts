/** Whether the caller has what he asks for: RFC 9110, 13.1.2, by weak comparison. */

/** @param header  of `If-None-Match`: tags, weak ones among them, or `*`; undefined: none was sent */
export const isKnownAlready = (header: string | undefined, etag: string): boolean =>
  header?.split(",").some((tag) => tag.trim() === "*" || opaque(tag) === opaque(etag)) ?? false;

/** Its mark alone: inside the quotes the same letters may stand for themselves. */
const opaque = (tag: string): string => tag.trim().replace(/^W\//, "");
