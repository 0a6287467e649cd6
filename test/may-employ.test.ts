import {
  type EmploymentFacts,
  mayEmploy,
  type PermitFacts,
  type RenewalFacts,
  workAllowedOn,
} from '../schema/may-employ.ts';

const brasserie = '0123456749';
const haven = '1900000168';

const permit: PermitFacts = {
  kind: 'SP_LIM',
  employerKbo: brasserie,
  labourMarket: 'LIMITED',
  validFrom: '2026-01-01',
  validTo: '2026-12-31',
  state: 'ACTIVE',
  bridging: 'NONE',
  functionTitle: 'kok',
  workplaceNis: '21016',
  endedOn: null,
  withdrawnOn: null,
};

const renewal: RenewalFacts = {
  employerKbo: brasserie,
  admissibleAt: '2026-11-10',
  workTrack: 'GRANTED',
  workDecidedOn: '2026-12-20',
};

function ask(facts: Partial<EmploymentFacts>) {
  return mayEmploy({
    on: '2026-06-15',
    employerKbo: brasserie,
    nationalities: ['TR'],
    permits: [permit],
    renewals: [],
    ...facts,
  });
}

const limited = ['ONLY_THIS_EMPLOYER', 'ONLY_THIS_FUNCTION', 'ONLY_THIS_WORKPLACE'];
const no = { allowed: false, until: null, conditions: [], basis: 'NONE' };
const yes = { allowed: true, until: '2026-12-31', conditions: limited, basis: 'PERMIT' };

test('an active limited permit allows work for its employer, in its function and workplace, until its end', () => {
  expect(ask({})).toEqual(yes);
});

