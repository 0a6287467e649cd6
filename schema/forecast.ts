/** How long a dossier may still take, from what others took (DOMAIN 10, 11 no. 22). */
import { json } from './data.ts';

/** From how many past days dossiers are taken, and how many there must be before anything is told. */
export const forecastRules = json<{ source: string; windowDays: number; leastSample: number }>('forecast.json');

/** The days that remain of a term, in whole days; a dossier that has taken longer may be decided any day. */
export const remaining = (days: number, elapsed: number): number => Math.max(0, Math.ceil(days) - elapsed);
