/** Dossiers of long ago, as their steps would have left them. */
import { addDays, addMonths, brusselsDate } from '../schema/calendar.ts';
import { makeDossierNumber } from '../schema/identifiers.ts';
import { number as cast } from './cast.ts';

type Rows = <Row>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

/** Today, by the clock of the database. */
export const now = brusselsDate(new Date());
/** The day so many days, months or years ago, and so many days more. */
export const days = (count: number): string => addDays(now, -count);
export const months = (count: number, more = 0): string => addDays(addMonths(now, -count), -more);
export const years = (count: number, more = 0): string => months(12 * count, more);
/** A moment of a day. */
export const noon = (day: string): string => `${day}T12:00:00Z`;

let count = 0;

/** What a dossier is, unless told: granted, with everything on the day on which it was decided. */
export type Aged = {
  decided: string;
  dossier?: Record<string, unknown>;
  permit?: Record<string, unknown> | null;
  events?: readonly string[];
};

/** Puts a dossier in the world that is like Rahul's and no longer anybody's; answers its number. */
export const aged = async (rows: Rows, { decided, dossier = {}, permit = {}, events = [decided] }: Aged) => {
  count += 1;
  const number = makeDossierNumber('SP', 2011, count);
  const worker = `W-OLD-${count}`;
  const at = noon(decided);
  const dates = { created_at: at, submitted_at: at, admissible_at: at, forwarded_to_dvz_at: at, decided_at: at };
  const own = {
    ...dates,
    copied_to_dvz_at: at,
    next_deadline_on: null,
    previous_permit_id: null,
    duplicated_from: null,
  };
  await rows(
    `insert into dossiers.dossier select (jsonb_populate_record(d, $2)).* from dossiers.dossier d where d.number = $1`,
    [
      cast.rahul,
      {
        ...own,
        number,
        worker_id: worker,
        employer_kbo: `kbo-${count}`,
        applicant_id: `kbo-${count}`,
        period_from: decided,
        period_to: decided,
        ...dossier,
      },
    ],
  );
  for (const [nth, day] of events.entries()) {
    await rows(`insert into dossiers.event values ($1, $2, $3, 'DRAFT_CREATED', 'EMPLOYER', 'x', '{}')`, [
      number,
      nth + 1,
      noon(day),
    ]);
  }
  if (permit) {
    await rows(
      `insert into cadastre.permit select (jsonb_populate_record(p, $2)).* from cadastre.permit p where p.dossier_number = $1`,
      [
        cast.rahul,
        {
          id: `P-${number}`,
          dossier_number: number,
          worker_id: worker,
          employer_kbo: `kbo-${count}`,
          valid_from: decided,
          valid_to: decided,
          ended_on: null,
          withdrawn_on: null,
          renewal_dossier: null,
          ...permit,
        },
      ],
    );
  }
  return { number, worker, employer: `kbo-${count}` };
};

/** The numbers of those that are still there. */
export const standing = async (rows: Rows, numbers: readonly string[]): Promise<string[]> =>
  (await rows<{ number: string }>('select number from dossiers.dossier where number = any($1)', [numbers])).map(
    ({ number }) => number,
  );
