/** The ground on which changes are attacked: a world, the graph over it, and the gateway's door, which answers in bytes. */
import { acting, arrangeDocuments, complete, facts, papers, type Stepped } from './acting.ts';
import { callTo } from './caller.ts';
import { kbo } from './cast.ts';
import { documentOf } from './matrix-steps.ts';
import { openWorld } from './opened-world.ts';
import { house, tokenFor } from './world.ts';

/** Who attacks, and is attacked. */
export const brewery = `EMPLOYER:${kbo.brewery}`;
export const mandatary = `MANDATARY:${kbo.mandatary}`;
export const counter = `ENTERPRISE_COUNTER:${kbo.counter}`;

/** A dossier as a step answers it. */
export type Dossier = NonNullable<Stepped['dossier']>;

/** Opens it. */
export const openAttack = async () => {
  const world = await openWorld();
  const as = acting(world);
  const gateway = await house(world.database);
  const { rows } = world;

  /** Asks over HTTP; what comes back is the answer byte for byte. */
  const post = async (who: string, { text, variables }: { text: string; variables?: Record<string, unknown> }) => {
    const { status, text: body } = await callTo(gateway.url, {
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await tokenFor(gateway.env, who)}` },
      body: JSON.stringify({ query: text, variables }),
    });
    return { status, body };
  };

  const answered = (
    who: string,
    name: string,
    input: unknown,
    selection = 'dossier { number } problems { code message guard }',
  ) => post(who, documentOf([{ name, input }], selection));

  /** All that a step could change, counted. */
  const changed = () =>
    rows(
      `select (select count(*) from dossiers.dossier) as dossiers, (select sum(version) from dossiers.dossier) as versions,
         (select count(*) from dossiers.event) as events, (select count(*) from decisions.decision) as decisions,
         (select count(*) from dossiers.message) as messages, (select count(*) from dossiers.document) as documents,
         (select count(*) from steps.upload) as uploads, (select count(*) from steps.outbox) as outbox`,
    );

  const versionOf = async (of: string): Promise<number> => {
    const [row] = await rows<{ version: number }>('select version from dossiers.dossier where number = $1', [of]);
    return row?.version ?? 0;
  };

  const take = async (
    who: string,
    step: string,
    { number: of }: Pick<Dossier, 'number'>,
    input = {},
  ): Promise<Dossier> => {
    const done = await as(who)(step, { number: of, expectedVersion: await versionOf(of), ...input });
    if (!done.dossier || done.problems.length > 0) throw new Error(`${step}: ${JSON.stringify(done)}`);
    return done.dossier;
  };

  let born = 0;
  /** A draft of the brewery's on a person of its own, with all its documents. */
  const ready = async (of: Record<string, unknown> = {}): Promise<Dossier> => {
    const worker = { ...facts.worker, birthDate: `19${60 + born++}-03-04` };
    const draft = await complete(world, brewery, { papers: [], facts: { worker, ...of } });
    await arrangeDocuments(world, draft.number, papers);
    return draft;
  };
  const inTreatment = async (): Promise<Dossier> => {
    const draft = await ready();
    await take(brewery, 'submitDossier', draft);
    return take('VLA-DEM', 'declareAdmissible', draft);
  };
  const granted = async (): Promise<Dossier> => {
    const dossier = await inTreatment();
    await take('VLA-DEM', 'takeWorkDecision', dossier, { outcome: 'GRANT' });
    return take('FED-DVZ', 'takeResidenceDecision', dossier, { outcome: 'GRANT' });
  };

  return {
    as,
    rows,
    gateway,
    post,
    answered,
    changed,
    versionOf,
    take,
    ready,
    inTreatment,
    granted,
    world,
    stop: async () => {
      await gateway.stop();
      await world.stop();
    },
  };
};
