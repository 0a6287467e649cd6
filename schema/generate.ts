/** Writes what is generated and committed: the supergraph, the types of each subgraph's resolvers, ACCESS.md, and the diagram in README.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { codegen } from '@graphql-codegen/core';
import * as typescript from '@graphql-codegen/typescript';
import * as resolvers from '@graphql-codegen/typescript-resolvers';
import { parse } from 'graphql';
import { accessPage } from './access-page.ts';
import { compose } from './compose.ts';
import { lifeCycleDiagram } from './life-cycle-diagram.ts';
import { type SubgraphName, sdl, subgraphNames } from './subgraphs.ts';

type Mappers = Record<string, string>;

const from = (file: string, type: string): string => `import('${file}').${type}`;
const scoped = (file: string, type: string): string => `import('../rows.ts').Scoped<${from(file, type)}>`;
const page = (name: string, row: string): Mappers => ({
  [`${name}Connection`]: `import('../page.ts').Connection<${row}>`,
  [`${name}Edge`]: `import('../page.ts').Connection<${row}>['edges'][number]`,
});
/** An entity that another subgraph owns: its key, and what the row that names it is to the viewer. */
const stub = (key: string): string => `{ ${key}: string; relation?: import('../../schema/policy.ts').Relation }`;

const stubs: Mappers = {
  Employer: stub('kbo'),
  Establishment: stub('number'),
  Mandatary: stub('kbo'),
  Worker: stub('id'),
  Permit: stub('id'),
  Dossier: stub('number'),
};

const common: Mappers = {
  Code: from('../common.ts', 'CodeRef'),
  Authority: from('../../schema/authorities.ts', 'Authority'),
  Municipality: from('../../schema/places.ts', 'Municipality'),
  Country: from('../../schema/reference.ts', 'Country'),
  Address: from('../common.ts', 'AddressRef'),
};

const row = (name: string): string => scoped('./rows.ts', name);
const stored = (name: string): string => scoped('./store.ts', name);

/** What a resolver's parent is: the row, where the subgraph has one for the type. */
const mappers: Record<SubgraphName, Mappers> = {
  dossiers: {
    ...stubs,
    Dossier: row('DossierRow'),
    Document: `${row('DocumentRow')} & { category: string }`,
    Track: "import('../rows.ts').Scoped<{ part: Part; authority: string | null; status: TrackStatus }>",
    Deadline: `${row('DeadlineRow')} & { daysLeft: number | null }`,
    InformationRequest: row('RequestRow'),
    Transfer: row('TransferRow'),
    Appeal: row('AppealRow'),
    Milestone: row('MilestoneRow'),
    Message: row('MessageRow'),
    Note: row('NoteRow'),
    TimelineEvent: row('EventRow'),
    Delivery: scoped('./deliveries.ts', 'DeliveryRow'),
    StepPayload: from('./stepping.ts', 'Stepped'),
    FormField: from('../../schema/forms.ts', 'FieldDefinition'),
    Forecast: from('./forecast.ts', 'ForecastRow'),
    Prefill: from('./prefill.ts', 'PrefillRow'),
    ForbiddenDocument: from('../../schema/forms.ts', 'ForbiddenDocument'),
    ...page('Dossier', row('DossierRow')),
    OutboxEvent: row('HappeningRow'),
    ...page('Outbox', row('HappeningRow')),
  },
  employers: {
    ...stubs,
    Employer: stored('EmployerRow'),
    Establishment: stored('EstablishmentRow'),
    Mandate: stored('MandateRow'),
    MandatePayload: from('./steps.ts', 'Changed'),
    ...page('Employer', stored('EmployerRow')),
    ...page('Establishment', stored('EstablishmentRow')),
  },
  workers: { Worker: stored('WorkerRow'), InszAlias: stored('AliasRow'), ResidenceStatus: stored('ResidenceRow') },
  decisions: {
    ...stubs,
    Dossier: `${stub('number')} & { asOf?: Date | null }`,
    Decision: stored('DecisionRow'),
    PriorOutcome: stored('PriorOutcomeRow'),
  },
  cadastre: {
    ...stubs,
    Cadastre: from('./rows.ts', 'Asked'),
    Permit: row('PermitRow'),
    DimonaPeriod: row('DimonaRow'),
    DmfaLine: row('DmfaRow'),
    LimosaDeclaration: row('LimosaRow'),
    A1Certificate: row('A1Row'),
    InspectionHit: row('HitRow'),
    Inspection: from('./rows.ts', 'Inspected'),
    WageQuarter: from('./rows.ts', 'WageRow'),
    MayEmploy: from('./rows.ts', 'MayEmployAnswer'),
    SiteCheckResult: from('./rows.ts', 'SiteCheckRow'),
    ...page('Permit', row('PermitRow')),
    ...page('InspectionHit', row('HitRow')),
    Consultation: row('ConsultationRow'),
    ...page('Consultation', row('ConsultationRow')),
  },
};

const types = async (name: SubgraphName): Promise<string> => {
  const schema = parse(sdl(name));
  const defined = new Set(schema.definitions.flatMap((one) => ('name' in one && one.name ? [one.name.value] : [])));
  const known = Object.entries({ ...common, ...mappers[name] }).filter(([type]) => defined.has(type));
  const text = await codegen({
    filename: 'types.ts',
    schema,
    documents: [],
    config: {
      federation: true,
      useTypeImports: true,
      enumsAsTypes: true,
      contextType: './store.ts#Context',
      mappers: Object.fromEntries(known),
      scalars: { DateTime: 'Date' },
      defaultScalarType: 'string',
      skipTypename: true,
      immutableTypes: true,
    },
    plugins: [{ typescript: {} }, { resolvers: {} }],
    pluginMap: { typescript, resolvers },
  });
  return `// Generated by npm run generate.\n${text}`;
};

const root = new URL('../', import.meta.url);

/** The README with the diagram of the life cycle between its two marks; all the rest of it is written by hand. */
const readme = (): string => {
  const [begin, end] = ['<!-- life cycle: npm run generate -->', '<!-- end of life cycle -->'];
  const text = readFileSync(new URL('README.md', root), 'utf8');
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error('README.md has no place for the life cycle');
  return `${before}${begin}\n\n\`\`\`mermaid\n${lifeCycleDiagram()}\n\`\`\`\n\n${end}${after}`;
};

/** Everything that is generated: the file, from the root of the project, and what it must hold. */
export const generated = async (): Promise<Record<string, string>> => ({
  'schema/supergraph.graphql': compose(subgraphNames.map((name) => ({ name, sdl: sdl(name) }))),
  'ACCESS.md': accessPage(),
  'README.md': readme(),
  ...Object.fromEntries(
    await Promise.all(subgraphNames.map(async (name) => [`subgraphs/${name}/types.ts`, await types(name)] as const)),
  ),
});

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of Object.entries(await generated())) writeFileSync(new URL(path, root), text);
}
