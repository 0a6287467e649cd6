import { insz, kbo, number } from './cast.ts';
import { forbidden, inspecting, type OpenedWorld, openWorld, purposeRequired, treating } from './opened-world.ts';

let world: OpenedWorld;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world.stop());

const rahul = {
  id: 'W-0000002',
  insz: insz.rahul,
  inszKind: 'RRN',
  lastName: 'Sharma',
  firstNames: 'Rahul',
  birthDate: '1988-02-03',
  sex: 'M',
  nationality: [{ code: 'IN', name: 'India' }],
};

test('a worker is read with the numbers of the past, the address and the right of residence', async () => {
  const query = `{
    worker(insz: "${insz.rahul}") {
      id insz inszKind aliases { insz kind validTo } lastName firstNames birthDate sex nationality { code name }
      address { locality country } municipality { nis name(lang: NL) }
      residence { status cardType { code } labourMarket { code } validTo }
      permits { id state } dossiers { number }
    }
  }`;
  const [replaced] = await world.rows<{ until: string }>(
    'select valid_to::text as until from workers.insz_alias where insz = $1',
    [insz.rahulBefore],
  );
  expect(await world.as('VLA-DEM', treating)(query)).toEqual({
    data: {
      worker: {
        ...rahul,
        aliases: [
          { insz: insz.rahulBefore, kind: 'BIS', validTo: replaced?.until },
          { insz: insz.rahul, kind: 'RRN', validTo: null },
        ],
        address: { locality: 'Linkebeek', country: 'Belgium' },
        municipality: { nis: '23100', name: 'Linkebeek' },
        residence: {
          status: 'LIMITED_STAY',
          cardType: { code: 'A' },
          labourMarket: { code: 'LIMITED' },
          validTo: '2028-06-24',
        },
        permits: [{ id: 'SP-2025-0000002-37-P', state: 'ACTIVE' }],
        dossiers: [{ number: number.rahul }],
      },
    },
  });
});

test('an old bis number, the number in force and the internal id lead to the same person', async () => {
  const query = `{
    old: worker(insz: "${insz.rahulBefore}") { id insz }
    written: worker(insz: "88.02.03-997.96") { id insz }
    id: worker(id: "W-0000002") { id insz }
  }`;
  const same = { id: 'W-0000002', insz: insz.rahul };
  expect(await world.as('VLA-DEM', treating)(query)).toEqual({ data: { old: same, written: same, id: same } });
});

test('a worker is asked for by one thing at a time', async () => {
  for (const args of ['', `(insz: "${insz.rahul}", id: "W-0000002")`, '(insz: null)']) {
    expect(await world.as('VLA-DEM', treating)(`{ worker${args} { id } }`)).toEqual({
      data: { worker: null },
      errors: [{ code: 'BAD_USER_INPUT', path: ['worker'], message: 'ask by insz or by id' }],
    });
  }
});

test('a worker on whom there is no file, and one who is not there, do not exist', async () => {
  const query = `{ a: worker(insz: "${insz.milan}") { id } b: worker(insz: "${insz.nobody}") { id } c: worker(id: "W-9999999") { id } d: worker(id: "W-0000018") { id } }`;
  const nobody = { data: { a: null, b: null, c: null, d: null } };
  expect(await world.as('VLA-DEM', treating)(query)).toEqual(nobody);
  expect(await world.as(`EMPLOYER:${kbo.brewery}`)(query)).toEqual(nobody);
  expect(await world.as(`WORKER:${insz.rahul}`)(query)).toEqual(nobody);
});

const identity = '{ worker(id: "W-0000002") { lastName firstNames birthDate insz } }';
const path = ['worker', 'insz'];

