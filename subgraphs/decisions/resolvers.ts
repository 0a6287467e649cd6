import { type CodeListName, codeOf } from '../../schema/reference.ts';
import { authorityOf, type CodeRef, code } from '../common.ts';
import { decisionsThen } from './as-of.ts';
import type { DecisionRow } from './store.ts';
import type { Resolvers } from './types.ts';

const groundsList = ({ part, outcome }: Pick<DecisionRow, 'part' | 'outcome'>): CodeListName => {
  if (outcome === 'INADMISSIBLE') return 'groundsInadmissible';
  if (outcome === 'WITHDRAW' || outcome === 'END') return 'groundsWithdrawal';
  return part === 'WORK' ? 'groundsRefusal' : 'groundsResidence';
};

/** A right of residence also ends on the grounds on which it is refused. */
const groundsOf = ({ grounds, ...row }: Pick<DecisionRow, 'part' | 'outcome' | 'grounds'>): CodeRef[] =>
  grounds.map((ground) => ({
    list: codeOf('groundsResidence', ground) ? 'groundsResidence' : groundsList(row),
    code: ground,
  }));

/** One line a field: which store function, or which column, answers. */
export const resolvers: Resolvers = {
  Query: {
    decision: (_, { id }, { store }) => store.byId.load(id),
    priorOutcomes: (_, { worker, employer }, { store }) => store.priorOutcomes(worker, employer ?? null),
  },
  Decision: {
    __resolveReference: ({ id }, { store }) => store.byId.load(id),
    dossier: ({ dossierNumber, relation }) => ({ number: dossierNumber, relation }),
    authority: ({ authority }) => authorityOf(authority),
    grounds: (row) => groundsOf(row),
    annex: ({ annex }) => code('annexes', annex),
    supersedes: ({ supersedes }, _, { store }) => (supersedes === null ? null : store.byId.load(supersedes)),
  },
  PriorOutcome: {
    authority: ({ authority }) => authorityOf(authority),
    grounds: (row) => groundsOf(row),
  },
  Dossier: {
    // Of what a caller says of an entity only the key counts, and as of when it asks.
    __resolveReference: ({ number, asOf }) => ({ number, asOf: asOf == null ? null : new Date(asOf) }),
    decisions: async ({ number, asOf }, _, { store }) => {
      const rows = await store.byDossier.load(number);
      return asOf == null ? rows : decisionsThen(rows, asOf);
    },
  },
};
