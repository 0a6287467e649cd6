/** The life cycle as a state diagram for people, drawn from the data. */
import { fromOf, openStatuses, type Step, steps, type Way } from './lifecycle.ts';
import { codeList } from './reference.ts';

const START = '[*]';
const OPEN = 'OPEN';

/** The statuses in which a way of a step may be taken; those of OPEN as one where all of them lead the same way. */
const starts = (step: Step, way: Way): string[] => {
  const from = way.when?.status ?? fromOf(step);
  // What another way of the step takes first does not reach this one.
  const taken = step.ways.slice(0, step.ways.indexOf(way)).flatMap(({ when }) => when?.status ?? []);
  const left = from.filter((status) => status === null || !taken.includes(status)).map((status) => status ?? START);
  const whole = openStatuses.every((status) => left.includes(status));
  return whole ? [OPEN, ...left.filter((status) => !openStatuses.some((one) => one === status))] : left;
};

const shownPermit = {
  CREATED: null,
  RESTORED: null,
  WITHDRAWN: 'WITHDRAWN',
  ENDED_EMPLOYMENT: 'ENDED',
  EXPIRED: 'EXPIRED',
};

/**
 * Edges that lead from one status to another, or to an end of the permit. Several ways between the same two share an edge.
 */
const edges = (): Map<string, Set<string>> => {
  const found = new Map<string, Set<string>>();
  const draw = (from: string, to: string, label: string) => {
    const key = `${from} --> ${to}`;
    found.set(key, (found.get(key) ?? new Set()).add(label));
  };
  for (const step of steps) {
    for (const way of step.ways) {
      if (way.id === null || way.to === undefined) continue;
      const label = `${way.id} ${step.step}`;
      const permit = way.permit ? shownPermit[way.permit] : null;
      if (step.makes) draw(START, way.to, label);
      else if (permit !== null) draw('ACTIVE', permit, label);
      else for (const from of starts(step, way)) if (from !== way.to) draw(from, way.to, label);
    }
  }
  return found;
};

const order = codeList('dossierStatuses').map(({ code }) => code);

/** Whether an edge leads back to an earlier status: a diagram that is drawn forward first reads from top to bottom. */
const back = (edge: string): boolean => {
  const [from = '', to = ''] = edge.split(' --> ');
  return order.includes(to) && order.indexOf(to) < order.indexOf(from);
};

/** The diagram in Mermaid. */
export const lifeCycleDiagram = (): string => {
  const lines = [...edges()]
    .sort(([one], [other]) => Number(back(one)) - Number(back(other)))
    .map(([edge, labels]) => ({ edge, text: `${edge}: ${[...labels].join('<br>')}` }));
  const inside = (edge: string, names: readonly string[]) => edge.split(' --> ').every((end) => names.includes(end));
  const permit = lines.filter(({ edge }) => edge.startsWith('ACTIVE -->'));
  const open = lines.filter(({ edge }) => inside(edge, openStatuses));
  const begin = lines.filter(({ edge }) => edge.startsWith(START) || edge === 'DRAFT --> SUBMITTED');
  const others = lines.filter((line) => ![...permit, ...open, ...begin].includes(line));
  return [
    'stateDiagram-v2',
    ...begin.map(({ text }) => `  ${text}`),
    `  state "open" as ${OPEN} {`,
    ...open.map(({ text }) => `    ${text}`),
    '  }',
    '  state "GRANTED, and its permit" as GRANTED {',
    ...permit.map(({ text }) => `    ${text}`),
    '  }',
    ...others.map(({ text }) => `  ${text}`),
  ].join('\n');
};
