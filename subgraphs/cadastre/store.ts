/** The register of foreign employment: permits, Dimona, DmfA, Limosa, A1 and hits. */
import DataLoader from 'dataloader';
import type { Knex } from 'knex';
import { param, shape } from '../../db/statement.ts';
import { type Relation, rowsFor } from '../../schema/policy.ts';
import { scopeKey, scopeValues, type Table, visible } from '../access.ts';
import { refuse } from '../errors.ts';
import { permitted } from '../filter.ts';
import { binds, type Condition, type PageArgs, page } from '../page.ts';
import type { Readings } from '../reading.ts';
import { byKey, byParent, columns, type Ground, type Scoped } from '../rows.ts';
import type { Viewer } from '../viewer.ts';
import type { A1Row, ConsultationRow, DimonaRow, DmfaRow, HitRow, LimosaRow, PermitRow } from './rows.ts';
import { inForceSql } from './rules.ts';

const permitColumns = [
  'id',
  'kind',
  'dossierNumber',
  'workerId',
  'employerKbo',
  'establishmentNumber',
  'authority',
  'labourMarket',
  'functionTitle',
  'workplaceNis',
  'validFrom',
  'validTo',
  'state',
  'bridging',
  'renewalAdmissibleOn',
  'renewalWorkGrantedOn',
  'withdrawnOn',
  'withdrawalGround',
  'withdrawalAuthority',
  'endedOn',
  'cardType',
] as const satisfies readonly (keyof PermitRow)[];

const hitColumns = [
  'id',
  'rule',
  'severity',
  'workerId',
  'employerKbo',
  'evidence',
  'detectedAt',
  'status',
  'assignedTo',
  'outcome',
] as const satisfies readonly (keyof HitRow)[];

const consultationColumns = [
  'seq',
  'at',
  'userId',
  'party',
  'kind',
  'subject',
  'read',
  'refused',
  'purpose',
  'reference',
  'operation',
  'outcome',
] as const satisfies readonly (keyof ConsultationRow)[];

/** What each register holds, and its order: the newest first. */
const registers = {
  permit: { names: permitColumns, order: 't.valid_from desc, t.id' },
  dimona: {
    names: [
      'id',
      'workerId',
      'employerKbo',
      'establishmentNumber',
      'type',
      'jointCommittee',
      'startDate',
      'endDate',
      'cancelled',
    ],
    order: 't.start_date desc, t.id',
  },
  dmfa: {
    names: [
      'quarter',
      'employerKbo',
      'workerId',
      'establishmentNumber',
      'jointCommittee',
      'grossWage',
      'days',
      'hours',
    ],
    order: 't.quarter desc, t.employer_kbo, t.worker_id',
  },
  limosa: {
    names: [
      'number',
      'workerKind',
      'workerId',
      'senderName',
      'senderCountry',
      'senderReference',
      'clients',
      'places',
      'startDate',
      'endDate',
      'sector',
      'temporaryAgency',
      'a1Number',
      'permitReminder',
      'cancelled',
    ],
    order: 't.start_date desc, t.number',
  },
  a1: {
    names: ['number', 'foreignNumber', 'issuingCountry', 'workerId', 'validFrom', 'validTo'],
    order: 't.valid_from desc, t.number',
  },
} as const;

type Rows = { permit: PermitRow; dimona: DimonaRow; dmfa: DmfaRow; limosa: LimosaRow; a1: A1Row };
type Register = keyof Rows;

/** Of whom or what a register is asked: each is a condition, and its value is bound. */
const conditions = {
  worker: 't.worker_id = ?',
  employer: 't.employer_kbo = ?',
  establishment: 't.establishment_number = ?',
  client: 't.clients @> array[?::text]',
  number: 't.number = ?',
  quarter: 't.quarter = ?',
  permitted: inForceSql,
  inForce: '? between t.valid_from and coalesce(t.valid_to, ?)',
  running: '? between t.start_date and coalesce(t.end_date, ?)',
} as const;

/** Which conditions a query sets, with their values. */
export type Asked = Partial<Record<keyof typeof conditions, string | null>>;

const given = (asked: Asked): [keyof typeof conditions, string][] =>
  Object.entries(asked).flatMap(([name, value]) =>
    value == null ? [] : [[name as keyof typeof conditions, value] as [keyof typeof conditions, string]],
  );

/** What decides whether a person may work: permits of all employers, read for the decision and never shown. */
export type WorkFacts = {
  workerId: string;
  nationalities: string[];
  permits: PermitRow[];
  residence: ResidenceFacts | null;
};
type ResidenceFacts = { labourMarket: string; from: string; to: string | null };

