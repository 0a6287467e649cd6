/**
 * The referee of the policy: DOMAIN 2.3 written out a second time, by hand and from the text, and read by code of its own. It
 * imports nothing of schema/policy.ts and schema/verdict.ts but the names of their types, for those it judges.
 */
import type { Kind, Relation } from '../schema/policy.ts';
import { offers } from './referee-steps.ts';

/** What a viewer gets of a field. */
export type Outcome = 'FULL' | 'MASKED' | 'PURPOSE_REQUIRED' | 'FORBIDDEN';

// The table of DOMAIN 2.3, cell by cell in its own words. Its c-numbers carry the readable names of the contracts.
const domain = `
                       | REGION own | REGION other | DVZ | RSZ | INSP fed | INSP reg | POST named | MUN named | EMPLOYER/MANDATARY own | WORKER own
c01 ENVELOPE            | W | S/L (only if same worker) | R | R | R | R | R after grant | R after grant | R | R after admissible
c02 WORKER_IDENTITY     | R | M | W | M | R | R | R | R | R | R
c03 INSZ                | R | L | R | R | L | L | R | R | M (last 2 groups hidden unless entered by them) | R
c04 CONTACT             | R | - | R | - | L | L | R | W | M | W
c05 PASSPORT            | R | - | R | - | - | - | R | R | own upload only | R
c06 CRIMINAL_MEDICAL    | presence flag only (completeness check) | - | R | - | - | - | - | - | - (upload-only; never read back) | R
c07 MEANS               | presence flag only | - | R | - | - | - | - | - | own upload only | R
c08 EMPLOYER            | R | M | R | R | R | R | M | M | R | R
c09 JOB                 | W | - | R | M | R | R | M | M | W (draft) | R
c10 WORK_DOCUMENTS      | R | - | R | - | L | L | - | - | own upload only | R
c11 WORK_DECISION       | W | S/L | R | R | R | R | R | R | R | R
c12 WORK_MOTIVATION     | W | L | R | - | L | R | - | - | R | R
c13 RESIDENCE_DECISION  | R | S | W | R | R | R | R | R | R | R
c14 RESIDENCE_MOTIVATION| - | - | W | - | - | - | M | M | - | R
c15 SECURITY_CHECK      | - | - | W | - | - | - | - | - | - | -
c16 PERMITS             | R | L | R | W | R | R | R | R | mayEmploy answer | R
c17 DIMONA_DMFA         | L (own dossiers) | - | - | R | R | L | - | - | own employees | own
c18 LIMOSA_A1           | L | - | - | R | R | L | - | - | own | own
c19 INSPECTION          | own-region hits M | - | M (withdrawal-relevant) | R | W | W | - | - | - | own report
c20 INTERNAL_NOTES      | W | - | W | - | - | - | - | - | - | -
c21 ACCESS_LOG          | own org (DPO) | - | own org (DPO) | R (audit) | own org | own org | own org | own org | - | who saw my data (org + date + purpose)
c22 STATISTICS          | R | R | R | R | R | R | - | - | public set | public set
`;

// What the words come to, where a cell has more than a letter.
const words: Record<string, string> = {
  'own upload only': 'R', // of a document that another put there: the column EMPLOYER involved, and WORKER involved, below
  'presence flag only': 'S',
  'mayEmploy answer': '-', // the answer of Query.mayEmploy is all
  'own employees': 'R', // the row scope leaves no others
  own: 'R',
  'own-region hits M': 'M',
  'own report': '-', // [asm] a report is no hit, and the contracts have none yet
  'own org': 'R',
  'who saw my data': 'M', // organisation, date and purpose: not who, nor on which file
  'public set': 'M', // [asm] the minimum that everybody may know
};

/** The columns of that table: for which kind and relation each speaks; one without a relation speaks for all three. */
const domainColumns: Record<string, readonly string[]> = {
  'REGION own': ['REGION OWN'],
  'REGION other': ['REGION OTHER'],
  DVZ: ['RESIDENCE'],
  RSZ: ['PLATFORM'],
  'INSP fed': ['INSPECTION_FED'],
  'INSP reg': ['INSPECTION_REG'],
  'POST named': ['POST'],
  'MUN named': ['MUNICIPALITY'],
  'EMPLOYER/MANDATARY own': ['EMPLOYER OWN', 'MANDATARY OWN'],
  'WORKER own': ['WORKER OWN', 'SELF_EMPLOYED OWN'], // 2.2 names the self-employed beside the worker [asm]: the same person
};

