/** The regions that decide on work, and how they handle a dossier: the numbers of DOMAIN 6.4 and the practice of each. */
export const regions = {
  'VLA-DEM': { share: 65, inspection: 'INS-VSI', language: 'NL', workDays: 24 },
  'BRU-BEW': { share: 21, inspection: 'INS-BRU', language: 'FR', workDays: 30 },
  'WAL-SPW': { share: 13.5, inspection: 'INS-WAL', language: 'FR', workDays: 28 },
  'DG-MIN': { share: 0.5, inspection: 'INS-DG', language: 'DE', workDays: 15 },
} as const;

/** One of the four employment authorities. */
export type Region = keyof typeof regions;

/** The four employment authorities. */
export const regionIds = Object.keys(regions) as Region[]; // the keys of the constant above

/** The sizes of a world. */
export type Size = {
  /** Dossiers outside the Flemish procedures of 2021, which come on top in every profile but `small`. */
  readonly dossiers: number;
  readonly flanders2021: boolean;
  readonly enterprises: number;
  readonly postedWorkers: number;
  readonly limosaPerWorker: number;
  /** Dossiers of the one very large employer. */
  readonly giant: number;
  /** Dossiers that are made together, in one closed group of employers and workers. */
  readonly cohort: number;
  /** Sequence numbers kept free for the dossiers of one day. */
  readonly dossiersPerDay: number;
  readonly dossiersPerWorker: number;
};

// `demo` is the 1x column of DOMAIN 6.4. In `100x` a worker has more dossiers and an employer fewer establishments than
// there: the numbers that no real person or firm can have (DOMAIN 5) would not suffice for 800,000 and 1,400,000.
/** The profiles, by name. */
export const profiles = {
  small: {
    dossiers: 150,
    flanders2021: false,
    enterprises: 110,
    postedWorkers: 24,
    limosaPerWorker: 4,
    giant: 16,
    cohort: 1000,
    dossiersPerDay: 60,
    dossiersPerWorker: 1.25,
  },
  demo: {
    dossiers: 6_000,
    flanders2021: true,
    enterprises: 10_000,
    postedWorkers: 3_700,
    limosaPerWorker: 6,
    giant: 800,
    cohort: 2_200,
    dossiersPerDay: 400,
    dossiersPerWorker: 1.25,
  },
  '10x': {
    dossiers: 91_000,
    flanders2021: true,
    enterprises: 100_000,
    postedWorkers: 37_000,
    limosaPerWorker: 6,
    giant: 800,
    cohort: 4_000,
    dossiersPerDay: 2_000,
    dossiersPerWorker: 1.25,
  },
  '100x': {
    dossiers: 990_000,
    flanders2021: true,
    enterprises: 650_000,
    postedWorkers: 60_000,
    limosaPerWorker: 30,
    giant: 800,
    cohort: 5_000,
    dossiersPerDay: 20_000,
    dossiersPerWorker: 2.2,
  },
} as const satisfies Record<string, Size>;

/** A profile's name. */
export type Profile = keyof typeof profiles;

/** Where the history begins. */
export const firstDate = '2019-01-03';

/** Shares of what happens to a dossier and to a permit (DOMAIN 6.4). */
export const shares = {
  admissible: 0.9285,
  workGranted: 0.9,
  residenceGranted: 0.95,
  withdrawn: 0.015,
  withoutObject: 0.008,
  appeal: 0.08,
  appealUpheld: 0.35,
  transfer: 0.015,
  informationRequested: 0.25,
  slow: 0.04,
  emailException: 0.01,
  mandatary: 0.35,
  endedEarly: 0.08,
  permitWithdrawn: 0.015,
  residenceLapsed: 0.007,
  renewed: 0.55,
  dmfaAnomaly: 0.04,
  hits: 0.045,
  dualNationality: 0.04,
  partialBirthDate: 0.004,
  draft: 0.02,
  twoRegions: 0.04,
} as const;

/** Of a worker's first dossier with us: what was applied for. Follow-ups bring renewals and changes to 32 and 6 %. */
export const firstApplications = [
  ['FIRST', 66],
  ['RENEWAL', 26],
  ['CHANGE_OF_EMPLOYER', 5],
  ['CHANGE_OF_FUNCTION', 1],
  ['UNLIMITED', 2],
] as const;

/** The relative number of dossiers per year; years not named count as the last one. */
export const yearWeights: Readonly<Record<number, number>> = {
  2019: 0.5,
  2020: 0.5,
  2021: 0.6,
  2022: 0.7,
  2023: 0.9,
  2024: 1.1,
  2025: 1.5,
  2026: 2.4,
};

/** The relative number of dossiers per month, January first: the finished procedures of DOMAIN 7.3, the last two estimated. */
export const monthWeights = [702, 647, 908, 771, 618, 697, 723, 1054, 1026, 1042, 900, 700] as const;

/** Nationalities of those who need a permit. */
export const nationalities = [
  ['TR', 19],
  ['IN', 19],
  ['MA', 10],
  ['TN', 6],
  ['US', 5],
  ['CN', 6],
  ['JP', 4],
  ['UA', 5],
  ['BR', 5],
  ['RS', 4],
  ['GB', 5],
  ['PH', 4],
  ['CM', 3],
  ['CD', 3],
  ['BA', 2],
  ['DZ', 2],
] as const;

/** Nationalities of posted workers: 22 % from outside the EEA (DOMAIN 6.4). */
export const postedNationalities = [
  ['PL', 24],
  ['PT', 20],
  ['RO', 18],
  ['NL', 9],
  ['DE', 4],
  ['FR', 3],
  ['UA', 8.4],
  ['BY', 3.7],
  ['BR', 1.8],
  ['BA', 0.9],
  ['RS', 2.8],
  ['TR', 2.2],
  ['IN', 2.2],
] as const;

/** The countries from which workers are posted. */
export const senderCountries = [
  ['PL', 30],
  ['PT', 20],
  ['RO', 16],
  ['LT', 10],
  ['NL', 14],
  ['DE', 6],
  ['FR', 4],
] as const;

/** Sectors in which work is posted (DOMAIN 6.4). */
export const postedSectors = [
  ['CONSTRUCTION', 38],
  ['METAL', 11],
  ['ELECTRICAL', 5],
  ['PETROCHEMICAL', 4],
  ['MEAT', 1],
  ['ICT', 1],
  ['OTHER', 40],
] as const;
