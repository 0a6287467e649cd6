import { joy, papers } from './arranged.ts';
import { insz, kbo, number } from './cast.ts';
import type { SeenError, Stated } from './world.ts';

const treating = { purpose: 'TREAT_DOSSIER', reference: 'D-1' } as const;
const inspecting = { purpose: 'INSPECTION_COMPLAINT', reference: 'PV-1' } as const;

// The referee of the access matrix: written by hand from DOMAIN 2.3, and not from schema/policy.ts, which it judges.
//
// A line is: who asks | about what | which field | what comes back | the cell it follows from. `+` behind a name states a purpose
// and a reference. `no` is FORBIDDEN and `why` is PURPOSE_REQUIRED, at the field marked `!` or at the last one; `none` means that
// the record does not exist for who asks, `shut` that the whole operation is closed. `[]` is a list, with one outcome a row.

const no = { refused: 'FORBIDDEN' } as const;
const why = { refused: 'PURPOSE_REQUIRED' } as const;
const none = { absent: true } as const;
const shut = { shut: true } as const;

/** Who asks: the principal, and what it states. */
export const who: Record<string, readonly [string, Stated]> = {
  VLA: ['VLA-DEM', {}],
  'VLA+': ['VLA-DEM', treating],
  BRU: ['BRU-BEW', {}],
  'BRU+': ['BRU-BEW', treating],
  WAL: ['WAL-SPW', {}],
  'WAL+': ['WAL-SPW', treating],
  'DG+': ['DG-MIN', treating],
  DVZ: ['FED-DVZ', {}],
  'DVZ+': ['FED-DVZ', { purpose: 'RESIDENCE_CHECK', reference: 'r' }],
  RSZ: ['FED-RSZ', {}],
  'RSZ+': ['FED-RSZ', { purpose: 'AUDIT', reference: 'r' }],
  KSZ: ['FED-KSZ', {}],
  'KSZ+': ['FED-KSZ', { purpose: 'REGISTRATION', reference: 'r' }],
  FED: ['INS-TSW', {}],
  'FED+': ['INS-TSW', inspecting],
  VSI: ['INS-VSI', {}],
  'VSI+': ['INS-VSI', inspecting],
  'INS-BRU+': ['INS-BRU', inspecting],
  POST: ['POST-IN-1', {}],
  'POST+': ['POST-IN-1', { purpose: 'VISA_ISSUE', reference: 'r' }],
  'POST-TR+': ['POST-TR-2', { purpose: 'VISA_ISSUE', reference: 'r' }],
  MUN: ['MUN-23100', {}],
  'MUN+': ['MUN-23100', { purpose: 'REGISTRATION', reference: 'r' }],
  'MUN-other+': ['MUN-23077', { purpose: 'REGISTRATION', reference: 'r' }],
  brewery: [`EMPLOYER:${kbo.brewery}`, {}],
  ukkel: [`EMPLOYER:${kbo.ukkel}`, {}],
  mandatary: [`MANDATARY:${kbo.mandatary}`, {}],
  'former mandatary': [`MANDATARY:${kbo.formerMandatary}`, {}],
  ayse: [`WORKER:${insz.ayse}`, {}],
  rahul: [`WORKER:${insz.rahul}`, {}],
  samuel: [`WORKER:${insz.samuel}`, {}],
  john: [`WORKER:${insz.john}`, {}],
  katrien: [`WORKER:${insz.katrien}`, {}],
  'katrien, self-employed': [`SELF_EMPLOYED:${insz.katrien}`, {}],
  grace: [`SELF_EMPLOYED:${insz.grace}`, {}],
  counter: [`ENTERPRISE_COUNTER:${kbo.counter}`, {}],
  HELPDESK: ['HELPDESK', {}],
  'HELPDESK+': ['HELPDESK', { purpose: 'HELPDESK', reference: 'r' }],
  AUDITOR: ['AUDITOR', {}],
  'SIOD+': ['COO-SIOD', { purpose: 'STATISTICS', reference: 'r' }],
  'EU-COM+': ['EU-COM', { purpose: 'STATISTICS', reference: 'r' }],
  'ADV-CEM+': ['ADV-CEM', { purpose: 'STATISTICS', reference: 'r' }],
};

