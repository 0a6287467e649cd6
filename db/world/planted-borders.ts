import type { Day } from './days.ts';
import { lastDeclared } from './employment.ts';
import type { Employer } from './enterprises.ts';
import type { Worker } from './persons.ts';
import { placeAt } from './places.ts';
import type { Planted, Recipe } from './planted.ts';
import { permitted } from './planted-employment.ts';
import type { Posting } from './postings.ts';
import type { Region } from './shape.ts';
import { around, type Stage } from './stage.ts';

type Posted = { worker: Worker; employer: Employer };

function client(stage: Stage, nationality: string): Posted {
  return { worker: stage.worker({ nationality }), employer: stage.employer({ postalCode: '2000' }) };
}

// A sender outside the EEA: his third-country staff are not exempt.
function post(stage: Stage, { worker, employer }: Posted, start: Day, end: Day, more: Partial<Posting> = {}): void {
  stage.posting({
    worker,
    clients: [employer],
    start,
    end,
    senderName: 'Dnipro Montage TOV',
    senderCountry: 'UA',
    sector: 'CONSTRUCTION',
    a1: null,
    ...more,
  });
}

const withinUnion = { senderName: 'Weldpol Sp. z o.o.', senderCountry: 'PL' } as const;

// A short work card that covers all of the time there is to cover.
function shortCard(stage: Stage, posted: Posted, from: number, to: number): ReturnType<typeof permitted>['chapter'] {
  return stage.grant({
    ...posted,
    region: 'VLA-DEM',
    kind: 'WA_SHORT',
    category: 'SPECTECH',
    gross: 5200,
    from: around(stage, from),
    to: stage.today + to,
  });
}

// Licensed by one authority, and seen by social security at an establishment in the territory of another.
function elsewhere(stage: Stage, region: Region, licensed: string, seen: string, since: Day): Planted {
  const employer = stage.employer({
    postalCode: licensed,
    establishments: [{ place: placeAt(licensed) }, { place: placeAt(seen) }],
  });
  const [own, other] = employer.establishments;
  const trio = permitted(stage, -700, 300, { employer, region });
  const start = trio.chapter.permit?.from ?? stage.today - 700;
  if (own === undefined || other === undefined) return trio;
  if (since > start) stage.work({ ...trio, start, end: since - 1, establishment: own });
  stage.work({ ...trio, start: Math.max(since, start), establishment: other });
  return trio;
}

function selfEmployed(stage: Stage, from: number, to: number) {
  const worker = stage.worker({ postalCode: '3000', nationality: 'PH' });
  const chapter = stage.grant({
    worker,
    employer: null,
    region: 'VLA-DEM',
    kind: 'PC_SELF',
    category: 'PC_ECON',
    counter: null,
    from: around(stage, from),
    to: stage.today + to,
  });
  return { worker, employer: stage.employer({ postalCode: '3500' }), chapter };
}

function refusedThenPosted(stage: Stage, refused: number, posted: number): Planted {
  const cast = client(stage, 'BA');
  const day = around(stage, -refused);
  const course = { created: day - 40, submitted: day - 38, admissible: day - 30, work: { day, ground: 'LMT_FAILED' } };
  const chapter = stage.dossier({ ...cast, region: 'VLA-DEM', course });
  const start = stage.today - posted;
  post(stage, cast, start, start + 80, { ...withinUnion, a1: { from: start, to: start + 80 } });
  return { ...cast, chapter };
}

function postingDossier(stage: Stage, mandate: 'ACTIVE' | 'CLOSED' | null): Planted {
  const cast = client(stage, 'TR');
  const holder = stage.cohort.world.mandataries[5];
  if (mandate !== null && holder) {
    const to = mandate === 'CLOSED' ? stage.today - 400 : null;
    cast.employer.mandates.push({
      holder: holder.kbo,
      group: 'SINGLE_PERMIT',
      from: stage.today - 1500,
      to,
      status: mandate,
    });
  }
  const chapter = stage.dossier({
    ...cast,
    region: 'VLA-DEM',
    mandatary: mandate === null ? null : (holder?.kbo ?? null),
    posting: { sender: 'Anadolu Montaj AŞ', senderCountry: 'TR', limosaNumber: null },
    course: { created: stage.back(31), submitted: stage.back(30), admissible: stage.back(25) },
  });
  return { ...cast, chapter };
}

