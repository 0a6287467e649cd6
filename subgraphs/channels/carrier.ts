/** What every carrier is: it hands notices on over its channel, or says in one code why it could not. */
import type { Channel, Details } from '../../schema/notifications.ts';
import { isError } from '../errors.ts';

/** One delivery on its way. */
export type Notice = {
  /** The same at each attempt, so that a receiver can drop a repeat. */
  id: string;
  position: number;
  event: string;
  /** As the reference register names a party. */
  recipient: string;
  channel: Channel;
  /** What it may name: the dossier, the worker's internal id. */
  dossier: string | null;
  worker: string | null;
  at: Date;
  details: Details;
  region: string | null;
  /** Whether the reference register ties the recipient to the dossier. */
  tied: boolean;
  language: string | null;
  /** Where a person is reached; looked up at each attempt, and kept nowhere. */
  insz: string | null;
  email: string | null;
};

/** That the channel took a notice: under which number, and since when it is read, where it knows. */
export type Taken = { receipt: string | null; readAt: Date | null };

/** That a recipient has read a notice. */
export type Receipt = { id: string; readAt: Date };

/** Carries what one channel, or a part of its recipients, is for. */
export type Carrier = {
  /** Names it in the log. */
  name: string;
  channel: Channel;
  /** These recipients alone, or all but these. */
  only?: readonly string[];
  but?: readonly string[];
  send(notice: Notice): Promise<Taken>;
  /** What was read since a moment, that moment included, the oldest first. */
  receipts?(since: Date | null): Promise<readonly Receipt[]>;
  stop(): Promise<void>;
};

/** How long one attempt may take, in milliseconds: the row of the delivery is locked meanwhile. */
export const patience = 5000;

/** Why a notice could not leave: a code that says nothing of anybody; `final` where trying again is of no use. */
export type Failure = { fault: string; final: boolean };

/** Fails an attempt for a reason that has a code. */
export const failed = (fault: string, final = false): Error & Failure =>
  Object.assign(new Error(fault), { fault, final });

const codes: Readonly<Record<string, string>> = {
  TimeoutError: 'TIMEOUT',
  AbortError: 'TIMEOUT',
  SyntaxError: 'NOT_AN_ANSWER',
  ETIMEDOUT: 'TIMEOUT',
  EABORT: 'TIMEOUT',
  UND_ERR_CONNECT_TIMEOUT: 'TIMEOUT',
  UND_ERR_HEADERS_TIMEOUT: 'TIMEOUT',
  UND_ERR_BODY_TIMEOUT: 'TIMEOUT',
  UND_ERR_SOCKET: 'UNREACHABLE',
  ECONNREFUSED: 'UNREACHABLE',
  ECONNRESET: 'UNREACHABLE',
  ECONNECTION: 'UNREACHABLE',
  ESOCKET: 'UNREACHABLE',
  EDNS: 'UNREACHABLE',
  ENOTFOUND: 'UNREACHABLE',
  EAI_AGAIN: 'UNREACHABLE',
  EHOSTUNREACH: 'UNREACHABLE',
};

/** The code of whatever an attempt failed with. */
export const failureOf = (error: unknown): Failure => {
  if (isError(error) && 'fault' in error)
    return { fault: String(error.fault), final: 'final' in error && error.final === true };
  const code = isError(error) && 'code' in error ? String(error.code) : '';
  const name = isError(error) ? error.name : '';
  return { fault: codes[code] ?? codes[name] ?? 'FAULT', final: false };
};
