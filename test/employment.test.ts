import { insz, kbo, unit } from './cast.ts';
import { forbidden, inspecting, type OpenedWorld, openWorld, purposeRequired, treating } from './opened-world.ts';

let world: OpenedWorld;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world.stop());

const may = (who: string, at: string, on?: string) =>
  `{ mayEmploy(insz: "${who}", kbo: "${at}"${on === undefined ? '' : `, at: "${on}"`}) { allowed until conditions { code } } }`;
const yes = (until: string | null, ...codes: string[]) => ({
  data: { mayEmploy: { allowed: true, until, conditions: codes.map((code) => ({ code })) } },
});
const no = (...codes: string[]) => ({
  data: { mayEmploy: { allowed: false, until: null, conditions: codes.map((code) => ({ code })) } },
});
const bound = ['ONLY_THIS_EMPLOYER', 'ONLY_THIS_FUNCTION', 'ONLY_THIS_WORKPLACE'];

test.each([
  ['Rahul, with a limited permit there: yes, there', insz.rahul, kbo.brewery, yes('2028-06-24', ...bound)],
  ['Rahul by the bis number he had: the same', insz.rahulBefore, kbo.brewery, yes('2028-06-24', ...bound)],
  ['Rahul elsewhere: no', insz.rahul, kbo.ukkel, no()],
  ['Fatima, with an unlimited permit: yes', insz.fatima, kbo.brewery, yes('2030-06-19', 'UNLIMITED')],
  ['Fatima elsewhere: yes', insz.fatima, kbo.eupen, yes('2030-06-19', 'UNLIMITED')],
  [
    'Dragan, under annex 49 with the region’s yes: yes',
    insz.dragan,
    kbo.brewery,
    yes(null, ...bound, 'ANNEX_49_NOT_FOR_TRAVEL'),
  ],
  ['Dragan elsewhere: no', insz.dragan, kbo.ukkel, no()],
  ['Mehmet, under annex 51: no', insz.mehmet, kbo.brewery, no()],
  ['Nadia, under annex 49 without a work decision: no', insz.nadia, kbo.waterloo, no()],
  ['Emma, whose permit was withdrawn: no', insz.emma, kbo.ukkel, no()],
  ['Katrien, a Belgian: yes', insz.katrien, kbo.ukkel, yes(null, 'EXEMPT_NATIONALITY')],
])('an employer asks about %s', async (_, who, at, expected) => {
  expect(await world.as(`EMPLOYER:${at}`)(may(who, at))).toEqual(expected);
});

test('the answer is of the day asked about', async () => {
  const brewery = world.as(`EMPLOYER:${kbo.brewery}`);
  expect(await brewery(may(insz.rahul, kbo.brewery, '2025-09-28'))).toEqual(no('NOT_STARTED'));
  expect(await brewery(may(insz.rahul, kbo.brewery, '2028-06-24'))).toEqual(yes('2028-06-24', ...bound));
  expect(await brewery(may(insz.rahul, kbo.brewery, '2028-06-25'))).toEqual(no());
  expect(await brewery(may(insz.mehmet, kbo.brewery, '2026-09-18'))).toEqual(yes('2026-09-18', ...bound));
  expect(await brewery(may(insz.mehmet, kbo.brewery, '2026-09-19'))).toEqual(no());
  const waterloo = world.as(`EMPLOYER:${kbo.waterloo}`);
  expect(await waterloo(may(insz.nadia, kbo.waterloo, '2026-10-28'))).toEqual(yes('2026-10-28', ...bound));
  const ukkel = world.as(`EMPLOYER:${kbo.ukkel}`);
  expect(await ukkel(may(insz.emma, kbo.ukkel, '2026-08-03'))).toEqual(yes('2026-08-03', ...bound));
  expect(await ukkel(may(insz.emma, kbo.ukkel, '2026-08-04'))).toEqual(no());
});

test('a number that nobody has is answered as a person without a permit', async () => {
  const ask = world.as(`EMPLOYER:${kbo.brewery}`);
  const unknown = await ask(may(insz.nobody, kbo.brewery));
  expect(unknown).toEqual(no());
  expect(await ask(may(insz.john, kbo.brewery))).toEqual(unknown);
  expect(await ask(may(insz.milan, kbo.brewery))).toEqual(unknown);
});

