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
