/** Mutants that nothing notices, because they change nothing that anybody could see: each with the reason. */

// A row of one category that is also of another gives more to nobody, where whoever may read the other may read the one.
const noMore = (one: string, other: string): string => `whoever may read ${other} may read ${one}`;

// A row of whose every field nothing may be known is not there, whatever the scope says: of these kinds no level opens a mandate.
const withoutMandates = ['IDENTITY', 'POST', 'MUNICIPALITY', 'HELPDESK', 'AUDITOR', 'COORDINATION', 'RECIPIENT'];

export const survivors: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    withoutMandates.map((kind) => [
      `rows mandate of ${kind}: nothing to everything`,
      'no level opens a mandate to this kind, and so there is none for it',
    ]),
  ),
  'rowCategories Decision WORK: with RESIDENCE_DECISION': noMore('a work decision', 'a residence decision'),
  'rowCategories PriorOutcome WORK: with RESIDENCE_DECISION': noMore('a work decision', 'a residence decision'),
  'rowCategories PriorOutcome WORK: with RESIDENCE_MOTIVATION': noMore(
    'a work decision',
    'the reasons of a residence decision',
  ),
  'rowCategories Track WORK: with RESIDENCE_DECISION': noMore('a work decision', 'a residence decision'),
  'rowCategories Document PASSPORT: with CRIMINAL_MEDICAL': noMore('a passport', 'a criminal record'),
  'rowCategories Document PASSPORT: with MEANS': noMore('a passport', 'a proof of means'),
  'rowCategories Document MEANS: with CRIMINAL_MEDICAL': noMore('a proof of means', 'a criminal record'),
  'rowCategories Document WORK_DOCUMENTS: with CRIMINAL_MEDICAL': noMore('a contract', 'a criminal record'),
  'rowCategories Document WORK_DOCUMENTS: with MEANS': noMore('a contract', 'a proof of means'),
  'subgraphs/access.ts: a mandate is any tie': 'the register ties a mandatary to an employer by a mandate alone',
  'subgraphs/access.ts: a mandate is about anything': 'the register ties a mandatary to nothing but employers',
  'subgraphs/access.ts: a subject is of any kind':
    'dossiers, workers and enterprises are numbered so that none is like another',
  'subgraphs/filter.ts: a look-up that is forbidden is made':
    'whoever may ask for a person at all may see the number, masked at least, once a purpose is stated',
  'subgraphs/filter.ts: a filter asks no purpose':
    'to nobody a purpose opens what is filtered by where nothing else does',
  "subgraphs/page.ts: a condition's value takes the viewer's place":
    "no condition has a value of a name that the viewer's own have",
  'subgraphs/guard.ts: what has no rule is open':
    'every field that asks has a rule of its own, and guard takes no other from what shield makes',
};
