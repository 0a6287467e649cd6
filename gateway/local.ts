import type { Subgraph } from '../subgraphs/subgraph.ts';
import { answerOf, failedFetch } from './fetch.ts';
import type { DataSource } from './gateway.ts';

/** Reaches a subgraph that runs in this process; the stores of one request are shared by all its fetches. */
export const local = (subgraph: Subgraph): DataSource => ({
  process: async ({ request, context }) => {
    const { query = '', variables, operationName } = request;
    try {
      const asked = { query, variables: variables ?? null, operationName: operationName ?? null };
      return answerOf(await subgraph.execute(asked, context.viewer, context));
    } catch (error) {
      return failedFetch(error, subgraph.name, request);
    }
  },
});