// What 2.3 has no column for. Where it is silent the policy made a choice; each is judged here.
//   REGION involved: the region that transferred the dossier. 3.3 T03 leaves it "S access": of the dossier and its decisions
//     status and dates (c01, c11, c13), no reasons (c12), no work of its own left to read a job or a paper for. What it may know
//     of the person, the firm and the register it may as any other region: c02, c03, c08, c16 as in that column [asm].
//   KSZ: 2.2, keeper of the bis register [W36]: the person alone, c02-c04; its own log, as every organisation [asm].
//   EMPLOYER involved: of a paper that the other side uploaded "own upload only" leaves nothing (c05, c07, c10). Nothing else is
//     ever only involved with an employer; written down as own, so that a row gone astray says no more than its own would [asm].
//   WORKER involved: who files for another, a host family (3.1 WA_AUPAIR): as the applicant that an employer otherwise is, but
//     with no employees and a job that is not its own to write; its own uploads alone, and c06 never read back [asm].
//   COUNTER: (b), and the glossary: it follows the card file. Envelope, persons, job and outcome; no papers, no reasons, no
//     address, nothing of the residence part [asm, least privilege].
//   HELPDESK: 11 no. 57, no documents; the status is what it is asked for [asm].
//   AUDITOR: 2.2 AUDITOR/DPO: c21; statistics hold no persons [asm]. SIOD, RECIPIENT: 2.2, aggregates alone [S3].
const silent = `
                    | REGION involved | KSZ | EMPLOYER involved | WORKER involved | COUNTER | HELPDESK | AUDITOR | SIOD | RECIPIENT
ENVELOPE            | S | - | R | R | R | S | - | - | -
WORKER_IDENTITY     | M | R | R | R | R | - | - | - | -
INSZ                | L | R | M | M | M | - | - | - | -
CONTACT             | - | R | M | M | - | - | - | - | -
PASSPORT            | - | - | - | R | - | - | - | - | -
CRIMINAL_MEDICAL    | - | - | - | - | - | - | - | - | -
MEANS               | - | - | - | R | - | - | - | - | -
EMPLOYER            | M | - | R | R | R | - | - | - | -
JOB                 | - | - | W | R | R | - | - | - | -
WORK_DOCUMENTS      | - | - | - | R | - | - | - | - | -
WORK_DECISION       | S | - | R | R | R | - | - | - | -
WORK_MOTIVATION     | - | - | R | R | - | - | - | - | -
RESIDENCE_DECISION  | S | - | R | R | - | - | - | - | -
RESIDENCE_MOTIVATION| - | - | - | - | - | - | - | - | -
SECURITY_CHECK      | - | - | - | - | - | - | - | - | -
PERMITS             | L | - | - | - | - | - | - | - | -
DIMONA_DMFA         | - | - | R | - | - | - | - | - | -
LIMOSA_A1           | - | - | R | - | - | - | - | - | -
INSPECTION          | - | - | - | - | - | - | - | - | -
INTERNAL_NOTES      | - | - | - | - | - | - | - | - | -
ACCESS_LOG          | - | R | - | - | - | - | R | - | -
STATISTICS          | R | - | M | M | M | - | R | R | R
`;

const silentColumns: Record<string, readonly string[]> = {
  'REGION involved': ['REGION INVOLVED'],
  KSZ: ['IDENTITY'],
  'EMPLOYER involved': ['EMPLOYER INVOLVED', 'MANDATARY INVOLVED'],
  'WORKER involved': ['WORKER INVOLVED', 'SELF_EMPLOYED INVOLVED'],
  COUNTER: ['ENTERPRISE_COUNTER'],
  HELPDESK: ['HELPDESK'],
  AUDITOR: ['AUDITOR'],
  SIOD: ['COORDINATION'],
  RECIPIENT: ['RECIPIENT'],
};

/** The kinds of principal of DOMAIN 2.2. */
export const kinds: readonly Kind[] = [
  ...([
    'REGION',
    'RESIDENCE',
    'PLATFORM',
    'IDENTITY',
    'INSPECTION_FED',
    'INSPECTION_REG',
    'POST',
    'MUNICIPALITY',
  ] as const),
  ...(['EMPLOYER', 'MANDATARY', 'WORKER', 'SELF_EMPLOYED', 'ENTERPRISE_COUNTER', 'HELPDESK', 'AUDITOR'] as const),
  ...(['COORDINATION', 'RECIPIENT'] as const),
];

