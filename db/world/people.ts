import { makeBis, makeEstablishment, makeKbo, makeRrn } from '../../schema/identifiers.ts';
import { counters, mandataries } from './services.ts';

// The named cast of every world, for the README, the console and the tests. Identifiers never change: not with the profile,
// and not with the day of seeding. Only dossier numbers hold the year in which the draft was made, which moves with that day.

/** The named employers, by where they are. */
export const namedEmployers = {
  brewery: { kbo: '0123456749', name: 'Brouwerij De Zenne', postalCode: '1630', establishment: '8900000121' },
  ukkel: {
    kbo: makeKbo('01001002'),
    name: 'Cabinet Vivier',
    postalCode: '1180',
    establishment: makeEstablishment('89001002'),
  },
  waterloo: {
    kbo: makeKbo('01001003'),
    name: 'Atelier du Lion',
    postalCode: '1410',
    establishment: makeEstablishment('89001003'),
  },
  eupen: {
    kbo: makeKbo('01001004'),
    name: 'Bäckerei Vennhof',
    postalCode: '4700',
    establishment: makeEstablishment('89001004'),
  },
} as const;

/** The social secretariat with a mandate of the brewery that is in force, and the one whose mandate was closed. */
export const namedMandataries = { active: mandataries[0], closed: mandataries[2] } as const;

/** The enterprise counter that filed the professional-card dossier. */
export const namedCounter = counters[2];

function rrn(birthDate: string, counter: number) {
  return { birthDate, insz: makeRrn({ birthDate, counter }) };
}

function bis(birthDate: string, counter: number) {
  return { birthDate, insz: makeBis({ birthDate, counter, sexKnown: true }) };
}

/** The named workers; `role` is the dossier or permit that makes each of them useful. */
export const namedWorkers = {
  ayse: {
    id: 'W-0000001',
    first: 'Ayşe',
    last: 'Demir',
    sex: 'F',
    nationality: 'TR',
    ...bis('1991-05-17', 998),
    role: 'a running, admissible dossier at the brewery',
  },
  rahul: {
    id: 'W-0000002',
    first: 'Rahul',
    last: 'Sharma',
    sex: 'M',
    nationality: 'IN',
    ...rrn('1988-02-03', 997),
    role: 'a limited permit at the brewery, with card; his bis number was replaced',
  },
  fatima: {
    id: 'W-0000003',
    first: 'Fatima',
    last: 'Alaoui',
    sex: 'F',
    nationality: 'MA',
    ...rrn('1984-11-26', 998),
    role: 'an unlimited permit',
  },
  dragan: {
    id: 'W-0000004',
    first: 'Dragan',
    last: 'Petrović',
    sex: 'M',
    nationality: 'RS',
    ...rrn('1979-07-08', 997),
    role: 'annex 49 at the brewery, the work decision is positive: may work',
  },
  mehmet: {
    id: 'W-0000005',
    first: 'Mehmet',
    last: 'Yılmaz',
    sex: 'M',
    nationality: 'TR',
    ...rrn('1990-09-14', 997),
    role: 'annex 51: looks for work, may not work',
  },
  samuel: {
    id: 'W-0000006',
    first: 'Samuel',
    last: 'Mbarga',
    sex: 'M',
    nationality: 'CM',
    ...bis('1993-03-30', 997),
    role: 'refused in Flanders, filed again in Brussels',
  },
  yuki: {
    id: 'W-0000007',
    first: 'Yuki',
    last: 'Tanaka',
    sex: 'F',
    nationality: 'JP',
    ...bis('1995-12-01', 998),
    role: 'a dossier that Wallonia transferred to Flanders',
  },
  grace: {
    id: 'W-0000008',
    first: 'Grace',
    last: 'Santos',
    sex: 'F',
    nationality: 'PH',
    ...rrn('1986-06-21', 998),
    role: 'a professional card through an enterprise counter',
  },
  olena: {
    id: 'W-0000009',
    first: 'Olena',
    last: 'Kovalenko',
    sex: 'F',
    nationality: 'UA',
    birthDate: '1997-01-19',
    insz: null,
    role: 'a draft of the brewery',
  },
  john: {
    id: 'W-0000010',
    first: 'John',
    last: 'Carter',
    sex: 'M',
    nationality: 'US',
    ...bis('1982-10-05', 997),
    role: 'submitted, not yet looked at',
  },
  priya: {
    id: 'W-0000011',
    first: 'Priya',
    last: 'Nair',
    sex: 'F',
    nationality: 'IN',
    ...bis('1992-08-11', 998),
    role: 'documents are asked for',
  },
  karim: {
    id: 'W-0000012',
    first: 'Karim',
    last: 'Trabelsi',
    sex: 'M',
    nationality: 'TN',
    ...bis('1989-04-27', 997),
    role: 'inadmissible',
  },
  ana: {
    id: 'W-0000013',
    first: 'Ana',
    last: 'Souza',
    sex: 'F',
    nationality: 'BR',
    ...bis('1994-02-15', 998),
    role: 'admissible, not yet taken up',
  },
  wei: {
    id: 'W-0000014',
    first: 'Wei',
    last: 'Zhang',
    sex: 'M',
    nationality: 'CN',
    ...bis('1987-05-09', 997),
    role: 'withdrawn by the applicant',
  },
  divine: {
    id: 'W-0000015',
    first: 'Divine',
    last: 'Mukendi',
    sex: 'F',
    nationality: 'CD',
    ...bis('1996-07-23', 998),
    role: 'closed without object',
  },
  omar: {
    id: 'W-0000016',
    first: 'Omar',
    last: 'Idrissi',
    sex: 'M',
    nationality: 'MA',
    ...bis('1985-09-02', 997),
    role: 'refused, and under appeal',
  },
  nadia: {
    id: 'W-0000017',
    first: 'Nadia',
    last: 'Saidi',
    sex: 'F',
    nationality: 'TN',
    ...rrn('1990-12-12', 998),
    role: 'annex 49 in Waterloo, no work decision yet: may not work',
  },
  milan: {
    id: 'W-0000018',
    first: 'Milan',
    last: 'Jovanović',
    sex: 'M',
    nationality: 'BA',
    ...rrn('1983-03-18', 997),
    role: 'a limited permit in Eupen',
  },
  emma: {
    id: 'W-0000019',
    first: 'Emma',
    last: 'Walker',
    sex: 'F',
    nationality: 'GB',
    ...rrn('1991-01-07', 998),
    role: 'a permit that was withdrawn',
  },
  nabil: {
    id: 'W-0000020',
    first: 'Nabil',
    last: 'Ziani',
    sex: 'M',
    nationality: 'DZ',
    ...rrn('1980-06-30', 997),
    role: 'seven dossiers in three regions',
  },
  joy: {
    id: 'W-0000021',
    first: 'Joy',
    last: 'Reyes',
    sex: 'F',
    nationality: 'PH',
    ...bis('2003-05-04', 998),
    role: 'an au pair',
  },
  katrien: {
    id: 'W-0000022',
    first: 'Katrien',
    last: 'Vermeulen',
    sex: 'F',
    nationality: 'BE',
    ...rrn('1978-04-16', 998),
    role: 'the host family of the au pair',
  },
} as const;

