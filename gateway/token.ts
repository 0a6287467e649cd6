/** Prints a signed demo token: `npm run --silent token -- VLA-DEM [role...]`. */
import { roles } from '../schema/policy.ts';
import { demoToken } from '../subgraphs/demo-issuer.ts';
import { clock, readEnv } from '../subgraphs/env.ts';
import { principalOf } from '../subgraphs/principal.ts';

const forms = `Name a principal:
  an authority         VLA-DEM, BRU-BEW, WAL-SPW, DG-MIN, FED-DVZ, FED-RSZ, FED-KSZ, INS-RSZ, INS-VSI, ... , POST-MA-1, MUN-23100
  an enterprise        EMPLOYER:<enterprise number>, MANDATARY:<enterprise number>, ENTERPRISE_COUNTER:<enterprise number>
  a person             WORKER:<INSZ>, SELF_EMPLOYED:<INSZ>
  an office            HELPDESK, AUDITOR
The roles of somebody inside an authority may follow, each as a word of its own: ${roles.join(', ')}.
Unless told, a token is for somebody who handles and decides.`;

try {
  const env = readEnv({ program: 'tool' });
  if (env.production) throw new Error('The demo issuer is refused when NODE_ENV is production.');
  const [asked = '', ...given] = process.argv.slice(2);
  if (asked === '') throw new Error(forms);
  const named = principalOf(asked, clock(env)());
  if ('reason' in named) throw new Error(`${asked}: ${named.reason}.\n${forms}`);
  const unknown = given.find((role) => !roles.some((known) => known === role));
  if (unknown !== undefined) throw new Error(`${unknown}: there is no such role.\n${forms}`);
  process.stdout.write(
    `${await demoToken(env.DATA_DIR, named.principal, { roles: given.length > 0 ? given : undefined })}\n`,
  );
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