test('the number is for who says what for; an employer sees what is not secret of it', async () => {
  const shown = (number: string | null) => ({
    worker: { lastName: 'Sharma', firstNames: 'Rahul', birthDate: '1988-02-03', insz: number },
  });
  for (const who of ['VLA-DEM', 'FED-DVZ', 'INS-RSZ']) {
    expect(await world.as(who)(identity)).toEqual({
      data: shown(null),
      errors: [purposeRequired('Worker.insz', path)],
    });
  }
  expect(await world.as('INS-RSZ', inspecting)(identity)).toEqual({ data: shown(insz.rahul) });
  expect(await world.as(`EMPLOYER:${kbo.brewery}`)(identity)).toEqual({ data: shown('88.02.03-***.**') });
  expect(await world.as(`WORKER:${insz.rahul}`)(identity)).toEqual({ data: shown(insz.rahul) });
});

test('the platform sees no more of a person than initials and the year of birth', async () => {
  expect(await world.as('FED-RSZ')('{ worker(id: "W-0000002") { lastName firstNames birthDate sex } }')).toEqual({
    data: { worker: { lastName: 'S.', firstNames: 'R.', birthDate: '1988', sex: null } },
    errors: [forbidden('Worker.sex', ['worker', 'sex'])],
  });
});

test('a birth date of which part is unknown is given as far as it is known', async () => {
  await world.rows(`update workers.worker set birth_date = '1988' where id = 'W-0000002'`);
  expect(await world.as('VLA-DEM')('{ worker(id: "W-0000002") { birthDate } }')).toEqual({
    data: { worker: { birthDate: '1988' } },
  });
  await world.rows(`update workers.worker set birth_date = '1988-02-03' where id = 'W-0000002'`);
});

test('a worker finds the own file whole: who I am, my dossiers, decisions, terms and permits', async () => {
  const query = `{
    myFile {
      id insz inszKind aliases { insz kind validTo } lastName firstNames birthDate sex nationality { code name }
      dossiers { number status decisions { part outcome } deadlines { rule { code } metOn daysLeft } permit { id } }
      permits { id state validFrom validTo employer { name } } availableProcedures { code label }
    }
  }`;
  const term = (code: string) => ({ rule: { code }, metOn: expect.any(String), daysLeft: null });
  const answer = {
    data: {
      myFile: {
        ...rahul,
        aliases: [
          { insz: insz.rahulBefore, kind: 'BIS', validTo: expect.any(String) },
          { insz: insz.rahul, kind: 'RRN', validTo: null },
        ],
        dossiers: [
          {
            number: number.rahul,
            status: 'GRANTED',
            decisions: [
              { part: 'WORK', outcome: 'GRANT' },
              { part: 'RESIDENCE', outcome: 'GRANT' },
            ],
            deadlines: [term('D03'), term('D04'), term('D11')],
            permit: { id: 'SP-2025-0000002-37-P' },
          },
        ],
        permits: [
          {
            id: 'SP-2025-0000002-37-P',
            state: 'ACTIVE',
            validFrom: '2025-09-29',
            validTo: '2028-06-24',
            employer: { name: 'Brouwerij De Zenne' },
          },
        ],
        availableProcedures: [{ code: 'CHANGE_OF_EMPLOYER', label: 'Change employer, with a new application' }],
      },
    },
  };
  expect(await world.as(`WORKER:${insz.rahul}`)(query)).toEqual(answer);
  expect(await world.as(`WORKER:${insz.rahulBefore}`)(query)).toEqual(answer);
});

test('a worker follows a dossier from admissibility on, and not before', async () => {
  const query = `{ myFile { id dossiers { number } availableProcedures { code } } dossier(number: "${number.john}") { number } }`;
  expect(await world.as(`WORKER:${insz.john}`)(query)).toEqual({
    data: { myFile: { id: 'W-0000010', dossiers: [], availableProcedures: [] }, dossier: null },
  });
  expect(await world.as(`WORKER:${insz.ayse}`)('{ myFile { dossiers { number } } }')).toEqual({
    data: { myFile: { dossiers: [{ number: number.ayse }] } },
  });
});