const dossier = (one: string) => ['dossier', `dossier(number: "${one}")`] as const;
const worker = (id: string) => ['worker', `worker(id: "${id}")`] as const;

const about = {
  running: dossier(number.ayse), // Flanders, with a copy for the Immigration Office
  granted: dossier(number.rahul), // Flanders; the post in India and the municipality of Vilvoorde are named in it
  refused: dossier(number.samuelRefused), // Flanders; the worker filed again in Brussels
  transferred: dossier(number.yuki), // from Wallonia to Flanders
  submitted: dossier(number.john), // not yet looked at, nor copied to anybody
  draft: dossier(number.olena),
  card: dossier(number.grace), // a professional card, filed by an enterprise counter
  aupair: dossier(joy),
  Ayse: worker('W-0000001'),
  Rahul: worker('W-0000002'),
} as const;

type Line = readonly [keyof typeof who, keyof typeof about, string, unknown, string];

const envelope: Line[] = [
  ['VLA', 'running', 'language', 'NL', 'c01 REGION own W'],
  ['BRU', 'refused', 'status', 'REFUSED', 'c01 REGION other S: same worker'],
  ['BRU', 'refused', 'language', why, 'c01 REGION other S/L'],
  ['BRU+', 'refused', 'language', 'NL', 'c01 REGION other S/L'],
  ['BRU+', 'running', 'status', none, 'c01 REGION other: only if same worker'],
  ['DG+', 'running', 'status', none, 'c01 REGION other: only if same worker'],
  ['WAL', 'transferred', 'status', 'IN_TREATMENT', '3.3 T03: the old region keeps S'],
  ['WAL+', 'transferred', 'language', no, '3.3 T03: S and no more'],
  ['DVZ', 'running', 'language', 'NL', 'c01 DVZ R: on its copy'],
  ['DVZ+', 'submitted', 'status', none, '3.3 T08: no copy before admissibility'],
  ['RSZ', 'running', 'language', 'NL', 'c01 RSZ R'],
  ['KSZ+', 'running', 'status', shut, 'c01 has no column for it'],
  ['FED', 'running', 'language', 'NL', 'c01 INSP fed R'],
  ['VSI', 'running', 'language', 'NL', 'c01 INSP reg R'],
  ['INS-BRU+', 'running', 'status', none, 'c01 INSP reg: own territory'],
  ['POST', 'granted', 'language', 'NL', 'c01 POST R after grant'],
  ['POST-TR+', 'running', 'status', none, 'c01 POST R after grant'],
  ['POST-TR+', 'granted', 'status', none, 'c01 POST named'],
  ['MUN', 'granted', 'language', 'NL', 'c01 MUN R after grant'],
  ['MUN-other+', 'granted', 'status', none, 'c01 MUN named'],
  ['brewery', 'running', 'language', 'NL', 'c01 EMPLOYER own R'],
  ['ukkel', 'running', 'status', none, 'c01 EMPLOYER own'],
  ['ukkel', 'refused', 'status', none, 'c01 EMPLOYER own: not of the same worker elsewhere'],
  ['mandatary', 'running', 'language', 'NL', 'c01 MANDATARY own R'],
  ['former mandatary', 'running', 'status', none, '2.3: limited by quarter interval'],
  ['ayse', 'running', 'language', 'NL', 'c01 WORKER R after admissible'],
  ['john', 'submitted', 'status', none, 'c01 WORKER R after admissible'],
  ['john', 'running', 'status', none, 'c01 WORKER own'],
  ['katrien', 'aupair', 'status', 'GRANTED', 'c01 status follow-up for every involved party [S0]'],
  ['grace', 'card', 'status', 'IN_TREATMENT', 'c01 SELF_EMPLOYED as WORKER own'],
  ['counter', 'card', 'status', 'IN_TREATMENT', '2.3 (b): those it is mandated for'],
  ['counter', 'running', 'status', none, '2.3 (b): only those'],
  ['HELPDESK', 'running', 'status', 'IN_TREATMENT', '11 no. 57: HELPDESK, status'],
  ['HELPDESK+', 'running', 'language', no, '11 no. 57: and no more'],
  ['AUDITOR', 'running', 'status', shut, 'c21 alone'],
  ['SIOD+', 'running', 'status', shut, '2.2: aggregates only'],
  ['EU-COM+', 'running', 'status', shut, '2.2: aggregates only'],
  ['ADV-CEM+', 'running', 'status', shut, '2.2: aggregates only'],
  ['brewery', 'draft', 'status', 'DRAFT', '3.2 DRAFT: the applicant'],
  ['mandatary', 'draft', 'status', 'DRAFT', '3.2 DRAFT: the applicant, as which a mandatary acts'],
  ['VLA+', 'draft', 'status', none, '3.2 DRAFT: nobody else'],
  ['RSZ+', 'draft', 'status', none, '3.2 DRAFT: nobody else'],
  ['FED+', 'draft', 'status', none, '3.2 DRAFT: nobody else'],
  ['HELPDESK+', 'draft', 'status', none, '3.2 DRAFT: nobody else'],
];

