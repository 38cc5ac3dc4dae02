/** The Worker's log lines, kept in a file and counted: what the line of progress and the verdict tell of its inside. */
import { createWriteStream, type WriteStream } from "node:fs";

export type LogTally = {
  /** Lines of events by their outcome at the counters: noted, known, applied, duplicate … */
  readonly outcomes: ReadonlyMap<string, number>;
  /** Log events by name. */
  readonly events: ReadonlyMap<string, number>;
  /** Longest time from receipt to counter since last asked, ms. */
  readonly lagMs: number;
};

export type LogLine = {
  readonly event?: string;
  readonly level?: string;
  readonly counts?: Readonly<Record<string, number>>;
  readonly lagMs?: number;
  readonly queuedMs?: number;
};

export class WorkerLog {
  readonly path: string;
  readonly #file: WriteStream;
  readonly #outcomes = new Map<string, number>();
  readonly #events = new Map<string, number>();
  #lagMs = 0;
  /** Told of every line, for benchmarks. */
  onLine: (line: LogLine) => void = () => {};

  constructor(path: string) {
    this.path = path;
    this.#file = createWriteStream(path, { flags: "w" });
  }

  take(text: string): void {
    this.#file.write(`${text}\n`);
    const line = parse(text);
    if (line.event === undefined) return;
    this.onLine(line);
    this.#events.set(line.event, (this.#events.get(line.event) ?? 0) + 1);
    if (line.event !== "events.consumed") return;
    this.#lagMs = Math.max(this.#lagMs, line.lagMs ?? 0);
    for (const [name, count] of Object.entries(line.counts ?? {}))
      this.#outcomes.set(name, (this.#outcomes.get(name) ?? 0) + count);
  }

  tally(): LogTally {
    const lagMs = this.#lagMs;
    this.#lagMs = 0;
    return { outcomes: this.#outcomes, events: this.#events, lagMs };
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#file.end(resolve));
  }
}

function parse(text: string): LogLine {
  if (!text.startsWith("{")) return {};
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return {};
  }
}
