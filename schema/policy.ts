/**
 * Who may see what. Data only: row scopes, shield rules, masks and ACCESS.md all derive from it.
 *
 * A cell says what a kind of principal may do with a data category, given what the row is to it:
 *   -  nothing          S  status and dates only       M  the minimum, masked
 *   R  read             W  read and write              L  read, with a purpose and a reference; else nothing
 *   S/L status and dates; with a purpose and a reference, read
 * A tag behind the letter is the source; a cell without one is an assumption of least privilege.
 */
import { takersOf } from './lifecycle.ts';

/** What the tags stand for: the documents that the system was asked for from, and what was found beside them. */
export const sources: Readonly<Record<string, string>> = {
  S0: 'Smals, case study of the single permit',
  S1: 'Flemish government, news of the counter Working in Belgium',
  S2: 'Flemish Parliament, answer to written question 67 (2021)',
  S3: 'SERV, advice on the agreement on the electronic platform',
  W12: 'press note of 19 March 2021 on the platform agreement',
  W13b: 'press note of 2024 on the agreement that replaces it',
  assumption: 'assumption of least privilege',
  public: 'public reference data',
};

export const kinds = [
  'REGION',
  'RESIDENCE',
  'PLATFORM',
  'IDENTITY',
  'INSPECTION_FED',
  'INSPECTION_REG',
  'POST',
  'MUNICIPALITY',
  'EMPLOYER',
  'MANDATARY',
  'WORKER',
  'SELF_EMPLOYED',
  'ENTERPRISE_COUNTER',
  'HELPDESK',
  'AUDITOR',
  'COORDINATION',
  'RECIPIENT',
] as const;
/** A kind of principal: an authority by its task, or a party. */
export type Kind = (typeof kinds)[number];

/** Kinds with the rights of another, limited to the rows their own scope gives them. */
const standsFor: Partial<Record<Kind, Kind>> = { MANDATARY: 'EMPLOYER', SELF_EMPLOYED: 'WORKER' };

const parties: ReadonlySet<Kind> = new Set(['EMPLOYER', 'MANDATARY', 'WORKER', 'SELF_EMPLOYED', 'ENTERPRISE_COUNTER']);

/** Parties and their counters act for themselves; every other kind is an authority, which answers for what it reads. */
export const isParty = (kind: Kind): boolean => parties.has(kind);

const offices: ReadonlySet<Kind> = new Set(['HELPDESK', 'AUDITOR']);

/** Whether the people of a kind have roles: an office is one role, and a party acts for itself. */
export const hasRoles = (kind: Kind): boolean => !isParty(kind) && !offices.has(kind);

export const roles = ['READER', 'HANDLER', 'DECISION_MAKER', 'DATA_PROTECTION_OFFICER', 'SYSTEM'] as const;
/** What somebody does inside an authority; SYSTEM is a program of its own, such as a region's case system. */
export type Role = (typeof roles)[number];

// The highest level that a role reaches, whatever the matrix gives its authority; a category without a line is under the first.
const rolesTable = `
category            | READER | HANDLER | DECISION_MAKER | DATA_PROTECTION_OFFICER | SYSTEM
*                   | R      | W       | W              | -                       | W
WORK_DECISION       | R      | R       | W              | -                       | W
WORK_MOTIVATION     | R      | R       | W              | -                       | W
RESIDENCE_DECISION  | R      | R       | W              | -                       | W
RESIDENCE_MOTIVATION| R      | R       | W              | -                       | W
SECURITY_CHECK      | -      | R       | W              | -                       | -
INTERNAL_NOTES      | -      | W       | W              | -                       | -
ACCESS_LOG          | -      | -       | -              | R                       | -
STATISTICS          | R      | R       | R              | R                       | R
`;

export const relations = ['OWN', 'INVOLVED', 'OTHER'] as const;
/** What a row is to the viewer: its own, one it is involved in, or another's. */
export type Relation = (typeof relations)[number];

/** The relation that a tie in the reference register gives; the register's own order, strongest first. */
export const relationOf = {
  COMPETENT: 'OWN',
  PARTY: 'OWN',
  MANDATE: 'OWN',
  FORWARDED: 'OWN',
  COPIED: 'OWN',
  NAMED: 'INVOLVED',
  TERRITORY: 'INVOLVED',
  FORMER: 'INVOLVED',
  SAME_WORKER: 'OTHER',
} as const satisfies Record<string, Relation>;
export type Capacity = keyof typeof relationOf;

