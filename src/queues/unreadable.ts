/** What a message that no version can read says of itself, when it is buried. */
export type Unreadable = { readonly kind: "unreadable"; readonly problems: readonly string[] };

type SchemaError = {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
};

/** Of one message. A body that is none of ours has one per field, and the first few say what it is not. */
const PROBLEMS_MAX = 10;

/** @param whole  what a problem of no field in particular is called */
export const unreadable = ({ issues }: SchemaError, whole = ""): Unreadable => ({
  kind: "unreadable",
  problems: issues
    .slice(0, PROBLEMS_MAX)
    .map(({ path, message }) => `${path.map(String).join(".") || whole}: ${message}`),
});
