// The stock gateway: ApolloGateway and RemoteGraphQLDataSource as they come, in an ApolloServer as it comes, over our
// subgraphs. Ours is only what they ask for before they answer: the caller's headers and the gateway's signature.
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { subgraphNames, supergraph } from '../../schema/subgraphs.ts';
import { readEnv } from '../../subgraphs/env.ts';
import { sign, signatureHeader } from '../../subgraphs/signature.ts';

process.env.APOLLO_TELEMETRY_DISABLED = 'true';
const env = readEnv({ program: 'gateway' });
const { apart, GATEWAY_SECRET: secret = '' } = env;
if (!apart) throw new Error('the stock gateway needs the addresses of the subgraphs');

type Headers = { authorization: string | undefined; purpose: string | undefined; reference: string | undefined };

const gateway = new ApolloGateway({
  supergraphSdl: supergraph(env.SUPERGRAPH),
  buildService: ({ name }) => {
    const subgraph = subgraphNames.find((one) => one === name);
    if (!subgraph) throw new Error(`no subgraph ${name}`);
    return new RemoteGraphQLDataSource<Headers>({
      url: apart[subgraph],
      willSendRequest: ({ request, context }) => {
        // The text that the data source will send: it puts the query first and leaves its own `http` out.
        const { http, query, ...rest } = request;
        const signed = { subgraph, body: JSON.stringify({ query, ...rest }), ...(context as Headers) };
        http?.headers.set(signatureHeader, sign(secret, signed));
        for (const [header, value] of [
          ['authorization', signed.authorization],
          ['x-purpose', signed.purpose],
          ['x-reference', signed.reference],
        ] as const) {
          if (value !== undefined) http?.headers.set(header, value);
        }
      },
    });
  },
});

const first = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

const server = new ApolloServer<Headers>({ gateway, stopOnTerminationSignals: false });
await startStandaloneServer(server, {
  listen: { port: env.PORT, host: env.HOST },
  context: async ({ req }) => ({
    authorization: req.headers.authorization,
    purpose: first(req.headers['x-purpose']),
    reference: first(req.headers['x-reference']),
  }),
});

process.once('SIGTERM', () => void server.stop().finally(() => process.exit()));