const person: Line[] = [
  ['VLA', 'running', 'worker.lastName', 'Demir', 'c02 REGION own R'],
  ['WAL+', 'transferred', 'worker.lastName', 'T.', 'c02 REGION other M'],
  ['WAL+', 'transferred', 'worker.birthDate', '1995', 'c02 REGION other M'],
  ['WAL+', 'transferred', 'worker.sex', no, 'c02 REGION other M: the minimum'],
  ['DVZ', 'running', 'worker.lastName', 'Demir', 'c02 DVZ W'],
  ['RSZ+', 'running', 'worker.lastName', 'D.', 'c02 RSZ M'],
  ['RSZ+', 'running', 'worker.birthDate', '1991', 'c02 RSZ M'],
  ['KSZ', 'Ayse', 'lastName', 'Demir', '2.2: keeper of the bis register'],
  ['FED', 'running', 'worker.lastName', 'Demir', 'c02 INSP fed R'],
  ['VSI', 'running', 'worker.lastName', 'Demir', 'c02 INSP reg R'],
  ['INS-BRU+', 'Ayse', 'lastName', none, 'c02 INSP reg: own territory'],
  ['POST', 'granted', 'worker.lastName', 'Sharma', 'c02 POST named R'],
  ['POST', 'Ayse', 'lastName', none, 'c02 POST named'],
  ['MUN', 'granted', 'worker.lastName', 'Sharma', 'c02 MUN named R'],
  ['brewery', 'running', 'worker.lastName', 'Demir', 'c02 EMPLOYER own R'],
  ['ukkel', 'Ayse', 'lastName', none, 'c02 EMPLOYER own'],
  ['former mandatary', 'Ayse', 'lastName', none, '2.3: limited by quarter interval'],
  ['ayse', 'running', 'worker.lastName', 'Demir', 'c02 WORKER own R'],
  ['rahul', 'Ayse', 'lastName', none, 'c02 WORKER own'],
  ['HELPDESK+', 'running', 'worker!.id', no, '11 no. 57: no persons'],
  ['VLA', 'running', 'worker.insz', why, 'c03 REGION own R, 2.3 (f)'],
  ['VLA+', 'running', 'worker.insz', insz.ayse, 'c03 REGION own R, 2.3 (f)'],
  ['WAL', 'transferred', 'worker.insz', why, 'c03 REGION other L'],
  ['DVZ', 'running', 'worker.insz', why, 'c03 DVZ R, 2.3 (f)'],
  ['DVZ+', 'running', 'worker.insz', insz.ayse, 'c03 DVZ R, 2.3 (f)'],
  ['RSZ', 'running', 'worker.insz', why, 'c03 RSZ R, 2.3 (f)'],
  ['KSZ', 'Ayse', 'insz', why, '2.3 (f)'],
  ['FED', 'running', 'worker.insz', why, 'c03 INSP fed L'],
  ['FED+', 'running', 'worker.insz', insz.ayse, 'c03 INSP fed L'],
  ['VSI', 'running', 'worker.insz', why, 'c03 INSP reg L'],
  ['POST', 'granted', 'worker.insz', why, 'c03 POST R, 2.3 (f)'],
  ['POST+', 'granted', 'worker.insz', insz.rahul, 'c03 POST R, 2.3 (f)'],
  ['MUN', 'granted', 'worker.insz', why, 'c03 MUN R, 2.3 (f)'],
  ['brewery', 'running', 'worker.insz', '91.45.17-***.**', 'c03 EMPLOYER M'],
  ['mandatary', 'running', 'worker.insz', '91.45.17-***.**', 'c03 MANDATARY M'],
  ['brewery', 'running', 'worker.aliases', no, 'c03 EMPLOYER M: the number in force alone'],
  ['ayse', 'running', 'worker.insz', insz.ayse, 'c03 WORKER own R'],
  ['counter', 'card', 'worker.insz', '86.06.21-***.**', 'c03 as EMPLOYER M'],
  ['VLA', 'granted', 'worker.municipality.nis', '23100', 'c04 REGION own R'],
  ['WAL+', 'transferred', 'worker.municipality!.nis', no, 'c04 REGION other -'],
  ['DVZ', 'granted', 'worker.municipality.nis', '23100', 'c04 DVZ R'],
  ['RSZ+', 'granted', 'worker.municipality!.nis', no, 'c04 RSZ -'],
  ['FED', 'granted', 'worker.municipality!.nis', why, 'c04 INSP fed L'],
  ['FED+', 'granted', 'worker.municipality.nis', '23100', 'c04 INSP fed L'],
  ['POST', 'granted', 'worker.municipality.nis', '23100', 'c04 POST R'],
  ['MUN', 'granted', 'worker.municipality.nis', '23100', 'c04 MUN W'],
  ['brewery', 'granted', 'worker.municipality!.nis', no, 'c04 EMPLOYER M: no part of it is a minimum'],
  ['counter', 'card', 'worker.municipality!.nis', no, '2.3 (b) names no address'],
  ['rahul', 'granted', 'worker.municipality.nis', '23100', 'c04 WORKER own W'],
];