const workers = shape<{ insz: string; workerId: string }>('workers of insz', (knex) =>
  knex.raw('select k.insz, access.worker_of(k.insz) as "workerId" from unnest(?::text[]) k(insz)', [param('insz')]),
);
const facts = shape<{
  workerId: string;
  nationalities: string[];
  labourMarket: string | null;
  residenceFrom: string;
  residenceTo: string | null;
}>('facts of workers', (knex) =>
  knex.raw(
    'select k.id as "workerId", f.nationalities, f.residence_labour_market as "labourMarket", f.residence_from as "residenceFrom", f.residence_to as "residenceTo" from unnest(?::text[]) k(id) cross join lateral access.facts_of(k.id) f',
    [param('keys')],
  ),
);
const permitsOf = shape<PermitRow>('permits of workers, for a decision', (knex) =>
  knex('cadastre.permit as t')
    .select(columns(permitColumns))
    .whereRaw('t.worker_id = any(?)', [param('keys')]),
);
const declared = shape<{ workerId: string }>('declared at an establishment', (knex) =>
  knex('cadastre.dimona_period as t')
    .select(columns(['workerId']))
    .whereRaw(
      't.worker_id = any(?) and t.employer_kbo = ? and not t.cancelled and ? between t.start_date and coalesce(t.end_date, ?)',
      [param('keys'), param('employer'), param('at'), param('at')],
    ),
);
const employerOfUnit = shape<{ kbo: string }>('employer of an establishment', (knex) =>
  knex.raw('select s.kbo from access.site s where s.number = ?', [param('unit')]),
);

const mandator = shape<{ subject: string }>('mandator', (knex) =>
  knex.raw(
    `select m.subject from access.involvement m where m.party = ? and m.subject_kind = 'EMPLOYER' and m.subject = ? and m.capacity = 'MANDATE' and m.valid_from <= ? and coalesce(m.valid_to, 'infinity') >= ?`,
    [param('party'), param('employer'), param('today'), param('today')],
  ),
);

type Terms = { workerId: string; employerKbo: string | null; category: string; authority: string };

const mayKnow = permitted('dossiers');

/** Declarations that one question may look through. */
const longestPeriod = 2000;

