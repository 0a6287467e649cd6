/** Which column of which table holds what: the data categories of DOMAIN 2.3, and the level from which each is shown. */
import { documentCode } from '../../schema/forms.ts';
import { codeList } from '../../schema/reference.ts';
import type { Sights } from './referee.ts';

type Sighted = Exclude<keyof Sights, 'side' | 'notes' | 'letters' | 'released'>;

/** A table as the referee reads it. Columns that it does not name are shown to nobody, and can always differ. */
export type Table = {
  name: string;
  /** Its rows are seen by a sight of their own, or with rows of another table, by the columns that hold its key. */
  seen: Sighted | { with: string; by: string; further?: (sights: Sights) => string };
  /** Where the row says to which category it belongs, how, and to which: `x` in `shown` is one of these. */
  category?: { of: string; either: readonly string[] };
  /** From which category and level the row is known to be there. */
  exists: string;
  /** Category and level -> columns. */
  shown: Record<string, string>;
  /** Columns that make a row what it is, and are not changed in place. */
  keys: string;
  /** Sets of columns in which a copy of a row differs from it: the same worker elsewhere, another's of the same employer. */
  near: readonly string[];
};

const codesOf = (category: string): string =>
  codeList('documents')
    .filter(({ code }) => documentCode(code)?.dataCategory === category)
    .map(({ code }) => `'${code}'`)
    .join(', ');

const documentCategory = `case when t.code in (${codesOf('PASSPORT')}) then 'c05' when t.code in (${codesOf('MEANS')}) then 'c07'
  when t.code in (${codesOf('WORK_DOCUMENTS')}) then 'c10' else 'c06' end`;

const quoted = (names: readonly string[]) => names.map((name) => `'${name}'`).join(', ');
const ofDossier = { with: 'dossiers.dossier', by: 'dossier_number' };
const ofWorker = { with: 'workers.worker', by: 'worker_id' };
const ofEmployer = { with: 'employers.enterprise', by: 'kbo' };
/** Of an enterprise or of an establishment unit: the KBO keeps names and addresses of both under their numbers. */
const ofEntity = { with: 'entities', by: 'entity' };

