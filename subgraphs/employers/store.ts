/** Enterprises as the KBO has them, with what social security and Mahis add. */
import DataLoader from 'dataloader';
import { searchable } from '../../db/kbo-layout.ts';
import { param, shape } from '../../db/statement.ts';
import { kboNumber } from '../../schema/identifiers.ts';
import type { MandateFacts, MandateSide } from '../../schema/mandates.ts';
import { scopeKey, scopeValues, visible } from '../access.ts';
import { refuse } from '../errors.ts';
import { readable } from '../filter.ts';
import { type Condition, type PageArgs, page, pages } from '../page.ts';
import { aligned, byKey, byParent, children, columns, type Ground, grouped, type Scoped } from '../rows.ts';
import type { Viewer } from '../viewer.ts';
import type { employerSteps } from './steps.ts';

export type EmployerRow = {
  kbo: string;
  status: string;
  juridicalSituation: string;
  juridicalForm: string | null;
  startDate: string | null;
  endDate: string | null;
  foreignEntity: boolean;
};

export type EstablishmentRow = { number: string; kbo: string; startDate: string | null; endDate: string | null };

export type DenominationRow = { entity: string; language: string; type: string; name: string };

export type AddressRow = {
  entity: string;
  countryNl: string | null;
  countryFr: string | null;
  postalCode: string | null;
  municipalityNl: string | null;
  municipalityFr: string | null;
  streetNl: string | null;
  streetFr: string | null;
  houseNumber: string | null;
  box: string | null;
  struckOffOn: string | null;
  authority: string | null;
};

export type ActivityRow = { entity: string; naceVersion: string; naceCode: string; classification: string };

export type DirectoryRow = {
  kbo: string;
  nsso: string | null;
  jointCommittees: string[];
  insolvency: 'BANKRUPT' | 'JUDICIAL_REORGANISATION' | 'IN_LIQUIDATION' | null;
  insolvencySince: string | null;
};

export type MandateRow = MandateFacts & { id: string; giverKbo: string; holderKbo: string; proposedBy: MandateSide };

export type MandataryRow = { kbo: string; kind: string };

const employerColumns = [
  'kbo',
  'status',
  'juridicalSituation',
  'juridicalForm',
  'startDate',
  'endDate',
  'foreignEntity',
] as const satisfies readonly (keyof EmployerRow)[];
const establishmentColumns = ['number', 'kbo', 'startDate', 'endDate'] as const;
const addressColumns = [
  'entity',
  'countryNl',
  'countryFr',
  'postalCode',
  'municipalityNl',
  'municipalityFr',
  'streetNl',
  'streetFr',
  'houseNumber',
  'box',
  'struckOffOn',
  'authority',
] as const satisfies readonly (keyof AddressRow)[];

/** The columns of a mandate. */
export const mandateColumns = [
  'id',
  'giverKbo',
  'holderKbo',
  'mandateGroup',
  'fromQuarter',
  'toQuarter',
  'status',
  'proposedBy',
  'confirmedOn',
  'endedOn',
] as const satisfies readonly (keyof MandateRow)[];

const forms = shape<{ code: string; language: string; description: string }>('juridical forms', (knex) =>
  knex('employers.kbo_code as t')
    .select(columns(['code', 'language', 'description']))
    .whereRaw(`t.category = 'JuridicalForm' and t.code = any(?)`, [param('keys')]),
);
const headcounts = shape<{ kbo: string; headcount: number }>('headcounts', (knex) =>
  knex('employers.headcount as t')
    .select(columns(['kbo', 'headcount']))
    .whereRaw('t.kbo = any(?) and t.quarter = ?', [param('keys'), param('quarter')]),
);

const words = (text: string): string[] => searchable(text).split(' ').filter(Boolean);

const longest = 100;

const mayRead = readable('employers');

const named = `select d.entity from employers.denomination d where to_tsvector('simple', d.search) @@ to_tsquery('simple', ?)`;

/** An employer is found by its name; by what it is called besides, where the viewer may read that too. */
const matching = (viewer: Viewer, search: string): Condition => {
  if (search.length > longest)
    throw refuse('LIMIT_EXCEEDED', `a search holds at most ${longest} characters`, { limit: longest });
  const number = kboNumber(search);
  if ('value' in number) return { sql: 't.kbo = ?', values: { searched: number.value } };
  const wanted = words(search);
  if (wanted.length === 0) throw refuse('BAD_USER_INPUT', 'a search needs a word or an enterprise number');
  const searched = `${wanted.join(' & ')}:*`;
  const besides = mayRead(viewer, 'employer', 'Employer.denominations');
  if (besides === 'true') return { sql: `t.kbo in (${named})`, values: { searched } };
  const byName = `t.kbo in (${named} and d.type = '001')`;
  return {
    sql: `(${byName} or (${besides} and t.kbo in (${named})))`,
    values: { searched, searchedBesides: searched },
  };
};

