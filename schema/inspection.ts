import { authorities } from './authorities.ts';
import { type Code, type Frozen, json } from './data.ts';
import type { Kind } from './policy.ts';

/** A rule with who controls what it finds: FED any federal service, REG the regional one of the workplace, or one service. */
type Rule = Frozen<Code & { who: string[] }>;

const { codes: rules } = json<{ inspectionRules: { codes: Rule[] } }>('inspection.json').inspectionRules;

/** The rules whose hits an inspection service controls (DOMAIN 8, column "who"); none for anybody else. */
export function controlledRules(kind: Kind, authority: string | null): string[] {
  const names: Partial<Record<Kind, string>> = { INSPECTION_FED: 'FED', INSPECTION_REG: 'REG' };
  const general = names[kind];
  if (general === undefined) return [];
  return rules.filter(({ who }) => who.some((one) => one === general || one === authority)).map(({ code }) => code);
}

/** The inspection services that control what a rule finds in a territory. */
export const controllersOf = (rule: string, territory: string): string[] =>
  authorities.flatMap(({ id, kind, territory: own }) => {
    if (kind !== 'INSPECTION_FED' && !(kind === 'INSPECTION_REG' && own === territory)) return [];
    return controlledRules(kind, id).includes(rule) ? [id] : [];
  });

/** The inspection services that have access at all. */
export const inspections: readonly string[] = authorities.flatMap(({ id, kind }) =>
  kind === 'INSPECTION_FED' || kind === 'INSPECTION_REG' ? [id] : [],
);