const matrixTable = `
category            | REGION:OWN | REGION:INVOLVED | REGION:OTHER | RESIDENCE | PLATFORM | IDENTITY | INSPECTION_FED | INSPECTION_REG | POST  | MUNICIPALITY | EMPLOYER:OWN | EMPLOYER:INVOLVED | WORKER:OWN | WORKER:INVOLVED | ENTERPRISE_COUNTER | HELPDESK | AUDITOR | COORDINATION | RECIPIENT
ENVELOPE            | W S0       | S S0            | S/L          | R S0      | R        | -        | R W13b         | R W13b         | R S0  | R S0         | R S0         | R S0              | R S3       | R S0            | R S3               | S        | -       | -            | -
WORKER_IDENTITY     | R          | M               | M            | W         | M        | R        | R S0           | R S0           | R     | R            | R            | R                 | R          | R               | R                  | -        | -       | -            | -
INSZ                | R          | L               | L            | R         | R        | R        | L              | L              | R     | R            | M            | M                 | R          | M               | M                  | -        | -       | -            | -
CONTACT             | R          | -               | -            | R         | -        | R        | L              | L              | R     | W            | M            | M                 | W          | M               | -                  | -        | -       | -            | -
PASSPORT            | R          | -               | -            | R         | -        | -        | -              | -              | R     | R            | R            | -                 | R          | R               | -                  | -        | -       | -            | -
CRIMINAL_MEDICAL    | S          | -               | -            | R         | -        | -        | -              | -              | -     | -            | -            | -                 | R          | -               | -                  | -        | -       | -            | -
MEANS               | S          | -               | -            | R         | -        | -        | -              | -              | -     | -            | R            | -                 | R          | R               | -                  | -        | -       | -            | -
EMPLOYER            | R          | M               | M            | R         | R        | -        | R S0           | R S0           | M     | M            | R            | R                 | R          | R               | R                  | -        | -       | -            | -
JOB                 | W          | -               | -            | R         | M        | -        | R              | R              | M     | M            | W            | W                 | R          | R               | R                  | -        | -       | -            | -
WORK_DOCUMENTS      | R W12      | -               | -            | R W12     | -        | -        | L              | L              | -     | -            | R            | -                 | R          | R               | -                  | -        | -       | -            | -
WORK_DECISION       | W S1       | S               | S/L S0       | R S1      | R        | -        | R              | R              | R     | R            | R S1         | R                 | R S3       | R               | R                  | -        | -       | -            | -
WORK_MOTIVATION     | W S2       | -               | L            | R W12     | -        | -        | L              | R              | -     | -            | R            | R                 | R          | R               | -                  | -        | -       | -            | -
RESIDENCE_DECISION  | R S1       | S               | S            | W S1      | R        | -        | R              | R              | R     | R            | R S1         | R                 | R S3       | R               | -                  | -        | -       | -            | -
RESIDENCE_MOTIVATION| -          | -               | -            | W         | -        | -        | -              | -              | M     | M            | -            | -                 | R          | -               | -                  | -        | -       | -            | -
SECURITY_CHECK      | -          | -               | -            | W S2      | -        | -        | -              | -              | -     | -            | -            | -                 | -          | -               | -                  | -        | -       | -            | -
PERMITS             | R          | L               | L            | R         | W S0     | -        | R S0           | R S0           | R     | R            | -            | -                 | R S3       | -               | -                  | -        | -       | -            | -
DIMONA_DMFA         | L          | -               | -            | -         | R        | -        | R S0           | L S0           | -     | -            | R            | R                 | R          | -               | -                  | -        | -       | -            | -
LIMOSA_A1           | L          | -               | -            | -         | R        | -        | R S0           | L S0           | -     | -            | R            | R                 | R          | -               | -                  | -        | -       | -            | -
INSPECTION          | M          | -               | -            | M         | R        | -        | W S0           | W S0           | -     | -            | -            | -                 | -          | -               | -                  | -        | -       | -            | -
INTERNAL_NOTES      | W          | -               | -            | W         | -        | -        | -              | -              | -     | -            | -            | -                 | -          | -               | -                  | -        | -       | -            | -
ACCESS_LOG          | R          | -               | -            | R         | R        | R        | R              | R              | R     | R            | -            | -                 | M          | -               | -                  | -        | R       | -            | -
STATISTICS          | R S3       | R S3            | R S3         | R S3      | R        | -        | R              | R              | -     | -            | M            | M                 | M          | M               | M                  | -        | R       | R            | R S3
`;

