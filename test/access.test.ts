import { expectedOf, lines, queryOf, who } from './access-lines.ts';
import { arrangedWorld } from './arranged.ts';
import type { OpenedWorld } from './opened-world.ts';

let world: OpenedWorld;

beforeAll(async () => {
  world = await arrangedWorld();
});

afterAll(() => world.stop());

test.each(lines)('%s asks of %s: %s is %s (%s)', async (...line) => {
  const [principal, stated] = who[line[0]] ?? ['', {}];
  expect(await world.as(principal, stated)(queryOf(line))).toEqual(expectedOf(line));
});

test('the referee knows every kind of principal, and no line is there twice', () => {
  const kinds = new Set(lines.map(([asks]) => who[asks]?.[0].split(/[:-]/)[0]));
  expect([...kinds].sort()).toEqual(
    // The authorities by the first part of their ids: four regions, DVZ, RSZ and KSZ, inspections, posts, municipalities, and so on.
    [
      'ADV',
      'AUDITOR',
      'BRU',
      'COO',
      'DG',
      'EMPLOYER',
      'ENTERPRISE_COUNTER',
      'EU',
      'FED',
      'HELPDESK',
      'INS',
      'MANDATARY',
      'MUN',
      'POST',
      'SELF_EMPLOYED',
      'VLA',
      'WAL',
      'WORKER',
    ],
  );
  expect(new Set(lines.map((line) => line.slice(0, 3).join(' '))).size).toBe(lines.length);
  expect(lines.length).toBeGreaterThanOrEqual(150);
});

test.each(['INS-TWW', 'POL-FED', 'JUS-AUD'])('%s has no access at all (DOMAIN 2.2)', async (authority) => {
  await expect(Promise.resolve().then(() => world.as(authority)('{ codeLists }'))).rejects.toThrow(
    'this authority has no access to the gateway',
  );
});
