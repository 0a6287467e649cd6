import { makeDossierNumber } from '../schema/identifiers.ts';
import { kbo } from './cast.ts';
import type { OpenedWorld } from './opened-world.ts';

/** A dossier that was drafted, sent to the wrong region, completed, decided on twice and appealed: each time as a step writes it. */
export const lived = makeDossierNumber('SP', 2026, 8000001);
const worker = 'W-0000002'; // Rahul

type Step = {
  at: string;
  set?: Record<string, unknown>;
  events?: [type: string, data?: Record<string, unknown>][];
};

const deadline = (rule: string, startsOn: string, dueOn: string, metOn: string | null = null) => ({
  ...{ rule, startsOn, dueOn, metOn },
  suspendedSince: null,
});

const steps: Step[] = [
  {
    at: '2026-09-01T08:00:00Z',
    events: [
      [
        'DRAFT_CREATED',
        {
          change: {
            ...{ status: 'DRAFT', workTrack: 'NOT_STARTED', residenceTrack: 'NOT_STARTED' },
            ...{ handling: 'SERIAL', competentAuthority: null },
          },
        },
      ],
    ],
  },
  { at: '2026-09-02T08:00:00Z', set: { gross_monthly: 4000 } },
  {
    at: '2026-09-03T08:00:00Z',
    set: { status: 'SUBMITTED', competent_authority: 'WAL-SPW', submitted_at: '2026-09-03T08:00:00Z' },
    events: [
      ['DOSSIER_SUBMITTED', { change: { status: 'SUBMITTED', competentAuthority: 'WAL-SPW' } }],
      ['DOSSIER_ROUTED'],
    ],
  },
  {
    at: '2026-09-03T12:00:00Z',
    set: { competent_authority: 'VLA-DEM' },
    events: [['TRANSFERRED', { change: { competentAuthority: 'VLA-DEM' } }]],
  },
  {
    at: '2026-09-04T08:00:00Z',
    set: { status: 'INFO_REQUESTED' },
    events: [
      [
        'INFO_REQUESTED',
        { change: { status: 'INFO_REQUESTED', deadlines: [deadline('D02', '2026-09-04', '2026-09-21')] } },
      ],
    ],
  },
  {
    at: '2026-09-07T08:00:00Z',
    set: { status: 'SUBMITTED' },
    events: [
      [
        'COMPLETED',
        { change: { status: 'SUBMITTED', deadlines: [deadline('D02', '2026-09-04', '2026-09-21', '2026-09-07')] } },
      ],
    ],
  },
  {
    at: '2026-09-10T09:00:00Z',
    set: { status: 'IN_TREATMENT', work_track: 'GRANTED', residence_track: 'IN_PROGRESS' },
    events: [
      ['WORK_DECIDED', { change: { status: 'IN_TREATMENT', workTrack: 'GRANTED', residenceTrack: 'IN_PROGRESS' } }],
    ],
  },
  {
    at: '2026-09-20T10:00:00Z',
    set: { status: 'REFUSED', residence_track: 'REFUSED', decided_at: '2026-09-20T10:00:00Z' },
    events: [['RESIDENCE_DECIDED', { change: { status: 'REFUSED', residenceTrack: 'REFUSED' } }]],
  },
  {
    at: '2026-09-25T08:00:00Z',
    set: { status: 'UNDER_APPEAL' },
    events: [['APPEAL_LODGED', { change: { status: 'UNDER_APPEAL' } }]],
  },
  {
    at: '2026-10-05T08:00:00Z',
    set: { status: 'REFUSED' },
    events: [['APPEAL_DECIDED', { change: { status: 'REFUSED' } }]],
  },
];

