/** The policy's own tables beside the referee's: what no field of the contracts shows yet is still judged. */
import {
  accessTo,
  capOf,
  purposes as claimed,
  hasRoles,
  type Kind,
  kinds as known,
  roles as knownRoles,
  levels,
  categories as named,
  offeredTo,
  opens,
} from '../schema/policy.ts';
import {
  categories,
  everyPurpose,
  haveRoles,
  kinds,
  letter,
  operations,
  purposeOpens,
  purposes,
  reading,
  relations,
  roleLetter,
  roles,
} from './referee.ts';

const same = (one: readonly string[], other: readonly string[]): boolean =>
  [...one].sort().join() === [...other].sort().join();

/** Compares cell by cell, and purpose by purpose. Answers how many cells there were, and where they differ. */
export const compareTables = ({
  kinds: who = kinds,
}: {
  kinds?: readonly Kind[];
} = {}): { cases: number; wrong: string[] } => {
  const wrong: string[] = [];
  let cases = 0;
  if (!same(known, kinds)) wrong.push(`kinds: ${known}`);
  if (!same(named, [...categories, 'REFERENCE', 'STRUCTURE'])) wrong.push(`categories: ${named}`);
  if (!same(knownRoles, roles)) wrong.push(`roles: ${knownRoles}`);
  for (const purpose of everyPurpose) {
    const differ = categories.filter((category) => opens(purpose, category) !== purposeOpens(purpose, category));
    if (differ.length > 0) wrong.push(`${purpose} opens, or not: ${differ}`);
  }
  for (const kind of who) {
    if (hasRoles(kind) !== haveRoles.includes(kind)) wrong.push(`${kind} has roles, or not`);
    for (const role of knownRoles) {
      const reached = (category: string) => 'NSMRW'.indexOf(capOf(kind, [role], category)[0] ?? '');
      const differ = categories.filter(
        (category) => reached(category) !== (hasRoles(kind) ? '-SMRW'.indexOf(roleLetter(role, category)) : 4),
      );
      if (differ.length > 0) wrong.push(`${role} of ${kind}: ${differ}`);
    }
    if (!same(claimed[kind], purposes[kind]))
      wrong.push(`${kind} may claim ${claimed[kind]} and not ${purposes[kind]}`);
    for (const [coordinate, offered] of Object.entries(operations)) {
      if (offeredTo(coordinate, kind) !== offered.includes(kind))
        wrong.push(`${coordinate} for ${kind}: ${offeredTo(coordinate, kind)}`);
    }
    for (const relation of relations) {
      for (const category of categories) {
        cases += 1;
        const { plain, logged } = accessTo(kind, relation, category);
        const want = reading(letter(kind, relation, category), kind, category);
        if (levels.indexOf(plain) !== want.at || levels.indexOf(logged) !== want.logged) {
          wrong.push(
            `${category} for ${kind} ${relation}: ${plain}, ${logged} and not ${letter(kind, relation, category)}`,
          );
        }
      }
    }
  }
  return { cases, wrong };
};