const work: Line[] = [
  ['VLA', 'granted', 'documents[].fileName', [papers[0], no, no, papers[3]], 'c05 R, c06 and c07 presence, c10 R'],
  ['BRU+', 'refused', 'documents!.fileName', no, 'c05-c07, c10 REGION other -'],
  ['WAL+', 'transferred', 'documents!.fileName', no, 'c05-c07, c10 REGION other -'],
  ['DVZ', 'granted', 'documents[].fileName', [...papers], 'c05-c07, c10 DVZ R'],
  ['RSZ+', 'granted', 'documents!.fileName', no, '2.3 (e): no document content'],
  ['FED', 'granted', 'documents!.fileName', why, 'c10 INSP fed L'],
  ['FED+', 'granted', 'documents[].fileName', [papers[3]], '2.3 (c): never c05-c07'],
  ['VSI+', 'granted', 'documents[].fileName', [papers[3]], '2.3 (c): never c05-c07'],
  ['POST', 'granted', 'documents[].fileName', [papers[0]], 'c05 POST R, the others -'],
  ['MUN', 'granted', 'documents[].fileName', [papers[0]], 'c05 MUN R, the others -'],
  ['brewery', 'granted', 'documents[].fileName', [papers[0], papers[3]], 'c05, c07, c10 own upload only; c06 never'],
  ['mandatary', 'granted', 'documents[].fileName', [papers[0], papers[3]], 'as the employer it stands for'],
  ['rahul', 'granted', 'documents[].fileName', [...papers], 'c05-c07, c10 WORKER own R'],
  ['katrien, self-employed', 'aupair', 'documents[].fileName', ['form.pdf'], 'as the same person otherwise'],
  ['katrien', 'aupair', 'documents[].fileName', ['form.pdf'], 'own upload only; c06 never read back'],
  ['counter', 'card', 'documents!.fileName', no, '2.3 (b) names no documents'],
  ['HELPDESK+', 'granted', 'documents!.fileName', no, '11 no. 57: no documents'],
  ['VLA', 'running', 'employer.name', 'Brouwerij De Zenne', 'c08 REGION own R'],
  ['WAL+', 'transferred', 'employer.name', 'Brouwerij De Zenne', 'c08 REGION other M'],
  ['ayse', 'running', 'employer.name', 'Brouwerij De Zenne', 'c08 WORKER own R'],
  ['WAL+', 'transferred', 'employer.startDate', no, 'c08 REGION other M'],
  ['POST+', 'granted', 'employer.startDate', no, 'c08 POST M'],
  ['MUN+', 'granted', 'employer.startDate', no, 'c08 MUN M'],
  ['HELPDESK', 'running', 'employer!.kbo', no, '11 no. 57'],
  ['VLA', 'running', 'grossMonthly', '4800.00', 'c09 REGION own W'],
  ['BRU+', 'refused', 'grossMonthly', no, 'c09 REGION other -'],
  ['WAL+', 'transferred', 'functionTitle', no, 'c09 REGION other -'],
  ['DVZ', 'running', 'grossMonthly', '4800.00', 'c09 DVZ R'],
  ['RSZ+', 'running', 'grossMonthly', no, 'c09 RSZ M'],
  ['RSZ', 'running', 'functionTitle', 'brouwmeester', 'c09 RSZ M'],
  ['FED', 'running', 'grossMonthly', '4800.00', 'c09 INSP fed R'],
  ['POST+', 'granted', 'grossMonthly', no, 'c09 POST M'],
  ['POST', 'granted', 'functionTitle', 'brouwmeester', 'c09 POST M'],
  ['brewery', 'running', 'grossMonthly', '4800.00', 'c09 EMPLOYER W'],
  ['ayse', 'running', 'grossMonthly', '4800.00', 'c09 WORKER own R'],
  ['VLA', 'running', 'notes[].text', ['note of VLA-DEM'], 'c20 REGION own W: its own'],
  ['DVZ', 'running', 'notes[].text', ['note of FED-DVZ'], 'c20 DVZ W: its own'],
  ['WAL+', 'transferred', 'notes!.text', no, 'c20 REGION other -'],
  ['RSZ+', 'running', 'notes!.text', no, 'c20 RSZ -'],
  ['FED+', 'running', 'notes!.text', no, 'c20 INSP fed -'],
  ['brewery', 'running', 'notes!.text', no, 'c20 EMPLOYER -'],
  ['ayse', 'running', 'notes!.text', no, 'c20 WORKER -'],
];

