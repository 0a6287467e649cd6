/** The four operations of the bench, and the keys they are asked with. Asked as a regional handler. */
import type pg from 'pg';
import { addDays, daysBetween } from '../../schema/calendar.ts';

/** Who asks. */
export const handler = 'VLA-DEM';

/** What a request is asked with; the floor is sent nothing else. The graph leaves aside what its text does not declare. */
export type Variables = Record<string, string>;

export const operationNames = ['Q1', 'Q2', 'Q3', 'Q4'] as const;
export type OperationName = (typeof operationNames)[number];

/** An operation: its text, and how many dossiers an answer holds, counted to see that it is not empty. */
export type Operation = { title: string; query: string; purpose: boolean; dossiers: number };

const person = 'worker { id lastName firstNames }';

export const operations: Record<OperationName, Operation> = {
  Q1: {
    title: 'one dossier, with its employer and worker',
    query: `query Q1($number: DossierNumber!) {
      dossier(number: $number) { number status submittedAt employer { kbo name } ${person} }
    }`,
    purpose: false,
    dossiers: 1,
  },
  Q2: {
    title: '50 dossiers, with employer, worker and decisions',
    query: `query Q2($until: Date!) {
      myDossiers(filter: { submittedTo: $until }, first: 50) {
        edges { node { number status submittedAt employer { kbo name } ${person} decisions { id part outcome decidedOn } } }
        pageInfo { hasNextPage }
      }
    }`,
    purpose: false,
    dossiers: 50,
  },
  Q3: {
    title: 'an employer, 20 dossiers, their workers and permits',
    query: `query Q3($kbo: KboNumber!, $after: String!) {
      employer(kbo: $kbo) {
        kbo
        name
        dossiers(first: 20, after: $after) {
          edges {
            node {
              number
              status
              submittedAt
              worker { id lastName firstNames permits { id kind validFrom validTo labourMarket { code } } }
            }
          }
        }
      }
    }`,
    purpose: true,
    dossiers: 20,
  },
  Q4: {
    title: '500 dossiers of 20 fields',
    query: `query Q4($a: Date!, $b: Date!, $c: Date!, $d: Date!, $e: Date!) {
      a: myDossiers(filter: { submittedTo: $a }, first: 100) { edges { node { ...Wide } } }
      b: myDossiers(filter: { submittedTo: $b }, first: 100) { edges { node { ...Wide } } }
      c: myDossiers(filter: { submittedTo: $c }, first: 100) { edges { node { ...Wide } } }
      d: myDossiers(filter: { submittedTo: $d }, first: 100) { edges { node { ...Wide } } }
      e: myDossiers(filter: { submittedTo: $e }, first: 100) { edges { node { ...Wide } } }
    }
    fragment Wide on Dossier {
      number kind applicationType status workTrack residenceTrack channel language ruleSet workplacePostalCode
      functionTitle isco08 naceCode weeklyHours grossMonthly periodFrom periodTo submittedAt decidedAt version
    }`,
    purpose: false,
    dossiers: 500,
  },
};

/** Numbers from 0 to below 1 that are the same in every run. */
export const sequence = (seed: number) => (): number => {
  // mulberry32
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), seed | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
};

/** As many keys of each operation as there are different requests. */
const keysOfEach = 2000;

const ownDossiers = `dossiers.dossier d join access.involvement i
  on i.party = $1 and i.subject_kind = 'DOSSIER' and i.subject = d.number and i.capacity = 'COMPETENT'`;

const several = <One>(make: (at: number) => One): One[] => Array.from({ length: keysOfEach }, (_, at) => make(at));

/** Reads an answer of the graph. */
export type AskGraph = (query: string, variables: Variables) => Promise<unknown>;

type Place = { cursor: string; node: { number: string } };
type Places = {
  employer: { dossiers: { edges: Place[]; pageInfo: { endCursor: string; hasNextPage: boolean } } };
};

const placesQuery = `query Places($kbo: KboNumber!, $after: String) {
  employer(kbo: $kbo) {
    dossiers(first: 100, after: $after) { edges { cursor node { number } } pageInfo { endCursor hasNextPage } }
  }
}`;

/** The places in the list of an employer's dossiers after which a full page follows; cursors are sealed, so the graph is asked. */
const placesOf = async (kbo: string, ask: AskGraph): Promise<Variables[]> => {
  const places: Variables[] = [];
  let after: string | undefined;
  do {
    // the shape that the query asks for
    const { employer } = (await ask(placesQuery, { kbo, ...(after ? { after } : {}) })) as Places;
    const { edges, pageInfo } = employer.dossiers;
    places.push(...edges.map(({ cursor, node }) => ({ kbo, after: cursor, afterDossier: node.number })));
    after = pageInfo.hasNextPage ? pageInfo.endCursor : undefined;
  } while (after !== undefined);
  return places.slice(0, -operations.Q3.dossiers);
};

/** Keys for every operation, at random and the same in every run. */
export const keysFor = async (
  owner: pg.Client,
  today: string,
  ask: AskGraph,
): Promise<Record<OperationName, Variables[]>> => {
  const next = sequence(1);
  const anyOf = <One>(list: readonly One[]): One => {
    const one = list[Math.floor(next() * list.length)];
    if (one === undefined) throw new Error('the database holds too little for the bench: it needs profile demo');
    return one;
  };
  const numbers = await owner.query<{ number: string }>(
    `select d.number from ${ownDossiers} where d.employer_kbo is not null order by d.number`,
    [handler],
  );
  // From this day on every page is full: a hundred dossiers lie before it.
  const early = await owner.query<{ day: string }>(
    `select (d.submitted_at::date + 1)::text as day from ${ownDossiers} order by d.submitted_at offset 110 limit 1`,
    [handler],
  );
  const [from = { day: today }] = early.rows;
  const days = daysBetween(from.day, today);
  const day = () => addDays(from.day, Math.floor(next() * days));
  const largest = await owner.query<{ kbo: string }>(
    `select d.employer_kbo as kbo from ${ownDossiers} where d.employer_kbo is not null
     group by d.employer_kbo order by count(*) desc, d.employer_kbo limit 1`,
    [handler],
  );
  const places = await placesOf(largest.rows[0]?.kbo ?? '', ask);
  return {
    Q1: several(() => ({ number: anyOf(numbers.rows).number })),
    Q2: several(() => ({ until: day() })),
    Q3: several(() => anyOf(places)),
    Q4: several(() => ({ a: day(), b: day(), c: day(), d: day(), e: day() })),
  };
};
