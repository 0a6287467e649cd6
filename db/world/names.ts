import type { Faker } from '@faker-js/faker';
import { faker as german } from '@faker-js/faker/locale/de';
import { faker as british } from '@faker-js/faker/locale/en_GB';
import { faker as indian } from '@faker-js/faker/locale/en_IN';
import { faker as french } from '@faker-js/faker/locale/fr_BE';
import { faker as dutch } from '@faker-js/faker/locale/nl_BE';
import { faker as polish } from '@faker-js/faker/locale/pl';
import { faker as brazilian } from '@faker-js/faker/locale/pt_BR';
import { faker as portuguese } from '@faker-js/faker/locale/pt_PT';
import { faker as romanian } from '@faker-js/faker/locale/ro';
import { faker as serbian } from '@faker-js/faker/locale/sr_RS_latin';
import { faker as turkish } from '@faker-js/faker/locale/tr';

/** The names from which persons of a nationality are put together. */
export type NamePool = {
  readonly male: readonly string[];
  readonly female: readonly string[];
  readonly last: readonly string[];
  readonly cities: readonly string[];
};

type Parts = { readonly [part in 'generic' | 'female' | 'male']?: readonly string[] };

const POOL = 90;

// Names with apostrophes or spaces are left out: they read badly in a reference or an e-mail address. The lists are in
// alphabetical order, so that a pool takes its names from all over one.
function tidy(names: readonly string[]): readonly string[] {
  const fit = names.filter((name) => /^[\p{L}-]+$/u.test(name));
  const stride = Math.max(1, fit.length / POOL);
  return Array.from({ length: Math.min(POOL, fit.length) }, (_, at) => fit[Math.floor(at * stride)] ?? '');
}

function of({ rawDefinitions: { person } }: Faker, cities: string): NamePool {
  const first: Parts = person?.first_name ?? {};
  const last: Parts = person?.last_name ?? {};
  return {
    male: tidy(first.male ?? first.generic ?? []),
    female: tidy(first.female ?? first.generic ?? []),
    last: tidy(last.generic ?? last.male ?? []),
    cities: cities.split(' '),
  };
}

// Where faker writes another script, a hand-made list in Latin letters, as it would stand in a passport.
function listed(male: string, female: string, last: string, cities: string): NamePool {
  return { male: male.split(' '), female: female.split(' '), last: last.split(' '), cities: cities.split(' ') };
}

const maghreb = (cities: string) =>
  listed(
    'Youssef Mohamed Amine Karim Omar Rachid Hamza Bilal Anas Mehdi Samir Tarik Nabil Ilyas Reda Sofiane',
    'Fatima Khadija Salma Imane Nadia Samira Hajar Sanae Meryem Asma Leila Rania Ines Houda Amal Yasmine',
    'Alaoui Bennani Idrissi Amrani Tazi Berrada Chraibi Fassi Haddad Jebali Mansouri Trabelsi Ziani Saidi Bouzid Naciri Kadiri Slimani',
    cities,
  );

const african = (cities: string) =>
  listed(
    'Emmanuel Serge Patrick Didier Alain Christian Samuel Herve Blaise Cedric Olivier Junior Landry Guy',
    'Grace Chantal Solange Esther Mireille Nadege Aline Clarisse Divine Josiane Rachel Vanessa Prisca Gloria',
    'Mbarga Nkomo Tchoumi Fotso Ngono Mutombo Kabongo Ilunga Tshibangu Mukendi Kasongo Lukaku Diallo Ndiaye Traore Mensah Owusu Eze',
    cities,
  );

const eastern = (cities: string) =>
  listed(
    'Oleksandr Andriy Dmytro Serhiy Ivan Mykola Viktor Yuriy Maksym Pavlo Artem Bohdan Roman Vitaliy',
    'Olena Iryna Natalia Oksana Svitlana Yulia Tetiana Anna Kateryna Maria Viktoria Daria Halyna Alina',
    'Shevchenko Kovalenko Bondarenko Tkachenko Kravchenko Oliynyk Moroz Lysenko Marchenko Rudenko Savchenko Petrenko Ivanov Melnyk Boyko',
    cities,
  );

