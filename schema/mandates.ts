/** Mandates: which days one counts for, where it stands on a day, and what several of them come to. */
import { addDays, quarterDates, quarterOf } from './calendar.ts';
import { codeOf } from './reference.ts';

/** The two parties to a mandate: the employer that gives it, and the mandatary that holds it. */
export type MandateSide = 'GIVER' | 'HOLDER';

/** Where a mandate stands, as it was last recorded. */
export type MandateStatus = 'TO_FINALISE' | 'PENDING' | 'ACTIVE' | 'REJECTED' | 'CLOSED';

/** What the rules ask of a mandate. Days are texts. */
export type MandateFacts = {
  readonly mandateGroup: string;
  readonly fromQuarter: string;
  readonly toQuarter: string | null;
  readonly status: MandateStatus;
  /** The day on which the second party agreed; null for what was taken over from before. */
  readonly confirmedOn: string | null;
  /** The last day on which it counts, where it was ended. */
  readonly endedOn: string | null;
};

/** Days of which the last can be open. */
export type Period = { readonly from: string; readonly to: string | null };

const never = '9999-12-31';

/** Whether a mandate of this group lets its holder act in dossiers. */
export const filesDossiers = (group: string): boolean => codeOf('mandateGroups', group)?.filesDossiers === true;

/** The first day on which a mandate counts: it does not reach back to before both had agreed. */
export const firstDay = ({ fromQuarter, confirmedOn }: MandateFacts): string => {
  const { from } = quarterDates(fromQuarter);
  return confirmedOn !== null && confirmedOn > from ? confirmedOn : from;
};

/** The last day on which a mandate counts; null while it runs on. */
export const lastDay = ({ toQuarter, endedOn }: MandateFacts): string | null =>
  endedOn ?? (toQuarter === null ? null : quarterDates(toQuarter).to);

/** Where a mandate stands on a day: one that has run out is closed, without anybody closing it. */
export const statusOn = (mandate: MandateFacts, today: string): MandateStatus =>
  mandate.status === 'ACTIVE' && (lastDay(mandate) ?? never) < today ? 'CLOSED' : mandate.status;

/** Whether two mandates count for one day. */
export const overlaps = (one: MandateFacts, other: MandateFacts): boolean =>
  firstDay(one) <= (lastDay(other) ?? never) && firstDay(other) <= (lastDay(one) ?? never);

/**
 * When, from a day on, somebody may act in the dossiers of an employer by these mandates of the pair: spans of days that
 * neither touch nor overlap, in their order.
 */
export const standing = (mandates: readonly MandateFacts[], today: string): readonly Period[] => {
  const spans = mandates
    .filter((mandate) => mandate.status === 'ACTIVE' && filesDossiers(mandate.mandateGroup))
    .map((mandate) => ({ from: firstDay(mandate), to: lastDay(mandate) ?? never }))
    .filter(({ from, to }) => from <= to && today <= to)
    .sort((one, other) => (one.from < other.from ? -1 : 1));
  const joined: { from: string; to: string }[] = [];
  for (const span of spans) {
    const before = joined.at(-1);
    if (before && (before.to === never || span.from <= addDays(before.to, 1))) {
      before.to = before.to > span.to ? before.to : span.to;
    } else joined.push({ ...span });
  }
  return joined.map(({ from, to }) => ({ from, to: to === never ? null : to }));
};

/** What is wrong with a mandate as it is proposed, or agreed to, on a day; null where nothing is. */
export const faultIn = (
  { group, fromQuarter, toQuarter }: { group: string; fromQuarter: string; toQuarter: string | null },
  { today, isProposed }: { today: string; isProposed: boolean },
): string | null => {
  const now = quarterOf(today);
  if (codeOf('mandateGroups', group) === null) return 'There is no such group of applications.';
  if (toQuarter !== null && toQuarter < fromQuarter) return 'The mandate ends before it begins.';
  // Its first quarter may have begun while a proposal waited.
  if (!isProposed && fromQuarter < now) return 'A mandate begins this quarter at the earliest.';
  return toQuarter !== null && toQuarter < now ? 'The mandate has run out while it waited.' : null;
};