/**
 * Every read of these by an authority needs a purpose and a reference, whatever its level (assumption, after the Crossroads
 * Bank's practice: the register of foreign employment and the INSZ are never browsed).
 */
const alwaysLogged: ReadonlySet<string> = new Set(['INSZ', 'PERMITS', 'DIMONA_DMFA', 'LIMOSA_A1', 'INSPECTION']);

/** Purposes that a kind may claim in `x-purpose`; the values of inspection follow the ways in which SIOD says a control begins. */
export const purposes: Record<Kind, readonly string[]> = {
  REGION: ['TREAT_DOSSIER', 'SUBJECT_ACCESS'],
  RESIDENCE: ['RESIDENCE_CHECK', 'STATISTICS', 'SUBJECT_ACCESS'],
  PLATFORM: ['TREAT_DOSSIER', 'STATISTICS', 'SUBJECT_ACCESS', 'AUDIT'],
  IDENTITY: ['REGISTRATION', 'SUBJECT_ACCESS'],
  INSPECTION_FED: [
    'INSPECTION_OWN_INITIATIVE',
    'INSPECTION_COMPLAINT',
    'INSPECTION_AUDITOR',
    'INSPECTION_JOINT_ACTION',
    'INSPECTION_DATA_MINING',
  ],
  INSPECTION_REG: [
    'INSPECTION_OWN_INITIATIVE',
    'INSPECTION_COMPLAINT',
    'INSPECTION_AUDITOR',
    'INSPECTION_JOINT_ACTION',
    'INSPECTION_DATA_MINING',
  ],
  POST: ['VISA_ISSUE'],
  MUNICIPALITY: ['REGISTRATION'],
  EMPLOYER: [],
  MANDATARY: [],
  WORKER: ['SUBJECT_ACCESS'],
  SELF_EMPLOYED: ['SUBJECT_ACCESS'],
  ENTERPRISE_COUNTER: [],
  HELPDESK: ['HELPDESK'],
  AUDITOR: ['AUDIT'],
  COORDINATION: ['STATISTICS'],
  RECIPIENT: ['STATISTICS'],
};

/** Purposes that open less than every level which needs a purpose, and what they open (assumption). */
export const narrowPurposes: Readonly<Record<string, readonly string[]>> = {
  STATISTICS: [], // figures need no person
  HELPDESK: [], // the helpdesk tells a status
  SUBJECT_ACCESS: ['ENVELOPE', 'INSZ', 'CONTACT', 'WORK_DECISION', 'PERMITS', 'DIMONA_DMFA', 'LIMOSA_A1'],
};

/**
 * How many distinct persons a user may come across in a day, counting those of whom the record is not the user's own and those
 * for whom a purpose was stated (DOMAIN 9, assumption: 200, and 40 for the helpdesk). A program is not a person who browses.
 */
export const ceilings: { usual: number; system: number; kinds: Partial<Record<Kind, number | null>> } = {
  usual: 200,
  system: 20_000,
  kinds: { HELPDESK: 40, AUDITOR: null }, // who checks the log has to see all of it
};

/** The daily ceiling of a user's distinct persons; null is none. */
export const ceilingOf = (kind: Kind, held: readonly Role[]): number | null => {
  const { [kind]: own = ceilings.usual } = ceilings.kinds;
  return held.includes('SYSTEM') ? ceilings.system : own;
};

/** Whether a purpose opens the levels of a category that need one. */
export const opens = (purpose: string, category: string): boolean =>
  narrowPurposes[purpose]?.includes(category) ?? true;

export const levels = ['NONE', 'STATUS', 'MASKED', 'READ', 'WRITE'] as const;
/** Levels of access, from less to more. */
export type Level = (typeof levels)[number];

