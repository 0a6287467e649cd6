/**
 * The mutation run: changes the policy, and what enforces it, in one place at a time, and looks whether the executed matrix, the
 * referee's lines or the probes notice. `npm run test:policy-mutants`, or a part of it with `-- --only <pattern>`.
 */
import { parseArgs } from 'node:util';
import { log } from '../subgraphs/log.ts';
import cluster from './cluster.ts';
import { dataMutants, type Killer, type Mutant } from './mutants/data.ts';
import { openGround, tryOut } from './mutants/killers.ts';
import { sourceMutants } from './mutants/source.ts';
import { stepMutants } from './mutants/steps.ts';
import { survivors } from './mutants/survivors.ts';

const { values } = parseArgs({ options: { only: { type: 'string' }, verbose: { type: 'boolean' } } });
const only = values.only === undefined ? null : new RegExp(values.only);

log.level = 'silent';
// Most of what is asked is refused, and a refusal is an error: where each was made is of no interest here.
Error.stackTraceLimit = 0;

const all: Mutant[] = [...dataMutants(), ...stepMutants(), ...sourceMutants()];
const twice = all.map(({ name }) => name).filter((name, i, names) => names.indexOf(name) !== i);
if (twice.length > 0) throw new Error(`two mutants of one name: ${twice}`);
const mutants = all.filter(({ name }) => only?.test(name) ?? true);

const show = (text: string): void => void process.stderr.write(text);
const started = Date.now();
const kills = new Map<Killer['by'], number>();
const survived: string[] = [];

await cluster();
const ground = await openGround();
try {
  // Whatever finds something without a mutant finds nothing with one.
  const everything: Mutant = {
    name: 'no mutant',
    changes: {},
    killers: [...new Set(mutants.flatMap(({ killers }) => killers.map(({ by }) => by)))].map((by) =>
      by === 'purposes' ? { by, kinds: [] } : { by },
    ),
  };
  const alarm = await tryOut(ground, everything);
  if (alarm) throw new Error(`the policy as it is fails: ${alarm.by}: ${alarm.found}`);
  for (const [i, mutant] of mutants.entries()) {
    const killed = await tryOut(ground, mutant);
    if (killed) kills.set(killed.by, (kills.get(killed.by) ?? 0) + 1);
    else survived.push(mutant.name);
    if (values.verbose)
      show(`${mutant.name}: ${killed ? `${killed.by}: ${killed.found.slice(0, 160)}` : 'SURVIVES'}\n`);
    else if (process.stderr.isTTY || i % 50 === 49) show(`\r${i + 1} of ${mutants.length}, ${survived.length} survive`);
  }
} finally {
  await ground.stop();
  await cluster();
}

const unexplained = survived.filter((name) => !(name in survivors));
const stale = Object.keys(survivors).filter((name) =>
  mutants.some((one) => one.name === name) ? !survived.includes(name) : only === null,
);
const by = [...kills].map(([name, count]) => `${name} ${count}`).join(', ');
const killed = mutants.length - survived.length;
show(
  `\n${mutants.length} mutants, ${killed} killed (${by}), ${survived.length} survive; ${Math.round((Date.now() - started) / 1000)} s\n`,
);
for (const name of survived) show(`survives: ${name}: ${survivors[name] ?? 'UNEXPLAINED'}\n`);
for (const name of stale) show(`explained, and does not survive: ${name}\n`);
process.exitCode = unexplained.length > 0 || stale.length > 0 ? 1 : 0;