/** In the order in which one is seen with another. */
export const tables: readonly Table[] = [
  {
    name: 'dossiers.dossier',
    seen: 'dossier',
    exists: 'c01 S',
    shown: {
      'c01 S': `number kind status competent_authority submitted_at admissible_at forwarded_to_dvz_at decided_at next_deadline_on
        workplace_authority counter_kbo copied_to_dvz_at applicant_id created_at`,
      'c01 R': `application_type handling channel helpdesk_ticket language rule_set competence_rule applicant_kind diplomatic_post
        duplicated_from region_reference version`,
      'c02 M': 'worker_id worker_nationality',
      'c02 R': 'stated_worker',
      'c04 R': 'residence_municipality',
      'c08 M': 'employer_kbo',
      'c08 R': 'establishment_number mandatary_kbo',
      'c09 M': 'workplace_nis function_title period_from period_to',
      'c09 R': 'category workplace_postal_code isco08 nace_code joint_committee weekly_hours gross_monthly posting',
      'c11 S': 'work_track',
      'c13 S': 'residence_track',
      'c13 R': 'dvz_reference',
      'c16 R': 'previous_permit_id',
    },
    keys: 'number',
    near: [
      'status',
      'competent_authority workplace_authority employer_kbo counter_kbo diplomatic_post residence_municipality admissible_at',
      'competent_authority workplace_authority worker_id counter_kbo diplomatic_post residence_municipality applicant_id',
    ],
  },
  {
    name: 'dossiers.deadline',
    seen: ofDossier,
    exists: 'c01 S',
    shown: { 'c01 S': 'rule starts_on due_on met_on suspended_since' },
    keys: 'dossier_number rule starts_on',
    near: ['dossier_number'],
  },
  {
    name: 'dossiers.event',
    seen: ofDossier,
    exists: 'c01 S',
    // What an event changed is what the dossier shows as of a moment.
    shown: { 'c01 S': 'sequence type at data', 'c01 R': 'actor_kind actor' },
    keys: 'dossier_number sequence',
    near: [],
  },
  {
    name: 'dossiers.document',
    seen: {
      ...ofDossier,
      further: ({ side }) =>
        side === null ? 'true' : `s.ground = 'WORKER' or t.uploaded_by_kind in (${quoted(side)})`,
    },
    category: { of: documentCategory, either: ['c05', 'c06', 'c07', 'c10'] },
    exists: 'x S',
    shown: {
      'x S': 'id code uploaded_at superseded_by uploaded_by_kind erased_at',
      'x R': 'file_name mime size_bytes sha256',
    },
    keys: 'id dossier_number',
    near: ['code', 'uploaded_by_kind'],
  },
  {
    name: 'dossiers.information_request',
    seen: ofDossier,
    exists: 'c01 R',
    shown: { 'c01 R': 'requested_on due_on items answered_on' },
    keys: 'id dossier_number',
    near: ['dossier_number'],
  },
  {
    name: 'dossiers.transfer',
    seen: ofDossier,
    exists: 'c01 S',
    shown: { 'c01 S': 'at from_authority to_authority', 'c01 R': 'reason' },
    keys: 'dossier_number at',
    near: [],
  },
  {
    name: 'dossiers.appeal',
    seen: ofDossier,
    exists: 'c11 S',
    shown: { 'c11 S': 'lodged_on against_part outcome decided_on', 'c11 R': 'lodged_by_kind' },
    keys: 'id dossier_number',
    near: ['dossier_number'],
  },
  {
    name: 'dossiers.milestone',
    seen: ofDossier,
    exists: 'c01 R',
    shown: { 'c01 R': 'kind at authority' },
    keys: 'dossier_number kind at',
    near: [],
  },
  {
    name: 'dossiers.message',
    seen: ofDossier,
    exists: 'c10 R',
    shown: { 'c10 R': 'id at sender_kind text' },
    keys: 'id dossier_number',
    near: ['dossier_number'],
  },
  {
    name: 'steps.outbox',
    seen: ofDossier,
    category: {
      of: `case when t.event in ('TERMINATION_NOTIFIED', 'PERMIT_EXPIRING', 'ADVICE_GIVEN') then 'c09'
        when t.event = 'MESSAGE_ADDED' then 'c10' when t.event = 'DOCUMENT_ADDED' then 'c06'
        when t.event in ('WORK_DECIDED', 'APPEAL_LODGED', 'APPEAL_DECIDED', 'RELEVANT_CHANGE') then 'c11'
        when t.event = 'RESIDENCE_DECIDED' then 'c13' when t.event ~ '^(JOBSEARCH|WELCOME)_' then 'c16'
        when t.event = 'INSPECTION_HIT' then 'nobody' else 'c01' end`,
      either: ['c01', 'c06', 'c09', 'c10', 'c11', 'c13', 'c16'],
    },
    exists: 'x S',
    // Where it stands among the others is in its cursor, sealed: only the order shows.
    shown: { 'x S': 'position at event dossier_number message_id' },
    keys: 'position dossier_number',
    near: [],
  },
  {
    name: 'dossiers.note',
    seen: { ...ofDossier, further: ({ notes }) => (notes === null ? 'false' : `t.authority = '${notes}'`) },
    exists: 'c20 R',
    shown: { 'c20 R': 'at authority text' },
    keys: 'id dossier_number',
    near: ['authority', 'dossier_number'],
  },
  {
    name: 'steps.delivery',
    seen: { ...ofDossier, further: ({ letters }) => letters },
    exists: 'c01 S',
    shown: { 'c01 S': 'id event recipient channel status attempts created_at sent_at read_at fault' },
    keys: 'id position dossier_number',
    near: ['recipient'],
  },
  {
    name: 'decisions.decision',
    seen: ofDossier,
    category: { of: `case t.part when 'WORK' then 'c11' else 'c13' end`, either: ['c11', 'c13'] },
    exists: 'x S',
    shown: {
      // Whose dossier it was taken in is known with the dossier.
      'x S': 'id part outcome authority decided_on notified_on worker_id employer_kbo',
      'x R': 'valid_from valid_to annex version supersedes',
      'why M': 'grounds',
      'why R': 'motivation',
    },
    keys: 'id dossier_number',
    near: ['dossier_number worker_id', 'part dossier_number'],
  },
  {
    name: 'workers.worker',
    seen: 'worker',
    exists: 'c02 M',
    shown: {
      'c02 M': 'nationalities',
      'c02 R': 'last_name first_names birth_date sex',
      'c04 R': 'street house_number postal_code locality country municipality email phone',
    },
    keys: 'id',
    near: ['last_name'],
  },
  {
    name: 'workers.insz_alias',
    seen: ofWorker,
    exists: 'c03 M',
    shown: { 'c03 M': 'insz valid_to', 'c03 R': 'kind valid_from' },
    keys: 'worker_id',
    near: [],
  },
  {
    name: 'workers.residence_status',
    seen: ofWorker,
    exists: 'c16 R',
    shown: { 'c16 R': 'status card_type labour_market valid_from valid_to' },
    keys: 'worker_id',
    near: [],
  },
  {
    name: 'employers.enterprise',
    seen: 'employer',
    exists: 'c08 M',
    shown: { 'c08 M': 'kbo status juridical_situation end_date', 'c08 R': 'juridical_form start_date foreign_entity' },
    keys: 'kbo',
    near: ['status'],
  },
  {
    name: 'employers.establishment',
    seen: ofEmployer,
    exists: 'c08 M',
    shown: { 'c08 M': 'number kbo', 'c08 R': 'start_date end_date' },
    keys: 'number',
    near: ['kbo'],
  },
  {
    name: 'employers.denomination',
    seen: ofEntity,
    // Of an enterprise the minimum is its name, and not what it is called besides.
    category: { of: `case when t.type = '001' or s.entity = 'UNIT' then 'M' else 'R' end`, either: ['M', 'R'] },
    exists: 'c08 x',
    shown: { 'c08 x': 'type language name search' },
    keys: 'entity type language',
    near: ['entity'],
  },
  {
    name: 'employers.address',
    seen: ofEntity,
    exists: 'c08 R',
    shown: {
      'c08 R': `type country_nl country_fr postal_code municipality_nl municipality_fr street_nl street_fr house_number box
        struck_off_on authority`,
    },
    keys: 'entity type struck_off_on authority',
    near: [],
  },
  {
    name: 'employers.activity',
    seen: ofEntity,
    exists: 'c08 R',
    shown: { 'c08 R': 'nace_version nace_code classification' },
    keys: 'entity activity_group nace_version nace_code classification',
    near: [],
  },
  {
    name: 'employers.employer',
    seen: ofEmployer,
    exists: 'c08 R',
    shown: { 'c08 R': 'nsso joint_committees insolvency insolvency_since' },
    keys: 'kbo',
    near: [],
  },
  {
    name: 'employers.headcount',
    seen: ofEmployer,
    exists: 'c08 R',
    shown: { 'c08 R': 'quarter headcount' },
    keys: 'kbo quarter',
    near: [],
  },
  {
    name: 'employers.mandate',
    seen: 'mandate',
    exists: 'c08 R',
    shown: {
      'c08 R': `id giver_kbo holder_kbo mandate_group from_quarter to_quarter status proposed_by confirmed_on
        ended_on`,
    },
    keys: 'id',
    near: ['giver_kbo', 'giver_kbo holder_kbo'],
  },
  {
    name: 'cadastre.permit',
    seen: 'permit',
    exists: 'c16 R',
    shown: {
      'c16 R': `id kind dossier_number worker_id employer_kbo establishment_number authority labour_market valid_from valid_to state
        bridging withdrawn_on withdrawal_ground withdrawal_authority ended_on card_type`,
    },
    keys: 'id',
    near: ['worker_id', 'worker_id authority', 'worker_id dossier_number valid_from'],
  },
  {
    name: 'cadastre.dimona_period',
    seen: 'dimona',
    exists: 'c17 R',
    shown: {
      'c17 R':
        'id worker_id employer_kbo establishment_number authority type joint_committee start_date end_date cancelled',
    },
    keys: 'id',
    near: ['employer_kbo authority', 'worker_id authority', 'worker_id employer_kbo authority'],
  },
  {
    name: 'cadastre.dmfa_line',
    seen: 'dmfa',
    exists: 'c17 R',
    shown: { 'c17 R': 'establishment_number authority gross_wage days hours' },
    keys: 'worker_id employer_kbo quarter joint_committee',
    near: ['employer_kbo authority', 'worker_id authority'],
  },
  {
    name: 'cadastre.a1_certificate',
    seen: 'a1',
    exists: 'c18 R',
    shown: { 'c18 R': 'number foreign_number issuing_country worker_id valid_from valid_to' },
    keys: 'number',
    near: ['worker_id'],
  },
  {
    name: 'cadastre.limosa_declaration',
    seen: 'limosa',
    exists: 'c18 R',
    shown: {
      'c18 R': `number worker_kind worker_id sender_name sender_country sender_reference clients places authorities start_date end_date
        sector temporary_agency a1_number permit_reminder cancelled`,
    },
    keys: 'number',
    near: ['clients authorities', 'worker_id clients authorities'],
  },
  {
    name: 'cadastre.inspection_hit',
    seen: 'hit',
    exists: 'c19 M',
    shown: {
      'c19 M': 'rule severity detected_at status authority',
      'c19 R': 'id worker_id employer_kbo evidence assigned_to outcome',
    },
    keys: 'id',
    near: ['worker_id authority', 'rule authority'],
  },
];
