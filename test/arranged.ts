import { number } from './cast.ts';
import { type OpenedWorld, openWorld } from './opened-world.ts';

/** The files of four documents, one of each sensitive category, in the order in which a dossier lists them. */
export const papers = ['passport.pdf', 'criminal-record.pdf', 'means.pdf', 'contract.pdf'] as const;

const uploads = [
  ['RES_PASSPORT', 'EMPLOYER'],
  ['RES_CRIMINAL_RECORD', 'WORKER'],
  ['RES_MEANS', 'WORKER'],
  ['WRK_CONTRACT', 'EMPLOYER'],
] as const;

const document = `insert into dossiers.document (id, dossier_number, code, file_name, mime, size_bytes, sha256, uploaded_by_kind, uploaded_by, uploaded_at)
  values ($1, $2, $3, $4, 'application/pdf', 1, 'x', $5, 'x', '2026-01-01')`;
const limosa = `insert into cadastre.limosa_declaration (number, worker_kind, worker_id, sender_name, sender_country, clients, places, authorities, start_date, a1_number)
  values ($1, 'EMPLOYEE', 'W-0000002', 'Sender', 'PT', $2, '[]', $3, '2026-10-01', $4)`;

/**
 * Adds what the cast lacks: of each sensitive kind one record, in a place where somebody may see it and somebody
 * who comes close may not.
 */
export const arrange = async (rows: OpenedWorld['rows']): Promise<void> => {
  // Rahul, granted: four documents, two of which the worker put there and not the employer.
  await rows('delete from dossiers.document where dossier_number in ($1, $2)', [number.rahul, joy]);
  for (const [at, [code, side]] of uploads.entries()) {
    await rows(document, [`DOC-${at}`, number.rahul, code, papers[at], side]);
  }
  // Joy, an au pair: her host family filed one document, she another, and the residence decision has its reasons.
  await rows(document, ['DOC-A', joy, 'WRK_FORM', 'form.pdf', 'HOST_FAMILY']);
  await rows(document, ['DOC-B', joy, 'RES_CRIMINAL_RECORD', papers[1], 'HOST_FAMILY']);
  await rows(document, ['DOC-C', joy, 'WRK_DIPLOMA', 'diploma.pdf', 'WORKER']);
  // Samuel, refused in Flanders: the work part for one reason, residence for another.
  const decision = `insert into decisions.decision (id, dossier_number, part, outcome, authority, decided_on, grounds, motivation, worker_id, employer_kbo)
    values ($1, $2, 'RESIDENCE', 'REFUSE', 'FED-DVZ', '2026-10-01', '{RES_PUBLIC_ORDER}', 'why no residence', $3, $4)`;
  await rows(`update decisions.decision set motivation = 'why no work' where dossier_number = $1`, [
    number.samuelRefused,
  ]);
  await rows(decision, ['DEC-SAMUEL', number.samuelRefused, 'W-0000006', '0123456749']);
  await rows(decision, ['DEC-JOY', joy, 'W-0000021', null]);
  // Ayşe, in treatment: each of two authorities has written a note for itself.
  await rows('delete from dossiers.note where dossier_number = $1', [number.ayse]);
  await rows(
    `insert into dossiers.note select 'NOTE-' || a, $1, '2026-10-10', a, 'note of ' || a from unnest(array['VLA-DEM', 'FED-DVZ']) a`,
    [number.ayse],
  );
  // Rahul again: posted to the brewery under one certificate, and to Cabinet Vivier under another.
  await rows(
    `insert into cadastre.a1_certificate (number, issuing_country, worker_id, valid_from) values ('A1-BREWERY', 'PT', 'W-0000002', '2026-10-01'), ('A1-UKKEL', 'PT', 'W-0000002', '2026-10-02')`,
  );
  await rows(limosa, ['L-BREWERY', ['0123456749'], ['VLA-DEM'], 'A1-BREWERY']);
  await rows(limosa, ['L-UKKEL', ['0100100238'], ['BRU-BEW'], 'A1-UKKEL']);
};

/** A world of the test's own, so arranged. */
export const arrangedWorld = async (): Promise<OpenedWorld> => {
  const world = await openWorld();
  await arrange(world.rows);
  return world;
};

/** The dossier of the au pair, and who had her come. */
export const joy = 'AK-2026-0000023-37';
