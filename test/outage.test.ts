import { connect, createServer, type Socket } from 'node:net';
import { type SubgraphName, subgraphNames } from '../schema/subgraphs.ts';
import { insz, kbo, number } from './cast.ts';
import { freshDatabase } from './database.ts';
import { treating } from './opened-world.ts';
import { graph } from './world.ts';

type Line = { url: string; cut(): void; mend(): void; end(): Promise<void> };

/** A line to a database that can be cut, and mended. Cut, it hangs up on who calls: of that pg makes an error of its own. */
const lineTo = async (databaseUrl: string): Promise<Line> => {
  const url = new URL(databaseUrl);
  const port = Number(url.port);
  const open = new Set<Socket>();
  let whole = true;
  const keep = (socket: Socket, other: Socket) => {
    open.add(socket);
    socket.on('error', () => other.destroy());
    socket.on('close', () => {
      open.delete(socket);
      other.destroy();
    });
  };
  const server = createServer((near) => {
    if (!whole) return void near.on('data', () => near.end());
    const far = connect(port, '127.0.0.1');
    keep(near, far);
    keep(far, near);
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  url.port = String(address.port);
  const hangUp = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    url: url.href,
    cut: () => {
      whole = false;
      hangUp();
    },
    mend: () => {
      whole = true;
    },
    end: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        hangUp();
      }),
  };
};

let database: Awaited<ReturnType<typeof freshDatabase>>;
let world: Awaited<ReturnType<typeof graph>>;
const lines = new Map<SubgraphName | 'steps', Line>();

beforeAll(async () => {
  database = await freshDatabase();
  for (const name of [...subgraphNames, 'steps'] as const) lines.set(name, await lineTo(database.urlOf(name)));
  world = await graph({ urlOf: (name) => lines.get(name)?.url ?? '' });
});

afterAll(async () => {
  await world.stop();
  for (const line of lines.values()) await line.end();
  await database.drop();
});

const query = `{
  dossier(number: "${number.rahul}") { number employer { kbo name } worker { id lastName } decisions { outcome } permit { state } }
  employer(kbo: "${kbo.brewery}") { name }
}`;
const whole = {
  dossier: {
    number: number.rahul,
    employer: { kbo: kbo.brewery, name: 'Brouwerij De Zenne' },
    worker: { id: 'W-0000002', lastName: 'Sharma' },
    decisions: [{ outcome: 'GRANT' }, { outcome: 'GRANT' }],
    permit: { state: 'ACTIVE' },
  },
  employer: { name: 'Brouwerij De Zenne' },
};
const { dossier } = whole;

type Registers = Exclude<SubgraphName, 'cadastre'>;
const withoutOne: Record<Registers, { data: object; paths: string[][] }> = {
  dossiers: { data: { ...whole, dossier: null }, paths: [['dossier']] },
  employers: {
    data: { dossier: { ...dossier, employer: { kbo: kbo.brewery, name: null } }, employer: null },
    paths: [['employer'], ['dossier', 'employer']],
  },
  workers: {
    data: { ...whole, dossier: { ...dossier, worker: { id: 'W-0000002', lastName: null } } },
    paths: [['dossier', 'worker']],
  },
  decisions: { data: { ...whole, dossier: { ...dossier, decisions: null } }, paths: [['dossier', 'decisions']] },
};
const registers = Object.keys(withoutOne) as Registers[]; // its keys are the names

test.each(registers)('without the register of %s the rest of an answer stands, and it comes back', async (name) => {
  const ask = world.as('VLA-DEM', treating);
  expect(await ask(query)).toEqual({ data: whole });
  lines.get(name)?.cut();
  const { data, paths } = withoutOne[name];
  const answer = await ask(query);
  expect(answer.data).toEqual(data);
  expect(answer.errors).toHaveLength(paths.length);
  expect(answer.errors).toEqual(
    expect.arrayContaining(
      paths.map((path) => ({
        code: 'DEPENDENCY_UNAVAILABLE',
        message: `The register of ${name} does not answer now`,
        register: name,
        path,
      })),
    ),
  );
  lines.get(name)?.mend();
  expect(await ask(query)).toEqual({ data: whole });
});

test('without the register that keeps the read log nothing personal is answered, and it comes back', async () => {
  const ask = world.as('VLA-DEM', treating);
  lines.get('cadastre')?.cut();
  expect(await ask(query)).toEqual({
    errors: [
      { code: 'DEPENDENCY_UNAVAILABLE', message: 'The register of read log does not answer now', register: 'read log' },
    ],
  });
  expect(await ask(`{ employer(kbo: "${kbo.brewery}") { name } }`)).toEqual({ data: { employer: whole.employer } });
  lines.get('cadastre')?.mend();
  expect(await ask(query)).toEqual({ data: whole });
});

test('what needs no register is answered without any', async () => {
  for (const name of [...subgraphNames, 'steps'] as const) lines.get(name)?.cut();
  const ask = world.as(`WORKER:${insz.rahul}`);
  expect(
    await ask('{ competentAuthority(facts: { seat: "1630" }) { authority { id } } codeList(name: "parts") { code } }'),
  ).toEqual({
    data: { competentAuthority: { authority: { id: 'VLA-DEM' } }, codeList: [{ code: 'WORK' }, { code: 'RESIDENCE' }] },
  });
  expect(await ask('{ myFile { id } }')).toEqual({
    data: { myFile: null },
    errors: [
      {
        code: 'DEPENDENCY_UNAVAILABLE',
        message: 'The register of workers does not answer now',
        register: 'workers',
        path: ['myFile'],
      },
    ],
  });
  for (const name of [...subgraphNames, 'steps'] as const) lines.get(name)?.mend();
});
