import { insz, kbo, number } from './cast.ts';
import { forbidden, type OpenedWorld, openWorld, purposeRequired } from './opened-world.ts';

let world: OpenedWorld;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world.stop());

type Worklist = { list: { number: string; status: string }[] };
const worklist = async (who: string, name: string) => {
  const { data, errors } = await world.as(who)<Worklist>(`{ list: ${name} { number status } }`);
  expect(errors).toBeUndefined();
  return data?.list ?? [];
};

const waiting = { number: number.rahul, status: 'GRANTED' };

test('a post finds the granted dossiers that wait for its visa, the oldest first', async () => {
  const [named] = await world.rows<{ post: string }>(
    'select diplomatic_post as post from dossiers.dossier where number = $1',
    [number.rahul],
  );
  const post = named?.post ?? '';
  expect(await worklist(post, 'postWorklist')).not.toContainEqual(waiting);
  await world.rows(`delete from dossiers.milestone where dossier_number = $1 and kind = 'VISA_ISSUED'`, [number.rahul]);
  const expected = await world.rows<{ number: string }>(
    `select number, status from dossiers.dossier d where diplomatic_post = $1 and status = 'GRANTED'
     and not exists (select from dossiers.milestone m where m.dossier_number = d.number and m.kind = 'VISA_ISSUED') order by submitted_at, number`,
    [post],
  );
  expect(await worklist(post, 'postWorklist')).toEqual(expected);
  expect(expected).toContainEqual(waiting);
});

test('a municipality finds the granted dossiers that wait for arrival or card, in its own territory', async () => {
  expect(await worklist('MUN-23100', 'municipalWorklist')).not.toContainEqual(waiting);
  await world.rows(`delete from dossiers.milestone where dossier_number = $1 and kind = 'CARD_ISSUED'`, [number.rahul]);
  expect(await worklist('MUN-23100', 'municipalWorklist')).toContainEqual(waiting);
  expect(await worklist('MUN-62063', 'municipalWorklist')).not.toContainEqual(waiting);
});

test('an enterprise counter finds the open professional-card dossiers that it follows', async () => {
  const query =
    '{ counterWorklist { number status worker { lastName birthDate insz } employer { kbo } grossMonthly } }';
  expect(await world.as(`ENTERPRISE_COUNTER:${kbo.counter}`)(query)).toEqual({
    data: {
      counterWorklist: [
        {
          number: number.grace,
          status: 'IN_TREATMENT',
          worker: { lastName: 'Santos', birthDate: '1986-06-21', insz: '86.06.21-***.**' },
          employer: null,
          grossMonthly: null,
        },
      ],
    },
  });
  await world.rows(`update dossiers.dossier set status = 'REFUSED' where number = $1`, [number.grace]);
  expect(await worklist(`ENTERPRISE_COUNTER:${kbo.counter}`, 'counterWorklist')).toEqual([]);
});

test('a worklist is for those whose work it lists', async () => {
  for (const name of ['postWorklist', 'municipalWorklist', 'counterWorklist']) {
    for (const who of ['VLA-DEM', `EMPLOYER:${kbo.brewery}`, 'INS-RSZ']) {
      expect(await world.as(who)(`{ ${name} { number } }`)).toEqual({
        data: { [name]: null },
        errors: [forbidden(`Query.${name}`, [name])],
      });
    }
  }
});

type Requests = { openRequests: { dossier: { number: string }; dueOn: string }[] };
const requests = '{ openRequests { dossier { number } requestedOn dueOn items { code } answeredOn } }';

test('an open request waits with the employer and with the region that asked, the most urgent first', async () => {
  const asked = {
    dossier: { number: number.priya },
    requestedOn: '2026-10-27',
    dueOn: '2026-11-12',
    items: expect.any(Array),
    answeredOn: null,
  };
  expect(await world.as(`EMPLOYER:${kbo.brewery}`)(requests)).toEqual({ data: { openRequests: [asked] } });
  const region = (await world.as('VLA-DEM')<Requests>(requests)).data?.openRequests ?? [];
  expect(region).toContainEqual(asked);
  const days = region.map(({ dueOn }) => dueOn);
  expect(days).toEqual([...days].sort());
  expect(await world.as(`EMPLOYER:${kbo.ukkel}`)(requests)).toEqual({ data: { openRequests: [] } });
  expect(await world.as(`WORKER:${insz.ayse}`)(requests)).toEqual({ data: { openRequests: [] } });
});

test('a request that was answered waits no more', async () => {
  await world.rows(`update dossiers.information_request set answered_on = '2026-11-02' where dossier_number = $1`, [
    number.priya,
  ]);
  expect(await world.as(`EMPLOYER:${kbo.brewery}`)(requests)).toEqual({ data: { openRequests: [] } });
});

test('the post reads the number of who comes, with a purpose', async () => {
  const [joy] = await world.rows<{ post: string }>(
    `select diplomatic_post as post from dossiers.dossier where worker_id = 'W-0000021'`,
  );
  const query = '{ dossiers(filter: { worker: "W-0000021" }) { edges { node { worker { lastName insz } } } } }';
  const answers = (number: string | null) => ({
    dossiers: { edges: [{ node: { worker: { lastName: 'Reyes', insz: number } } }] },
  });
  expect(await world.as(joy?.post ?? '')(query)).toEqual({
    data: answers(null),
    errors: [purposeRequired('Worker.insz', ['dossiers', 'edges', 0, 'node', 'worker', 'insz'])],
  });
  expect(await world.as(joy?.post ?? '', { purpose: 'VISA_ISSUE', reference: 'V-1' })(query)).toEqual({
    data: answers('03450499865'),
  });
});
