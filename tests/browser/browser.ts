import { existsSync } from 'node:fs';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { notProven } from '../world/not-proven.ts';
import type { RunningServer } from '../world/server.ts';

const CHROMIUM = '/usr/bin/chromium';
/** Nothing that would reach out of this machine, and nothing that a machine without graphics lacks. */
const SWITCHES = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const WAIT_MS = 20_000;

export const PASSWORD = 'a long sentence nobody guesses';

export type Look = {
  language?: 'zh-CN' | 'en';
  width?: number;
  scheme?: 'light' | 'dark';
  /** Whose session it shares; by itself a window has none. */
  of?: Window;
};
export type Window = {
  page: Page;
  /** Errors that the page wrote to its console or threw, oldest first. */
  errors: string[];
  close(): Promise<void>;
};

/** Whether the tests of this folder can run here; notes what is unproven when they cannot. */
export function chromiumIsHere(unproven: string): boolean {
  if (existsSync(CHROMIUM)) return true;
  notProven('Chromium', unproven);
  return false;
}

// One browser a test file, for as long as it has a window: starting one takes as long as looking at three rooms.
let browser: Promise<Browser> | undefined;
let windows = 0;

/** A window with a profile of its own: two windows share a session only when told to. */
export async function openWindow({
  language = 'en',
  width = 1280,
  scheme = 'light',
  of,
}: Look = {}): Promise<Window> {
  windows += 1;
  browser ??= chromium.launch({ executablePath: CHROMIUM, args: SWITCHES });
  const context = await (await browser).newContext({
    ...(of === undefined ? {} : { storageState: await of.page.context().storageState() }),
    locale: language === 'en' ? 'en-GB' : 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    viewport: { width, height: 900 },
    colorScheme: scheme,
    acceptDownloads: true,
  });
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('console', (message) => {
    // Chromium writes a line for each answer of 400 and above; the page shows those in words.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      errors.push(message.text());
    }
  });
  page.on('pageerror', (error) => errors.push(error.message));
  return {
    page,
    errors,
    async close() {
      await context.close();
      windows -= 1;
      if (windows > 0) return;
      const last = browser;
      browser = undefined;
      await (await last)?.close();
    },
  };
}

/** Whether a response is the opening of a live stream. */
const isLive = (response: { url(): string; status(): number }): boolean =>
  response.url().endsWith('/live') && response.status() === 200;

/**
 * A second window of a session, open at an address and listening, in which time then stands: no timer fires, so that what
 * changes in it was told to it and not asked for.
 */
export async function watchStill(of: Window, address: string): Promise<Window> {
  const window = await openWindow({ of });
  const { page } = window;
  await page.clock.install();
  const live = page.waitForResponse(isLive);
  await page.goto(address);
  await live;
  await see(page.getByRole('heading', { level: 1 }));
  await page.clock.pauseAt(new Date(Date.now() + 3_600_000));
  return window;
}

/** Waits until it is in sight; a failure tells what is there instead, as a screen reader would read it. */
export async function see(what: Locator): Promise<void> {
  try {
    await what.waitFor({ state: 'visible' });
  } catch (error) {
    const there = await what.page().locator('body').ariaSnapshot();
    throw new Error(`not in sight: ${what}; at ${what.page().url()} there is:\n${there}`, { cause: error });
  }
}
export const gone = (what: Locator): Promise<void> => what.waitFor({ state: 'hidden' });

/** Types the name and the password and presses the button, in either language. */
export async function typeSignIn(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel(/^(用户名|User name)$/).fill(name);
  await page.getByLabel(/^(密码|Password)$/).fill(password);
  await page.getByRole('button', { name: /^(登录|Sign in)$/ }).click();
}

/** Signs in with a one-time password and replaces it by `next`; the page then shows the rooms. */
export async function enterFirst(
  page: Page,
  url: string,
  { name, oneTime, next }: { name: string; oneTime: string; next: string },
): Promise<void> {
  await page.goto(url);
  await typeSignIn(page, name, oneTime);
  await page.getByLabel(/^(一次性密码|One-time password)$/).fill(oneTime);
  await page.getByLabel(/^(新密码|New password)$/).fill(next);
  await page.getByLabel(/^(再输入一次新密码|New password again)$/).fill(next);
  await page.getByRole('button', { name: /^(保存新密码|Save new password)$/ }).click();
  await see(page.getByRole('banner'));
}

/** Signs the operator of a fresh server in, in English. */
export async function enterAsOperator(page: Page, { ready }: RunningServer): Promise<void> {
  await enterFirst(page, ready.url, {
    name: ready.consoleUser,
    oneTime: ready.consolePassword,
    next: PASSWORD,
  });
}

/** Opens a room by its place in the main navigation. */
export async function openRoom(page: Page, name: string | RegExp): Promise<void> {
  const nav = page.getByRole('navigation', { name: /^(主导航|Main navigation)$/ });
  await nav.getByRole('link', { name, exact: true }).click();
}

/** The row of a table that holds `text`. */
export const rowWith = (page: Page, table: string, text: string | RegExp): Locator =>
  page.getByRole('table', { name: table, exact: true }).getByRole('row').filter({ hasText: text });

/** Chooses an entry of a list field by its label. */
export async function choose(page: Page, label: string, entry: string): Promise<void> {
  const field = page.getByRole('combobox', { name: label });
  await field.click();
  // A long list draws only the entries in sight; it is one that can be searched.
  if (await field.isEditable()) await field.fill(entry);
  await page.getByTitle(entry, { exact: true }).last().click();
}

/** The value of a line of the box that shows a secret once. */
export const secretLine = (page: Page, name: string): Promise<string> =>
  page.getByRole('dialog').getByLabel(name, { exact: true }).inputValue();
