// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts of sources, in which templates stand
/** The mutants of what enforces the policy: written by hand, each the smallest slip that would open or shut something. */
import type { Killer, Mutant } from './data.ts';
import { textOf } from './modules.ts';

type Slip = readonly [name: string, find: string, put: string];

const access: readonly Slip[] = [
  ['a tie counts before it begins', 'const begun = `i.valid_from <= ?`', 'const begun = `(i.valid_from <= ? or true)`'],
  ['a mandate counts before it begins', 'm.valid_from <= ? and', '(m.valid_from <= ? or true) and'],
  [
    'a mandate counts after its end',
    `coalesce(m.valid_to, 'infinity') >= ?\``,
    `(coalesce(m.valid_to, 'infinity') >= ? or true)\``,
  ],
  ['a mandate is any tie', `m.capacity = 'MANDATE' and `, ''],
  ['a mandate is about anything', `m.subject_kind = 'EMPLOYER' and `, ''],
  [
    'drafts are filed',
    `worker: 'worker_id',\n    filed: 't.submitted_at is not null',\n  },\n  file:`,
    `worker: 'worker_id',\n    filed: 'true',\n  },\n  file:`,
  ],
  ['a message on a draft is told', `filed: 't.submitted_at is not null',\n    known:`, `filed: 'true',\n    known:`],
  [
    'what happened to a draft is told',
    `filed: 't.submitted_at is not null',\n  },\n  decision:`,
    `filed: 'true',\n  },\n  decision:`,
  ],
  [
    'a mandatary keeps what it had',
    "` and coalesce(i.valid_to, 'infinity') >= ?`",
    "` and (coalesce(i.valid_to, 'infinity') >= ? or true)`",
  ],
  [
    'an authority loses what ended',
    '.column} and ${begun}${stillRuns}`',
    '.column} and ${begun}${stillRuns} and i.valid_to is null`',
  ],
  [
    'a subject is of any kind',
    `i.subject_kind = '\${subject.kind}' and i.subject = \${subject.column} and \${begun}\${stillRuns}`,
    'i.subject = ${subject.column} and ${begun}${stillRuns}',
  ],
  [
    'a worker sees all workers',
    'return { where: `t.${source.worker} = access.worker_of(?)`',
    'return { where: `(t.${source.worker} = access.worker_of(?) or true)`',
  ],
  [
    'a worker sees who looked at others',
    '[`t.${source.worker} = access.worker_of(?)`,',
    '[`(t.${source.worker} = access.worker_of(?) or true)`,',
  ],
  ['an investigation is told at once', ', ...told].join', '].join'],
  ['an officer sees what others did', "where: 't.party = ?'", "where: '(t.party = ? or true)'"],
  ['an entry that was erased is there', "filed: 't.outcome is not null'", "filed: 'true'"],
  [
    'a service sees what others control',
    'where: `t.rule = any(?::text[])',
    'where: `(t.rule = any(?::text[]) or true)',
  ],
  ['a service controls everywhere', '` and t.${source.authority} = ?`', '` and (t.${source.authority} = ? or true)`'],
  ['what nothing is known of is there', 'if (known) query', "if (known === 'never') query"],
  [
    'an employer sees what names others',
    '`${employers} @> array[?::text]`) ??',
    '`(${employers} @> array[?::text] or true)`) ??',
  ],
  ['an employer sees others by column', '?? `t.${source.employer} = ?`', '?? `(t.${source.employer} = ? or true)`'],
  ['nothing is everything', `where: 'false'`, `where: 'true'`],
  ['everything is own', "values: [], relation: `'INVOLVED'` })", "values: [], relation: `'OWN'` })"],
  ['a permit of another region is own', `then 'OWN' else 'OTHER' end`, `then 'OWN' else 'OWN' end`],
  ['what one filed for another is own', `then 'OWN' else 'INVOLVED' end`, `then 'OWN' else 'OWN' end`],
  ["a mandator's tie counts before it begins", 'and ${begun} where m.party', 'and (${begun} or true) where m.party'],
  [
    'a mandatary acts for everybody',
    'where m.party = ? and ${mandateInForce} order',
    'where (m.party = ? or true) and ${mandateInForce} order',
  ],
  ['a row comes once for each mandator', ' order by i.capacity limit 1', ''],
  ['a client is anybody', '`${employers} && array(${mandators})`', '`(${employers} && array(${mandators}) or true)`'],
  [
    'an employee of a client is anybody',
    '`t.${source.employer} in (${mandators})`',
    '`(t.${source.employer} in (${mandators}) or true)`',
  ],
  [
    'a pair need not be in one dossier',
    'const together = source.employer\n',
    "const together = source.employer === 'none'\n",
  ],
  ['a pair is of any authority', 'where f.authority = i.party and', 'where'],
  [
    'a pair counts for a former region',
    " and i.capacity = 'COMPETENT' and ${begun}${together}",
    ' and ${begun}${together}',
  ],
  [
    'a territory is everywhere',
    "`t.${source.authority} = ?`,\n    values: [param('territory')]",
    "`(t.${source.authority} = ? or true)`,\n    values: [param('territory')]",
  ],
  [
    'a territory of several is everywhere',
    '`${source.authorities} @> array[?::text]`',
    '`(${source.authorities} @> array[?::text] or true)`',
  ],
  ['hits of its territory are only near a region', "kind === 'REGION' ? `'OWN'`", "kind === 'PLATFORM' ? `'OWN'`"],
  ['every hit bears on a withdrawal', 'where: `t.rule in (${listed(withdrawalRules)})`', "where: 'true'"],
  [
    'a certificate is for every client',
    'through: (condition) => `t.number',
    'through: (condition) => `true or t.number',
  ],
  ['a condition is forgotten', 'if (where) query', "if (where === 'never') query"],
  ['a join is forgotten', 'if (join) query', "if (join === 'never') query"],
  ['a statement of one region serves another', '(large.has(kind) ? `${kind} ${party}` : kind)', 'kind'],
  [
    'a list of the own shows all',
    'const capacities = Object.entries(relationOf).filter(([, one]) => wanted.includes(one));',
    'const capacities = Object.entries(relationOf);',
  ],
  ['a list of the own asks nothing', 'return `${relation} in (${listed(wanted)})`', "return `'true' = 'true'`"],
];

