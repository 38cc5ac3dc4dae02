/** The part of a shop's gate that imports use, straight to the simulator: no pace, no journal. */
import type { ShopifySimulator } from "../../../../dev/shopify-simulator/simulator.ts";
import type { GraphqlReply, GraphqlRequest } from "../../../../src/services/gate-contract.ts";

export type SimulatorGate = { graphql(request: GraphqlRequest): Promise<GraphqlReply>; readonly costs: number[] };

export function simulatorGate({ url, accessToken }: ShopifySimulator): SimulatorGate {
  const costs: number[] = [];
  return {
    costs,
    async graphql({ document: query, variables }) {
      const response = await fetch(`${url}/admin/api/2026-10/graphql.json`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-shopify-access-token": accessToken },
        body: JSON.stringify({ query, variables }),
      });
      type Answer = {
        data?: unknown;
        errors?: { message: string }[];
        extensions?: { cost?: { requestedQueryCost: number } };
      };
      const { data, errors, extensions } = (await response.json()) as Answer;
      costs.push(extensions?.cost?.requestedQueryCost ?? 0);
      if (errors !== undefined)
        return { kind: "refused", code: "graphql", message: errors.map(({ message }) => message).join("; ") };
      return { kind: "ok", data, cost: null };
    },
  };
}