test('an employer asks for itself, a mandatary for its mandators: of another employer there is no answer', async () => {
  const nothing = { data: { mayEmploy: null } };
  const mandatary = world.as(`MANDATARY:${kbo.mandatary}`);
  expect(await mandatary(may(insz.rahul, kbo.brewery))).toEqual(yes('2028-06-24', ...bound));
  expect(await mandatary(may(insz.fatima, kbo.ukkel))).toEqual(nothing);
  expect(await world.as(`MANDATARY:${kbo.formerMandatary}`)(may(insz.rahul, kbo.brewery))).toEqual(nothing);
  expect(await world.as(`EMPLOYER:${kbo.ukkel}`)(may(insz.rahul, kbo.brewery))).toEqual(nothing);
  expect(await world.as(`EMPLOYER:${kbo.ukkel}`)(may(insz.katrien, kbo.brewery))).toEqual(nothing);
});

test('an authority asks with a purpose; a worker, a post and the helpdesk do not ask', async () => {
  for (const who of ['VLA-DEM', 'INS-RSZ']) {
    expect(await world.as(who)(may(insz.rahul, kbo.brewery))).toEqual({
      data: { mayEmploy: null },
      errors: [purposeRequired('Query.mayEmploy', ['mayEmploy'])],
    });
  }
  expect(await world.as('INS-RSZ', inspecting)(may(insz.rahul, kbo.brewery))).toEqual(yes('2028-06-24', ...bound));
  expect(await world.as('VLA-DEM', treating)(may(insz.rahul, kbo.brewery))).toEqual(yes('2028-06-24', ...bound));
  for (const who of [`WORKER:${insz.rahul}`, 'POST-IN-1', 'HELPDESK', `ENTERPRISE_COUNTER:${kbo.counter}`]) {
    expect(await world.as(who)(may(insz.rahul, kbo.brewery))).toEqual({
      data: { mayEmploy: null },
      errors: [forbidden('Query.mayEmploy', ['mayEmploy'])],
    });
  }
});

const site = (persons: readonly string[], on?: string) =>
  `{ siteCheck(number: "${unit.brewery}", insz: ${JSON.stringify(persons)}${on === undefined ? '' : `, at: "${on}"`}) { position worker { id lastName } allowed until declared } }`;

test('who is found at a site is told in the order asked, each as often as asked', async () => {
  const persons = [insz.mehmet, insz.rahul, insz.nobody, insz.dragan, insz.katrien, insz.rahulBefore];
  const line = (
    position: number,
    worker: object | null,
    allowed: boolean,
    until: string | null,
    declared: boolean,
  ) => ({
    position,
    worker,
    allowed,
    until,
    declared,
  });
  const rahul = { id: 'W-0000002', lastName: 'Sharma' };
  expect(await world.as('INS-TSW', inspecting)(site(persons))).toEqual({
    data: {
      siteCheck: [
        line(0, { id: 'W-0000005', lastName: 'Yılmaz' }, false, null, false),
        line(1, rahul, true, '2028-06-24', true),
        line(2, null, false, null, false),
        line(3, { id: 'W-0000004', lastName: 'Petrović' }, true, null, true),
        line(4, { id: 'W-0000022', lastName: 'Vermeulen' }, true, null, false),
        line(5, rahul, true, '2028-06-24', true),
      ],
    },
  });
});

test('a cancelled or ended declaration covers no day', async () => {
  const declared = async (on: string) => {
    const { data } = await world.as(
      'INS-TSW',
      inspecting,
    )<{ siteCheck: { declared: boolean }[] }>(site([insz.mehmet], on));
    return data?.siteCheck.map((line) => line.declared);
  };
  expect(await declared('2026-09-18')).toEqual([true]);
  expect(await declared('2026-09-19')).toEqual([false]);
  await world.rows(`update cadastre.dimona_period set cancelled = true where worker_id = 'W-0000005'`);
  expect(await declared('2026-09-18')).toEqual([false]);
});