const inspection: readonly Slip[] = [
  ['every service controls all', 'who.some((one) => one === general || one === authority)', 'who.length >= 0'],
  ['one service controls what all of its kind do', ' || one === authority', ''],
];

const guard: readonly Slip[] = [
  [
    'the mask is off',
    "if (judge(row, context.viewer) !== 'MASKED') return value;",
    'if (judge(row, context.viewer)) return value;',
  ],
  ['what cannot be masked is shown', 'masking[mask](value) : null', 'masking[mask](value) : value'],
  [
    'a value without a relation is judged by the best',
    "field.leads ? verdict({ ...standing, purpose }, field) : 'FORBIDDEN'",
    'verdict({ ...standing, purpose }, field)',
  ],
  [
    'what leads to rows is shut without a relation',
    "field.leads ? verdict({ ...standing, purpose }, field) : 'FORBIDDEN'",
    "'FORBIDDEN'",
  ],
  [
    'a row belongs to all its categories',
    'return { ...field, categories: field.categories.filter((category) => chosen.includes(category)) };',
    'return field;',
  ],
  ['an operation is offered to all', "if (!offered) return 'FORBIDDEN';", ''],
  ['what is not offered is left open', '!offeredTo(field.coordinate, standing.kind) || !alwaysClear', '!alwaysClear'],
  [
    'every field is left open',
    '.filter((field) => !offeredTo',
    '.filter((field) => field.type.length < 0 && !offeredTo',
  ],
  ['a verdict outlives its purpose', 'byPurpose.get(purpose) ??', 'byPurpose.get(null) ??'],
  [
    'a verdict serves rows of another category',
    '? `${row?.relation} ${row?.[choice.property]}` : row?.relation',
    '? row?.relation : row?.relation',
  ],
  ['a verdict serves rows of another relation', '` : row?.relation;', '` : field.coordinate;'],
  [
    'a role is forgotten',
    'verdict({ ...standing, purpose }, forRow(field, row), relation)',
    "verdict({ ...standing, roles: ['DECISION_MAKER'], purpose }, forRow(field, row), relation)",
  ],
  ['a verdict is not asked', "judge(row, context.viewer) === 'CLEAR'\n", "judge(row, context.viewer) !== 'MASKED'\n"],
  ['a refusal is named for the other', "outcome === 'PURPOSE_REQUIRED'\n", "outcome === 'FORBIDDEN'\n"],
  ['a masked field is refused', "outcome === 'CLEAR' || outcome === 'MASKED' ||", "outcome === 'CLEAR' ||"],
  ['what has no rule is open', 'fallbackRule: deny', 'fallbackRule: allow'],
  ['what is computed needs a row of its own', "new Set(['Worker.availableProcedures'])", 'new Set([])'],
  ['initials are names', "`${[...name][0] ?? ''}.`", '`${name}.`'],
  ['a year is a month', 'date.slice(0, 4)', 'date.slice(0, 7)'],
];

