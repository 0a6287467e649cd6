import { type Competence, type CompetenceFacts, competentAuthority } from '../../schema/competence.ts';
import { formDefinition } from '../../schema/forms.ts';
import { label } from '../../schema/reference.ts';
import type { Filing } from './filing.ts';
import type { Place } from './places.ts';

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

/** The places of a filing from which the competent authority follows, as its applicant states them. */
export function placesOf(filing: Filing): Omit<CompetenceFacts, 'kind' | 'posted' | 'foreignEmployer'> {
  const { kind, workplace, secondWorkplace, worker, establishment, host, employer, posting } = filing;
  const at = (place: Place) => ({ postalCode: place.postalCode });
  const half = (place: Place) => ({ ...at(place), share: 0.5 });
  const home = host?.home ?? worker.home;
  return {
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
  };
}

/** The authority to which the facts of a filing lead, and by which rule. */
export function competenceOf(filing: Filing): Competence {
  return answered({ kind: filing.kind, ...placesOf(filing), ...(filing.posting ? { posted: true } : {}) });
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
