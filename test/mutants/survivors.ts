/** Mutants that nothing notices, because they change nothing that anybody could see: each with the reason. */

// A row of whose every field nothing may be known is not there, whatever the scope says: of these kinds no level opens a mandate.
const withoutMandates = ['IDENTITY', 'POST', 'MUNICIPALITY', 'HELPDESK', 'AUDITOR', 'COORDINATION', 'RECIPIENT'];

export const survivors: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    withoutMandates.map((kind) => [
      `rows mandate of ${kind}: nothing to everything`,
      'no level opens a mandate to this kind, and so there is none for it',
    ]),
  ),
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