/** What one cell gives: a level at once, and a level once a purpose and a reference are stated. */
export type Access = { plain: Level; logged: Level; source: string };

const letters: Record<string, Omit<Access, 'source'>> = {
  '-': { plain: 'NONE', logged: 'NONE' },
  S: { plain: 'STATUS', logged: 'STATUS' },
  M: { plain: 'MASKED', logged: 'MASKED' },
  R: { plain: 'READ', logged: 'READ' },
  W: { plain: 'WRITE', logged: 'WRITE' },
  L: { plain: 'NONE', logged: 'READ' },
  'S/L': { plain: 'STATUS', logged: 'READ' },
};

const tableOf = (text: string): string[][] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));

const [header = [], ...lines] = tableOf(matrixTable);

/** The matrix as written: category -> column -> cell. */
const matrix = new Map(
  lines.map(([category = '', ...cells]) => [category, new Map(cells.map((cell, i) => [header[i + 1] ?? '', cell]))]),
);

/** Open to every caller: public reference data, and what only holds an answer together. */
export const open: readonly string[] = ['REFERENCE', 'STRUCTURE'];

/** The categories: those of the matrix, in its order, and the open ones. */
export const categories: readonly string[] = [...matrix.keys(), ...open];

const nothing: Access = { plain: 'NONE', logged: 'NONE', source: 'assumption' };

const cell = (kind: Kind, relation: Relation, category: string): Access => {
  if (open.includes(category)) return { plain: 'READ', logged: 'READ', source: 'public' };
  const row = matrix.get(category);
  const holder = standsFor[kind] ?? kind;
  const text = row?.get(`${holder}:${relation}`) ?? row?.get(holder);
  if (text === undefined) return nothing;
  const [letter = '-', source = 'assumption'] = text.split(' ');
  const access = letters[letter];
  if (!access) throw new Error(`${category}, ${kind} ${relation}: no such cell as ${text}`);
  return alwaysLogged.has(category) && !isParty(kind) ? { ...access, plain: 'NONE', source } : { ...access, source };
};

const cells = new Map(
  kinds.flatMap((kind) =>
    relations.flatMap((relation) =>
      categories.map((category) => [`${kind} ${relation} ${category}`, cell(kind, relation, category)] as const),
    ),
  ),
);

/** What a kind of principal may do with a category, given what the row is to it. An unknown combination gives nothing. */
export const accessTo = (kind: Kind, relation: Relation, category: string): Access =>
  cells.get(`${kind} ${relation} ${category}`) ?? nothing;

const [, ...roleNames] = tableOf(rolesTable)[0] ?? [];
const caps = new Map(
  tableOf(rolesTable).flatMap(([category = '', ...letter]) =>
    roleNames.map((role, i) => [`${role} ${category}`, letters[letter[i] ?? '-']?.plain ?? 'NONE'] as const),
  ),
);

/** The highest level that a kind's people of these roles reach in a category: that of the strongest of the roles. */
export const capOf = (kind: Kind, held: readonly Role[], category: string): Level => {
  if (!hasRoles(kind) || open.includes(category)) return 'WRITE';
  const reached = held.map((role) => caps.get(`${role} ${category}`) ?? caps.get(`${role} *`) ?? 'NONE');
  return levels.findLast((level) => reached.includes(level)) ?? 'NONE';
};

/** Whether one level is enough where another is asked. */
export const reaches = (level: Level, asked: Level): boolean => levels.indexOf(level) >= levels.indexOf(asked);