const decided: Line[] = [
  ['VLA', 'granted', 'decisions[].outcome', ['GRANT', 'GRANT'], 'c11 W, c13 R'],
  ['RSZ', 'granted', 'decisions[].outcome', ['GRANT', 'GRANT'], 'c11 R, c13 R RSZ'],
  ['brewery', 'granted', 'decisions[].outcome', ['GRANT', 'GRANT'], 'c11 R, c13 R EMPLOYER'],
  ['rahul', 'granted', 'decisions[].outcome', ['GRANT', 'GRANT'], 'c11 R, c13 R WORKER own'],
  ['BRU', 'refused', 'decisions[].outcome', ['REFUSE', 'REFUSE'], 'c11 S/L, c13 S REGION other'],
  ['BRU', 'refused', 'decisions[].version', [why, no], 'c11 S/L, c13 S REGION other'],
  ['BRU+', 'refused', 'decisions[].version', [1, no], 'c11 S/L, c13 S REGION other'],
  ['VLA+', 'refused', 'decisions[].motivation', ['why no work', no], 'c12 W, c14 - REGION own'],
  ['BRU', 'refused', 'decisions[].motivation', [why, no], 'c12 L, c14 - REGION other'],
  ['BRU+', 'refused', 'decisions[].motivation', ['why no work', no], 'c12 L, c14 - REGION other'],
  ['DVZ', 'refused', 'decisions[].motivation', ['why no work', 'why no residence'], 'c12 R, c14 W'],
  ['RSZ+', 'refused', 'decisions[].motivation', [no, no], 'c12 -, c14 - RSZ'],
  ['FED', 'refused', 'decisions[].motivation', [why, no], 'c12 L INSP fed; 2.3 (c): never c14'],
  ['FED+', 'refused', 'decisions[].motivation', ['why no work', no], 'c12 L INSP fed; 2.3 (c): never c14'],
  ['VSI', 'refused', 'decisions[].motivation', ['why no work', no], 'c12 R INSP reg; 2.3 (c): never c14'],
  ['POST+', 'granted', 'decisions[].motivation', [no, no], 'c12 - POST, c14 M'],
  ['MUN+', 'granted', 'decisions[].motivation', [no, no], 'c12 - MUN, c14 M'],
  ['brewery', 'refused', 'decisions[].motivation', ['why no work', no], 'c12 R, c14 - EMPLOYER'],
  ['samuel', 'refused', 'decisions[].motivation', ['why no work', 'why no residence'], 'c12 R, c14 R WORKER own'],
  ['HELPDESK+', 'granted', 'decisions!.outcome', no, '11 no. 57: the status is all'],
  ['WAL+', 'transferred', 'decisions[].outcome', ['REFUSE'], '3.3 T03: S of the decision'],
  ['WAL', 'transferred', 'decisions[].version', [no], '3.3 T03: S and no more'],
  ['WAL+', 'transferred', 'decisions[].motivation', [no], '3.3 T03: S and no more'],
  ['counter', 'card', 'decisions[].outcome', ['REFUSE'], '2.3 (b)'],
  ['counter', 'card', 'decisions[].motivation', [no], '2.3: no text gives a counter the reasons'],
  ['VLA', 'granted', 'residenceTrack', 'GRANTED', 'c13 REGION own R'],
  ['WAL', 'transferred', 'residenceTrack', 'IN_PROGRESS', 'c13 REGION other S'],
  ['HELPDESK+', 'granted', 'residenceTrack', no, '11 no. 57: the status is all'],
  ['counter', 'card', 'residenceTrack', no, '2.3 (b): the work part alone'],
  ['counter', 'card', 'workTrack', 'IN_PROGRESS', '2.3 (b)'],
  ['VLA', 'granted', 'permit!.state', why, 'c16 REGION own R, 2.3 (f)'],
  ['VLA+', 'granted', 'permit.state', 'ACTIVE', 'c16 REGION own R, 2.3 (f)'],
  ['DVZ', 'granted', 'permit!.state', why, 'c16 DVZ R, 2.3 (f)'],
  ['DVZ+', 'granted', 'permit.state', 'ACTIVE', 'c16 DVZ R, 2.3 (f)'],
  ['RSZ', 'granted', 'permit!.state', why, 'c16 RSZ W, 2.3 (f)'],
  ['FED', 'granted', 'permit!.state', why, 'c16 INSP fed R, 2.3 (f)'],
  ['VSI+', 'granted', 'permit.state', 'ACTIVE', 'c16 INSP reg R, 2.3 (f)'],
  ['POST+', 'granted', 'permit.state', 'ACTIVE', 'c16 POST R, 2.3 (f)'],
  ['MUN', 'granted', 'permit!.state', why, 'c16 MUN R, 2.3 (f)'],
  ['brewery', 'granted', 'permit!.state', no, 'c16 EMPLOYER: the answer of mayEmploy alone'],
  ['mandatary', 'granted', 'permit!.state', no, 'c16 MANDATARY: the answer of mayEmploy alone'],
  ['rahul', 'granted', 'permit.state', 'ACTIVE', 'c16 WORKER own R'],
  ['brewery', 'Rahul', 'residence!.status', no, 'c16 EMPLOYER: the answer of mayEmploy alone'],
  ['VLA', 'Rahul', 'residence!.status', why, 'c16 REGION own R, 2.3 (f)'],
  ['KSZ+', 'Rahul', 'residence!.status', no, 'c16 has no column for it'],
  ['HELPDESK+', 'granted', 'permit!.state', no, '11 no. 57'],
];