/** What a row can be to a viewer. */
export const relations: readonly Relation[] = ['OWN', 'INVOLVED', 'OTHER'];

const letterOf = (text: string): string => {
  const bare = text.replace(/ \(.*\)$/, '');
  return words[bare] ?? bare.replace(/ after (grant|admissible)$/, '');
};

const letters = new Map<string, string>();
const named = new Set<string>();
for (const [text, columns] of [
  [domain, domainColumns],
  [silent, silentColumns],
] as const) {
  const [[, ...header] = [], ...lines] = text
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('|').map((cell) => cell.trim()));
  for (const [title = '', ...cells] of lines) {
    const category = title.replace(/^c\d\d /, '');
    named.add(category);
    cells.forEach((cell, i) => {
      for (const holder of columns[header[i] ?? ''] ?? []) {
        for (const key of holder.includes(' ') ? [holder] : relations.map((relation) => `${holder} ${relation}`)) {
          letters.set(`${key} ${category}`, letterOf(cell));
        }
      }
    });
  }
}

/** The categories of DOMAIN 2.3, under their readable names. */
export const categories: readonly string[] = [...named];

/** Open to everybody with a token: what is public, and what only holds an answer together. */
const open = ['REFERENCE', 'STRUCTURE'];

const grades = ['-', 'S', 'M', 'R', 'W'];
const grade = (letter: string): number => grades.indexOf(letter);

// 2.3 (f): every read of c03 and c16-c19 by an authority names a purpose and a reference.
const onlyWithPurpose = ['INSZ', 'PERMITS', 'DIMONA_DMFA', 'LIMOSA_A1', 'INSPECTION'];
const forThemselves: readonly Kind[] = ['EMPLOYER', 'MANDATARY', 'WORKER', 'SELF_EMPLOYED', 'ENTERPRISE_COUNTER'];

/** How far a letter reaches, as a place in - S M R W: at once, and with a purpose and a reference. */
export const reading = (letter: string, kind: Kind, category: string): { at: number; logged: number } => {
  const [first = '-', second] = letter === 'L' ? ['-', 'R'] : letter === 'S/L' ? ['S', 'R'] : [letter];
  const logged = grade(second ?? first);
  if (grade(first) < 0 || logged < 0) throw new Error(`no such letter: ${letter}`);
  const closed = onlyWithPurpose.includes(category) && !forThemselves.includes(kind);
  return { at: closed ? 0 : grade(first), logged };
};

/** The letter that stands for a kind, a relation and a category; what the table has no cell for is nothing. */
export const letter = (kind: Kind, relation: Relation, category: string): string =>
  open.includes(category) ? 'R' : (letters.get(`${kind} ${relation} ${category}`) ?? '-');

