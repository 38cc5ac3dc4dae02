/** Destinations by name. A stub is made afresh for each call's sake: one that has thrown stays broken. */
import type { DestinationName } from "../domain/ids.ts";
import type { DestinationStub } from "../services/destination-contract.ts";

export const destinationOf = (namespace: Env["DESTINATION"], name: DestinationName): DestinationStub =>
  namespace.get(namespace.idFromName(name)) as unknown as DestinationStub;
