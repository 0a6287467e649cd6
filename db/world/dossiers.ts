import { ruleSet } from '../../schema/deadlines.ts';
import { makeDossierNumber } from '../../schema/identifiers.ts';
import type { Cohort } from './cohort.ts';
import { dateOf, dateOrNull, dayOf, yearOf } from './days.ts';
import type { Filing } from './filing.ts';
import { involve } from './involve.ts';
import { writePapers } from './papers.ts';
import { competenceOf, groundLabel, placesOf } from './rules.ts';
import { shares } from './shape.ts';
import { type Decision, type Dossier, finalStatuses } from './steps.ts';
import type { Value } from './tables.ts';
import { kinds } from './work.ts';

/** The number a dossier gets with its draft: from the day's own range, or the sequence that a named case has reserved. */
export function dossierNumberOf(cohort: Cohort, filing: Filing): string {
  const { prefix } = kinds[filing.kind];
  const { created } = filing.course;
  if (filing.sequence !== undefined) return makeDossierNumber(prefix, yearOf(created), filing.sequence);
  return cohort.world.numbers.dossier(prefix, created);
}

/** Writes the deadlines of a dossier, and answers the earliest day on which one that still runs ends. */
function writeDeadlines(cohort: Cohort, { number, state }: Dossier): string | null {
  const running: string[] = [];
  for (const { rule, startsOn, dueOn, metOn, suspendedSince } of state.deadlines) {
    cohort.batch.add('dossiers.deadline', {
      dossier_number: number,
      rule,
      starts_on: startsOn,
      due_on: dueOn,
      met_on: metOn,
      suspended_since: suspendedSince,
    });
    if (metOn === null && suspendedSince === null && !finalStatuses.has(state.status ?? '')) running.push(dueOn);
  }
  return running.sort()[0] ?? null;
}

const tongues = { NL: 'nl', FR: 'fr', DE: 'de' } as const;
const reasons: Readonly<Record<'NL' | 'FR' | 'DE', (outcome: string, text: string) => string>> = {
  NL: (outcome, text) =>
    `De aanvraag is ${outcome === 'INADMISSIBLE' ? 'onontvankelijk' : 'geweigerd'} om deze reden: ${text}.`,
  FR: (outcome, text) =>
    `La demande est ${outcome === 'INADMISSIBLE' ? 'irrecevable' : 'refusée'} pour le motif suivant : ${text}.`,
  DE: (outcome, text) =>
    `Der Antrag ist aus folgendem Grund ${outcome === 'INADMISSIBLE' ? 'unzulässig' : 'abgelehnt'}: ${text}.`,
};
const endings: Readonly<Record<'NL' | 'FR' | 'DE', (text: string) => string>> = {
  NL: (text) => `De vergunning eindigt om deze reden: ${text}.`,
  FR: (text) => `Le permis prend fin pour le motif suivant : ${text}.`,
  DE: (text) => `Die Erlaubnis endet aus folgendem Grund: ${text}.`,
};
const grants = {
  NL: 'De voorwaarden van de toelatingscategorie zijn vervuld.',
  FR: "Les conditions de la catégorie d'admission sont remplies.",
  DE: 'Die Bedingungen der Zulassungskategorie sind erfüllt.',
} as const;

function motivation(dossier: Dossier, { outcome, grounds }: Decision): string | null {
  const { language } = dossier.filing;
  if (outcome === 'GRANT') return grants[language];
  const text = grounds.map((ground) => groundLabel(ground, tongues[language])).join('; ');
  if (text === '') return null;
  return outcome === 'WITHDRAW' ? endings[language](text) : reasons[language](outcome, text);
}

function writeDecisions(cohort: Cohort, dossier: Dossier): void {
  for (const decision of dossier.decisions) {
    cohort.batch.add('decisions.decision', {
      id: decision.id,
      dossier_number: dossier.number,
      part: decision.part,
      outcome: decision.outcome,
      authority: decision.authority,
      decided_on: dateOf(decision.day),
      notified_on: dateOf(decision.notified),
      valid_from: dateOrNull(decision.valid?.from),
      valid_to: dateOrNull(decision.valid?.to),
      grounds: decision.grounds,
      motivation: motivation(dossier, decision),
      annex: decision.annex,
      version: decision.version,
      supersedes: decision.supersedes,
      worker_id: dossier.filing.worker.id,
      employer_kbo: dossier.filing.employer?.kbo ?? null,
    });
  }
}

function statedWorker({ worker, post }: Filing): Value {
  const { lastName, firstNames, birthDate, sex, nationalities, passport, aliases } = worker;
  const insz = aliases.at(-1)?.insz;
  const who = { lastName, firstNames, birthDate, sex, nationalities, passportNumber: passport, abroad: post !== null };
  return insz === undefined ? who : { insz, ...who };
}