/** Reads for one viewer. */
export const cadastreStore = (ground: Ground) => {
  const { pool, viewer } = ground;

  const select = <R extends Register>(register: R, asked: Asked): Promise<Scoped<Rows[R]>[]> => {
    const set = given(asked);
    const { names, order } = registers[register];
    const run = shape<Scoped<Rows[R]>>(
      `register of ${register} by ${set.map(([name]) => name)} for ${scopeKey(viewer)}`,
      (knex: Knex) => {
        const rows = visible(knex, register, viewer).select(columns(names)).orderByRaw(order).limit(100);
        for (const [name] of set) {
          const marks = conditions[name].split('?').length - 1;
          rows.whereRaw(
            conditions[name],
            Array.from({ length: marks }, () => param(name)),
          );
        }
        return rows;
      },
    );
    return run(pool, { ...Object.fromEntries(set), ...scopeValues(viewer) });
  };

  const ofParent = (column: string) =>
    byParent<PermitRow>(ground, 'permit', {
      parent: `t.${column} = k.key`,
      names: permitColumns,
      order: registers.permit.order,
    });

  return {
    select,
    /** A person, if the viewer may know of that person at all. */
    person: byKey<{ id: string }>(ground, 'person', 'id', ['id']),
    permit: byKey<PermitRow>(ground, 'permit', 'id', permitColumns),
    permitsOfWorker: ofParent('worker_id'),
    permitsOfEmployer: ofParent('employer_kbo'),
    permitsOfDossier: ofParent('dossier_number'),
    a1: byKey<A1Row>(ground, 'a1', 'number', registers.a1.names),
    limosa: byKey<LimosaRow>(ground, 'limosa', 'number', registers.limosa.names),
    permits: (list: readonly Condition[], args: PageArgs) =>
      page<PermitRow>(
        ground,
        {
          name: 'permits',
          table: 'permit',
          names: permitColumns,
          key: 'id',
          order: { sql: 't.valid_from', type: 'date', descending: true },
          conditions: list,
        },
        args,
      ),
    hits: (list: readonly Condition[], args: PageArgs) =>
      page<HitRow>(
        ground,
        {
          name: 'hits',
          table: 'hit',
          names: hitColumns,
          key: 'id',
          order: { sql: 't.detected_at', type: 'timestamptz', descending: true },
          conditions: list,
        },
        args,
      ),
    consultations: (list: readonly Condition[], args: PageArgs) =>
      page<ConsultationRow>(
        ground,
        {
          name: 'consultations',
          table: 'consultation',
          names: consultationColumns,
          key: 'seq',
          order: { sql: 't.seq', type: 'bigint', descending: true },
          conditions: list,
        },
        args,
      ),
    /** What a record is to a caller, and whom it is about; nothing where it does not exist for it. */
    relationsTo: (
      of: Viewer,
      { table, column, worker }: { table: Table; column: string; worker: string | null },
      value: string,
    ): Promise<{ relation: Relation; worker: string | null }[]> => {
      const run = shape<{ relation: Relation; worker: string | null }>(
        `relations to ${table} for ${scopeKey(of)}`,
        (knex) =>
          visible(knex, table, of)
            .select(knex.raw(`${worker === null ? 'null::text' : `t.${worker}`} as worker`))
            .distinct()
            .whereRaw(`t.${column} = ?`, [param('value')]),
      );
      return run(pool, { ...scopeValues(of), value });
    },
    /** The hits about a worker or an employer. */
    hitsAbout: (about: 'worker' | 'employer', value: string) => {
      const run = shape<Scoped<HitRow>>(`hits about ${about} for ${scopeKey(viewer)}`, (knex) =>
        visible(knex, 'hit', viewer)
          .select(columns(hitColumns))
          .whereRaw(conditions[about], [param('about')])
          .orderByRaw('t.detected_at desc, t.id')
          .limit(100),
      );
      return run(pool, { ...scopeValues(viewer), about: value });
    },
    /** By what the wage in a dossier is measured, for who may know of its job. */
    terms: async (dossier: string): Promise<Terms | null> => {
      const open = mayKnow(viewer, 'file', ['Dossier.functionTitle']);
      const run = shape<Terms>(`terms for ${scopeKey(viewer)}, ${open.map(({ sql }) => sql)}`, (knex) => {
        const rows = visible(knex, 'file', viewer)
          .select(columns(['workerId', 'employerKbo', 'category', 'authority']))
          .whereRaw('t.number = ?', [param('dossier')]);
        for (const condition of open) rows.whereRaw(condition.sql, binds(condition));
        return rows;
      });
      const values = Object.assign({}, ...open.map((condition) => condition.values));
      return (await run(pool, { ...values, ...scopeValues(viewer), dossier }))[0] ?? null;
    },
    /** Limosa declarations begun between two days; refused for a period that holds too many. */
    limosaBegun: async (from: string, to: string, territory: string | null) => {
      const run = shape<Scoped<LimosaRow>>(`limosa begun, ${territory !== null}, for ${scopeKey(viewer)}`, (knex) => {
        const rows = visible(knex, 'limosa', viewer)
          .select(columns(registers.limosa.names))
          .whereRaw('t.start_date between ? and ? and not t.cancelled', [param('from'), param('to')])
          .orderByRaw(registers.limosa.order)
          .limit(longestPeriod + 1);
        return territory === null ? rows : rows.whereRaw('t.authorities @> array[?::text]', [param('region')]);
      });
      const begun = await run(pool, { ...scopeValues(viewer), from, to, region: territory });
      if (begun.length > longestPeriod) {
        throw refuse('LIMIT_EXCEEDED', 'the period holds too many declarations: ask for a shorter one', {
          limit: longestPeriod,
        });
      }
      return begun;
    },
    /** The internal ids behind numbers, in their order; null where the registers know none. */
    workersOf: async (insz: readonly string[]): Promise<(string | null)[]> => {
      const known = new Map((await workers(pool, { insz })).map((row) => [row.insz, row.workerId]));
      return insz.map((one) => known.get(one) ?? null);
    },
    workFacts: new DataLoader<string, WorkFacts | null>(async (keys) => {
      const [persons, permits] = await Promise.all([facts(pool, { keys }), permitsOf(pool, { keys })]);
      const found = new Map(persons.map((person) => [person.workerId, person]));
      return keys.map((key) => {
        const person = found.get(key);
        if (!person) return null;
        const { workerId, nationalities, labourMarket, residenceFrom, residenceTo } = person;
        return {
          workerId,
          nationalities,
          permits: permits.filter((permit) => permit.workerId === workerId),
          residence: labourMarket === null ? null : { labourMarket, from: residenceFrom, to: residenceTo },
        };
      });
    }),
    declared: async (keys: readonly string[], employer: string, at: string) =>
      new Set((await declared(pool, { keys, employer, at })).map(({ workerId }) => workerId)),
    /** A site that the viewer may inspect, and whose it is. */
    site: byKey<{ number: string; kbo: string }>(ground, 'site', 'number', ['number', 'kbo']),
    employerOfUnit: async (unit: string) => (await employerOfUnit(pool, { unit }))[0]?.kbo ?? null,
    /** Whether the viewer may ask about this employer: its own employees, its clients', or anybody's. */
    mayAskFor: async (employer: string): Promise<boolean> => {
      const scope = rowsFor(viewer.kind, 'employment');
      if (scope === 'own') return viewer.kbo === employer;
      return scope !== 'clients' || (await mandator(pool, { ...scopeValues(viewer), employer })).length > 0;
    },
  };
};

/** What a resolver has at hand. */
export type Context = { viewer: Viewer; store: ReturnType<typeof cadastreStore>; readings: Readings };
