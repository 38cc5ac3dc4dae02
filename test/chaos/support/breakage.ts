/** What the breakable Worker is told to break, as it travels there: see test/chaos/worker. */

/**
 * Calls of a binding, or batches of a queue, that go wrong until they are mended, or a number of times.
 * `refuse`: nothing is done, and the caller gets an error. `lose_answer`: all is done, and the caller gets an error.
 * `swallow`: nothing is done, and the caller hears that all is. `hang`: nothing is done, and the caller hears nothing for `hangMs`, then gets an error. `late`: all is done and answered, after
 * `hangMs` or once it is mended.
 */
export type Breakage = {
  /** A binding of wrangler.toml (`EVENTS`, `SKU_COUNTER`, `DB`), or `consumer`: the handler of queue batches. */
  readonly where: string;
  /** What is called: `send`, `apply`, `submit`, `run`; of `consumer` the queue's name. Left out: everything. */
  readonly what?: string;
  /** Only where an object's name, the arguments, the SQL or a message (`{attempts, body}`) holds this text. */
  readonly about?: string;
  readonly how: "refuse" | "lose_answer" | "swallow" | "hang" | "late";
  readonly hangMs?: number;
  /** What the error says. */
  readonly saying?: string;
  /** So often; left out: until it is mended. */
  readonly times?: number;
};

/** By its id: how often it struck so far. */
export type Struck = Readonly<Record<string, number>>;

export const BREAKAGES_PATH = "/_chaos/breakages/";

/** What is done to one object, at once: statements in its database, then, if so, the end of its life. */
export type Treatment = {
  readonly sql?: readonly { readonly text: string; readonly values?: readonly (string | number | null)[] }[];
  /** All that it has in memory is gone, and whoever waits for it gets an error: as when its machine dies. */
  readonly dies?: boolean;
};

/** Then the binding, then the object's name. */
export const OBJECTS_PATH = "/_chaos/objects/";

/** Queues whose messages come again without a pause, by name. */
export const HURRIED_PATH = "/_chaos/hurried/";
