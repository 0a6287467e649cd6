type Language = 'NL' | 'FR' | 'DE';

/** A sector of activity with what an employer in it is called and whom it employs. */
export type Sector = {
  readonly nace: string;
  readonly jointCommittee: string;
  readonly weight: number;
  readonly noun: Readonly<Record<Language, string>>;
  readonly functions: readonly (Readonly<Record<Language, string>> & { isco: string })[];
};

function job(isco: string, NL: string, FR: string, DE: string) {
  return { isco, NL, FR, DE };
}

/** The sectors of the world's employers. */
export const sectors: readonly Sector[] = [
  {
    nace: '62010',
    jointCommittee: '200',
    weight: 22,
    noun: { NL: 'Software', FR: 'Logiciels', DE: 'Software' },
    functions: [
      job('2512', 'softwareontwikkelaar', 'développeur de logiciels', 'Softwareentwickler'),
      job('2521', 'databankontwerper', 'concepteur de bases de données', 'Datenbankentwickler'),
      job('2511', 'systeemanalist', 'analyste de systèmes', 'Systemanalytiker'),
    ],
  },
  {
    nace: '41201',
    jointCommittee: '124',
    weight: 14,
    noun: { NL: 'Bouwwerken', FR: 'Constructions', DE: 'Bauunternehmen' },
    functions: [
      job('7112', 'metselaar', 'maçon', 'Maurer'),
      job('7121', 'dakwerker', 'couvreur', 'Dachdecker'),
      job('7115', 'schrijnwerker', 'menuisier', 'Schreiner'),
    ],
  },
  {
    nace: '25620',
    jointCommittee: '111',
    weight: 9,
    noun: { NL: 'Metaalwerken', FR: 'Métal', DE: 'Metallbau' },
    functions: [
      job('7212', 'lasser', 'soudeur', 'Schweißer'),
      job('7223', 'CNC-operator', 'opérateur CNC', 'CNC-Fräser'),
    ],
  },
  {
    nace: '49410',
    jointCommittee: '140.03',
    weight: 8,
    noun: { NL: 'Transport', FR: 'Transports', DE: 'Spedition' },
    functions: [job('8332', 'vrachtwagenchauffeur', 'chauffeur de poids lourd', 'Lkw-Fahrer')],
  },
  {
    nace: '56101',
    jointCommittee: '302',
    weight: 9,
    noun: { NL: 'Restaurant', FR: 'Restaurant', DE: 'Gasthaus' },
    functions: [job('3434', 'chef-kok', 'chef de cuisine', 'Küchenchef'), job('5120', 'kok', 'cuisinier', 'Koch')],
  },
  {
    nace: '86101',
    jointCommittee: '330',
    weight: 8,
    noun: { NL: 'Zorggroep', FR: 'Clinique', DE: 'Klinik' },
    functions: [
      job('2221', 'verpleegkundige', 'infirmier', 'Krankenpfleger'),
      job('2212', 'arts-specialist', 'médecin spécialiste', 'Facharzt'),
    ],
  },
  {
    nace: '01240',
    jointCommittee: '145',
    weight: 5,
    noun: { NL: 'Fruitbedrijf', FR: 'Vergers', DE: 'Obsthof' },
    functions: [job('9214', 'fruitplukker', 'cueilleur de fruits', 'Obstpflücker')],
  },
  {
    nace: '72190',
    jointCommittee: '337',
    weight: 5,
    noun: { NL: 'Onderzoekscentrum', FR: 'Centre de recherche', DE: 'Forschungszentrum' },
    functions: [
      job('2111', 'onderzoeker natuurkunde', 'chercheur en physique', 'Physiker'),
      job('2131', 'onderzoeker biologie', 'chercheur en biologie', 'Biologe'),
    ],
  },
  {
    nace: '20140',
    jointCommittee: '207',
    weight: 6,
    noun: { NL: 'Chemie', FR: 'Chimie', DE: 'Chemie' },
    functions: [
      job('2145', 'scheikundig ingenieur', 'ingénieur chimiste', 'Chemieingenieur'),
      job('3116', 'procesoperator', 'technicien de production', 'Chemietechniker'),
    ],
  },
  {
    nace: '70220',
    jointCommittee: '200',
    weight: 8,
    noun: { NL: 'Advies', FR: 'Conseil', DE: 'Beratung' },
    functions: [
      job('2421', 'bedrijfsadviseur', 'consultant en gestion', 'Unternehmensberater'),
      job('1211', 'financieel directeur', 'directeur financier', 'Finanzdirektor'),
    ],
  },
  {
    nace: '81210',
    jointCommittee: '121',
    weight: 3,
    noun: { NL: 'Schoonmaak', FR: 'Nettoyage', DE: 'Reinigung' },
    functions: [job('9112', 'schoonmaker', 'nettoyeur', 'Reinigungskraft')],
  },
  {
    nace: '47110',
    jointCommittee: '202',
    weight: 3,
    noun: { NL: 'Voeding', FR: 'Alimentation', DE: 'Lebensmittel' },
    functions: [job('7511', 'slager', 'boucher', 'Metzger')],
  },
];