/** The name of somebody of the cast. */
export type Person = keyof typeof namedWorkers;

/** The bis number that Rahul Sharma had before he was entered in the National Register; it leads to the same person. */
export const rahulsBisNumber = makeBis({ birthDate: namedWorkers.rahul.birthDate, counter: 997, sexKnown: true });

/** What became of the dossiers of the named cast; the reserved sequence is part of each number. */
export const namedDossiers = {
  ayse: { kind: 'SP_LIM', sequence: 1, status: 'IN_TREATMENT' },
  rahul: { kind: 'SP_LIM', sequence: 2, status: 'GRANTED' },
  fatima: { kind: 'SP_UNL', sequence: 3, status: 'GRANTED' },
  dragan: { kind: 'SP_LIM', sequence: 4, status: 'GRANTED' },
  draganRenewal: { kind: 'SP_LIM', sequence: 5, status: 'IN_TREATMENT' },
  mehmet: { kind: 'SP_LIM', sequence: 6, status: 'GRANTED' },
  samuelRefused: { kind: 'SP_LIM', sequence: 7, status: 'REFUSED' },
  samuelRefiled: { kind: 'SP_LIM', sequence: 8, status: 'IN_TREATMENT' },
  yuki: { kind: 'SP_LIM', sequence: 9, status: 'IN_TREATMENT' },
  grace: { kind: 'PC_SELF', sequence: 10, status: 'IN_TREATMENT' },
  olena: { kind: 'SP_LIM', sequence: 11, status: 'DRAFT' },
  john: { kind: 'SP_LIM', sequence: 12, status: 'SUBMITTED' },
  priya: { kind: 'SP_LIM', sequence: 13, status: 'INFO_REQUESTED' },
  karim: { kind: 'SP_LIM', sequence: 14, status: 'INADMISSIBLE' },
  ana: { kind: 'SP_LIM', sequence: 15, status: 'ADMISSIBLE' },
  wei: { kind: 'SP_LIM', sequence: 16, status: 'APPLICANT_WITHDRAWN' },
  divine: { kind: 'SP_LIM', sequence: 17, status: 'WITHOUT_OBJECT' },
  omar: { kind: 'SP_LIM', sequence: 18, status: 'UNDER_APPEAL' },
  nadia: { kind: 'SP_LIM', sequence: 19, status: 'GRANTED' },
  nadiaRenewal: { kind: 'SP_LIM', sequence: 20, status: 'IN_TREATMENT' },
  milan: { kind: 'SP_LIM', sequence: 21, status: 'GRANTED' },
  emma: { kind: 'SP_BLUE', sequence: 22, status: 'GRANTED' },
  joy: { kind: 'WA_AUPAIR', sequence: 23, status: 'GRANTED' },
} as const;

/** The name of a dossier of the cast. */
export type NamedDossier = keyof typeof namedDossiers;