/** Puts that dossier into a world, with what hangs from it. */
export const live = async (rows: OpenedWorld['rows']): Promise<void> => {
  await rows(
    `insert into dossiers.dossier (number, kind, application_type, status, work_track, residence_track, handling, channel, language,
       rule_set, competence_rule, category, employer_kbo, worker_id, worker_nationality, applicant_kind, applicant_id, period_from,
       gross_monthly, created_at)
     values ($1, 'SP_LIM', 'FIRST', 'DRAFT', 'NOT_STARTED', 'NOT_STARTED', 'SERIAL', 'ONLINE', 'NL', 'RS2026', 'R4', 'HIGHSKILL', $2, $3,
       'IN', 'EMPLOYER', $2, '2027-01-01', 3000, '2026-09-01T08:00:00Z')`,
    [lived, kbo.brewery, worker],
  );
  let sequence = 0;
  for (const { at, set, events = [] } of steps) {
    await rows('begin');
    await rows(`select set_config('permits.now', $1, true)`, [at]);
    if (set) {
      const names = Object.keys(set);
      await rows(
        `update dossiers.dossier set version = version + 1, ${names.map((name, i) => `${name} = $${i + 2}`).join(', ')} where number = $1`,
        [lived, ...Object.values(set)],
      );
    }
    for (const [type, data = {}] of events) {
      sequence += 1;
      await rows('insert into dossiers.event values ($1, $2, $3, $4, $5, null, $6)', [
        ...[lived, sequence, at, type, 'SYSTEM', data],
      ]);
    }
    await rows('commit');
  }
  const ties = ['VLA-DEM COMPETENT', 'FED-DVZ FORWARDED', `EMPLOYER:${kbo.brewery} PARTY`, `WORKER:${worker} PARTY`];
  for (const tie of [...ties, 'WAL-SPW FORMER']) {
    const [party, capacity] = tie.split(' ');
    await rows(`insert into access.involvement values ($1, 'DOSSIER', $2, $3, '2026-09-01')`, [party, lived, capacity]);
  }
  const document = `insert into dossiers.document (id, dossier_number, code, file_name, mime, size_bytes, sha256, uploaded_by_kind, uploaded_by, uploaded_at, superseded_by)
    values ($1, $2, 'WRK_CONTRACT', $1, 'application/pdf', 1, 'x', 'EMPLOYER', $3, $4, $5)`;
  await rows(document, ['contract-1', lived, kbo.brewery, '2026-09-05T10:00:00Z', 'contract-2']);
  await rows(document, ['contract-2', lived, kbo.brewery, '2026-09-06T10:00:00Z', null]);
  await rows(
    `insert into dossiers.information_request (id, dossier_number, requested_on, due_on, items, answered_on) values ('R-1', $1, '2026-09-04', '2026-09-21', '{WRK_CONTRACT}', '2026-09-07')`,
    [lived],
  );
  await rows(
    `insert into dossiers.deadline (dossier_number, rule, starts_on, due_on, met_on) values ($1, 'D02', '2026-09-04', '2026-09-21', '2026-09-07')`,
    [lived],
  );
  await rows(`insert into dossiers.transfer values ($1, '2026-09-03T12:00:00Z', 'WAL-SPW', 'VLA-DEM', 'facts')`, [
    lived,
  ]);
  await rows(
    `insert into dossiers.appeal (id, dossier_number, lodged_on, lodged_by_kind, against_part, outcome, decided_on) values ('A-1', $1, '2026-09-25', 'EMPLOYER', 'RESIDENCE', 'REJECT', '2026-10-05')`,
    [lived],
  );
  await rows(`insert into dossiers.milestone values ($1, 'ANNEX_49_ISSUED', '2026-10-06T08:00:00Z', 'MUN-23100')`, [
    lived,
  ]);
  await rows(
    `insert into dossiers.message (id, dossier_number, at, sender_kind, sender, text) values ('M-1', $1, '2026-09-05T09:00:00Z', 'REGION', 'VLA-DEM', 'Waar blijft het?')`,
    [lived],
  );
  await rows(`insert into dossiers.note values ('N-1', $1, '2026-09-06T09:00:00Z', 'VLA-DEM', 'gebeld')`, [lived]);
  await rows(
    `insert into decisions.decision (id, dossier_number, part, outcome, authority, decided_on, notified_on, worker_id, recorded_at)
     values ('D-1', $1, 'WORK', 'GRANT', 'VLA-DEM', '2026-09-10', null, $2, '2026-09-10T09:00:00Z'),
            ('D-2', $1, 'RESIDENCE', 'REFUSE', 'FED-DVZ', '2026-09-20', '2026-09-22', $2, null)`,
    [lived, worker],
  );
};