const verdicts: readonly Slip[] = [
  [
    'a value is shown at the mask',
    "if (reaches(now, from)) return 'CLEAR';",
    "if (reaches(now, mask ? 'MASKED' : from)) return 'CLEAR';",
  ],
  ['there is no mask', "if (mask && reaches(now, 'MASKED')) return 'MASKED';", ''],
  ['a purpose is always there', 'lower(opened ? access.logged : access.plain, cap);', 'lower(access.logged, cap);'],
  ['a purpose opens nothing', 'lower(opened ? access.logged : access.plain, cap);', 'lower(access.plain, cap);'],
  ['a role reaches everything', 'const cap = capOf(kind, roles, category);', "const cap: Level = 'WRITE';"],
  ['the worst of several counts', 'verdicts[Math.min(...each)]', 'verdicts[Math.max(...each)]'],
  ['no category is a clear one', "?? 'FORBIDDEN'", "?? 'CLEAR'"],
  ['every relation counts', '(relation ? [relation] : relations)', 'relations'],
  ['a field is read at status unless told', "?? 'READ'", "?? 'STATUS'"],
  ['one open relation opens all', 'relations.every((relation) => one(', 'relations.some((relation) => one('],
  [
    'one open category opens all',
    'classification.categories.every((category)',
    'classification.categories.some((category)',
  ],
];

const filter: readonly Slip[] = [
  [
    'a look-up is not asked for',
    "if (outcome === 'PURPOSE_REQUIRED' || outcome === 'FORBIDDEN') {",
    "if (outcome === 'FORBIDDEN') {",
  ],
  [
    'a look-up that is forbidden is made',
    "if (outcome === 'PURPOSE_REQUIRED' || outcome === 'FORBIDDEN') {",
    "if (outcome === 'PURPOSE_REQUIRED') {",
  ],
  [
    'a filter is narrowed to nothing',
    'return open.length === relations.length ? [] :',
    'return open.length !== 4 ? [] :',
  ],
  ['a filter by nothing goes on', 'if (here.length === 0) {', 'if (here.length === 4) {'],
  ['a filter asks no purpose', "outcomes.some(([, outcome]) => outcome === 'PURPOSE_REQUIRED'),", 'false,'],
  ['a filter forgets its narrowest part', 'open = open.filter((relation) => here.includes(relation));', ''],
  ['a filter is open at the mask', "(outcome === 'CLEAR' ?", "(outcome !== 'FORBIDDEN' ?"],
];

