import { dueDate } from '../../schema/calendar.ts';
import { type Competence, competentAuthority } from '../../schema/competence.ts';
import { type DeadlineId, deadlineRow } from '../../schema/deadlines.ts';
import { formDefinition } from '../../schema/forms.ts';
import { label } from '../../schema/reference.ts';
import { type Day, dateOf, dayOf } from './days.ts';
import type { Filing } from './filing.ts';
import type { Place } from './places.ts';
import { secondRuleSetFrom } from './shape.ts';

// What the declared rules answer, remembered: a world asks the same few hundred questions a million times.

function remembered<A extends unknown[], T>(key: (...args: A) => string, ask: (...args: A) => T): (...args: A) => T {
  const known = new Map<string, T>();
  return (...args) => {
    const name = key(...args);
    if (known.has(name)) return known.get(name) as T; // just found to be there
    const answer = ask(...args);
    known.set(name, answer);
    return answer;
  };
}

const answered = remembered(
  (facts: Parameters<typeof competentAuthority>[0]) => JSON.stringify(facts),
  (facts) => {
    const found = competentAuthority(facts);
    if (found === null) throw new Error(`no authority is competent: ${JSON.stringify(facts)}`);
    return found;
  },
);

/** The facts a filing gives about its places, as the rules of competence ask for them. */
export function competenceOf(filing: Filing): Competence {
  const { kind, workplace, secondWorkplace, worker, establishment, host, employer, posting } = filing;
  const at = (place: Place) => ({ postalCode: place.postalCode });
  const half = (place: Place) => ({ ...at(place), share: 0.5 });
  const home = host?.home ?? worker.home;
  return answered({
    kind,
    ...(workplace ? { workplaces: secondWorkplace ? [half(workplace), half(secondWorkplace)] : [at(workplace)] } : {}),
    ...(employer ? { seat: at(employer.seat.place) } : {}),
    ...(kind === 'SP_UNL' || kind === 'WA_UNL' ? (worker.home ? { residence: at(worker.home.place) } : {}) : {}),
    ...(kind === 'PC_SELF' && (establishment || workplace)
      ? { establishment: establishment ? at(establishment.address.place) : workplace ? at(workplace) : {} }
      : {}),
    ...(kind === 'WA_AUPAIR' && home ? { hostFamily: at(home.place) } : {}),
    ...(kind === 'SP_ICT' || kind === 'SP_ICT_MOB' || posting
      ? establishment
        ? { hostEstablishment: at(establishment.address.place) }
        : {}
      : {}),
    ...(posting ? { posted: true } : {}),
  });
}

const termOf = remembered(
  (rule: DeadlineId, region: string, kind: string, submitted: Day) =>
    `${rule} ${region} ${kind} ${dateOf(submitted) < secondRuleSetFrom}`,
  (rule, region, kind, submitted) => deadlineRow(rule, { region, kind, submittedOn: dateOf(submitted) })?.term ?? null,
);

const dueOn = remembered(
  (from: Day, term: Parameters<typeof dueDate>[1]) => `${from} ${JSON.stringify(term)}`,
  (from, term) => dayOf(dueDate(dateOf(from), term)),
);

/** The last day of a term, or null where the rules set none. */
export function due(rule: string, region: string, kind: string, submitted: Day, from: Day): Day | null {
  const term = termOf(rule as DeadlineId, region, kind, submitted); // the generator writes the ids of DOMAIN 3.5
  return term === null ? null : dueOn(from, term);
}

const form = remembered(
  (kind: string, region: string, category: string, applicationType: string) =>
    `${kind} ${region} ${category} ${applicationType}`,
  (kind, region, category, applicationType) =>
    formDefinition({ kind, region, category, applicationType, at: '2026-01-01' }),
);

/** The codes of the documents that an application must hold. */
export function documentsFor(filing: Filing): readonly string[] {
  const { kind, region, category, applicationType, posting } = filing;
  return form(kind, region, category, applicationType)
    .documents.filter(({ condition }) => condition !== 'POSTED' || posting !== null)
    .map(({ code }) => code);
}

const groundLists = ['groundsInadmissible', 'groundsRefusal', 'groundsResidence', 'groundsWithdrawal'] as const;

/** What a ground is called in a language of proceedings. */
export const groundLabel = remembered(
  (ground: string, language: 'nl' | 'fr' | 'de') => `${ground} ${language}`,
  (ground, language) => {
    for (const list of groundLists) {
      const found = label(list, ground, language);
      if (found !== ground) return found;
    }
    return ground;
  },
);
