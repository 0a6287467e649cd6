// The floor: the data of the four operations by hand-written SQL over plain HTTP. No GraphQL, no federation, no token, no
// cursors; the row scope stands in each WHERE. It shows what the machine and the database cost, and nothing else.
import { createServer, type IncomingMessage } from 'node:http';
import pg from 'pg';
import { readEnv } from '../../subgraphs/env.ts';
import { handler, type OperationName, operationNames, type Variables } from './operations.ts';

const env = readEnv({ program: 'tool' });

const connections = Array.from(
  { length: 4 },
  () => new pg.Client({ connectionString: env.DATABASE_URL, application_name: 'floor', pipeline: true }),
);
await Promise.all(connections.map((connection) => connection.connect()));

let turn = 0;
const rowsOf = async <Row extends pg.QueryResultRow>(name: string, text: string, values: unknown[]): Promise<Row[]> => {
  turn = (turn + 1) % connections.length;
  const { rows } = (await connections[turn]?.query<Row>({ name, text, values })) ?? { rows: [] };
  return rows;
};

const involved = (kind: string, subject: string) =>
  `join access.involvement i on i.party = '${handler}' and i.subject_kind = '${kind}' and i.subject = ${subject}`;
const own = `i.capacity in ('COMPETENT', 'PARTY', 'MANDATE', 'FORWARDED', 'COPIED')`;
const newest = `coalesce(t.submitted_at, '-infinity'::timestamptz) desc, t.number desc`;
// In the words of the index: of a draft it says minus infinity, which is before every day.
const until = `t.submitted_at is not null
  and coalesce(t.submitted_at, '-infinity'::timestamptz) < ($1::date + 1)::timestamp at time zone 'Europe/Brussels'`;
const nameOf = (entity: string) => `(select d.name from employers.denomination d where d.entity = ${entity}
  order by (d.type = '001' and d.language = '0') desc, (d.type = '001') desc, d.type, d.language, d.name limit 1)`;

const dossierColumns = 't.number, t.status, t.submitted_at as "submittedAt"';
type DossierRow = { number: string; status: string; submittedAt: Date; employer: string | null; worker: string };
type EmployerRow = { kbo: string; name: string };
type WorkerRow = { id: string; lastName: string; firstNames: string };
type DecisionRow = { dossier: string; id: string; part: string; outcome: string; decidedOn: string };
type PermitRow = {
  worker: string;
  id: string;
  kind: string;
  validFrom: string;
  validTo: string | null;
  labourMarket: string;
};

const one = `select ${dossierColumns}, t.employer_kbo as kbo, e.name, t.worker_id as id, w.last_name as "lastName", w.first_names as "firstNames"
  from dossiers.dossier t ${involved('DOSSIER', 't.number')}
  left join lateral (select ${nameOf('t.kbo')} as name from employers.enterprise t ${involved('EMPLOYER', 't.kbo')}
    where t.kbo = employer_kbo) e on true
  left join lateral (select t.last_name, t.first_names from workers.worker t ${involved('WORKER', 't.id')}
    where t.id = worker_id) w on true
  where t.number = $1`;
const page = `select ${dossierColumns}, t.employer_kbo as employer, t.worker_id as worker
  from dossiers.dossier t ${involved('DOSSIER', 't.number')}
  where ${own} and ${until} order by ${newest} limit 51`;
const employers = `select t.kbo, ${nameOf('t.kbo')} as name from employers.enterprise t ${involved('EMPLOYER', 't.kbo')}
  where t.kbo = any($1)`;
const workers = `select t.id, t.last_name as "lastName", t.first_names as "firstNames"
  from workers.worker t ${involved('WORKER', 't.id')} where t.id = any($1)`;
const decisions = `select t.dossier_number as dossier, t.id, t.part, t.outcome, t.decided_on::text as "decidedOn"
  from decisions.decision t ${involved('DOSSIER', 't.dossier_number')}
  where t.dossier_number = any($1) order by t.decided_on, t.id`;
const ofEmployer = `select ${dossierColumns}, t.worker_id as worker
  from dossiers.dossier t ${involved('DOSSIER', 't.number')} where t.employer_kbo = $1
  and (coalesce(t.submitted_at, '-infinity'::timestamptz), t.number) < (
    select coalesce(a.submitted_at, '-infinity'::timestamptz), a.number from dossiers.dossier a where a.number = $2
  ) order by ${newest} limit 20`;
const permits = `select t.worker_id as worker, t.id, t.kind, t.valid_from::text as "validFrom", t.valid_to::text as "validTo",
  t.labour_market as "labourMarket" from cadastre.permit t ${involved('WORKER', 't.worker_id')}
  where t.worker_id = any($1) order by t.valid_from desc, t.id`;
