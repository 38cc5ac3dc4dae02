/** What the gateway has been asked so far, so that a test can say "one request" and mean it. */

export type GatewayStats = {
  /** HTTP requests that arrived, whatever became of them. */
  readonly requests: number;
  readonly single: number;
  readonly pipelines: number;
  readonly transactions: number;
  /** Redis commands sent to the engine, those inside pipelines and transactions included. */
  readonly commands: number;
  /** The same by name, upper case. What a script calls is not counted. */
  readonly byCommand: Readonly<Record<string, number>>;
  /** Error replies to single commands, per command within a pipeline. */
  readonly commandErrors: number;
  readonly unauthorized: number;
  /** Answered 4xx for their form: body too large, no JSON, wrong method. */
  readonly malformed: number;
  /** Answered 503 because the engine was down. */
  readonly engineDown: number;
  /** Requests that an injected fault took. */
  readonly faults: number;
};

type Counted = Exclude<keyof GatewayStats, "byCommand">;

const NOTHING: Readonly<Record<Counted, number>> = {
  requests: 0,
  single: 0,
  pipelines: 0,
  transactions: 0,
  commands: 0,
  commandErrors: 0,
  unauthorized: 0,
  malformed: 0,
  engineDown: 0,
  faults: 0,
};

export class StatsCounter {
  readonly #counts: Record<Counted, number> = { ...NOTHING };
  readonly #byCommand = new Map<string, number>();

  add(what: Counted, howMany = 1): void {
    this.#counts[what] += howMany;
  }

  addCommand(name: string): void {
    const upper = name.toUpperCase();
    this.#counts.commands++;
    this.#byCommand.set(upper, (this.#byCommand.get(upper) ?? 0) + 1);
  }

  snapshot(): GatewayStats {
    return { ...this.#counts, byCommand: Object.fromEntries(this.#byCommand) };
  }
}
