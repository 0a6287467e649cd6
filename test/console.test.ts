import { existsSync, readFileSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { freshDatabase } from './database.ts';
import { house, tokenFor } from './world.ts';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const quietly = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'].concat(
  ['background-networking', 'component-update', 'sync'].map((what) => `--disable-${what}`),
);

type Example = { name: string; principal: string; purpose: string | null };
const examples: Example[] = JSON.parse(readFileSync(new URL('../gateway/examples.json', import.meta.url), 'utf8'));

let database: Awaited<ReturnType<typeof freshDatabase>>;
let gateway: Awaited<ReturnType<typeof house>>;
let browser: Browser;
let page: Page;
let hosts: Set<string>;
let complaints: string[];

beforeAll(async () => {
  if (!existsSync(executablePath)) {
    throw new Error(`No browser at ${executablePath}: apt-get install chromium, or set CHROMIUM to where one is`);
  }
  database = await freshDatabase();
  gateway = await house(database);
  browser = await chromium.launch({ executablePath, args: quietly });
}, 60_000);
beforeEach(async () => {
  hosts = new Set();
  complaints = [];
  page = await browser.newPage();
  page.on('request', (request) => hosts.add(new URL(request.url()).origin));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(gateway.url);
}, 60_000);
afterEach(() => page.close());
afterAll(async () => {
  await browser?.close();
  await gateway?.stop();
  await database?.drop();
}, 60_000);

const answer = async (): Promise<string> => (await page.locator('.result-window .CodeMirror-code').textContent()) ?? '';

test.each(examples)('the example runs in a browser, with a token pasted in: $name', async ({
  name,
  principal,
  purpose,
}) => {
  await page.getByRole('button', { name, exact: true }).click();
  await expect(page.getByRole('button', { name, exact: true }).getAttribute('aria-pressed')).resolves.toBe('true');
  await expect(page.locator('#command').textContent()).resolves.toBe(`npm run --silent token -- ${principal}`);
  await expect(page.getByLabel('Purpose').inputValue()).resolves.toBe(purpose ?? '');
  await page.getByLabel('Token').fill(await tokenFor(gateway.env, principal));
  await page.keyboard.press('Enter');
  await page.getByText(/valid until/).waitFor();
  await page.getByRole('button', { name: /^Execute query/ }).click();
  await page.locator('.result-window').getByText('"data"').waitFor();
  expect(await answer()).not.toContain('"errors"');
  expect([[...hosts], complaints]).toEqual([[gateway.url], []]);
}, 60_000);

test('without a token the console says how to get one', async () => {
  await page.getByRole('button', { name: /^Execute query/ }).click();
  await page.locator('.result-window').getByText('Paste a token first').waitFor();
  expect(await answer()).toContain('npm run --silent token -- VLA-DEM');
  expect([[...hosts], complaints]).toEqual([[gateway.url], []]);
}, 60_000);

test('its dialogs open under the content security policy, and nothing of a query is kept in the browser', async () => {
  await page.getByRole('button', { name: 'Open settings dialog' }).click();
  await page.getByText('Clear storage').waitFor();
  await page.keyboard.press('Escape');
  expect(await page.evaluate('JSON.stringify(localStorage)')).toBe('{}');
  expect([[...hosts], complaints]).toEqual([[gateway.url], []]);
}, 60_000);

test('every control has a name and can be reached with the keyboard', async () => {
  await page.getByRole('button', { name: /^Execute query/ }).waitFor();
  const reached: string[] = [];
  for (let presses = 0; presses < 10; presses++) {
    await page.keyboard.press('Tab');
    reached.push(
      String(
        await page.evaluate('document.activeElement.labels?.[0]?.textContent ?? document.activeElement.textContent'),
      ),
    );
  }
  expect(reached.map((name) => name.trim())).toEqual([
    ...examples.map(({ name }) => name),
    'Token',
    'Copy',
    'Purpose (x-purpose)',
    'Reference (x-reference)',
    'Use',
  ]);
}, 60_000);
