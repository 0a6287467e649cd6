import { kbo, number } from './cast.ts';
import { inspecting, type OpenedWorld, openWorld } from './opened-world.ts';

let world: OpenedWorld;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world.stop());

// Each scalar that comes in, where it comes in, with a value that is wrong and what is wrong with it.
const wrong = [
  ['KboNumber', 'employer', '(kbo: $value) { name }', '0123456748', 'CHECKSUM'],
  ['KboNumber', 'employer', '(kbo: $value) { name }', '123', 'LENGTH'],
  ['KboNumber', 'employer', '(kbo: $value) { name }', '01234567AB', 'FORMAT'],
  ['EstablishmentNumber', 'establishment', '(number: $value) { name }', '8900000122', 'CHECKSUM'],
  ['EstablishmentNumber', 'establishment', '(number: $value) { name }', '1900000121', 'PREFIX'],
  ['Insz', 'worker', '(insz: $value) { id }', '88020399797', 'CHECKSUM'],
  ['Insz', 'worker', '(insz: $value) { id }', '8802039979', 'LENGTH'],
  ['Insz', 'cadastre', '(insz: $value) { permits { id } }', '88020399797', 'CHECKSUM'],
  ['Insz', 'mayEmploy', `(insz: $value, kbo: "${kbo.brewery}") { allowed }`, '88023099797', 'CHECKSUM'],
  ['DossierNumber', 'dossier', '(number: $value) { status }', 'SP-2026-0000001-58', 'CHECKSUM'],
  ['DossierNumber', 'dossier', '(number: $value) { status }', 'XX-2026-0000001-59', 'PREFIX'],
  ['LimosaNumber', 'limosa', '(number: $value) { number }', 'L1-2021-000000001-59', 'CHECKSUM'],
  ['Quarter', 'dmfa', '(quarter: $value) { grossWage }', '2026Q5', 'FORMAT'],
  ['Date', 'permits', '(at: $value) { totalCount }', '2026-02-30', 'DATE'],
  ['PostalCode', 'competentAuthority', '(facts: { seat: $value }) { confidence }', '0999', 'FORMAT'],
  ['NisCode', 'competentAuthority', '(facts: { workplaces: [{ nis: $value }] }) { confidence }', '2310', 'LENGTH'],
  ['CountryCode', 'dossiers', '(filter: { nationality: [$value] }) { totalCount }', 'ZZ', 'PREFIX'],
  ['Money', 'categoryAdvice', '(facts: { region: "VLA-DEM", grossMonthly: $value }) { fit }', '12,50', 'FORMAT'],
] as const;

test.each(
  wrong,
)('a wrong %s in %s%s is refused with the fault, and never repeated: %s', async (scalar, field, rest, value, fault) => {
  const ask = world.as('INS-RSZ', inspecting);
  const required = ['employer', 'establishment', 'mayEmploy', 'dossier', 'dossiers'].includes(field) ? '!' : '';
  const answers = [
    await ask(`{ ${field}${rest.replace('$value', JSON.stringify(value))} }`),
    await ask(`query ($value: ${scalar}${required}) { ${field}${rest} }`, { value }),
  ];
  for (const { data, errors } of answers) {
    expect(data ?? { [field]: null }).toEqual({ [field]: null });
    expect(errors).toEqual([expect.objectContaining({ code: 'BAD_USER_INPUT', fault })]);
    expect(JSON.stringify(errors)).not.toContain(value);
  }
});

test('a number where a text belongs is refused, and not repeated', async () => {
  const { errors } = await world.as('INS-RSZ', inspecting)('{ worker(insz: 88020399796) { id } }');
  expect(errors).toEqual([expect.objectContaining({ code: 'BAD_USER_INPUT', fault: 'FORMAT' })]);
  expect(JSON.stringify(errors)).not.toContain('88020399796');
});

test('one wrong person in a list of many is refused without naming anybody', async () => {
  const { data, errors } = await world.as('INS-RSZ', inspecting)(
    'query ($insz: [Insz!]!) { siteCheck(number: "8900000121", insz: $insz) { allowed } }',
    { insz: ['88020399796', '88020399797'] },
  );
  expect(data ?? { siteCheck: null }).toEqual({ siteCheck: null });
  expect(errors).toEqual([expect.objectContaining({ code: 'BAD_USER_INPUT', fault: 'CHECKSUM' })]);
  expect(JSON.stringify(errors)).not.toContain('880203997');
});

test('a wrong value is refused before anything is asked', async () => {
  const query = `{ right: employer(kbo: "0123456749") { name } wrong: employer(kbo: "0123456748") { name } }`;
  expect(await world.as('VLA-DEM')(query)).toEqual({
    errors: [{ code: 'BAD_USER_INPUT', fault: 'CHECKSUM', message: 'KboNumber has a fault: CHECKSUM' }],
  });
});

test.each([
  ['{ nope }', 'BAD_USER_INPUT'],
  ['{ dossier { number } }', 'BAD_USER_INPUT'],
  ['{ dossiers(sort: NOPE) { totalCount } }', 'BAD_USER_INPUT'],
  ['{ dossiers(filter: { nope: 1 }) { totalCount } }', 'BAD_USER_INPUT'],
  ['{ dossiers(first: "x") { totalCount } }', 'BAD_USER_INPUT'],
  ['{', 'BAD_USER_INPUT'],
  ['', 'BAD_USER_INPUT'],
])('the document %s is refused with %s', async (query, code) => {
  const { data, errors } = await world.as('VLA-DEM')(query);
  expect(data).toBeUndefined();
  expect(errors?.map((error) => error.code)).toEqual([code]);
});

test('the same forms that people write are taken: dots, spaces, a leading BE', async () => {
  const query = `{
    a: employer(kbo: "BE 0123.456.749") { kbo }
    b: establishment(number: "8.900.000.121") { number }
    c: dossier(number: "SP-2026-0000001-59") { number }
  }`;
  expect(await world.as('VLA-DEM')(query)).toEqual({
    data: { a: { kbo: '0123456749' }, b: { number: '8900000121' }, c: { number: number.ayse } },
  });
});
