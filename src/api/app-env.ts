/** What the API's handlers find in their context. */
import type { CorrelationId } from "../domain/ids.ts";
import type { Services } from "../wiring.ts";
import type { ProblemCode } from "./problem.ts";

export type AppEnv = {
  Bindings: Env;
  Variables: {
    correlationId: CorrelationId;
    /** Name of the token that called. */
    actor: string;
    services: Services;
    /** Code of the problem that was answered, if one was. */
    problem?: ProblemCode;
  };
};