/** Reads for one viewer. */
export const employerStore = (ground: Ground) => {
  const { pool, viewer } = ground;
  const headcountLoaders = new Map<string, DataLoader<string, number | null>>();
  const establishmentPages = new Map<string, ReturnType<typeof pages<EstablishmentRow>>>();
  const mandates = shape<Scoped<MandateRow>>(`mandates for ${scopeKey(viewer)}`, (knex) =>
    visible(knex, 'mandate', viewer)
      .select(columns(mandateColumns))
      .whereRaw('(?::text is null or t.giver_kbo = ?)', [param('giver'), param('giver')])
      .whereRaw('(?::text is null or t.holder_kbo = ?)', [param('holder'), param('holder')])
      .orderByRaw('t.from_quarter desc, t.id')
      .limit(100),
  );
  return {
    byKbo: byKey<EmployerRow>(ground, 'employer', 'kbo', employerColumns),
    establishment: byKey<EstablishmentRow>(ground, 'establishment', 'number', establishmentColumns),
    list: ({ search, ...args }: PageArgs & { search?: string | null | undefined }) =>
      page<EmployerRow>(
        ground,
        {
          name: 'employers',
          table: 'employer',
          names: employerColumns,
          key: 'kbo',
          order: { sql: 't.kbo', type: 'text', descending: false },
          conditions: search == null ? [] : [matching(viewer, search)],
        },
        args,
      ),
    establishments: (args: Pick<PageArgs, 'first' | 'after'>) => {
      const key = JSON.stringify(args);
      const known = establishmentPages.get(key);
      if (known) return known;
      const made = pages<EstablishmentRow>(
        ground,
        {
          name: 'establishments',
          table: 'establishment',
          names: establishmentColumns,
          key: 'number',
          order: { sql: 't.number', type: 'text', descending: false },
          parent: 't.kbo = k.key',
        },
        args,
      );
      establishmentPages.set(key, made);
      return made;
    },
    denominations: children<DenominationRow>(ground, 'employers.denomination', {
      parent: 'entity',
      names: ['entity', 'language', 'type', 'name'],
      order: 't.type, t.language, t.name',
    }),
    addresses: children<AddressRow>(ground, 'employers.address', {
      parent: 'entity',
      names: addressColumns,
      order: `array_position(array['REGO', 'BAET', 'OBAD', 'ABBR'], t.type), t.struck_off_on desc nulls first`,
    }),
    activities: children<ActivityRow>(ground, 'employers.activity', {
      parent: 'entity',
      names: ['entity', 'naceVersion', 'naceCode', 'classification'],
      order: 't.nace_version desc, t.classification, t.nace_code',
    }),
    directory: children<DirectoryRow>(ground, 'employers.employer', {
      parent: 'kbo',
      names: ['kbo', 'nsso', 'jointCommittees', 'insolvency', 'insolvencySince'],
      order: 't.kbo',
    }),
    mandatary: children<MandataryRow>(ground, 'employers.mandatary', {
      parent: 'kbo',
      names: ['kbo', 'kind'],
      order: 't.kbo',
    }),
    forms: new DataLoader<string, { language: string; description: string }[]>(async (keys) =>
      grouped(keys, await forms(pool, { keys }), ({ code }) => code),
    ),
    headcount: (quarter: string) => {
      const known = headcountLoaders.get(quarter);
      if (known) return known;
      const made = new DataLoader<string, number | null>(async (keys) => {
        const rows = aligned(keys, await headcounts(pool, { keys, quarter }), ({ kbo }) => kbo);
        return rows.map((row) => row?.headcount ?? null);
      });
      headcountLoaders.set(quarter, made);
      return made;
    },
    mandate: byKey<MandateRow>(ground, 'mandate', 'id', mandateColumns),
    mandatesOf: byParent<MandateRow>(ground, 'mandate', {
      parent: 't.giver_kbo = k.key',
      names: mandateColumns,
      order: 't.from_quarter desc, t.id',
    }),
    mandates: (giver: string | null, holder: string | null) =>
      mandates(pool, { ...scopeValues(viewer), giver, holder }),
  };
};

/** What a resolver has at hand. */
export type Context = {
  viewer: Viewer;
  store: ReturnType<typeof employerStore>;
  steps: ReturnType<typeof employerSteps>;
};
