import { type Program, readEnv } from '../subgraphs/env.ts';

const secret = 'x'.repeat(32);
const identity = {
  OIDC_ISSUER: 'https://identity.example',
  OIDC_AUDIENCE: 'permits',
  OIDC_JWKS_URI: 'https://identity.example/keys',
};
const production = { NODE_ENV: 'production', GATEWAY_SECRET: secret, ...identity };
const channels = {
  EBOX_URL: 'https://user:password@ebox.example',
  SMTP_URL: 'smtps://user:password@mail.example',
  MAIL_FROM: 'permits@mail.example',
};

const faults = (variables: Record<string, string>, of: Parameters<typeof readEnv>[0] = { program: 'gateway' }) => {
  try {
    readEnv(of, variables);
    return [];
  } catch (error) {
    return (error as Error).message.split('\n').slice(1); // what readEnv throws
  }
};

const missing = [
  '  EBOX_URL is missing: nothing stands in for the e-Box when NODE_ENV is production',
  '  SMTP_URL is missing: nothing stands in for mail when NODE_ENV is production',
];
const apart = Object.fromEntries(
  ['DOSSIERS', 'EMPLOYERS', 'WORKERS', 'DECISIONS', 'CADASTRE'].map((name) => [`${name}_URL`, 'http://x']),
);

test.each<[string, Parameters<typeof readEnv>[0], Record<string, string>, string[]]>([
  ['the gateway with all in one process', { program: 'gateway' }, {}, missing],
  ['the dossiers', { program: 'subgraph', subgraph: 'dossiers' }, {}, missing],
  ['the workers', { program: 'subgraph', subgraph: 'workers' }, {}, []],
  ['a gateway with its subgraphs elsewhere', { program: 'gateway' }, apart, []],
  ['a tool', { program: 'tool' as Program }, {}, []],
])('in production, where nothing stands in for a channel, %s needs those that it delivers by', (_, of, more, expected) => {
  expect(faults({ ...production, ...more }, of)).toEqual(expected);
  expect(faults({ ...production, ...more, ...channels }, of)).toEqual([]);
});

test('outside production nothing of it is needed', () => {
  expect(faults({})).toEqual([]);
});

test.each<[string, Record<string, string>, string]>([
  [
    'an e-Box in the clear',
    { ...production, ...channels, EBOX_URL: 'http://ebox.example' },
    'EBOX_URL is not an address that begins with https://',
  ],
  ['mail from nobody', { SMTP_URL: 'smtp://mail.example' }, 'MAIL_FROM is missing: SMTP_URL, MAIL_FROM come together'],
  [
    'mail from two',
    { SMTP_URL: 'smtp://mail.example', MAIL_FROM: 'a@b.be, c@d.be' },
    'MAIL_FROM is not an address of mail',
  ],
  [
    'events that nobody signs',
    { EVENT_SINKS: 'VLA-DEM=https://x.example' },
    'EVENT_SECRET is missing: events to EVENT_SINKS are signed with it',
  ],
  ['a short secret', { EVENT_SECRET: 'short' }, 'EVENT_SECRET is shorter than 32 characters'],
  ...['NOBODY=https://x.example', 'VLA-DEM', 'VLA-DEM=ftp://x', 'VLA-DEM=https://x,VLA-DEM=https://y'].map(
    (sinks): [string, Record<string, string>, string] => [
      `sinks written ${sinks}`,
      { EVENT_SINKS: sinks, EVENT_SECRET: secret },
      'EVENT_SINKS is not a list of authorities with their addresses: VLA-DEM=https://...,...',
    ],
  ),
])('%s is a fault, told without what was given', (_, variables, fault) => {
  expect(faults(variables)).toEqual([`  ${fault}`]);
});

test('sinks are read with their addresses whole', () => {
  const { EVENT_SINKS } = readEnv(
    { program: 'gateway' },
    { EVENT_SINKS: ' VLA-DEM=https://a.example/in?key=1, BRU-BEW=https://b.example ', EVENT_SECRET: secret },
  );
  expect([...EVENT_SINKS]).toEqual([
    ['VLA-DEM', 'https://a.example/in?key=1'],
    ['BRU-BEW', 'https://b.example'],
  ]);
});