function writeRow(cohort: Cohort, dossier: Dossier, nextDeadline: string | null): void {
  const { chance } = cohort;
  const { filing, submitted, state } = dossier;
  const { workplace, job } = filing;
  // Until it is submitted nobody has asked the rules to whom a dossier goes.
  const competence = submitted && competenceOf(filing);
  // From October 2021 mail is an exception that needs a ticket of the helpdesk.
  const mail = submitted !== null && submitted.day >= dayOf('2021-10-01') && chance.happens(shares.emailException);
  // Whom others file for is who they say, until the dossier is submitted.
  const stated = submitted === null && filing.applicant.id !== filing.worker.id;
  const { residenceTrack } = state;
  const past = dossier.forwarded !== null || residenceTrack === 'GRANTED' || residenceTrack === 'REFUSED';
  cohort.batch.add('dossiers.dossier', {
    number: dossier.number,
    kind: filing.kind,
    application_type: filing.applicationType,
    status: state.status,
    work_track: state.workTrack,
    residence_track: residenceTrack,
    handling: state.handling,
    channel: mail ? 'EMAIL_EXCEPTION' : 'ONLINE',
    helpdesk_ticket: mail ? `HD-${chance.between(100_000, 999_999)}` : null,
    language: filing.language,
    rule_set: ruleSet(dateOf(submitted?.day ?? dossier.created.day)),
    competent_authority: state.competentAuthority,
    competence_rule: competence?.rule ?? null,
    competence_inputs: competence ? { ...competence.inputs, confidence: competence.confidence } : {},
    places: placesOf(filing),
    category: filing.category,
    employer_kbo: filing.employer?.kbo ?? null,
    establishment_number: filing.establishment?.number ?? null,
    worker_id: stated ? null : filing.worker.id,
    stated_worker: stated ? statedWorker(filing) : null,
    worker_nationality: filing.worker.nationalities[0] ?? 'XX',
    applicant_kind: filing.applicant.kind,
    applicant_id: filing.applicant.id,
    mandatary_kbo: filing.mandatary,
    counter_kbo: filing.counter,
    workplace_postal_code: workplace?.postalCode ?? null,
    workplace_nis: workplace?.nis ?? null,
    workplace_authority: workplace?.authority ?? null,
    function_title: job.title,
    isco08: job.isco,
    nace_code: job.nace,
    joint_committee: job.jointCommittee,
    weekly_hours: job.hours,
    gross_monthly: job.gross,
    period_from: dateOf(filing.periodFrom),
    period_to: dateOrNull(filing.periodTo),
    posting: filing.posting,
    diplomatic_post: filing.post,
    residence_municipality: dossier.municipality?.nis ?? null,
    previous_permit_id: filing.previous?.id ?? null,
    duplicated_from: filing.duplicatedFrom ?? null,
    region_reference: submitted
      ? `${dossier.authority.slice(0, 3)}/${dateOf(submitted.day).slice(0, 4)}/${chance.between(10_000, 99_999)}`
      : null,
    dvz_reference: past ? String(chance.between(7_000_000, 99_999_999)) : null,
    created_at: dossier.created.at,
    submitted_at: submitted?.at ?? null,
    admissible_at: dossier.admissible?.at ?? null,
    copied_to_dvz_at: dossier.copied?.at ?? null,
    forwarded_to_dvz_at: dossier.forwarded?.at ?? null,
    decided_at: dossier.decided?.at ?? null,
    next_deadline_on: nextDeadline,
    version: dossier.events.length,
  });
}

/** Writes a dossier with all that hangs from it, and enters it in the reference register. */
export function writeDossier(cohort: Cohort, dossier: Dossier): void {
  const { batch } = cohort;
  const { number, filing } = dossier;
  if (filing.employer) filing.employer.dossiers += 1;
  writeRow(cohort, dossier, writeDeadlines(cohort, dossier));
  writeDecisions(cohort, dossier);
  writePapers(cohort, dossier);
  for (const [at, { part, lodged, due, decided, outcome }] of dossier.appeals.entries()) {
    batch.add('dossiers.appeal', {
      id: `${number}-A${at + 1}`,
      dossier_number: number,
      lodged_on: dateOf(lodged),
      lodged_by_kind: filing.applicant.kind,
      against_part: part,
      due_on: due,
      outcome,
      decided_on: dateOrNull(decided),
    });
  }
  for (const { kind, at, authority } of dossier.milestones)
    batch.add('dossiers.milestone', { dossier_number: number, kind, at, authority });
  for (const [at, event] of dossier.events.entries()) {
    batch.add('dossiers.event', {
      dossier_number: number,
      sequence: at + 1,
      at: event.at,
      type: event.type,
      actor_kind: event.actorKind,
      actor: event.actor,
      data: event.data,
    });
  }
  involve(cohort, dossier);
}
