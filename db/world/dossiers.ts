import { makeDossierNumber } from '../../schema/identifiers.ts';
import type { Cohort } from './cohort.ts';
import { type Day, dateOf, dateOrNull, dayOf, workingDaysAfter, yearOf } from './days.ts';
import type { Filing } from './filing.ts';
import { involve } from './involve.ts';
import type { Decision, Dossier } from './life.ts';
import { writePapers } from './papers.ts';
import { competenceOf, due, groundLabel } from './rules.ts';
import { shares } from './shape.ts';
import { kinds } from './work.ts';

/** The number a dossier gets with its draft: from the day's own range, or the sequence that a named case has reserved. */
export function dossierNumberOf(cohort: Cohort, filing: Filing): string {
  const { prefix } = kinds[filing.kind];
  const { created } = filing.course;
  if (filing.sequence !== undefined) return makeDossierNumber(prefix, yearOf(created), filing.sequence);
  return cohort.world.numbers.dossier(prefix, created);
}

const final = new Set(['INADMISSIBLE', 'GRANTED', 'REFUSED', 'APPLICANT_WITHDRAWN', 'WITHOUT_OBJECT']);

function writeDeadlines(cohort: Cohort, dossier: Dossier): Day | null {
  const { filing, number, authority, submitted } = dossier;
  let next: Day | null = null;
  const seen = new Set<string>();
  for (const { rule, starts, met } of dossier.deadlines) {
    const dueOn = due(rule, authority, filing.kind, submitted?.day ?? starts, starts);
    if (dueOn === null || seen.has(`${rule} ${starts}`)) continue;
    seen.add(`${rule} ${starts}`);
    cohort.batch.add('dossiers.deadline', {
      dossier_number: number,
      rule,
      starts_on: dateOf(starts),
      due_on: dateOf(dueOn),
      met_on: dateOrNull(met),
      suspended_since: null,
    });
    if (met === null && !final.has(dossier.status) && (next === null || dueOn < next)) next = dueOn;
  }
  return next;
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
  return outcome === 'WITHDRAW' || outcome === 'END' ? endings[language](text) : reasons[language](outcome, text);
}

function annexOf(dossier: Dossier, { part, outcome }: Decision): string | null {
  if (part === 'RESIDENCE') return outcome === 'GRANT' ? 'A46' : 'A48';
  // On a renewal the positive work decision is what makes an annex 49 give a right to work.
  const bridges =
    outcome === 'GRANT' && dossier.filing.applicationType === 'RENEWAL' && kinds[dossier.filing.kind].residence;
  return bridges ? 'A49' : null;
}

function writeDecisions(cohort: Cohort, dossier: Dossier): void {
  for (const decision of dossier.decisions) {
    const notified = workingDaysAfter(decision.day, 1);
    cohort.batch.add('decisions.decision', {
      id: decision.id,
      dossier_number: dossier.number,
      part: decision.part,
      outcome: decision.outcome,
      authority: decision.authority,
      decided_on: dateOf(decision.day),
      notified_on: notified <= cohort.today ? dateOf(notified) : null,
      valid_from: dateOrNull(decision.valid?.from),
      valid_to: dateOrNull(decision.valid?.to),
      grounds: decision.grounds,
      motivation: motivation(dossier, decision),
      annex: annexOf(dossier, decision),
      version: decision.version,
      supersedes: decision.supersedes,
      worker_id: dossier.filing.worker.id,
      employer_kbo: dossier.filing.employer?.kbo ?? null,
    });
  }
}

function writeRow(cohort: Cohort, dossier: Dossier, nextDeadline: Day | null): void {
  const { chance } = cohort;
  const { filing, submitted } = dossier;
  const { workplace, job } = filing;
  const competence = competenceOf(filing);
  // From October 2021 mail is an exception that needs a ticket of the helpdesk.
  const mail = submitted !== null && submitted.day >= dayOf('2021-10-01') && chance.happens(shares.emailException);
  const past = submitted !== null && dossier.forwarded !== null;
  cohort.batch.add('dossiers.dossier', {
    number: dossier.number,
    kind: filing.kind,
    application_type: filing.applicationType,
    status: dossier.status,
    work_track: dossier.workTrack,
    residence_track: dossier.residenceTrack,
    handling: dossier.handling,
    channel: mail ? 'EMAIL_EXCEPTION' : 'ONLINE',
    helpdesk_ticket: mail ? `HD-${chance.between(100_000, 999_999)}` : null,
    language: filing.language,
    rule_set: dossier.ruleSet,
    competent_authority: dossier.authority,
    competence_rule: competence.rule,
    competence_inputs: { ...competence.inputs, confidence: competence.confidence },
    category: filing.category,
    employer_kbo: filing.employer?.kbo ?? null,
    establishment_number: filing.establishment?.number ?? null,
    worker_id: filing.worker.id,
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
    next_deadline_on: dateOrNull(nextDeadline),
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
  for (const [at, { lodged, decided, upheld, part }] of dossier.appeals.entries()) {
    batch.add('dossiers.appeal', {
      id: `${number}-A${at + 1}`,
      dossier_number: number,
      lodged_on: dateOf(lodged),
      lodged_by_kind: filing.applicant.kind,
      against_part: part,
      due_on: dateOrNull(
        due(
          part === 'WORK' ? 'D08' : 'D09',
          dossier.authority,
          filing.kind,
          dossier.submitted?.day ?? lodged,
          refusedOn(dossier, part),
        ),
      ),
      outcome: decided === null ? null : upheld ? 'UPHOLD' : 'REJECT',
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

function refusedOn(dossier: Dossier, part: Decision['part']): Day {
  return dossier.decisions.find((one) => one.part === part && one.outcome !== 'GRANT')?.day ?? dossier.created.day;
}