test('the own file is a matter of workers', async () => {
  for (const who of ['VLA-DEM', `EMPLOYER:${kbo.brewery}`, 'HELPDESK']) {
    expect(await world.as(who)('{ myFile { id } }')).toEqual({
      data: { myFile: null },
      errors: [forbidden('Query.myFile', ['myFile'])],
    });
  }
  expect(await world.as(`WORKER:${insz.nobody}`)('{ myFile { id } }')).toEqual({ data: { myFile: null } });
});

type Procedures = { myFile: { availableProcedures: { code: string }[] } };
const procedures = async (who: string) => {
  const { data } = await world.as(`WORKER:${who}`)<Procedures>('{ myFile { availableProcedures { code } } }');
  return data?.myFile.availableProcedures.map(({ code }) => code);
};

test.each([
  ['Ayşe, whose dossier runs and was filed by another', insz.ayse, []],
  ['Dragan, whose renewal runs', insz.dragan, []],
  ['Samuel, refused too long ago and filed anew', insz.samuel, []],
  ['Omar, whose appeal runs', insz.omar, []],
  ['Milan, with a limited permit', insz.milan, ['CHANGE_OF_EMPLOYER']],
  ['Fatima, whose permit binds to no employer', insz.fatima, []],
  ['Emma, whose permit was withdrawn', insz.emma, []],
  ['Mehmet, whose permit ended', insz.mehmet, []],
])('%s, hears what can still be done', async (_, who, expected) => {
  expect(await procedures(who)).toEqual(expected);
});

test('who filed an application, and nobody else, may stop it while it runs', async () => {
  const filedBy = (kind: string) =>
    world.rows('update dossiers.dossier set applicant_kind = $2 where number = $1', [number.ayse, kind]);
  await filedBy('WORKER');
  expect(await procedures(insz.ayse)).toEqual(['WITHDRAW_APPLICATION']);
  await filedBy('EMPLOYER');
  expect(await procedures(insz.ayse)).toEqual([]);
});

test('an appeal is open while its term runs: after a refusal, and after a withdrawal', async () => {
  const put = (of: string, rule: string, due: string) =>
    world.rows(
      `insert into dossiers.deadline (dossier_number, rule, starts_on, due_on) values ($1, $2, '2026-10-01', $3)
       on conflict (dossier_number, rule, starts_on) do update set due_on = excluded.due_on`,
      [of, rule, due],
    );
  await world.rows(`delete from dossiers.deadline where rule in ('D08', 'D09') and dossier_number in ($1, $2)`, [
    number.omar,
    number.emma,
  ]);
  await world.rows(`update dossiers.dossier set status = 'REFUSED' where number = $1`, [number.omar]);
  expect(await procedures(insz.omar)).toEqual([]);
  await put(number.omar, 'D09', '2026-11-02'); // the last day is today
  expect(await procedures(insz.omar)).toEqual(['LODGE_APPEAL']);
  await put(number.omar, 'D09', '2026-11-01');
  expect(await procedures(insz.omar)).toEqual([]);
  await put(number.emma, 'D08', '2026-11-30');
  expect(await procedures(insz.emma)).toEqual(['LODGE_APPEAL']);
});

test('a renewal is filed in Flanders from six to two months before the end', async () => {
  const until = (day: string) =>
    world.rows('update dossiers.dossier set period_to = $2 where number = $1', [number.rahul, day]);
  await until('2027-05-02');
  expect(await procedures(insz.rahul)).toEqual(['RENEW', 'CHANGE_OF_EMPLOYER']);
  await until('2027-01-02');
  expect(await procedures(insz.rahul)).toEqual(['RENEW', 'CHANGE_OF_EMPLOYER']);
  await until('2027-05-03');
  expect(await procedures(insz.rahul)).toEqual(['CHANGE_OF_EMPLOYER']);
  await until('2027-01-01');
  expect(await procedures(insz.rahul)).toEqual(['CHANGE_OF_EMPLOYER']);
});
