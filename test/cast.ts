/** The numbers of the named cast, as db/world/people.ts promises them: written out, so that a test computes none of its own. */

/** Enterprise numbers. */
export const kbo = {
  brewery: '0123456749',
  ukkel: '0100100238',
  waterloo: '0100100337',
  eupen: '0100100436',
  mandatary: '0100200109',
  formerMandatary: '0100200307',
  counter: '0100300374',
} as const;

/** The establishment unit of each of those employers. */
export const unit = {
  brewery: '8900000121',
  ukkel: '8900100287',
  waterloo: '8900100386',
  eupen: '8900100485',
} as const;

/** Social security numbers; nobody has the last one. */
export const insz = {
  ayse: '91451799839',
  rahul: '88020399796',
  rahulBefore: '88420399785',
  fatima: '84112699863',
  dragan: '79070899783',
  mehmet: '90091499751',
  samuel: '93433099766',
  grace: '86062199826',
  john: '82500599752',
  omar: '85490299704',
  nadia: '90121299834',
  milan: '83031899733',
  emma: '91010799831',
  nabil: '80063099719',
  joy: '03450499865',
  katrien: '78041699891',
  nobody: '93051822361',
} as const;

/** Dossier numbers on the day on which the world of the tests stands still. */
export const number = {
  ayse: 'SP-2026-0000001-59',
  rahul: 'SP-2025-0000002-37',
  fatima: 'SP-2025-0000003-36',
  dragan: 'SP-2024-0000004-14',
  mehmet: 'SP-2025-0000006-33',
  samuelRefused: 'SP-2026-0000007-53',
  samuelRefiled: 'SP-2026-0000008-52',
  yuki: 'SP-2026-0000009-51',
  grace: 'BK-2026-0000010-50',
  olena: 'SP-2026-0000011-49',
  john: 'SP-2026-0000012-48',
  priya: 'SP-2026-0000013-47',
  omar: 'SP-2026-0000018-42',
  emma: 'SP-2024-0000022-93',
} as const;
