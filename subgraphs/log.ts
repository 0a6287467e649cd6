import pino from 'pino';

/** The log of the process: one JSON line per entry. Nothing personal goes in: no token, no variable, no INSZ, no value of a row. */
export const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime });
