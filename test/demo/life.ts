/** A dossier's life, played over HTTP with real tokens: `npm run demo:life`. It ends with an error where something goes otherwise. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, type Counter, opened, upload } from './counter.ts';
import { everybodyTold, receiptRead } from './post.ts';
import { adds, dayOf, does, mayNot, seen } from './teller.ts';
import { wrongTurns } from './wrong-turns.ts';

const brewery = '0123456749';
const mandatary = 'MANDATARY:0100200109';
const employer = `EMPLOYER:${brewery}`;
const flanders = 'VLA-DEM';
const brussels = 'BRU-BEW';
const office = 'FED-DVZ';
const post = 'POST-NG-1';
const linkebeek = 'MUN-23100';
const treating = { 'x-purpose': 'TREAT_DOSSIER', 'x-reference': 'demo' };

const papers = [
  ...['RES_FEE_PROOF', 'RES_PASSPORT', 'RES_MEANS', 'RES_CRIMINAL_RECORD', 'RES_MEDICAL', 'RES_INSURANCE'],
  ...['WRK_FORM', 'WRK_CONTRACT', 'WRK_DIPLOMA'],
];

const engineer = {
  category: 'HIGHSKILL',
  employer: brewery,
  worker: {
    lastName: 'Okafor',
    firstNames: 'Chidi',
    birthDate: '1991-04-05',
    sex: 'M',
    nationalities: ['NG'],
    abroad: true,
  },
  places: { workplaces: [{ postalCode: '1630' }] },
  functionTitle: 'Ingenieur brouwproces',
  weeklyHours: 38,
  grossMonthly: '5200.00',
  periodFrom: '2027-01-01',
  periodTo: '2028-12-31',
  diplomaticPost: post,
};

const add = async (now: Counter, number: string, codes: readonly string[]): Promise<void> => {
  const documents = [];
  for (const code of codes) documents.push({ code, upload: await upload(now, mandatary) });
  await adds(now, mandatary, number, documents);
};

type Known = { dossier: { worker: { id: string; aliases: { insz: string }[] }; competentAuthority: { id: string } } };

/** What the region learns of the worker: the internal id, and the number that the register gave. */
const workerOf = async (counter: Counter, region: string, number: string) => {
  const query = `{ dossier(number: "${number}") { competentAuthority { id } worker { id aliases { insz } } } }`;
  const { data } = await ask<Known>(counter, region, query, {}, treating);
  if (!data) throw new Error('The region does not see its dossier');
  return { id: data.dossier.worker.id, insz: data.dossier.worker.aliases[0]?.insz ?? '' };
};

/** The employer asks whether the worker may work, and hears what it should. */
const asksWork = async (now: Counter, insz: string, { when, allowed }: { when: string; allowed: boolean }) => {
  const query = 'query ($insz: Insz!, $kbo: KboNumber!) { mayEmploy(insz: $insz, kbo: $kbo) { allowed } }';
  const { data } = await ask<{ mayEmploy: { allowed: boolean } }>(now, employer, query, { insz, kbo: brewery });
  if (data?.mayEmploy.allowed !== allowed) throw new Error(`The employer hears otherwise: ${when}`);
  seen(`${when}: the worker may ${allowed ? '' : 'not '}work.`);
};

const folder = await mkdtemp(join(tmpdir(), 'demo-life-'));
let counter: Counter | undefined;

/** The counter on another day: time passes between two visits, and the clock's own steps are taken when it opens. */
const on = async (day: string, title: string): Promise<Counter> => {
  await counter?.close();
  counter = await opened(folder, day);
  dayOf(counter, title);
  return counter;
};

try {
  process.stdout.write(
    'A world is made, and the counter opens. Every line is a request over HTTP with a token of its own.\n',
  );

  let now = await on('2026-11-02', 'the employer’s mandatary files for Linkebeek');
  const first = await does(now, mandatary, 'createDraft', null, { kind: 'SP_LIM', language: 'NL', facts: engineer });
  const content = await upload(now, mandatary);
  await mayNot(now, mandatary, 'addDocument', first, {
    because: 'DOCUMENT_ACCEPTED',
    code: 'WRK_RSZ_WAGE_CERTIFICATE',
    fileName: 'attest.pdf',
    upload: content,
  });
  await mayNot(now, mandatary, 'submitDossier', first, { because: 'DOCUMENTS_PRESENT' });
  await add(now, first, papers);
  await does(now, mandatary, 'submitDossier', first);
  const worker = await workerOf(now, flanders, first);
  seen('Linkebeek is in Flanders, facilities or not: VLA-DEM is competent. The worker has a bis number now.');
  await does(now, flanders, 'requestInformation', first, { items: ['WRK_DIPLOMA'] });

  now = await on('2026-11-16', 'the answer comes on day 14');
  await add(now, first, ['WRK_DIPLOMA']);
  await does(now, mandatary, 'completeDossier', first);
  await does(now, flanders, 'declareAdmissible', first);
  seen('Flanders handles in parallel: the Immigration Office is at work on its copy.');

  now = await on('2026-12-01', 'both decide');
  await does(now, office, 'takeResidenceDecision', first, { outcome: 'GRANT' });
  await does(now, flanders, 'takeWorkDecision', first, { outcome: 'GRANT' });
  await receiptRead(now, { kbo: brewery, region: flanders, number: first });

  now = await on('2026-12-10', 'the visa');
  await does(now, post, 'issueVisa', first);

  now = await on('2027-01-05', 'arrival and card');
  await does(now, linkebeek, 'registerArrival', first, { enteredOn: '2027-01-03' });
  await does(now, linkebeek, 'registerResidence', first, { street: 'Dorpsstraat', houseNumber: '1' });
  await does(now, linkebeek, 'issueCard', first);
  await asksWork(now, worker.insz, { when: 'The employer asks', allowed: true });

  now = await on('2028-09-15', 'a renewal');
  const renewal = await does(now, mandatary, 'createDraft', null, {
    kind: 'SP_LIM',
    applicationType: 'RENEWAL',
    language: 'NL',
    facts: {
      ...engineer,
      worker: { ...engineer.worker, insz: worker.insz, abroad: false },
      diplomaticPost: null,
      previousPermit: `${first}-P`,
      periodFrom: '2029-01-01',
      periodTo: '2030-12-31',
    },
  });
  await add(now, renewal, [...papers, 'WRK_PAYSLIPS']);
  await does(now, mandatary, 'submitDossier', renewal);
  await does(now, flanders, 'declareAdmissible', renewal);

  now = await on('2028-12-20', 'the card ends soon: annex 49');
  await does(now, linkebeek, 'issueAnnex49', renewal);

  now = await on('2029-01-03', 'on annex 49');
  await asksWork(now, worker.insz, { when: 'The region has not decided', allowed: false });
  await does(now, flanders, 'takeWorkDecision', renewal, { outcome: 'GRANT' });
  await asksWork(now, worker.insz, { when: 'The region has said yes', allowed: true });
  await does(now, office, 'takeResidenceDecision', renewal, { outcome: 'GRANT' });

  now = await on('2029-02-01', 'a second dossier is refused in Flanders, and filed again in Brussels');
  const another = {
    ...engineer,
    worker: { ...engineer.worker, lastName: 'Balogun', firstNames: 'Ada', sex: 'F', birthDate: '1994-08-17' },
    periodFrom: '2029-04-01',
    periodTo: '2030-03-31',
  };
  const refused = await does(now, mandatary, 'createDraft', null, { kind: 'SP_LIM', language: 'NL', facts: another });
  await add(now, refused, papers);
  await does(now, mandatary, 'submitDossier', refused);
  const shopper = await workerOf(now, flanders, refused);
  await does(now, flanders, 'declareAdmissible', refused);
  await does(now, flanders, 'takeWorkDecision', refused, {
    outcome: 'REFUSE',
    grounds: ['DIPLOMA'],
    motivation: 'Het diploma is niet erkend.',
  });
  const again = await does(now, mandatary, 'createDraft', null, {
    kind: 'SP_LIM',
    language: 'FR',
    facts: {
      ...another,
      worker: { ...another.worker, insz: shopper.insz },
      places: { workplaces: [{ postalCode: '1180' }] },
    },
  });
  await add(now, again, papers);
  await does(now, mandatary, 'submitDossier', again);
  const outcomes = await ask<{
    priorOutcomes: { authority: { id: string }; outcome: string; grounds: { code: string }[] }[];
  }>(
    now,
    brussels,
    'query ($worker: ID!) { priorOutcomes(worker: $worker) { authority { id } outcome grounds { code } } }',
    { worker: shopper.id },
    treating,
  );
  const met = outcomes.data?.priorOutcomes ?? [];
  if (met.length !== 1) throw new Error(`Brussels sees other outcomes than it should: ${JSON.stringify(outcomes)}`);
  for (const { authority, outcome, grounds } of met) {
    seen(
      `Brussels sees: ${authority.id} ${outcome}, ${grounds.map(({ code }) => code).join(', ')}. Its documents it does not see.`,
    );
  }

  now = await on('2029-03-01', 'a permit is withdrawn, and everyone is told');
  await does(now, flanders, 'withdrawPermit', renewal, { grounds: ['W4'], effectiveOn: '2029-03-15' });
  await asksWork(now, worker.insz, { when: 'It takes effect on 15 March, and until then', allowed: true });
  await everybodyTold(now, { region: flanders, number: renewal, event: 'PERMIT_WITHDRAWN' });

  await wrongTurns(now, { mandatary, renewal, again, engineer });
  const late = await does(now, mandatary, 'createDraft', null, {
    kind: 'SP_LIM',
    language: 'NL',
    facts: { ...another, worker: { ...another.worker, lastName: 'Eze', birthDate: '1990-01-09' } },
  });
  await add(now, late, papers);
  await does(now, mandatary, 'submitDossier', late);
  await does(now, flanders, 'requestInformation', late, { items: ['WRK_DIPLOMA'] });
  await mayNot(now, flanders, 'declareInadmissible', late, { because: 'DUE_DATE_PASSED', grounds: ['MISSING_DOCS'] });

  now = await on('2029-03-20', 'a completion that comes too late');
  await asksWork(now, worker.insz, { when: 'The withdrawal has taken effect', allowed: false });
  const tooLate = await upload(now, mandatary);
  await mayNot(now, mandatary, 'addDocument', late, {
    because: 'NOT_AFTER_DUE_DATE',
    code: 'WRK_DIPLOMA',
    fileName: 'diploma.pdf',
    upload: tooLate,
  });
  await mayNot(now, mandatary, 'completeDossier', late, { because: 'COMPLETED_IN_TIME' });
  await does(now, flanders, 'declareInadmissible', late, { grounds: ['MISSING_DOCS'] });

  process.stdout.write('\nEverything went as it should.\n');
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await counter?.close();
  await rm(folder, { recursive: true, force: true });
}