/** Rows of these types belong to one of several categories; the row's own property says to which. */
export const rowCategories: Record<string, { property: string; of: Record<string, readonly string[]> }> = {
  Decision: {
    property: 'part',
    of: { WORK: ['WORK_DECISION', 'WORK_MOTIVATION'], RESIDENCE: ['RESIDENCE_DECISION', 'RESIDENCE_MOTIVATION'] },
  },
  // Of the work part another region may know the grounds (DOMAIN 2.3, extra rule a); why residence was refused no region may.
  PriorOutcome: {
    property: 'part',
    of: { WORK: ['WORK_DECISION'], RESIDENCE: ['RESIDENCE_DECISION', 'RESIDENCE_MOTIVATION'] },
  },
  Track: { property: 'part', of: { WORK: ['WORK_DECISION'], RESIDENCE: ['RESIDENCE_DECISION'] } },
  OutboxEvent: {
    property: 'category',
    of: {
      ENVELOPE: ['ENVELOPE'],
      JOB: ['JOB'],
      WORK_DOCUMENTS: ['WORK_DOCUMENTS'],
      CRIMINAL_MEDICAL: ['CRIMINAL_MEDICAL'],
      WORK_DECISION: ['WORK_DECISION'],
      RESIDENCE_DECISION: ['RESIDENCE_DECISION'],
      PERMITS: ['PERMITS'],
    },
  },
  Document: {
    property: 'category',
    of: {
      PASSPORT: ['PASSPORT'],
      CRIMINAL_MEDICAL: ['CRIMINAL_MEDICAL'],
      MEANS: ['MEANS'],
      WORK_DOCUMENTS: ['WORK_DOCUMENTS'],
    },
  },
};

/** What a viewer's rows are found by; subgraphs/access.ts has the condition in SQL that belongs to each name. */
export const scopes = [
  'nothing',
  'everything', // every row; of dossiers, every one that was filed
  'register', // the reference register ties the viewer to the row's subject
  'regional', // the same, and the row is the viewer's own only where the viewer is its authority
  'personal', // the same, and the row is the viewer's own only where it is about the viewer: a host family files for another
  'mandated', // the register ties an employer that gave the viewer a mandate to it
  'own', // the row names the viewer
  'clients', // the row names an employer that gave the viewer a mandate
  'pair', // the viewer decides, or decided, on a dossier of this worker with this employer
  'territory', // the work is done in the viewer's territory
  'withdrawal', // the register knows the worker, and the rule bears on a withdrawal
  'controlled', // the viewer's service controls what the rule finds; a regional one in its territory
  'organisation', // somebody of the viewer's authority did it
  'consulted', // it was done to the viewer, and an investigation is not told too soon
] as const;
export type Scope = (typeof scopes)[number];

/** Inspection rules whose hits can lead to a withdrawal: what the Immigration Office may know of (assumption). */
export const withdrawalRules = ['I02', 'I03', 'I04', 'I05', 'I15'];

/** Days after which a person is told that these looked: until then an investigation would be warned (assumption). */
export const discretion: Partial<Record<Kind, number>> = { INSPECTION_FED: 180, INSPECTION_REG: 180 };

const rowsTable = `
kind               | dossier    | decision   | worker     | employer   | mandate    | permit     | employment | limosa     | a1         | hit        | site       | log
REGION             | register   | register   | register   | register   | register   | regional   | pair       | pair       | pair       | territory  | nothing    | organisation
RESIDENCE          | register   | register   | register   | register   | nothing    | register   | nothing    | nothing    | nothing    | withdrawal | nothing    | organisation
PLATFORM           | everything | everything | everything | everything | everything | everything | everything | everything | everything | everything | everything | everything
IDENTITY           | nothing    | nothing    | everything | nothing    | nothing    | nothing    | nothing    | nothing    | nothing    | nothing    | nothing    | organisation
INSPECTION_FED     | everything | everything | everything | everything | everything | everything | everything | everything | everything | controlled | everything | organisation
INSPECTION_REG     | register   | register   | register   | register   | register   | register   | territory  | territory  | register   | controlled | territory  | organisation
POST               | register   | register   | register   | register   | nothing    | register   | nothing    | nothing    | nothing    | nothing    | nothing    | organisation
MUNICIPALITY       | register   | register   | register   | register   | nothing    | register   | nothing    | nothing    | nothing    | nothing    | nothing    | organisation
EMPLOYER           | register   | register   | register   | own        | own        | nothing    | own        | own        | own        | nothing    | nothing    | nothing
MANDATARY          | mandated   | mandated   | mandated   | register   | own        | nothing    | clients    | clients    | clients    | nothing    | nothing    | nothing
WORKER             | personal   | personal   | own        | register   | nothing    | own        | own        | own        | own        | nothing    | nothing    | consulted
SELF_EMPLOYED      | personal   | personal   | own        | register   | nothing    | own        | own        | own        | own        | nothing    | nothing    | consulted
ENTERPRISE_COUNTER | register   | register   | register   | register   | nothing    | nothing    | nothing    | nothing    | nothing    | nothing    | nothing    | nothing
HELPDESK           | everything | nothing    | nothing    | nothing    | nothing    | nothing    | nothing    | nothing    | nothing    | nothing    | nothing    | nothing
AUDITOR            | nothing    | nothing    | nothing    | nothing    | nothing    | nothing    | nothing    | nothing    | nothing    | nothing    | nothing    | everything
COORDINATION       | nothing    | nothing    | nothing    | nothing    | nothing    | nothing    | nothing    | nothing    | nothing    | nothing    | nothing    | nothing
RECIPIENT          | nothing    | nothing    | nothing    | nothing    | nothing    | nothing    | nothing    | nothing    | nothing    | nothing    | nothing    | nothing
`;

