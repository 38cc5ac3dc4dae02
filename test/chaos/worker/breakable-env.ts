/** The environment, each binding of which can be broken. */
import { tried, triedAtOnce } from "./breakages.ts";

type Callable = (...given: readonly unknown[]) => unknown;

const breakable = new WeakMap<object, Env>();

/** One for each environment: what an isolate keeps is kept by it. */
export function breakableEnv(env: Env): Env {
  const known = breakable.get(env);
  if (known !== undefined) return known;
  const made = Object.fromEntries(
    Object.entries(env).map(([name, binding]) => [name, breakableBinding(name, binding)]),
  );
  breakable.set(env, made as unknown as Env);
  return made as unknown as Env;
}

function breakableBinding(name: string, binding: unknown): unknown {
  if (typeof binding !== "object" || binding === null) return binding;
  if ("idFromName" in binding) return breakableNamespace(name, binding);
  if ("prepare" in binding) return breakableDatabase(name, binding as D1Database);
  if ("writeDataPoint" in binding) return breakableDataset(name, binding as AnalyticsEngineDataset);
  return "sendBatch" in binding ? withMethods(binding, name, "") : binding;
}

const breakableDataset = (where: string, dataset: AnalyticsEngineDataset): AnalyticsEngineDataset => ({
  writeDataPoint: (point) =>
    triedAtOnce({ where, what: "writeDataPoint", about: () => JSON.stringify(point) }, () =>
      dataset.writeDataPoint(point),
    ),
});

function breakableNamespace(where: string, namespace: object): object {
  return new Proxy(namespace, {
    get(target, property) {
      const method = Reflect.get(target, property) as unknown;
      if (typeof method !== "function") return method;
      const call = method as Callable;
      if (property === "get") {
        return (id: { name?: string }, ...rest: readonly unknown[]) =>
          withMethods(call.call(target, id, ...rest) as object, where, id.name ?? "");
      }
      if (property === "getByName") {
        return (name: string, ...rest: readonly unknown[]) =>
          withMethods(call.call(target, name, ...rest) as object, where, name);
      }
      return call.bind(target);
    },
  });
}

/** @param about  what its arguments do not tell: the object's name, the statement's text */
function withMethods<Target extends object>(made: Target, where: string, about: string): Target {
  return new Proxy(made, {
    get(target, property) {
      const method = Reflect.get(target, property) as unknown;
      if (typeof property === "symbol" || property === "then" || typeof method !== "function") return method;
      return (...given: readonly unknown[]) =>
        // Called as a member: a method that is reached by RPC has no `apply` or `bind` of its own.
        tried({ where, what: property, about: () => `${about} ${JSON.stringify(given)}` }, () =>
          (target as Readonly<Record<string, Callable>>)[property]?.(...given),
        );
    },
  });
}

/** Statements keep the text that they were made of, and what is bound to them. */
function breakableDatabase(where: string, database: D1Database): unknown {
  const originals = new WeakMap<object, { readonly statement: D1PreparedStatement; readonly text: string }>();
  const breakableStatement = (statement: D1PreparedStatement, text: string): D1PreparedStatement => {
    const made = new Proxy(withMethods(statement, where, text), {
      get(target, property) {
        if (property !== "bind") return Reflect.get(target, property) as unknown;
        return (...values: unknown[]) =>
          breakableStatement(statement.bind(...values), `${text} ${JSON.stringify(values)}`);
      },
    });
    originals.set(made, { statement, text });
    return made;
  };
  const batch = (statements: readonly D1PreparedStatement[]): Promise<unknown> => {
    const found = statements.map((statement) => originals.get(statement) ?? { statement, text: "" });
    return tried({ where, what: "batch", about: () => found.map(({ text }) => text).join(" ") }, () =>
      database.batch(found.map(({ statement }) => statement)),
    );
  };
  return { prepare: (text: string) => breakableStatement(database.prepare(text), text), batch };
}
