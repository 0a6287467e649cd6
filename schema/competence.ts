import { type Frozen, json, type Labels } from './data.ts';
import { authorityOfNis, authorityOfPostalCode, municipality, postalCode, type Region } from './places.ts';

/** A place by its postal code or its NIS code; the NIS code goes first when both are given (DOMAIN 4.2). */
export type Place = { readonly postalCode?: string | undefined; readonly nis?: string | undefined };

/** A place of work, with the share of the planned time that is spent there, in any one unit. */
export type Workplace = Place & { readonly share?: number | undefined };

/** The facts from which the competent authority follows. */
export type CompetenceFacts = {
  readonly kind: string;
  readonly workplaces?: readonly Workplace[] | undefined;
  readonly seat?: Place | undefined;
  readonly residence?: Place | undefined;
  readonly establishment?: Place | undefined;
  readonly hostEstablishment?: Place | undefined;
  readonly hostFamily?: Place | undefined;
  /** Whether the worker is posted, or transferred, by an employer abroad. */
  readonly posted?: boolean | undefined;
  /** Whether the employer has neither seat nor establishment unit in Belgium. */
  readonly foreignEmployer?: boolean | undefined;
};

/** The rule that decided (DOMAIN 4.1). */
export type CompetenceRule = 'R1' | 'R2' | 'R3' | 'R4' | 'R5' | 'R6' | 'R7';

type PlaceFact = 'workplaces' | 'seat' | 'residence' | 'establishment' | 'hostEstablishment' | 'hostFamily';

/**
 * How sure the answer is: HIGH from the rule's own fact and a known place, MEDIUM from the seat for want of a main place
 * or from a postal code or municipality that is not on the official list, LOW from a second-best fact.
 */
export type Confidence = 'HIGH' | 'MEDIUM' | 'LOW';

/** The competent authority, the rule that led to it, and the facts that the rule used. */
export type Competence = {
  readonly authority: Region;
  readonly rule: CompetenceRule;
  readonly inputs: Partial<Pick<CompetenceFacts, PlaceFact>> & { readonly kind: string };
  readonly confidence: Confidence;
};

type RuleRow = {
  rule: CompetenceRule;
  kinds: string[] | null;
  posted: boolean | null;
  foreignEmployer: boolean | null;
  facts: PlaceFact[];
  final: boolean;
  labels: Labels;
  source: string;
};

const { rules } = json<{ rules: RuleRow[] }>('competence.json');

function authorityOf(place: Place): Region | null {
  if (place.nis !== undefined) return authorityOfNis(place.nis);
  return place.postalCode === undefined ? null : authorityOfPostalCode(place.postalCode);
}

// The one authority of all places, or the one in which more than half of the planned time is spent.
function mainAuthority(places: readonly Workplace[]): Region | null {
  const [first, ...others] = places.map(authorityOf);
  if (first === undefined || (first !== null && others.every((other) => other === first))) return first ?? null;
  if (places.some(({ share }) => share === undefined)) return null;
  const total = places.reduce((sum, { share = 0 }) => sum + share, 0);
  const spent = new Map<Region, number>();
  for (const place of places) {
    const authority = authorityOf(place);
    if (authority !== null) spent.set(authority, (spent.get(authority) ?? 0) + (place.share ?? 0));
  }
  return [...spent].find(([, share]) => share * 2 > total)?.[0] ?? null;
}

function listed(place: Place): boolean {
  return (place.nis === undefined ? postalCode(place.postalCode ?? '') : municipality(place.nis)) !== null;
}

function applies(row: Frozen<RuleRow>, facts: CompetenceFacts): boolean {
  return (
    (row.kinds === null || row.kinds.includes(facts.kind)) &&
    (row.posted === null || row.posted === (facts.posted ?? false)) &&
    (row.foreignEmployer === null || row.foreignEmployer === (facts.foreignEmployer ?? false))
  );
}

function asPlaces(fact: CompetenceFacts[PlaceFact]): readonly Workplace[] {
  if (fact === undefined) return [];
  return Array.isArray(fact) ? fact : [fact as Place]; // Array.isArray does not narrow read-only arrays
}

/** The authority competent for the work part, by rules R1 to R7 (DOMAIN 4.1); null when the facts do not decide it. */
export function competentAuthority(facts: CompetenceFacts): Competence | null {
  for (const row of rules.filter((one) => applies(one, facts))) {
    for (const fact of row.facts) {
      const places = asPlaces(facts[fact]);
      const authority = mainAuthority(places);
      if (authority === null) continue;
      const sure = row.rule !== 'R5' && places.every(listed);
      const secondBest = fact !== row.facts[0] && row.final;
      return {
        authority,
        rule: row.rule,
        inputs: { kind: facts.kind, [fact]: facts[fact] },
        confidence: secondBest ? 'LOW' : sure ? 'HIGH' : 'MEDIUM',
      };
    }
    if (row.final) return null;
  }
  return null;
}