const wide = `select t.number, t.kind, t.application_type as "applicationType", t.status, t.work_track as "workTrack",
  t.residence_track as "residenceTrack", t.channel, t.language, t.rule_set as "ruleSet",
  t.workplace_postal_code as "workplacePostalCode", t.function_title as "functionTitle", t.isco08,
  t.nace_code as "naceCode", t.weekly_hours::float8 as "weeklyHours", t.gross_monthly as "grossMonthly",
  t.period_from::text as "periodFrom", t.period_to::text as "periodTo", t.submitted_at as "submittedAt",
  t.decided_at as "decidedAt", t.version
  from dossiers.dossier t ${involved('DOSSIER', 't.number')}
  where ${own} and ${until} order by ${newest} limit 100`;

const distinct = (values: readonly (string | null)[]) => [...new Set(values.filter((value) => value !== null))];
const grouped = <Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> => {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
};

type OneRow = Omit<DossierRow, 'employer' | 'worker'> & { kbo: string | null; name: string | null } & WorkerRow;

const answers: Record<OperationName, (variables: Variables) => Promise<unknown>> = {
  Q1: async ({ number }) => {
    const [row] = await rowsOf<OneRow>('one', one, [number]);
    if (!row) return { dossier: null };
    const { kbo, name, id, lastName, firstNames, ...dossier } = row;
    return {
      dossier: { ...dossier, employer: kbo === null ? null : { kbo, name }, worker: { id, lastName, firstNames } },
    };
  },
  Q2: async ({ until }) => {
    const found = await rowsOf<DossierRow>('page', page, [until]);
    const shown = found.slice(0, 50);
    const [names, persons, taken] = await Promise.all([
      rowsOf<EmployerRow>('employers', employers, [distinct(shown.map(({ employer }) => employer))]),
      rowsOf<WorkerRow>('workers', workers, [distinct(shown.map(({ worker }) => worker))]),
      rowsOf<DecisionRow>('decisions', decisions, [shown.map(({ number }) => number)]),
    ]);
    const employerOf = new Map(names.map((row) => [row.kbo, row]));
    const workerOf = new Map(persons.map((row) => [row.id, row]));
    const decisionsOf = grouped(taken, ({ dossier }) => dossier);
    const edges = shown.map(({ employer, worker, ...dossier }) => ({
      node: {
        ...dossier,
        employer: employer === null ? null : (employerOf.get(employer) ?? { kbo: employer, name: null }),
        worker: workerOf.get(worker) ?? { id: worker, lastName: null, firstNames: null },
        decisions: (decisionsOf.get(dossier.number) ?? []).map(({ dossier: _, ...decision }) => decision),
      },
    }));
    return { myDossiers: { edges, pageInfo: { hasNextPage: found.length > 50 } } };
  },
  Q3: async ({ kbo, afterDossier }) => {
    const [[employer], found] = await Promise.all([
      rowsOf<EmployerRow>('employers', employers, [[kbo]]),
      rowsOf<DossierRow>('of employer', ofEmployer, [kbo, afterDossier]),
    ]);
    if (!employer) return { employer: null };
    const ids = distinct(found.map(({ worker }) => worker));
    const [persons, held] = await Promise.all([
      rowsOf<WorkerRow>('workers', workers, [ids]),
      rowsOf<PermitRow>('permits', permits, [ids]),
    ]);
    const workerOf = new Map(persons.map((row) => [row.id, row]));
    const permitsOf = grouped(held, ({ worker }) => worker);
    const edges = found.map(({ worker, ...dossier }) => ({
      node: {
        ...dossier,
        worker: {
          ...(workerOf.get(worker) ?? { id: worker, lastName: null, firstNames: null }),
          permits: (permitsOf.get(worker) ?? []).map(({ worker: _, labourMarket, ...permit }) => ({
            ...permit,
            labourMarket: { code: labourMarket },
          })),
        },
      },
    }));
    return { employer: { ...employer, dossiers: { edges } } };
  },
  Q4: async (days) => {
    const pages = await Promise.all(
      Object.entries(days).map(async ([alias, day]) => {
        const found = await rowsOf('wide', wide, [day]);
        return [alias, { edges: found.map((node) => ({ node })) }] as const;
      }),
    );
    return Object.fromEntries(pages);
  },
};

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
};

const server = createServer((request, response) => {
  const operation = operationNames.find((name) => request.url === `/${name}`);
  if (!operation) {
    response.writeHead(404).end();
    return;
  }
  bodyOf(request)
    .then(async (body) => JSON.stringify({ data: await answers[operation](JSON.parse(body)) }))
    .then(
      (text) =>
        response
          .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
          .end(text),
      (error) => response.writeHead(500).end(String(error)),
    );
});
server.listen(env.PORT, env.HOST);

process.once('SIGTERM', () => {
  server.close(() => void Promise.all(connections.map((connection) => connection.end())));
  server.closeAllConnections();
});
