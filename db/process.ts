import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process that cannot be mistaken for a later one that was given the same number. */
export type Identity = { pid: number; started: string };

const linux = process.platform === 'linux';

const ps = (pid: number, column: string): string | undefined => {
  try {
    return execFileSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return undefined; // ps fails when there is no such process
  }
};

const proc = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // the process ended, or never was
  }
};

/** When the process began, in a form that differs after a reboot; undefined when it is no longer running. */
export const startOf = (pid: number): string | undefined => {
  if (!linux) {
    const state = ps(pid, 'stat');
    return state === undefined || state.startsWith('Z') ? undefined : ps(pid, 'lstart');
  }
  const stat = proc(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The second column is the command in brackets and may itself hold spaces and brackets.
  const columns = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie still has its number: a container whose first process reaps nobody would keep it for ever.
  if (columns[0] === 'Z' || columns[0] === 'X') return undefined;
  return `${proc('/proc/sys/kernel/random/boot_id')?.trim() ?? ''}/${columns[19] ?? ''}`;
};

/** The name of the program that the process runs. */
export const programOf = (pid: number): string | undefined =>
  (linux ? proc(`/proc/${pid}/comm`)?.trim() : ps(pid, 'comm')?.split('/').pop()) || undefined;

/** Whether that very process is still running. */
export const isRunning = (process: Identity | undefined): boolean =>
  process !== undefined && startOf(process.pid) === process.started;

/** Whether both are the same process. */
export const isSame = (one: Identity | undefined, other: Identity | undefined): boolean =>
  one !== undefined && one.pid === other?.pid && one.started === other.started;

/** The process that runs this code. */
export const self: Identity = { pid: process.pid, started: startOf(process.pid) ?? '' };
