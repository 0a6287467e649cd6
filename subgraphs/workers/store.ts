/** Workers as the National Register and the bis register know them. */
import { param, shape } from '../../db/statement.ts';
import { scopeKey, scopeValues, visible } from '../access.ts';
import { sought } from '../filter.ts';
import { byKey, children, columns, type Ground, type Scoped } from '../rows.ts';
import type { Viewer } from '../viewer.ts';

export type WorkerRow = {
  id: string;
  lastName: string;
  firstNames: string;
  birthDate: string;
  sex: 'M' | 'F' | null;
  nationalities: string[];
  street: string | null;
  houseNumber: string | null;
  postalCode: string | null;
  locality: string | null;
  country: string | null;
  municipality: string | null;
  email: string | null;
  phone: string | null;
};

export type AliasRow = {
  insz: string;
  kind: 'RRN' | 'BIS';
  validFrom: string;
  validTo: string | null;
  workerId: string;
};

export type ResidenceRow = {
  status: string;
  cardType: string | null;
  labourMarket: string;
  validFrom: string;
  validTo: string | null;
  workerId: string;
};

const workerColumns = [
  'id',
  'lastName',
  'firstNames',
  'birthDate',
  'sex',
  'nationalities',
  'street',
  'houseNumber',
  'postalCode',
  'locality',
  'country',
  'municipality',
  'email',
  'phone',
] as const satisfies readonly (keyof WorkerRow)[];

const maySeek = sought('workers');

/** Reads for one viewer. Numbers and residence are read for workers that were found visible first. */
export const workerStore = (ground: Ground) => {
  const { pool, viewer } = ground;
  const byInsz = shape<Scoped<WorkerRow>>(`worker by insz for ${scopeKey(viewer)}`, (knex) =>
    visible(knex, 'worker', viewer)
      .select(columns(workerColumns))
      .whereRaw('t.id = access.worker_of(?)', [param('wanted')]),
  );
  const self = shape<Scoped<WorkerRow>>(`worker self for ${scopeKey(viewer)}`, (knex) =>
    visible(knex, 'worker', viewer)
      .select(columns(workerColumns))
      .whereRaw('t.id = access.worker_of(?)', [param('insz')]),
  );
  return {
    byId: byKey<WorkerRow>(ground, 'worker', 'id', workerColumns),
    byInsz: async (wanted: string) => {
      maySeek(viewer, 'Worker.insz');
      return (await byInsz(pool, { ...scopeValues(viewer), wanted }))[0] ?? null;
    },
    self: async () => (await self(pool, scopeValues(viewer)))[0] ?? null,
    aliases: children<AliasRow>(ground, 'workers.insz_alias', {
      parent: 'workerId',
      names: ['insz', 'kind', 'validFrom', 'validTo', 'workerId'],
      order: 't.valid_from, t.insz',
    }),
    residence: children<ResidenceRow>(ground, 'workers.residence_status', {
      parent: 'workerId',
      names: ['status', 'cardType', 'labourMarket', 'validFrom', 'validTo', 'workerId'],
      order: 't.valid_from',
    }),
  };
};

/** What a resolver has at hand. */
export type Context = { viewer: Viewer; store: ReturnType<typeof workerStore> };
