import { type Frozen, json, type Labels, type Language } from './data.ts';

/** A step of a manual. */
export type GuideStep = Frozen<{ code: string; title: Labels; text: Labels; source: string }>;

/** A manual on a topic, step by step. */
export type Guide = Frozen<{ topic: string; title: Labels; steps: GuideStep[] }>;

/** For whom an article of the information page is written. */
export type Audience = 'EMPLOYER' | 'WORKER' | 'FAMILY';

/** An article of the information page in one language; a null region means that it holds for all regions. */
export type Article = {
  readonly topic: string;
  readonly region: string | null;
  readonly audience: Audience;
  readonly title: string;
  readonly text: string;
  readonly source: string;
};

type ArticleRow = {
  topic: string;
  regions: string[] | null;
  audiences: Audience[];
  title: Labels;
  text: Labels;
  source: string;
};

const { guides } = json<{ guides: Guide[] }>('guides.json');
const { articles } = json<{ articles: ArticleRow[] }>('info.json');

/** The topics that have a manual. */
export const guideTopics: readonly string[] = guides.map(({ topic }) => topic);

/** The topics of the information page (DOMAIN 10). */
export const infoTopics: readonly string[] = [...new Set(articles.map(({ topic }) => topic))];

/** The manual of a topic, or null. */
export function guide(topic: string): Guide | null {
  return guides.find((one) => one.topic === topic) ?? null;
}

/** The article for a reader: the region's own, else the general one; null where none is written for that audience. */
export function info(topic: string, region: string, language: Language, audience: Audience): Article | null {
  const fitting = articles.filter((one) => one.topic === topic && one.audiences.includes(audience));
  const own = fitting.find(({ regions }) => regions?.includes(region) ?? false);
  const found = own ?? fitting.find(({ regions }) => regions === null);
  if (found === undefined) return null;
  const { title, text, source } = found;
  const place = own === undefined ? null : region;
  return { topic, region: place, audience, title: title[language], text: text[language], source };
}