const pools: Readonly<Record<string, NamePool>> = {
  TR: of(turkish, 'Ankara Izmir Bursa Konya Antalya Kayseri Eskisehir'),
  IN: of(indian, 'Bengaluru Pune Chennai Hyderabad Mumbai Kochi Jaipur'),
  MA: maghreb('Casablanca Rabat Tanger Oujda Nador Fes Agadir'),
  TN: maghreb('Tunis Sfax Sousse Bizerte Gabes'),
  DZ: maghreb('Alger Oran Constantine Annaba'),
  US: of(british, 'Boston Seattle Denver Austin Chicago'),
  GB: of(british, 'London Leeds Bristol Cardiff Glasgow'),
  BR: of(brazilian, 'Recife Curitiba Salvador Fortaleza Campinas'),
  RS: of(serbian, 'Beograd Nis Subotica Kragujevac'),
  BA: of(serbian, 'Sarajevo Tuzla Zenica Mostar'),
  CN: listed(
    'Wei Jun Ming Hao Lei Peng Bo Tao Cheng Yang Kai Feng',
    'Fang Na Xiu Ying Li Jing Yan Min Juan Hui Xia Mei',
    'Wang Li Zhang Liu Chen Yang Zhao Huang Zhou Wu Xu Sun Hu Zhu Gao Lin',
    'Shanghai Beijing Shenzhen Chengdu Wuhan',
  ),
  JP: listed(
    'Hiroshi Takashi Kenji Satoshi Daisuke Kazuya Naoki Yuta Ryo Shota',
    'Yuko Keiko Naomi Akiko Mariko Haruka Yumi Emi Aya Sakura',
    'Sato Suzuki Takahashi Tanaka Watanabe Ito Yamamoto Nakamura Kobayashi Kato Yoshida Yamada Sasaki',
    'Tokyo Osaka Nagoya Sapporo Kobe',
  ),
  PH: listed(
    'Jose Juan Carlo Mark Angelo Paolo Miguel Rafael Gabriel Dennis',
    'Maria Angelica Jasmine Kristine Grace Joy Rose Liza Analyn Marites',
    'Santos Reyes Cruz Bautista Garcia Mendoza Torres Flores Aquino Ramos Villanueva Castillo',
    'Manila Cebu Davao Iloilo Baguio',
  ),
  UA: eastern('Kyiv Lviv Odesa Kharkiv Dnipro'),
  BY: eastern('Minsk Brest Grodno Gomel'),
  CM: african('Douala Yaounde Bafoussam'),
  CD: african('Kinshasa Lubumbashi Goma'),
  PL: of(polish, 'Krakow Gdansk Wroclaw Lublin'),
  RO: of(romanian, 'Cluj Iasi Timisoara Brasov'),
  PT: of(portuguese, 'Porto Braga Lisboa Coimbra'),
  DE: of(german, 'Aachen Bonn Trier Essen'),
  FR: of(french, 'Lille Metz Lyon Nantes'),
  NL: of(dutch, 'Breda Tilburg Utrecht Arnhem'),
  BE: of(dutch, 'Gent Leuven Antwerpen'),
};

const belgian: Readonly<Record<'NL' | 'FR' | 'DE', NamePool>> = {
  NL: of(dutch, 'Gent'),
  FR: of(french, 'Namur'),
  DE: of(german, 'Eupen'),
};

/** The names used for a nationality; a nationality without a list of its own borrows another. */
export function namesOf(nationality: string): NamePool {
  return pools[nationality] ?? belgian.FR;
}

/** The family names after which enterprises are called in a language of the country. */
export function foundersOf(language: 'NL' | 'FR' | 'DE'): readonly string[] {
  return belgian[language].last;
}

/** Street names that could be anywhere in that language. */
export const streets: Readonly<Record<'NL' | 'FR' | 'DE', readonly string[]>> = {
  NL: 'Stationsstraat Kerkstraat Molenstraat Schoolstraat Nieuwstraat Dorpsstraat Industrieweg Veldstraat Kapelstraat Beukenlaan Lindelaan Havenlaan Ambachtenlaan Parklaan Brugstraat Waterstraat'.split(
    ' ',
  ),
  FR: [
    'Rue de la Station',
    'Rue du Moulin',
    'Grand-Rue',
    'Rue des Écoles',
    'Avenue des Tilleuls',
    'Chaussée de Bruxelles',
    "Rue de l'Industrie",
    'Rue Neuve',
    'Avenue du Parc',
    'Place Communale',
    'Rue du Pont',
    'Rue des Artisans',
  ],
  DE: 'Bahnhofstraße Hauptstraße Schulstraße Kirchstraße Mühlenweg Industriestraße Lindenallee Gartenstraße'.split(' '),
};
