import type { Cohort } from './cohort.ts';
import { dateOf, dateOrNull } from './days.ts';
import { documentsFor } from './rules.ts';
import type { Dossier } from './steps.ts';

const messages = {
  NL: ['Kunt u bevestigen dat het dossier volledig is?', 'De arbeidsovereenkomst is aangepast en opnieuw opgeladen.'],
  FR: ['Pouvez-vous confirmer que le dossier est complet ?', 'Le contrat de travail a été adapté et déposé à nouveau.'],
  DE: [
    'Können Sie bestätigen, dass das Dossier vollständig ist?',
    'Der Arbeitsvertrag wurde angepasst und neu hochgeladen.',
  ],
} as const;

const answers = {
  NL: 'Wij hebben uw stukken goed ontvangen en behandelen het dossier.',
  FR: 'Nous avons bien reçu vos documents et traitons le dossier.',
  DE: 'Wir haben Ihre Unterlagen erhalten und bearbeiten das Dossier.',
} as const;

const notes = {
  NL: ['Functie en loon nagekeken.', 'Werkgever gebeld over de werkplaats.', 'Diploma gecontroleerd.'],
  FR: ['Fonction et rémunération vérifiées.', 'Employeur appelé au sujet du lieu de travail.', 'Diplôme contrôlé.'],
  DE: ['Funktion und Lohn geprüft.', 'Arbeitgeber wegen des Arbeitsortes angerufen.', 'Diplom geprüft.'],
} as const;

function writeDocuments(cohort: Cohort, dossier: Dossier): void {
  const { batch, chance } = cohort;
  const { filing, number } = dossier;
  const required = documentsFor(filing);
  const asked = dossier.requests[0];
  // A draft may still be half empty.
  const missing = new Set(asked?.items);
  const present = required.filter((code) => !missing.has(code) && (dossier.submitted !== null || chance.happens(0.6)));
  let count = 0;
  const upload = (code: string, at: string, supersededBy: string | null) => {
    count += 1;
    batch.add('dossiers.document', {
      id: `${number}-D${String(count).padStart(2, '0')}`,
      dossier_number: number,
      code,
      file_name: `${code.toLowerCase().replaceAll('_', '-')}.pdf`,
      mime: 'application/pdf',
      size_bytes: chance.between(24_000, 2_400_000),
      sha256: chance.hex(64),
      uploaded_by_kind: filing.applicant.kind,
      uploaded_by: filing.applicant.id,
      uploaded_at: at,
      superseded_by: supersededBy,
    });
  };
  for (const code of present) {
    // Payslips come month by month, and a contract often with an annex.
    const copies = code === 'WRK_PAYSLIPS' ? 3 : code === 'WRK_CONTRACT' && chance.happens(0.6) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) upload(code, dossier.created.at, null);
  }
  const routed = dossier.events.find(({ type }) => type === 'DOSSIER_ROUTED')?.at;
  // Now and then a better copy takes the place of the first upload.
  if (routed !== undefined && present.length > 0 && chance.happens(0.1)) {
    const code = chance.pick(present);
    upload(code, dossier.created.at, `${number}-D${String(count + 2).padStart(2, '0')}`);
    upload(code, routed, null);
  }
  if (!asked || asked.answered === null) return;
  const at = dossier.events.find(({ type }) => type === 'COMPLETED')?.at ?? dossier.created.at;
  for (const code of asked.items) upload(code, at, null);
}

/** Writes documents, requests for information, transfers, messages and internal notes of a dossier. */
export function writePapers(cohort: Cohort, dossier: Dossier): void {
  const { batch, chance } = cohort;
  const { number, filing, submitted } = dossier;
  const { language, applicant } = filing;
  writeDocuments(cohort, dossier);
  for (const [at, { day, due, answered, items }] of dossier.requests.entries()) {
    batch.add('dossiers.information_request', {
      id: `${number}-Q${at + 1}`,
      dossier_number: number,
      requested_on: dateOf(day),
      due_on: due,
      items,
      answered_on: dateOrNull(answered),
    });
  }
  for (const event of dossier.events) {
    if (event.type !== 'TRANSFERRED') continue;
    batch.add('dossiers.transfer', {
      dossier_number: number,
      at: event.at,
      from_authority: dossier.former,
      to_authority: dossier.authority,
      reason: 'WORKPLACE_CORRECTED',
    });
  }
  const received = dossier.events.find(({ type }) => type === 'DOSSIER_ROUTED');
  if (submitted === null || received === undefined) return;
  const later = dossier.events.at(-1)?.at ?? received.at;
  if (chance.happens(0.14)) {
    const write = (at: string, kind: string, sender: string, text: string, count: number) =>
      batch.add('dossiers.message', {
        id: `${number}-M${count}`,
        dossier_number: number,
        at,
        sender_kind: kind,
        sender,
        text,
      });
    write(received.at, applicant.kind, applicant.id, chance.pick(messages[language]), 1);
    if (chance.happens(0.7)) write(later, 'REGION', dossier.authority, answers[language], 2);
  }
  if (dossier.admissible && chance.happens(0.3)) {
    batch.add('dossiers.note', {
      id: `${number}-N1`,
      dossier_number: number,
      at: dossier.admissible.at,
      authority: dossier.authority,
      text: chance.pick(notes[language]),
    });
  }
}