test('a site check takes two hundred persons, and is for inspection services with a purpose', async () => {
  const many = Array.from({ length: 200 }, () => insz.rahul);
  const ask = world.as('INS-TSW', inspecting);
  expect((await ask<{ siteCheck: unknown[] }>(site(many))).data?.siteCheck).toHaveLength(200);
  expect(await ask(site([]))).toEqual({ data: { siteCheck: [] } });
  expect(await ask(site([...many, insz.rahul]))).toEqual({
    data: { siteCheck: null },
    errors: [
      { code: 'LIMIT_EXCEEDED', path: ['siteCheck'], message: 'a site check takes at most 200 persons', limit: 200 },
    ],
  });
  expect(await world.as('INS-TSW')(site([insz.rahul]))).toEqual({
    data: { siteCheck: null },
    errors: [purposeRequired('Query.siteCheck', ['siteCheck'])],
  });
  for (const who of ['VLA-DEM', `EMPLOYER:${kbo.brewery}`, 'COO-SIOD']) {
    expect(await world.as(who)(site([insz.rahul]))).toEqual({
      data: { siteCheck: null },
      errors: [forbidden('Query.siteCheck', ['siteCheck'])],
    });
  }
});

test('a regional inspection checks the sites of its own territory, and no others', async () => {
  const rahul = {
    worker: { id: 'W-0000002', lastName: 'Sharma' },
    position: 0,
    allowed: true,
    until: '2028-06-24',
    declared: true,
  };
  expect(await world.as('INS-VSI', inspecting)(site([insz.rahul]))).toEqual({ data: { siteCheck: [rahul] } });
  expect(await world.as('INS-BRU', inspecting)(site([insz.rahul]))).toEqual({ data: { siteCheck: null } });
});

/** A posting of the test's own. */
const post = (
  number: string,
  worker: string,
  start: string,
  more: { country?: string; kind?: string; a1?: string; cancelled?: boolean } = {},
) =>
  world.rows(
    `insert into cadastre.limosa_declaration (number, worker_kind, worker_id, sender_name, sender_country, clients, places, authorities, start_date, end_date, sector, a1_number, cancelled)
     values ($1, $2, $3, 'Montage Co', $4, array['0100100436'], '[{"postalCode": "4700", "locality": "Eupen", "street": "Klötzerbahn 1"}]', array['DG-MIN'], $5::date, $5::date + 30, 'CONSTRUCTION', $6, $7)`,
    [number, more.kind ?? 'EMPLOYEE', worker, more.country ?? 'UA', start, more.a1 ?? null, more.cancelled ?? false],
  );

const wei = 'W-0000014'; // of China, and without a permit

test('a Limosa declaration is found by its number and by its worker, with its A1 certificate', async () => {
  await world.rows(
    `insert into cadastre.a1_certificate values ('A1-PL-2031-T1', 'PL/77', 'PL', $1, '2031-01-01', '2031-06-30')`,
    [wei],
  );
  await post('L1-2021-000000001-58', wei, '2031-01-10', { country: 'PL', a1: 'A1-PL-2031-T1' });
  const declaration = {
    number: 'L1-2021-000000001-58',
    workerKind: 'EMPLOYEE',
    worker: { id: wei, lastName: 'Zhang' },
    sender: { name: 'Montage Co', country: { code: 'PL' }, reference: null },
    clients: [{ kbo: kbo.eupen, name: 'Bäckerei Vennhof' }],
    places: [{ street: 'Klötzerbahn 1', postalCode: '4700', locality: 'Eupen', country: 'Belgium' }],
    startDate: '2031-01-10',
    endDate: '2031-02-09',
    sector: 'CONSTRUCTION',
    temporaryAgency: false,
    a1: { number: 'A1-PL-2031-T1' },
    permitReminder: null,
    cancelled: false,
  };
  const fields = `number workerKind worker { id lastName } sender { name country { code } reference } clients { kbo name }
    places { street postalCode locality country } startDate endDate sector temporaryAgency a1 { number } permitReminder cancelled`;
  const query = `{
    byNumber: limosa(number: "L1-2021-000000001-58") { ${fields} }
    byWorker: limosa(worker: "${wei}") { ${fields} }
    a1(worker: "${wei}") { number foreignNumber issuingCountry { code name(lang: NL) } validFrom validTo }
    late: a1(worker: "${wei}", at: "2031-07-01") { number }
  }`;
  const certificate = {
    number: 'A1-PL-2031-T1',
    foreignNumber: 'PL/77',
    issuingCountry: { code: 'PL', name: 'Polen' },
    validFrom: '2031-01-01',
    validTo: '2031-06-30',
  };
  expect(await world.as('INS-RSZ', inspecting)(query)).toEqual({
    data: { byNumber: [declaration], byWorker: [declaration], a1: [certificate], late: [] },
  });
  expect(await world.as(`EMPLOYER:${kbo.eupen}`)('{ limosa(number: "L1-2021-000000001-58") { number } }')).toEqual({
    data: { limosa: [{ number: 'L1-2021-000000001-58' }] },
  });
  expect(await world.as(`EMPLOYER:${kbo.ukkel}`)('{ limosa(number: "L1-2021-000000001-58") { number } }')).toEqual({
    data: { limosa: [] },
  });
});