const page: readonly Slip[] = [
  [
    'a cursor serves another list',
    'JSON.stringify([viewer.kind, viewer.party, viewer.id, viewer.insz, list])',
    'JSON.stringify([viewer.kind, viewer.party, viewer.id, viewer.insz])',
  ],
  [
    'a cursor serves another viewer',
    'JSON.stringify([viewer.kind, viewer.party, viewer.id, viewer.insz, list])',
    'JSON.stringify([list])',
  ],
  ['a cursor has several writings', " || bytes.toString('base64url') !== cursor", ''],
  ['a seal is not looked at', 'opening.final();', ''],
  [
    'a cursor serves another filter',
    'JSON.stringify([list.name, list.order, valuesOf(list.conditions)]);\n  const from',
    'JSON.stringify([list.name, list.order]);\n  const from',
  ],
  [
    'a cursor serves another parent',
    'JSON.stringify([list.name, parent, list.order',
    'JSON.stringify([list.name, list.order',
  ],
  [
    'a page forgets its conditions',
    'for (const condition of conditions) query.whereRaw',
    'for (const condition of conditions.slice(1)) query.whereRaw',
  ],
  [
    "a condition's value takes the viewer's place",
    '{ ...valuesOf(list.conditions), ...scopeValues(ground.viewer) };\n  const cursorList',
    '{ ...scopeValues(ground.viewer), ...valuesOf(list.conditions) };\n  const cursorList',
  ],
];

const elsewhere: Readonly<Record<string, readonly Slip[]>> = {
  'subgraphs/subgraph.ts': [
    [
      'what was loaded for one is there for another',
      'met?.context.viewer === viewer && met.changes',
      'met && met.changes',
    ],
  ],
  'subgraphs/viewer.ts': [
    ['any purpose may be claimed', 'purposes[kind].includes(purpose)', 'purpose.length > 0'],
    ['a purpose needs no reference', 'if (purpose === null || reference === null) {', 'if (purpose === null) {'],
  ],
  'subgraphs/dossiers/rules.ts': [
    ["an employer's paper is anybody's", "employerSide.includes(uploadedByKind) ? relation : 'INVOLVED'", 'relation'],
    [
      "a host family's paper is anybody's",
      "uploadedByKind !== 'HOST_FAMILY' ? 'OTHER' : relation",
      "uploadedByKind === '' ? 'OTHER' : relation",
    ],
    ['that a paper is there is told to all', '.filter((row) => mayKnowOf(viewer, row.relation, row.category))', ''],
    [
      'what is asked for is told to all',
      'isParty(viewer.kind) || mayKnowOf(viewer, relation, categoryOf(item))',
      'item.length > 0',
    ],
    ['what is asked for is kept from the parties', 'isParty(viewer.kind) || mayKnowOf(viewer', 'mayKnowOf(viewer'],
    ['an unknown paper is a work document', "?? 'CRIMINAL_MEDICAL'", "?? 'WORK_DOCUMENTS'"],
  ],
  'subgraphs/dossiers/store.ts': [
    ["a note is another authority's too", "'t.authority = ?'", "'(t.authority = ? or true)'"],
    [
      "another's dossiers are one's own",
      "isParty(viewer.kind) ? 'true' : related('dossier', viewer, ['OWN'])",
      "'true'",
    ],
    ['a filter is not asked', '...mayFilter(viewer, ', '...((..._given: unknown[]) => [])(viewer, '],
  ],
  'subgraphs/decisions/store.ts': [
    ['outcomes are for a former region too', " and i.capacity = 'COMPETENT'", ''],
    ['outcomes are for a region of tomorrow', 'i.valid_from <= ?', '(i.valid_from <= ? or true)'],
  ],
  'subgraphs/cadastre/store.ts': [
    [
      'an employer asks about all',
      "if (scope === 'own') return viewer.kbo === employer;",
      "if (scope === 'own') return true;",
    ],
    ['a mandatary asks for all', "return scope !== 'clients' ||", "return scope === 'clients' ||"],
    [
      'a wage is measured for who may not know the job',
      'for (const condition of open) rows.whereRaw(condition.sql, binds(condition));',
      '',
    ],
  ],
  'subgraphs/workers/store.ts': [['a person is looked up without a purpose', "maySeek(viewer, 'Worker.insz');", '']],
};

