import { type Competence, competentAuthority } from '../../schema/competence.ts';
import { formDefinition } from '../../schema/forms.ts';
import { label } from '../../schema/reference.ts';
import type { Filing } from './filing.ts';
import type { Place } from './places.ts';

/** What the declared rules answer, remembered: a world asks the same few hundred questions a million times. */
export function remembered<A extends unknown[], T>(
  key: (...args: A) => string,
  ask: (...args: A) => T,
): (...args: A) => T {
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

const placeOf = (place: Place) => ({ postalCode: place.postalCode });

function workplacesOf({ workplace, secondWorkplace }: Filing): { postalCode: string; share?: number }[] {
  const half = (place: Place) => ({ ...placeOf(place), share: 0.5 });
  if (workplace === null) return [];
  return secondWorkplace ? [half(workplace), half(secondWorkplace)] : [placeOf(workplace)];
}

// Where the rules ask for it: the home of who may work anywhere, and that of a host family.
const residenceOf = ({ kind, worker, host }: Filing): Place | null => {
  if (kind === 'WA_AUPAIR') return (host?.home ?? worker.home)?.place ?? null;
  return kind === 'SP_UNL' || kind === 'WA_UNL' ? (worker.home?.place ?? null) : null;
};

const hostOf = ({ kind, establishment, posting }: Filing): Place | null =>
  kind === 'SP_ICT' || kind === 'SP_ICT_MOB' || posting ? (establishment?.address.place ?? null) : null;

/** The places of a filing as its applicant states them; seat and establishment are in the registers. */
export function placesOf(filing: Filing): { workplaces?: object[]; residence?: string; host?: string } {
  const workplaces = workplacesOf(filing);
  const residence = residenceOf(filing);
  const host = hostOf(filing);
  return {
    ...(workplaces.length > 0 ? { workplaces } : {}),
    ...(residence ? { residence: residence.postalCode } : {}),
    ...(host ? { host: host.postalCode } : {}),
  };
}

/** The authority to which the facts of a filing lead, and by which rule. */
export function competenceOf(filing: Filing): Competence {
  const { kind, workplace, establishment, employer, posting } = filing;
  const workplaces = workplacesOf(filing);
  const residence = residenceOf(filing);
  const host = hostOf(filing);
  const unit = kind === 'PC_SELF' ? (establishment?.address.place ?? workplace) : null;
  return answered({
    kind,
    ...(workplaces.length > 0 ? { workplaces } : {}),
    ...(employer ? { seat: placeOf(employer.seat.place) } : {}),
    ...(residence ? { [kind === 'WA_AUPAIR' ? 'hostFamily' : 'residence']: placeOf(residence) } : {}),
    ...(unit ? { establishment: placeOf(unit) } : {}),
    ...(host ? { hostEstablishment: placeOf(host) } : {}),
    ...(posting ? { posted: true } : {}),
  });
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
