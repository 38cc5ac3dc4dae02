/** The environment, parsed once per isolate. */
import { type Config, parseConfig, secretsOf } from "../config.ts";
import { hideInLogs } from "../observability/redact.ts";

export class Misconfigured extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`misconfigured: ${problems.join("; ")}`);
    this.name = "Misconfigured";
    this.problems = problems;
  }
}

const configs = new WeakMap<object, Config>();

/** Throws `Misconfigured`, naming what is wrong, when the environment is not configured: nothing can run then. */
export function configOf(env: object): Config {
  const known = configs.get(env);
  if (known !== undefined) return known;
  const config = parseConfig(env);
  if (!config.ok) throw new Misconfigured(config.error.problems);
  hideInLogs(secretsOf(config.value));
  configs.set(env, config.value);
  return config.value;
}