const officer = { kinds: ['REGION'], role: 'DATA_PROTECTION_OFFICER' } as const;

/** What judges a step beside the life cycle itself. */
const stepping: Readonly<Record<string, readonly Slip[]>> = {
  'subgraphs/dossiers/locked.ts': [
    [
      'a dossier is there for who may not know it',
      "row && verdict(viewer, presence, row.relation) === 'CLEAR' ? row : null",
      'row ?? null',
    ],
    [
      'a dossier is there for nobody',
      "row && verdict(viewer, presence, row.relation) === 'CLEAR' ? row : null",
      'row && null',
    ],
  ],
  'subgraphs/dossiers/stepping.ts': [
    [
      'an au pair is the family that files for her',
      "of.relation === 'INVOLVED' ? 'HOST_FAMILY'",
      "of.relation !== 'OTHER' ? 'HOST_FAMILY'",
    ],
    ['a family is nobody', "of.relation === 'INVOLVED' ? 'HOST_FAMILY'", "of.relation === 'OTHER' ? 'HOST_FAMILY'"],
    ['an old version is told to who may take no step', 'if (!isForbidden && expectedVersion', 'if (expectedVersion'],
    ['a step forgets the roles', 'roles: viewer.roles,', "roles: ['DECISION_MAKER'],"],
  ],
  'subgraphs/dossiers/beginning.ts': [
    ['a family begins as itself', "kind === 'WA_AUPAIR' ? 'INVOLVED' : 'OWN'", "kind === 'WA_AUPAIR' ? 'OWN' : 'OWN'"],
  ],
};

const bySteps: readonly Killer[] = [
  { by: 'steps', kinds: ['WORKER', 'REGION'] },
  { by: 'steps', ...officer },
  { by: 'steps', kinds: ['REGION'], role: 'READER' },
];

const byRows: readonly Killer[] = [
  { by: 'rows' },
  { by: 'probes' },
  { by: 'lines' },
  { by: 'filters' },
  { by: 'graph' },
];
const byFields: readonly Killer[] = [
  { by: 'stubs' },
  { by: 'stubs', kinds: ['RESIDENCE'], role: 'READER' },
  { by: 'probes' },
  { by: 'lines' },
  { by: 'filters' },
  { by: 'graph' },
];
const byAnswers: readonly Killer[] = [{ by: 'probes' }, { by: 'lines' }, { by: 'filters' }, { by: 'graph' }];

const mutantsOf = (file: string, slips: readonly Slip[], killers: readonly Killer[]): Mutant[] =>
  slips.map(([name, find, put]) => {
    const text = textOf(file);
    if (text.split(find).length !== 2) throw new Error(`${file} has not once: ${find}`);
    return { name: `${file}: ${name}`, changes: { [file]: text.replace(find, () => put) }, killers };
  });

/** All of them. */
export const sourceMutants = (): Mutant[] => [
  ...mutantsOf('subgraphs/access.ts', access, byRows),
  ...mutantsOf('schema/inspection.ts', inspection, byRows),
  ...mutantsOf('subgraphs/guard.ts', guard, byFields),
  ...mutantsOf('schema/verdict.ts', verdicts, byFields),
  ...mutantsOf('subgraphs/filter.ts', filter, byAnswers),
  ...mutantsOf('subgraphs/page.ts', page, byAnswers),
  ...Object.entries(elsewhere).flatMap(([file, slips]) => mutantsOf(file, slips, byAnswers)),
  ...Object.entries(stepping).flatMap(([file, slips]) => mutantsOf(file, slips, bySteps)),
];