test('a permit covers its first and its last day, and no day beyond', () => {
  expect(['2025-12-31', '2026-01-01', '2026-12-31', '2027-01-01'].map((on) => ask({ on }).allowed)).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

test('a limited permit binds to its employer: another employer hears no more than of an unknown worker', () => {
  expect([ask({ employerKbo: haven }), ask({ permits: [] })]).toEqual([no, no]);
});

test('an unlimited permit allows any work for any employer', () => {
  const unlimited = { ...permit, kind: 'SP_UNL', employerKbo: null, labourMarket: 'UNLIMITED', validTo: null } as const;
  expect(ask({ permits: [unlimited], employerKbo: haven })).toEqual({
    allowed: true,
    until: null,
    conditions: ['UNLIMITED'],
    basis: 'UNLIMITED_PERMIT',
  });
});

test('a title whose mention is "no" never allows work', () => {
  expect(ask({ permits: [{ ...permit, labourMarket: 'NONE' }] })).toEqual(no);
});

test.each(['BE', 'FR', 'NO', 'CH'])('a national of %s is exempt, whatever the register holds', (nationality) => {
  expect(ask({ nationalities: ['TR', nationality], permits: [], employerKbo: haven })).toEqual({
    allowed: true,
    until: null,
    conditions: ['EXEMPT_NATIONALITY'],
    basis: 'NATIONALITY',
  });
});

test('a British national is not exempt', () => {
  expect(ask({ nationalities: ['GB'], permits: [] })).toEqual(no);
});

test('a granted permit that has not started allows no work yet, and its own employer is told so', () => {
  const granted = { ...permit, state: 'GRANTED_NOT_STARTED' };
  expect([ask({ permits: [granted] }), ask({ permits: [granted], employerKbo: haven })]).toEqual([
    { ...no, conditions: ['NOT_STARTED'] },
    no,
  ]);
});

test.each([
  'WITHDRAWN',
  'ENDED_EMPLOYMENT',
  'LAPSED_RESIDENCE',
  'SUPERSEDED',
])('a permit that is %s allows no work', (state) => {
  expect(ask({ permits: [{ ...permit, state }] })).toEqual(no);
});

test('a withdrawal counts from its effective date', () => {
  const withdrawn = { ...permit, state: 'WITHDRAWN', withdrawnOn: '2026-06-15' };
  expect([ask({ permits: [withdrawn], on: '2026-06-14' }), ask({ permits: [withdrawn] })]).toEqual([
    { ...yes, until: '2026-06-14' },
    no,
  ]);
});

test('an employment that ended early covers its last day', () => {
  const over = { ...permit, state: 'ENDED_EMPLOYMENT', endedOn: '2026-06-15' };
  expect([ask({ permits: [over] }), ask({ permits: [over], on: '2026-06-16' })]).toEqual([
    { ...yes, until: '2026-06-15' },
    no,
  ]);
});

test('an expired permit still answers for the days it covered', () => {
  const expired = { ...permit, state: 'EXPIRED' };
  expect([ask({ permits: [expired] }), ask({ permits: [expired], on: '2027-01-01' })]).toEqual([yes, no]);
});

const bridged: PermitFacts = { ...permit, state: 'EXPIRED', bridging: 'ANNEX_49', bridgingUntil: '2027-04-30' };

test('annex 49 allows work once the renewal is admissible and its work decision positive, but no travel', () => {
  expect(ask({ permits: [bridged], renewals: [renewal], on: '2027-01-15' })).toEqual({
    allowed: true,
    until: '2027-04-30',
    conditions: [...limited, 'ANNEX_49_NOT_FOR_TRAVEL'],
    basis: 'ANNEX_49',
  });
});

test.each<[string, RenewalFacts[]]>([
  ['there is no renewal', []],
  ['the renewal is not admissible', [{ ...renewal, admissibleAt: null }]],
  ['the work decision is not taken', [{ ...renewal, workTrack: 'IN_PROGRESS', workDecidedOn: null }]],
  ['the work decision is negative', [{ ...renewal, workTrack: 'REFUSED' }]],
  ['the work decision is dated later', [{ ...renewal, workDecidedOn: '2027-01-16' }]],
  ['the renewal is admissible only later', [{ ...renewal, admissibleAt: '2027-01-16' }]],
  ['the renewal is of another employer', [{ ...renewal, employerKbo: haven }]],
])('annex 49 allows no work while %s', (_reason, renewals) => {
  expect(ask({ permits: [bridged], renewals, on: '2027-01-15' })).toEqual(no);
});

test('annex 49 ends with its own last day, and never serves another employer', () => {
  expect([
    ask({ permits: [bridged], renewals: [renewal], on: '2027-05-01' }),
    ask({ permits: [bridged], renewals: [renewal], on: '2027-01-15', employerKbo: haven }),
  ]).toEqual([no, no]);
});

test('annex 51 and the 90 days of looking for work never allow work for another employer', () => {
  const searching: PermitFacts = { ...permit, state: 'ENDED_EMPLOYMENT', endedOn: '2026-05-31', bridging: 'ANNEX_51' };
  expect([
    ask({ permits: [searching], employerKbo: haven }),
    ask({ permits: [searching], renewals: [renewal] }),
    ask({ permits: [{ ...searching, state: 'EXPIRED', endedOn: null }], on: '2027-01-15', employerKbo: haven }),
  ]).toEqual([no, no, no]);
});

test('what another employer holds leaves the answer as it was', () => {
  const other = { ...permit, employerKbo: haven, validTo: '2028-12-31' };
  expect([ask({ permits: [other, permit] }), ask({ permits: [other] })]).toEqual([yes, no]);
});

test('of two permits of one employer the one that lasts longer answers', () => {
  const longer = { ...permit, validFrom: '2026-06-01', validTo: '2028-05-31' };
  expect(ask({ permits: [permit, longer] })).toEqual({ ...yes, until: '2028-05-31' });
});

test('whether work is allowed on a day does not depend on who asks', () => {
  expect([
    workAllowedOn(permit, [], '2026-06-15'),
    workAllowedOn(bridged, [], '2027-01-15'),
    workAllowedOn(bridged, [renewal], '2027-01-15'),
  ]).toEqual([true, false, true]);
});