const without = (from: string, to: string) =>
  `{ limosaWithoutPermit(region: "DG-MIN", from: "${from}", to: "${to}") { number } }`;

test('a posting without a permit is found, unless none is needed: kin of the EEA, an unlimited right, Vander Elst', async () => {
  await post('L1-T-LACKS', wei, '2031-03-01');
  await post('L1-T-OUTSIDE', wei, '2031-03-02', { country: 'TR', a1: 'A1-PL-2031-T1' });
  await post('L1-T-SELF', wei, '2031-03-03', { country: 'PL', kind: 'SELF_EMPLOYED', a1: 'A1-PL-2031-T1' });
  await post('L1-T-ELST', wei, '2031-03-04', { country: 'PL', a1: 'A1-PL-2031-T1' });
  await post('L1-T-CANCEL', wei, '2031-03-05', { cancelled: true });
  await post('L1-T-BELGIAN', 'W-0000022', '2031-03-06');
  await post('L1-T-UNTIL', 'W-0000003', '2030-06-19');
  await post('L1-T-AFTER', 'W-0000003', '2030-06-20');
  await post('L1-T-EVE', 'W-0000019', '2026-08-03');
  await post('L1-T-WITHDRAWN', 'W-0000019', '2026-08-04');
  const ask = world.as('INS-RSZ', inspecting);
  const found = (...numbers: string[]) => ({ data: { limosaWithoutPermit: numbers.map((number) => ({ number })) } });
  expect(await ask(without('2031-03-01', '2031-03-31'))).toEqual(found('L1-T-SELF', 'L1-T-OUTSIDE', 'L1-T-LACKS'));
  expect(await ask(without('2030-06-19', '2030-06-20'))).toEqual(found('L1-T-AFTER'));
  expect(await ask(without('2026-08-03', '2026-08-04'))).toEqual(found('L1-T-WITHDRAWN'));
  expect(await ask(without('2031-03-31', '2031-03-01'))).toEqual(found());
  expect(await ask(without('2031-03-01', '2031-03-01').replace('DG-MIN', 'DG_MIN'))).toEqual({
    data: { limosaWithoutPermit: null },
    errors: [{ code: 'BAD_USER_INPUT', path: ['limosaWithoutPermit'], message: 'no such authority' }],
  });
  expect(await world.as('INS-DG', inspecting)(without('2031-03-01', '2031-03-01'))).toEqual(found('L1-T-LACKS'));
  expect(await world.as('INS-VSI', inspecting)(without('2031-03-01', '2031-03-01'))).toEqual(found());
  expect(await world.as(`EMPLOYER:${kbo.eupen}`)(without('2031-03-01', '2031-03-01'))).toEqual({
    data: { limosaWithoutPermit: null },
    errors: [forbidden('Query.limosaWithoutPermit', ['limosaWithoutPermit'])],
  });
});
