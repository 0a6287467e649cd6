import { type Code, type Frozen, json, type Labels, validOn } from './data.ts';

type Periods = { validFrom: string | null; validTo: string | null };

/** A field of the universal form; `prefilledFrom` names the authentic source that fills it (only once). */
export type FieldDefinition = Frozen<
  Periods & {
    name: string;
    type: string;
    labels: Labels;
    required: boolean;
    kinds: string[] | null;
    regions: string[] | null;
    categories: string[] | null;
    prefilledFrom: string | null;
    source: string;
  }
>;

/** A document code: to which part it belongs, how sensitive it is, and which register can stand in for it. */
export type DocumentCode = Frozen<
  Code & {
    part: 'WORK' | 'RESIDENCE';
    dataCategory: 'PASSPORT' | 'CRIMINAL_MEDICAL' | 'MEANS' | 'WORK_DOCUMENTS';
    sensitivity: 'NORMAL' | 'CONFIDENTIAL' | 'ART9_10';
    replaceableBy: string | null;
    validMonths: number | null;
    requiredFor: Requirement[];
    source: string;
  }
>;

type Requirement = Periods & {
  kinds: string[] | null;
  categories: string[] | null;
  applicationTypes: string[] | null;
  regions: string[] | null;
  condition: 'OVER_18' | 'POSTED' | null;
};

/** A document that must not be asked for, why, and where the administration looks it up instead (only once [S0]). */
export type ForbiddenDocument = Frozen<
  Code & { reason: 'ONLY_ONCE'; reasonLabels: Labels; lookedUpIn: string; source: string }
>;

/** A fee in euro; a null region is federal. */
export type Fee = Frozen<Code & Periods & { region: string | null; amount: number; source: string }>;

/** A document that a form asks for; `condition` says when only, null always. */
export type RequiredDocument = Omit<DocumentCode, 'requiredFor'> & { readonly condition: Requirement['condition'] };

/** What an application must hold: the fields, the documents, and the documents that are not asked. */
export type FormDefinition = {
  readonly fields: readonly FieldDefinition[];
  readonly documents: readonly RequiredDocument[];
  readonly forbidden: readonly ForbiddenDocument[];
  readonly fees: readonly Fee[];
};

/**
 * For what a form is meant; `at` is the date that chooses the rules, `applicationType` FIRST when left out. Without a
 * category the form holds what every category asks.
 */
export type FormFacts = {
  readonly kind: string;
  readonly region: string;
  readonly category?: string | null | undefined;
  readonly at: string;
  readonly applicationType?: string | undefined;
};

const { fields } = json<{ fields: FieldDefinition[] }>('forms.json');
const data = json<{ documents: DocumentCode[]; forbidden: ForbiddenDocument[]; fees: Fee[] }>('documents.json');

/** All documents that an application can hold (DOMAIN 3.9). */
export const documentCodes: readonly DocumentCode[] = data.documents;

/** The documents that may not be asked or accepted. */
export const forbiddenDocuments: readonly ForbiddenDocument[] = data.forbidden;

/** The document of a code, or null. */
export function documentCode(code: string): DocumentCode | null {
  return documentCodes.find((row) => row.code === code) ?? null;
}

/** Registers that can hold what an application would have to prove, and whether they do. */
export type Held = Readonly<Record<'MANDATE' | 'DMFA' | 'LIMOSA' | 'CADASTRE', boolean>>;

/** The documents for which a register stands in (only once); where kinds are named, those that an application for one of them asks. */
export function replacedDocuments(held: Held, kinds: readonly string[] | null = null): readonly string[] {
  const registers = Object.entries(held).flatMap(([register, holds]) => (holds ? [register] : []));
  const asked = ({ requiredFor }: DocumentCode): boolean =>
    kinds === null || requiredFor.some((row) => row.kinds === null || row.kinds.some((kind) => kinds.includes(kind)));
  return documentCodes
    .filter((document) => registers.includes(document.replaceableBy ?? '') && asked(document))
    .map(({ code }) => code);
}

function holds(list: readonly string[] | null, value: string | null | undefined): boolean {
  return list === null || list.includes(value ?? '');
}

// A requirement without a condition outweighs one with a condition for the same document.
function demand(document: DocumentCode, facts: FormFacts): Requirement['condition'] | undefined {
  const fitting = document.requiredFor.filter(
    (row) =>
      holds(row.kinds, facts.kind) &&
      holds(row.regions, facts.region) &&
      holds(row.categories, facts.category) &&
      holds(row.applicationTypes, facts.applicationType ?? 'FIRST') &&
      validOn(row, facts.at),
  );
  const always = fitting.find(({ condition }) => condition === null);
  return (always ?? fitting[0])?.condition;
}

/** The form of an application (DOMAIN 11 no. 2): one form, with the fields and documents of kind, region, category and date. */
export function formDefinition(facts: FormFacts): FormDefinition {
  return {
    fields: fields.filter(
      (row) =>
        holds(row.kinds, facts.kind) &&
        holds(row.regions, facts.region) &&
        holds(row.categories, facts.category) &&
        validOn(row, facts.at),
    ),
    documents: documentCodes.flatMap((document) => {
      const condition = demand(document, facts);
      if (condition === undefined) return [];
      const { requiredFor: _, ...shown } = document;
      return [{ ...shown, condition }];
    }),
    forbidden: forbiddenDocuments,
    fees: data.fees.filter((fee) => (fee.region === null || fee.region === facts.region) && validOn(fee, facts.at)),
  };
}

/** What is known of an application when its documents are counted; an unknown age counts as an adult's. */
export type CompletenessFacts = FormFacts & {
  readonly posted?: boolean | undefined;
  readonly minor?: boolean | undefined;
};

/** The codes of the documents that an application still lacks, in the order of the form. */
export function missingDocuments(present: readonly string[], facts: CompletenessFacts): readonly string[] {
  return formDefinition(facts)
    .documents.filter(({ condition }) => condition !== 'POSTED' || facts.posted === true)
    .filter(({ condition }) => condition !== 'OVER_18' || facts.minor !== true)
    .map(({ code }) => code)
    .filter((code) => !present.includes(code));
}