/** Cases about postings, about work in another territory, and about the self-employed. */
export const crossBorder: readonly Recipe[] = [
  {
    number: 27,
    rule: 'I08',
    kind: 'positive',
    why: 'A Ukrainian national is posted for sixty days by a Ukrainian firm, without permit or dossier.',
    play: (stage) => {
      const cast = client(stage, 'UA');
      post(stage, cast, stage.today - 50, stage.today + 10, { reminder: 'SENT' });
      return cast;
    },
  },
  {
    number: 28,
    rule: 'I08',
    kind: 'positive',
    why: 'A Turkish national is posted for five months by a Turkish firm, without permit or dossier: longer than 90 days.',
    play: (stage) => {
      const cast = client(stage, 'TR');
      post(stage, cast, stage.today - 140, stage.today + 10, { senderName: 'Anadolu Montaj AŞ', senderCountry: 'TR' });
      return cast;
    },
  },
  {
    number: 29,
    rule: 'I08',
    kind: 'near-miss',
    why: 'A Ukrainian national, regular staff of a Polish employer with an A1, is posted for services: exempt (Vander Elst).',
    play: (stage) => {
      const cast = client(stage, 'UA');
      const [start, end] = [stage.today - 50, stage.today + 10];
      post(stage, cast, start, end, { ...withinUnion, a1: { from: start, to: end } });
      return cast;
    },
  },
  {
    number: 30,
    rule: 'I09',
    kind: 'positive',
    why: 'Two postings of fifty days each within half a year, on short work cards only.',
    play: (stage) => {
      const cast = client(stage, 'BR');
      const chapter = shortCard(stage, cast, -140, -80);
      post(stage, cast, stage.today - 140, stage.today - 91);
      post(stage, cast, stage.today - 60, stage.today - 11);
      return { ...cast, chapter };
    },
  },
  {
    number: 31,
    rule: 'I09',
    kind: 'positive',
    why: 'Sixty days in Limosa and forty in Dimona within half a year, on a short work card only.',
    play: (stage) => {
      const cast = client(stage, 'BR');
      const chapter = shortCard(stage, cast, -150, -65);
      post(stage, cast, stage.today - 150, stage.today - 91);
      stage.work({ ...cast, start: stage.today - 70, end: stage.today - 31 });
      return { ...cast, chapter };
    },
  },
  {
    number: 32,
    rule: 'I09',
    kind: 'near-miss',
    why: 'Two postings of 45 days each within half a year, on a short work card: ninety days, and no more.',
    play: (stage) => {
      const cast = client(stage, 'BR');
      const chapter = shortCard(stage, cast, -140, -55);
      post(stage, cast, stage.today - 140, stage.today - 96);
      post(stage, cast, stage.today - 80, stage.today - 36);
      return { ...cast, chapter };
    },
  },
  {
    number: 33,
    rule: 'I10',
    kind: 'positive',
    why: 'Posted as an employee for two months, and there is no A1.',
    play: (stage) => {
      const cast = client(stage, 'PT');
      post(stage, cast, stage.today - 60, stage.today + 20, {
        senderName: 'Construtora Minho Lda',
        senderCountry: 'PT',
      });
      return cast;
    },
  },
  {
    number: 34,
    rule: 'I10',
    kind: 'positive',
    why: 'The A1 expired in the middle of the posting, forty days ago.',
    play: (stage) => {
      const cast = client(stage, 'RO');
      const start = stage.today - 100;
      post(stage, cast, start, stage.today + 20, {
        senderName: 'Instaltech SRL',
        senderCountry: 'RO',
        a1: { from: start, to: stage.today - 40 },
      });
      return cast;
    },
  },
  {
    number: 35,
    rule: 'I10',
    kind: 'near-miss',
    why: 'Posted twenty days ago without an A1: it may still come within thirty days.',
    play: (stage) => {
      const cast = client(stage, 'PL');
      post(stage, cast, stage.today - 20, stage.today + 60, withinUnion);
      return cast;
    },
  },
  {
    number: 36,
    rule: 'I12',
    kind: 'positive',
    why: 'Licensed by Flanders for Ghent, and declared in Brussels for more than a year.',
    play: (stage) => elsewhere(stage, 'VLA-DEM', '9000', '1000', stage.today - 500),
  },
  {
    number: 37,
    rule: 'I12',
    kind: 'positive',
    why: 'Licensed by Wallonia for Liège, and declared in Hasselt from the first day.',
    play: (stage) => elsewhere(stage, 'WAL-SPW', '4000', '3500', stage.today - 700),
  },
  {
    number: 38,
    rule: 'I12',
    kind: 'near-miss',
    why: 'Declared in Brussels only since the last quarter that had to be declared began: one quarter, not two.',
    play: (stage) => elsewhere(stage, 'VLA-DEM', '9000', '1000', lastDeclared(stage.today) - 80),
  },
  {
    number: 39,
    rule: 'I19',
    kind: 'positive',
    why: 'Refused five months ago; two months later the same worker is posted to the same employer.',
    play: (stage) => refusedThenPosted(stage, 150, 90),
  },
  {
    number: 40,
    rule: 'I19',
    kind: 'positive',
    why: 'Refused a year ago, and posted to the same employer five months after that.',
    play: (stage) => refusedThenPosted(stage, 365, 215),
  },
  {
    number: 41,
    rule: 'I19',
    kind: 'near-miss',
    why: 'Refused, and posted to the same employer seven months later.',
    play: (stage) => refusedThenPosted(stage, 365, 150),
  },
  {
    number: 42,
    rule: 'I20',
    kind: 'positive',
    why: 'Holds a professional card in force, and is in Dimona as an employee.',
    play: (stage) => {
      const cast = selfEmployed(stage, -300, 400);
      stage.work({ ...cast, start: around(stage, -100) });
      return cast;
    },
  },
  {
    number: 43,
    rule: 'I20',
    kind: 'positive',
    why: 'Holds a professional card in force, and was an employee for three months of its time.',
    play: (stage) => {
      const cast = selfEmployed(stage, -400, 300);
      stage.work({ ...cast, start: around(stage, -250), end: stage.today - 160 });
      return cast;
    },
  },
  {
    number: 44,
    rule: 'I20',
    kind: 'near-miss',
    why: 'Became an employee, with a permit, after the professional card had expired.',
    play: (stage) => {
      const cast = selfEmployed(stage, -900, -320);
      const trio = permitted(stage, -300, 400, {
        worker: cast.worker,
        employer: cast.employer,
        applicationType: 'CHANGE_OF_FUNCTION',
      });
      stage.work({ ...trio, start: around(stage, -290) });
      return { ...cast, chapter: trio.chapter };
    },
  },
  {
    number: 45,
    rule: 'I21',
    kind: 'positive',
    why: 'A posting dossier without a Belgian mandatary.',
    play: (stage) => postingDossier(stage, null),
  },
  {
    number: 46,
    rule: 'I21',
    kind: 'positive',
    why: 'A posting dossier whose mandatary had only a mandate that was closed a year before.',
    play: (stage) => postingDossier(stage, 'CLOSED'),
  },
  {
    number: 47,
    rule: 'I21',
    kind: 'near-miss',
    why: 'A posting dossier whose mandatary holds a mandate that is in force.',
    play: (stage) => postingDossier(stage, 'ACTIVE'),
  },
];
