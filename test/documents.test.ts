import { insz, kbo, number } from './cast.ts';
import { forbidden, inspecting, moment, type OpenedWorld, openWorld, purposeRequired } from './opened-world.ts';

let world: OpenedWorld;

beforeAll(async () => {
  world = await openWorld();
  // The seed lets a document be uploaded twice; here each stands once.
  await world.rows(
    'delete from dossiers.document d using dossiers.document e where d.dossier_number = $1 and e.dossier_number = $1 and d.code = e.code and e.id < d.id',
    [number.ayse],
  );
});

afterAll(() => world.stop());

const employer = `EMPLOYER:${kbo.brewery}`;

const residencePapers = [
  'RES_FEE_PROOF',
  'RES_PASSPORT',
  'RES_MEANS',
  'RES_CRIMINAL_RECORD',
  'RES_MEDICAL',
  'RES_INSURANCE',
];
const workPapers = ['WRK_FORM', 'WRK_CONTRACT', 'WRK_EMPLOYER_ID', 'WRK_DIPLOMA'];
const allPapers = [...residencePapers, ...workPapers];
const withheldFromEmployer = ['RES_CRIMINAL_RECORD', 'RES_MEDICAL'];

test.each([
  ['VLA-DEM', {}, allPapers, ['RES_PASSPORT', ...workPapers]],
  ['FED-DVZ', {}, allPapers, allPapers],
  [
    employer,
    {},
    allPapers.filter((code) => !withheldFromEmployer.includes(code)),
    allPapers.filter((code) => !withheldFromEmployer.includes(code)),
  ],
  [`WORKER:${insz.ayse}`, {}, allPapers, allPapers],
  ['INS-RSZ', inspecting, workPapers, workPapers],
] as const)('of the documents, %s knows the presence of some and the content of fewer', async (who, stated, present, open) => {
  const query = `{ dossier(number: "${number.ayse}") { documents { code { code } part fileName mime } } }`;
  const shown = (code: string) =>
    open.some((one) => one === code)
      ? { fileName: `${code.toLowerCase().replaceAll('_', '-')}.pdf`, mime: 'application/pdf' }
      : { fileName: null, mime: null };
  const closed = present.flatMap((code, at) =>
    open.some((one) => one === code)
      ? []
      : [
          forbidden('Document.fileName', ['dossier', 'documents', at, 'fileName']),
          forbidden('Document.mime', ['dossier', 'documents', at, 'mime']),
        ],
  );
  expect(await world.as(who, stated)(query)).toEqual({
    data: {
      dossier: {
        documents: present.map((code) => ({
          code: { code },
          part: code.startsWith('RES') ? 'RESIDENCE' : 'WORK',
          ...shown(code),
        })),
      },
    },
    ...(closed.length > 0 ? { errors: closed } : {}),
  });
});

test.each([
  ['INS-RSZ', purposeRequired('Dossier.documents', ['dossier', 'documents'])],
  ['FED-RSZ', forbidden('Dossier.documents', ['dossier', 'documents'])],
  ['HELPDESK', forbidden('Dossier.documents', ['dossier', 'documents'])],
])('%s asks for documents in vain', async (who, error) => {
  const query = `{ dossier(number: "${number.ayse}") { number documents { id } } }`;
  expect(await world.as(who)(query)).toEqual({
    data: { dossier: { number: number.ayse, documents: null } },
    errors: [error],
  });
});

test('what the worker put in a dossier, the employer never sees', async () => {
  await world.rows(
    `insert into dossiers.document values ('DOC-W', $1, 'WRK_PAYSLIPS', 'payslips.pdf', 'application/pdf', 7, repeat('0', 64), 'WORKER', 'W-0000011', now(), null)`,
    [number.priya],
  );
  const query = `{ dossier(number: "${number.priya}") { documents { id code { code } sizeBytes sha256 uploadedAt supersededBy } } }`;
  type Documents = { dossier: { documents: { id: string }[] } };
  const seenBy = async (who: string) => (await world.as(who)<Documents>(query)).data?.dossier.documents ?? [];
  expect((await seenBy(employer)).filter(({ id }) => id === 'DOC-W')).toEqual([]);
  expect((await seenBy('VLA-DEM')).filter(({ id }) => id === 'DOC-W')).toEqual([
    {
      id: 'DOC-W',
      code: { code: 'WRK_PAYSLIPS' },
      sizeBytes: 7,
      sha256: '0'.repeat(64),
      uploadedAt: moment,
      supersededBy: null,
    },
  ]);
});

test('a note is for the authority that wrote it, whoever else may read the dossier', async () => {
  await world.rows('delete from dossiers.note where dossier_number = $1', [number.ayse]);
  await world.rows(
    `insert into dossiers.note values ('N1', $1, '2026-10-01T08:00:00Z', 'VLA-DEM', 'of the region'), ('N2', $1, '2026-10-02T08:00:00Z', 'FED-DVZ', 'of the Office')`,
    [number.ayse],
  );
  const query = `{ dossier(number: "${number.ayse}") { notes { at text } } }`;
  expect(await world.as('VLA-DEM')(query)).toEqual({
    data: { dossier: { notes: [{ at: '2026-10-01T08:00:00.000Z', text: 'of the region' }] } },
  });
  expect(await world.as('FED-DVZ')(query)).toEqual({
    data: { dossier: { notes: [{ at: '2026-10-02T08:00:00.000Z', text: 'of the Office' }] } },
  });
  expect(await world.as(employer)(query)).toEqual({
    data: { dossier: { notes: null } },
    errors: [forbidden('Dossier.notes', ['dossier', 'notes'])],
  });
});

test('messages are read by both sides of the conversation, in order', async () => {
  await world.rows('delete from dossiers.message where dossier_number = $1', [number.ayse]);
  await world.rows(
    `insert into dossiers.message values ('M2', $1, '2026-10-06T09:00:00Z', 'REGION', 'VLA-DEM', 'Yes.'), ('M1', $1, '2026-10-05T09:00:00Z', 'EMPLOYER', '0123456749', 'Is it complete?')`,
    [number.ayse],
  );
  const messages = [
    { at: '2026-10-05T09:00:00.000Z', senderKind: 'EMPLOYER', text: 'Is it complete?' },
    { at: '2026-10-06T09:00:00.000Z', senderKind: 'REGION', text: 'Yes.' },
  ];
  const query = `{ dossier(number: "${number.ayse}") { messages { at senderKind text } } }`;
  for (const who of ['VLA-DEM', employer, `WORKER:${insz.ayse}`]) {
    expect(await world.as(who)(query)).toEqual({ data: { dossier: { messages } } });
  }
  expect(await world.as('INS-RSZ')(query)).toEqual({
    data: { dossier: { messages: null } },
    errors: [purposeRequired('Dossier.messages', ['dossier', 'messages'])],
  });
});