const [rowsHeader = [], ...rowsLines] = tableOf(rowsTable);

/** The groups of tables that have a row scope of their own. */
export const tables: readonly string[] = rowsHeader.slice(1);

const scopeOf = new Map(
  rowsLines.flatMap(([kind = '', ...names]) =>
    names.map((name, i) => {
      const scope = scopes.find((known) => known === name);
      if (!scope) throw new Error(`${kind}: no such row scope as ${name}`);
      return [`${kind} ${rowsHeader[i + 1]}`, scope] as const;
    }),
  ),
);

/** Which rows of a table exist for a kind of principal. What the policy does not name does not exist. */
export const rowsFor = (kind: Kind, table: string): Scope => scopeOf.get(`${kind} ${table}`) ?? 'nothing';

/**
 * Operations whose answer only some kinds have a use for; every other operation is open as the category of its field is.
 * What a worklist lists is decided by its rows all the same.
 */
const operations: Readonly<Record<string, readonly Kind[]>> = {
  'Query.myFile': ['WORKER', 'SELF_EMPLOYED'],
  'Query.priorOutcomes': ['REGION'],
  'Query.deadLetters': ['PLATFORM'],
  'Query.postWorklist': ['POST'],
  'Query.municipalWorklist': ['MUNICIPALITY'],
  'Query.counterWorklist': ['ENTERPRISE_COUNTER'],
  'Query.inspectWorker': ['INSPECTION_FED', 'INSPECTION_REG'],
  'Query.inspectEmployer': ['INSPECTION_FED', 'INSPECTION_REG'],
  'Query.inspectEstablishment': ['INSPECTION_FED', 'INSPECTION_REG'],
  'Query.siteCheck': ['INSPECTION_FED', 'INSPECTION_REG'],
  'Query.limosaWithoutPermit': ['REGION', 'PLATFORM', 'INSPECTION_FED', 'INSPECTION_REG'],
  'Query.prefill': ['EMPLOYER', 'MANDATARY', 'WORKER', 'SELF_EMPLOYED', 'ENTERPRISE_COUNTER'],
  'Mutation.createMandate': ['EMPLOYER', 'MANDATARY'],
  'Mutation.endMandate': ['EMPLOYER', 'MANDATARY'],
  'Query.mayEmploy': ['REGION', 'RESIDENCE', 'PLATFORM', 'INSPECTION_FED', 'INSPECTION_REG', 'EMPLOYER', 'MANDATARY'],
  // The helpdesk finds a dossier by the number a caller reads out to it; a list, or whose it is, would tell who has one.
  'Query.dossiers': kinds.filter((kind) => kind !== 'HELPDESK'),
  'Query.myDossiers': kinds.filter((kind) => kind !== 'HELPDESK'),
  'Query.outbox': kinds.filter((kind) => kind !== 'HELPDESK'),
  'Employer.dossiers': kinds.filter((kind) => kind !== 'HELPDESK'),
  'Worker.dossiers': kinds.filter((kind) => kind !== 'HELPDESK'),
};

const kindsFor = (coordinate: string): readonly Kind[] | undefined => {
  const [type, field = ''] = coordinate.split('.');
  // A mutation is a step of the life cycle, which says who may take it; a mutation that is neither there nor here is for nobody.
  return operations[coordinate] ?? (type === 'Mutation' ? takersOf(field) : undefined);
};

/** Whether an operation is for a kind of principal at all. */
export const offeredTo = (coordinate: string, kind: Kind): boolean => kindsFor(coordinate)?.includes(kind) ?? true;
