/** Who a token can stand for: one written form for each kind of principal, checked wherever one enters. */
import { createHmac } from 'node:crypto';
import { authority } from '../schema/authorities.ts';
import { type Fault, insz, kboNumber } from '../schema/identifiers.ts';
import type { Kind } from '../schema/policy.ts';

/** Who asks, without who the person is and what for. */
export type Principal = {
  kind: Kind;
  /** As the reference register names it; a worker's INSZ stays out of it. */
  party: string;
  authority: string | null;
  kbo: string | null;
  insz: string | null;
  /** The region whose ground it stands on: of a regional inspection, of a region itself. */
  territory: string | null;
};

const nobody = { authority: null, kbo: null, insz: null, territory: null };

/** A principal, or why the text names none. */
export type Named = { principal: Principal } | { reason: string };

const reasons: Record<Fault, string> = {
  LENGTH: 'has the wrong length',
  FORMAT: 'has characters that do not belong in it',
  PREFIX: 'begins with the wrong digit',
  DATE: 'has a birth date that cannot be',
  CHECKSUM: 'has wrong check digits',
};

/** The authority of an id of DOMAIN 2.2. */
export const authorityPrincipal = (id: string): Named => {
  const found = authority(id);
  if (found === null) return { reason: 'there is no such authority' };
  const { kind } = found;
  if (kind === 'NONE') return { reason: 'this authority has no access to the gateway' };
  const territory = kind === 'REGION' ? found.id : kind === 'INSPECTION_REG' ? found.territory : null;
  return { principal: { ...nobody, kind, party: found.id, authority: found.id, territory } };
};

const enterprises = ['EMPLOYER', 'MANDATARY', 'ENTERPRISE_COUNTER'] as const;
const persons = ['WORKER', 'SELF_EMPLOYED'] as const;
const offices = ['HELPDESK', 'AUDITOR'] as const;

/** A party: `EMPLOYER:<kbo>`, `WORKER:<insz>`, `HELPDESK` and so on. */
export const partyPrincipal = (text: string, today: string): Named => {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  const number = colon < 0 ? '' : text.slice(colon + 1);

  const office = offices.find((one) => one === text);
  if (office) return { principal: { ...nobody, kind: office, party: office } };

  const enterprise = enterprises.find((one) => one === name);
  if (enterprise) {
    const checked = kboNumber(number);
    if ('fault' in checked) return { reason: `the enterprise number ${reasons[checked.fault]}` };
    return { principal: { ...nobody, kind: enterprise, party: `${enterprise}:${checked.value}`, kbo: checked.value } };
  }

  const person = persons.find((one) => one === name);
  if (person) {
    const checked = insz(number, today);
    if ('fault' in checked) return { reason: `the INSZ ${reasons[checked.fault]}` };
    return { principal: { ...nobody, kind: person, party: person, insz: checked.value } };
  }
  return { reason: 'there is no such party' };
};

/** Reads either form, as `npm run token` takes it. */
export const principalOf = (text: string, today: string): Named => {
  const found = authorityPrincipal(text);
  const isParty = text.includes(':') || offices.some((one) => one === text);
  return 'reason' in found && isParty ? partyPrincipal(text, today) : found;
};

/** A name for the person behind a demo token that says nothing of the person, even to who reads it in a log. */
export const pseudonym = (secret: string, principal: Principal): string =>
  principal.insz === null
    ? `demo:${principal.party}`
    : `demo:${principal.kind}:${createHmac('sha256', secret).update(principal.insz).digest('hex').slice(0, 16)}`;
