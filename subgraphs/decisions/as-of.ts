import { brusselsDate } from '../../schema/calendar.ts';
import type { DecisionRow } from './store.ts';

/** The decisions that were recorded by a moment, with what was known of each; of one taken over from before its day counts. */
export const decisionsThen = <Row extends DecisionRow>(rows: readonly Row[], moment: Date): Row[] => {
  const day = brusselsDate(moment);
  return rows
    .filter(({ recordedAt, decidedOn }) => (recordedAt === null ? decidedOn <= day : recordedAt <= moment))
    .map((row) => (row.notifiedOn !== null && row.notifiedOn > day ? { ...row, notifiedOn: null } : row));
};
