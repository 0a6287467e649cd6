// The columns the world fills, table by table, each table after those it refers to. Columns left out keep their default.

/** The tables of the world with the columns it writes. */
export const tables = {
  'workers.worker':
    'id last_name first_names birth_date sex nationalities passport_number street house_number postal_code locality country municipality email phone',
  'workers.insz_alias': 'insz worker_id kind valid_from valid_to replaced_by',
  'workers.residence_status': 'worker_id status card_type labour_market valid_from valid_to',
  'employers.enterprise':
    'kbo status juridical_situation type_of_enterprise juridical_form start_date end_date foreign_entity',
  'employers.establishment': 'number kbo start_date end_date',
  'employers.denomination': 'entity language type name search',
  'employers.address':
    'entity type postal_code municipality_nl municipality_fr street_nl street_fr house_number authority',
  'employers.activity': 'entity activity_group nace_version nace_code classification',
  'employers.kbo_code': 'category code language description',
  'employers.employer': 'kbo nsso joint_committees insolvency insolvency_since',
  'employers.headcount': 'kbo quarter headcount',
  'employers.mandatary': 'kbo kind',
  'employers.mandate': 'id giver_kbo holder_kbo mandate_group from_quarter to_quarter status',
  'employers.enterprise_counter': 'kbo name',
  'dossiers.dossier':
    'number kind application_type status work_track residence_track handling channel helpdesk_ticket language rule_set competent_authority competence_rule competence_inputs places stated_worker category employer_kbo establishment_number worker_id worker_nationality applicant_kind applicant_id mandatary_kbo counter_kbo workplace_postal_code workplace_nis workplace_authority function_title isco08 nace_code joint_committee weekly_hours gross_monthly period_from period_to posting diplomatic_post residence_municipality previous_permit_id duplicated_from region_reference dvz_reference created_at submitted_at admissible_at copied_to_dvz_at forwarded_to_dvz_at decided_at next_deadline_on version',
  'dossiers.deadline': 'dossier_number rule starts_on due_on met_on suspended_since',
  'dossiers.document':
    'id dossier_number code file_name mime size_bytes sha256 uploaded_by_kind uploaded_by uploaded_at superseded_by',
  'dossiers.information_request': 'id dossier_number requested_on due_on items answered_on',
  'dossiers.transfer': 'dossier_number at from_authority to_authority reason',
  'dossiers.appeal': 'id dossier_number lodged_on lodged_by_kind against_part due_on outcome decided_on',
  'dossiers.milestone': 'dossier_number kind at authority',
  'dossiers.message': 'id dossier_number at sender_kind sender text',
  'dossiers.note': 'id dossier_number at authority text',
  'dossiers.event': 'dossier_number sequence at type actor_kind actor data',
  'decisions.decision':
    'id dossier_number part outcome authority decided_on notified_on valid_from valid_to grounds motivation annex version supersedes worker_id employer_kbo',
  'cadastre.permit':
    'id kind dossier_number worker_id employer_kbo establishment_number authority labour_market function_title workplace_nis valid_from valid_to state bridging renewal_dossier renewal_admissible_on renewal_work_granted_on withdrawn_on withdrawal_ground withdrawal_authority ended_on card_type',
  'cadastre.dimona_period':
    'id worker_id employer_kbo establishment_number authority type joint_committee start_date end_date cancelled',
  'cadastre.dmfa_line':
    'quarter employer_kbo worker_id establishment_number authority joint_committee gross_wage days hours',
  'cadastre.a1_certificate': 'number foreign_number issuing_country worker_id valid_from valid_to',
  'cadastre.limosa_declaration':
    'number worker_kind worker_id sender_name sender_country sender_reference clients places authorities start_date end_date sector temporary_agency a1_number permit_reminder cancelled',
  'cadastre.inspection_hit':
    'id rule severity worker_id employer_kbo authority evidence detected_at status assigned_to outcome',
  'access.involvement': 'party subject_kind subject capacity valid_from valid_to',
  'meta.planted_case': 'position rule kind worker_id employer_kbo dossier_number permit_id why',
} as const;

/** A table of the world. */
export type Table = keyof typeof tables;

// The words found so far are handed on: a type that comes back to them runs out of depth at fifty columns.
type Words<S extends string, Found = never> = S extends `${infer Head} ${infer Rest}`
  ? Words<Rest, Found | Head>
  : Found | S;

/** A value as COPY takes it: a list becomes an array, an object becomes JSON. */
export type Value = string | number | boolean | null | readonly string[] | { readonly [key: string]: unknown };

/** A row of a table, whole. */
export type Row<T extends Table> = Readonly<Record<Words<(typeof tables)[T]>, Value>>;

/** The tables, in an order in which each follows those it refers to. */
export const tableNames = Object.keys(tables) as Table[]; // the keys of the constant above

/** The columns of a table. */
export function columnsOf(table: Table): readonly string[] {
  return tables[table].split(' ');
}

const columns = new Map(tableNames.map((table) => [table, columnsOf(table)]));

function escaped(text: string): string {
  return /[\\\t\n\r]/.test(text)
    ? text.replace(/\\/g, '\\\\').replace(/\t/g, '\\t').replace(/\n/g, '\\n').replace(/\r/g, '\\r')
    : text;
}

/** A list of objects as a JSON value of a row. */
export function jsonList(list: readonly { readonly [key: string]: unknown }[]): Value {
  // Postgres reads the text of a jsonb column; a plain JavaScript list would become an array literal.
  return JSON.stringify(list);
}

function encoded(value: Value): string {
  if (value === null) return '\\N';
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 't' : 'f';
  // The elements are codes and numbers of our own making, never text that would need quotes.
  if (Array.isArray(value)) return `{${value.join(',')}}`;
  return escaped(JSON.stringify(value));
}

/** The rows of a cohort, in the text form of COPY, collected per table. */
export type Batch = {
  add<T extends Table>(table: T, row: Row<T>): void;
  /** The text of a table's rows in pieces, and how many rows that are. */
  take(table: Table): { text: readonly string[]; rows: number };
};

const PIECE = 64 * 1024;

/** Makes an empty collection of rows. */
export function batchOf(): Batch {
  const filled = new Map<Table, { pieces: string[]; open: string; rows: number }>();
  return {
    add(table, row) {
      let held = filled.get(table);
      if (held === undefined) {
        held = { pieces: [], open: '', rows: 0 };
        filled.set(table, held);
      }
      const values: Readonly<Record<string, Value>> = row;
      let line = '';
      for (const column of columns.get(table) ?? []) line += `${encoded(values[column] ?? null)}\t`;
      held.open += `${line.slice(0, -1)}\n`;
      held.rows += 1;
      if (held.open.length >= PIECE) {
        held.pieces.push(held.open);
        held.open = '';
      }
    },
    take(table) {
      const held = filled.get(table);
      filled.delete(table);
      if (held === undefined) return { text: [], rows: 0 };
      return { text: held.open === '' ? held.pieces : [...held.pieces, held.open], rows: held.rows };
    },
  };
}