/** What a permit kind asks of a dossier: its categories, its longest term, and which parts are decided. */
export type KindRule = {
  readonly prefix: 'SP' | 'AK' | 'BK';
  readonly categories: readonly (readonly [string, number])[];
  /** The months a permit of this kind runs, from and to. */
  readonly months: readonly [number, number];
  readonly work: boolean;
  readonly residence: boolean;
  readonly card: string | null;
};

const salaried = [
  ['HIGHSKILL', 46],
  ['SHORTAGE', 24],
  ['OTHER', 14],
  ['EXEC', 6],
  ['SPORT', 2],
  ['ARTIST', 1],
  ['CLERGY', 1],
  ['JOURNALIST', 1],
  ['SPECTECH', 2],
  ['TREATY', 1],
  ['LTR_EU', 2],
] as const;

/** The permit kinds of DOMAIN 3.1. */
export const kinds = {
  SP_LIM: { prefix: 'SP', categories: salaried, months: [12, 36], work: true, residence: true, card: 'A' },
  SP_BLUE: { prefix: 'SP', categories: [['BLUECARD', 1]], months: [24, 48], work: true, residence: true, card: 'H' },
  SP_ICT: {
    prefix: 'SP',
    categories: [
      ['ICT_MGR', 3],
      ['ICT_EXP', 5],
      ['ICT_TRN', 1],
    ],
    months: [12, 36],
    work: true,
    residence: true,
    card: 'I',
  },
  SP_ICT_MOB: { prefix: 'SP', categories: [['ICT_EXP', 1]], months: [6, 24], work: true, residence: true, card: 'J' },
  SP_SEAS: { prefix: 'SP', categories: [['SEASONAL', 1]], months: [4, 5], work: true, residence: true, card: 'A' },
  SP_RES: { prefix: 'SP', categories: [['RESEARCHER', 1]], months: [12, 36], work: false, residence: true, card: 'A' },
  SP_TRAINEE: { prefix: 'SP', categories: [['TRAINEE', 1]], months: [6, 6], work: true, residence: true, card: 'A' },
  SP_UNL: {
    prefix: 'SP',
    categories: [
      ['UNL_4Y', 4],
      ['UNL_LTR', 1],
    ],
    months: [60, 60],
    work: true,
    residence: true,
    card: 'A',
  },
  WA_SHORT: {
    prefix: 'AK',
    categories: [
      ['SPECTECH', 3],
      ['HIGHSKILL', 3],
      ['ARTIST', 1],
      ['SEASONAL', 2],
    ],
    months: [1, 2],
    work: true,
    residence: false,
    card: null,
  },
  WA_UNL: { prefix: 'AK', categories: [['UNL_4Y', 1]], months: [60, 60], work: true, residence: false, card: null },
  WA_AUPAIR: { prefix: 'AK', categories: [['AUPAIR', 1]], months: [12, 12], work: true, residence: false, card: null },
  PC_SELF: {
    prefix: 'BK',
    categories: [
      ['PC_ECON', 5],
      ['PC_INNOV', 3],
      ['PC_CULT', 2],
    ],
    months: [24, 24],
    work: true,
    residence: false,
    card: null,
  },
} as const satisfies Record<string, KindRule>;

/** A permit kind. */
export type Kind = keyof typeof kinds;

/** Shares of the kinds among dossiers that an employer, a counter or a host family files. */
export const kindShares: readonly (readonly [Kind, number])[] = [
  ['SP_LIM', 66],
  ['SP_BLUE', 7],
  ['SP_ICT', 4],
  ['SP_ICT_MOB', 0.7],
  ['SP_SEAS', 3],
  ['SP_RES', 3],
  ['SP_TRAINEE', 1.5],
  ['WA_SHORT', 8],
  ['WA_AUPAIR', 1.8],
  ['PC_SELF', 5],
];

/** Gross monthly pay, from and to, by category: at or above every floor of every region and year. */
export const pay: Readonly<Record<string, readonly [number, number]>> = {
  HIGHSKILL: [4700, 7000],
  EXEC: [7900, 12000],
  BLUECARD: [6100, 8600],
  ICT_MGR: [7900, 11000],
  ICT_EXP: [4700, 7500],
  ICT_TRN: [4700, 5200],
  SHORTAGE: [2500, 3600],
  OTHER: [2400, 3400],
  SEASONAL: [2200, 2500],
  RESEARCHER: [3000, 4300],
  TRAINEE: [2200, 2400],
  AUPAIR: [450, 450],
  SPORT: [8000, 15000],
  ARTIST: [4200, 6000],
};