const types: Record<string, string> = {
  dossier: 'Dossier',
  worker: 'Worker',
  employer: 'Employer',
  documents: 'Document',
  decisions: 'Decision',
};

const isRefusal = (outcome: unknown): outcome is typeof no | typeof why =>
  typeof outcome === 'object' && outcome !== null && 'refused' in outcome;

const refusal = (code: string, coordinate: string, path: (string | number)[]): SeenError => ({
  code,
  path,
  message: code === 'FORBIDDEN' ? `${coordinate} is not open to you` : `${coordinate} needs a purpose and a reference`,
});

/** The whole answer that an outcome stands for, for a path of fields below a record. */
const answerOf = (root: string, field: string, outcome: unknown) => {
  if (outcome === none) return { data: { [root]: null } };
  if (outcome === shut) {
    return { data: { [root]: null }, errors: [refusal('FORBIDDEN', `Query.${root}`, [root])] };
  }
  const errors: SeenError[] = [];
  const value = (segments: string[], parent: string, path: (string | number)[], one: unknown): unknown => {
    const [segment = '', ...rest] = segments;
    const name = segment.replace(/!|\[\]/, '');
    const at = [...path, name];
    if (segment.endsWith('[]') && Array.isArray(one)) {
      return { [name]: one.map((each, row) => value(rest, name, [...at, row], each)) };
    }
    if (rest.length > 0 && !segment.endsWith('!')) return { [name]: value(rest, name, at, one) };
    if (!isRefusal(one)) return { [name]: one };
    errors.push(refusal(one.refused, `${types[parent]}.${name}`, at));
    return { [name]: null };
  };
  const data = { [root]: value(field.split('.'), root, [root], outcome) };
  return errors.length > 0 ? { data, errors } : { data };
};

const selection = (field: string): string =>
  field
    .replace(/!|\[\]/g, '')
    .split('.')
    .reduceRight((inner, name) => (inner ? `${name} { ${inner} }` : name), '');

const told = (outcome: unknown): string => {
  const names = new Map<unknown, string>([
    [no, 'FORBIDDEN'],
    [why, 'PURPOSE_REQUIRED'],
    [none, 'does not exist'],
    [shut, 'closed'],
  ]);
  return Array.isArray(outcome) ? outcome.map(told).join(', ') : (names.get(outcome) ?? String(outcome));
};

/** The table, each line with its outcome in words. */
export const lines = [...envelope, ...person, ...work, ...decided].map(
  ([asks, of, field, outcome, source]) => [asks, of, field, told(outcome), source, outcome] as const,
);
type Told = (typeof lines)[number];

/** What a line asks the graph. */
export const queryOf = ([, of, field]: Told): string => {
  const [, call] = about[of];
  return `{ ${call} { ${field === 'worker.aliases' ? 'worker { aliases { kind } }' : selection(field)} } }`;
};

/** The whole answer that a line stands for. */
export const expectedOf = ([, of, field, , , outcome]: Told): unknown => answerOf(about[of][0], field, outcome);