/** The purposes of DOMAIN 9 that fit the task of each kind [asm]; a party reads its own and states none, but for its own data. */
export const purposes: Record<Kind, readonly string[]> = (() => {
  const inspecting = ['OWN_INITIATIVE', 'COMPLAINT', 'AUDITOR', 'JOINT_ACTION', 'DATA_MINING'].map(
    (way) => `INSPECTION_${way}`,
  );
  return {
    REGION: ['TREAT_DOSSIER', 'SUBJECT_ACCESS'],
    RESIDENCE: ['RESIDENCE_CHECK', 'STATISTICS', 'SUBJECT_ACCESS'],
    PLATFORM: ['TREAT_DOSSIER', 'STATISTICS', 'SUBJECT_ACCESS', 'AUDIT'],
    IDENTITY: ['REGISTRATION', 'SUBJECT_ACCESS'],
    INSPECTION_FED: inspecting,
    INSPECTION_REG: inspecting,
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
})();

/** All purposes of DOMAIN 9. */
export const everyPurpose: readonly string[] = [...new Set(Object.values(purposes).flat())];

const inspections: readonly Kind[] = ['INSPECTION_FED', 'INSPECTION_REG'];
const others = (kind: Kind) => kinds.filter((one) => one !== kind);

/** Operations that are not for everybody: the mutations by DOMAIN 3.3, the others by the numbers of DOMAIN 11. */
export const operations: Readonly<Record<string, readonly Kind[]>> = {
  ...offers,
  'Query.myFile': ['WORKER', 'SELF_EMPLOYED'], // 33
  'Query.priorOutcomes': ['REGION'], // 19
  'Query.deadLetters': ['PLATFORM'], // 2.2: runs the portal [asm]
  'Query.postWorklist': ['POST'], // 28
  'Query.municipalWorklist': ['MUNICIPALITY'], // 29
  'Query.counterWorklist': ['ENTERPRISE_COUNTER'], // 54
  'Query.inspectWorker': inspections, // 14, 30
  'Query.inspectEmployer': inspections,
  'Query.inspectEstablishment': inspections,
  'Query.siteCheck': inspections,
  'Query.limosaWithoutPermit': ['REGION', 'PLATFORM', ...inspections], // 76: services and inspection
  // 36, and [asm] those who decide, keep the register or control it; not who only helps after the grant
  'Query.mayEmploy': ['REGION', 'RESIDENCE', 'PLATFORM', ...inspections, 'EMPLOYER', 'MANDATARY'],
  'Query.prefill': forThemselves, // 45: those of 3.1 who apply
  'Mutation.createMandate': ['EMPLOYER', 'MANDATARY'], // 41-43: the two parties
  'Mutation.endMandate': ['EMPLOYER', 'MANDATARY'],
  'Query.dossiers': others('HELPDESK'), // 57: by number alone [asm]
  'Query.myDossiers': others('HELPDESK'),
  'Query.outbox': others('HELPDESK'),
  'Employer.dossiers': others('HELPDESK'),
  'Worker.dossiers': others('HELPDESK'),
};

/** Types of which a row is of one category or another: by which property, and which categories go with which value. */
export const choices: Readonly<Record<string, { by: string; of: Readonly<Record<string, readonly string[]>> }>> = {
  Decision: {
    by: 'part',
    of: { WORK: ['WORK_DECISION', 'WORK_MOTIVATION'], RESIDENCE: ['RESIDENCE_DECISION', 'RESIDENCE_MOTIVATION'] },
  },
  // (a): another region is told the ground of a refusal of work; of residence c14 is what keeps it.
  PriorOutcome: {
    by: 'part',
    of: { WORK: ['WORK_DECISION'], RESIDENCE: ['RESIDENCE_DECISION', 'RESIDENCE_MOTIVATION'] },
  },
  Track: { by: 'part', of: { WORK: ['WORK_DECISION'], RESIDENCE: ['RESIDENCE_DECISION'] } },
  OutboxEvent: {
    by: 'category',
    of: Object.fromEntries(
      [
        ...['ENVELOPE', 'JOB', 'WORK_DOCUMENTS', 'CRIMINAL_MEDICAL', 'WORK_DECISION', 'RESIDENCE_DECISION', 'PERMITS'],
      ].map((one) => [one, [one]]),
    ),
  },
  Document: {
    by: 'category',
    of: Object.fromEntries(['PASSPORT', 'CRIMINAL_MEDICAL', 'MEANS', 'WORK_DOCUMENTS'].map((one) => [one, [one]])),
  },
};

// What somebody does inside an authority, by the words of the issue and 2.3 (c20, c21: "own org (DPO)") [asm]: a reader changes
// nothing and reads no notes that colleagues write for themselves, nor the content of a security check; only who decides writes
// decisions; the officer for data protection has the log and figures; a program is no colleague, and no officer.
const rolesTable = `
                    | READER | HANDLER | DECISION_MAKER | DATA_PROTECTION_OFFICER | SYSTEM
ENVELOPE            | R | W | W | - | W
WORKER_IDENTITY     | R | W | W | - | W
INSZ                | R | W | W | - | W
CONTACT             | R | W | W | - | W
PASSPORT            | R | W | W | - | W
CRIMINAL_MEDICAL    | R | W | W | - | W
MEANS               | R | W | W | - | W
EMPLOYER            | R | W | W | - | W
JOB                 | R | W | W | - | W
WORK_DOCUMENTS      | R | W | W | - | W
WORK_DECISION       | R | R | W | - | W
WORK_MOTIVATION     | R | R | W | - | W
RESIDENCE_DECISION  | R | R | W | - | W
RESIDENCE_MOTIVATION| R | R | W | - | W
SECURITY_CHECK      | - | R | W | - | -
PERMITS             | R | W | W | - | W
DIMONA_DMFA         | R | W | W | - | W
LIMOSA_A1           | R | W | W | - | W
INSPECTION          | R | W | W | - | W
INTERNAL_NOTES      | - | W | W | - | -
ACCESS_LOG          | - | - | - | R | -
STATISTICS          | R | R | R | R | R
`;

const [[, ...roleNames] = [], ...roleLines] = rolesTable
  .split('\n')
  .filter(Boolean)
  .map((line) => line.split('|').map((cell) => cell.trim()));
const roleCells = new Map(
  roleLines.flatMap(([category, ...cells]) => cells.map((cell, i) => [`${roleNames[i]} ${category}`, cell] as const)),
);

/** The roles inside an authority, and the letter that each reaches at most. */
export const roles: readonly string[] = roleNames;
export const roleLetter = (role: string, category: string): string => roleCells.get(`${role} ${category}`) ?? '-';

/** Kinds whose people have roles: authorities, and neither offices nor parties. */
export const haveRoles: readonly Kind[] = kinds.filter(
  (kind) => !forThemselves.includes(kind) && kind !== 'HELPDESK' && kind !== 'AUDITOR',
);

// What a purpose opens, where it opens less than all that needs one [asm]: figures and the helpdesk need no person; a person who
// asks for the own data is shown what registers and dossiers hold, and not that somebody inspects.
const personal = ['ENVELOPE', 'INSZ', 'CONTACT', 'WORK_DECISION', 'PERMITS', 'DIMONA_DMFA', 'LIMOSA_A1'];
const narrow: Readonly<Record<string, readonly string[]>> = {
  STATISTICS: [],
  HELPDESK: [],
  SUBJECT_ACCESS: personal,
};
export const purposeOpens = (purpose: string, category: string): boolean => narrow[purpose]?.includes(category) ?? true;

const needed: Readonly<Record<string, string>> = { STATUS: 'S', MASKED: 'M', READ: 'R', WRITE: 'W' };

/** A field, filter or sort as the contract classifies it. */
export type Classified = {
  coordinate: string;
  type: string;
  categories: readonly string[];
  from: string;
  mask: string | null;
};

const best: readonly Outcome[] = ['FULL', 'MASKED', 'PURPOSE_REQUIRED', 'FORBIDDEN'];

const single = (
  kind: Kind,
  relation: Relation,
  category: string,
  from: string,
  masked: boolean,
  stated: boolean,
  role: string | null,
): Outcome => {
  const own = reading(letter(kind, relation, category), kind, category);
  const most = role === null ? grades.length : grade(roleLetter(role, category));
  const at = Math.min(own.at, most);
  const logged = Math.min(own.logged, most);
  const full = grade(needed[from] ?? 'W');
  const least = masked ? grade('M') : full;
  const reached = stated ? logged : at;
  if (reached >= full) return 'FULL';
  if (reached >= least) return 'MASKED';
  return !stated && logged >= least ? 'PURPOSE_REQUIRED' : 'FORBIDDEN';
};

/**
 * What a kind gets of a field, given what the row is to it, which of its type's choices the row is, and whether a purpose is
 * stated. Without a relation: the best that any relation gives. With a role, no more than that role reaches.
 */
export const outcomeOf = (
  kind: Kind,
  { coordinate, type, categories: several, from, mask }: Classified,
  {
    relation,
    choice,
    stated,
    role = null,
  }: { relation: Relation | null; choice: string | null; stated: boolean; role?: string | null },
): Outcome => {
  // A question without a line is for everybody; a change without one is for nobody.
  if ((operations[coordinate] ?? (type === 'Mutation' ? [] : [kind])).includes(kind) === false) return 'FORBIDDEN';
  const chosen = choice === null || several.length === 1 ? undefined : (choices[type]?.of[choice] ?? []);
  const apply = chosen ? several.filter((category) => chosen.includes(category)) : several;
  const each = (relation === null ? relations : [relation]).flatMap((one) =>
    apply.map((category) =>
      best.indexOf(single(kind, one, category, from, mask !== null, stated, open.includes(category) ? null : role)),
    ),
  );
  return best[Math.min(...each)] ?? 'FORBIDDEN';
};
