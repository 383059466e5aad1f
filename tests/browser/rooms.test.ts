import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page, Request } from 'playwright-core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { eventually, makeDataDir, type RunningServer, removeDataDir, startServer } from '../world/server.ts';
import {
  chromiumIsHere,
  enterAsOperator,
  type Look,
  openWindow,
  PASSWORD,
  see,
  typeSignIn,
  type Window,
} from './browser.ts';

const here = chromiumIsHere('every room of the console: width, accessibility, words');

/** A folder for screenshots to be looked at; without it none are taken. */
const PICTURES = process.env.CONSOLE_PICTURES;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
// Of all that axe knows: the rules of WCAG 2.2 AA and its best practices.
const axeRun = (
  options: string,
) => `axe.run(document, { resultTypes: ['violations'], ${options} }).then(({ violations }) =>
  violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 160)).join(' | ')))`;
/** Of all its rules only those of colours see another page in the dark. */
const AXE_RUNS = { light: axeRun(''), dark: axeRun("runOnly: { type: 'rule', values: ['color-contrast'] }") };
/** Text of the page, and what is only read aloud. */
const WORDS = `document.body.innerText + ' ' +
  [...document.querySelectorAll('[aria-label], [title], [placeholder]')].map((element) =>
    ['aria-label', 'title', 'placeholder'].map((name) => element.getAttribute(name) ?? '').join(' ')).join(' ')`;
const SIDEWAYS = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

const TIMEOUT = { timeout: 180_000 };
const LANGUAGES = ['zh-CN', 'en'] as const;
const WIDTHS = [1280, 390] as const;
type Inspected = Required<Pick<Look, 'language' | 'width'>>;

/**
 * Both widths and both themes are looked at by axe, each width in the other language: languages share their structure, and
 * that no word is empty in either is proven by the words themselves. Width and words are looked at in all four.
 */
const isForAxe = ({ language, width }: Inspected): boolean => (language === 'zh-CN') === (width === 1280);

function roomsOf(tenantId: string, messageId: string): Record<string, string> {
  const own = `/t/${tenantId}`;
  return {
    overview: `${own}/overview`,
    send: `${own}/send`,
    messages: `${own}/messages`,
    message: `${own}/messages/${messageId}`,
    refusals: `${own}/refusals`,
    replies: `${own}/inbound`,
    'opt-outs': `${own}/inbound?tab=opt-outs`,
    qualifications: `${own}/registration?tab=qualifications`,
    signatures: `${own}/registration?tab=signatures`,
    templates: `${own}/registration?tab=templates`,
    'qualification-form': `${own}/registration/qualification`,
    'signature-form': `${own}/registration/signature`,
    'template-form': `${own}/registration/template`,
    keys: `${own}/keys`,
    webhook: `${own}/webhook`,
    phone: '/phone',
    reviews: '/reviews',
    decided: '/reviews?state=decided',
    tenants: '/tenants',
    carriers: '/carriers',
    'carrier-form': '/carriers/new',
    audit: '/audit',
    account: '/account',
    nowhere: '/nowhere',
  };
}

describe.runIf(here)('every room', () => {
  let dataDir: string;
  let server: RunningServer;
  let rooms: Record<string, string>;
  let operator: Window;

  beforeAll(async () => {
    dataDir = makeDataDir('signet-rooms-');
    server = await startServer({ dataDir });
    operator = await openWindow();
    const { page } = operator;
    await enterAsOperator(page, server);
    const ask = <T>(path: string, body?: unknown): Promise<T> =>
      page.evaluate<T>(`fetch('/api${path}', ${JSON.stringify(requestOf(body))}).then((r) => r.json())`);
    const { items } = await ask<{ items: { id: string }[] }>('/tenants');
    const tenantId = items[0]!.id;
    const own = `/tenants/${tenantId}`;
    const { phone, signName, templateCode } = server.ready;
    const send = (to: string) =>
      ask(`${own}/messages`, { phone: to, signName, templateCode, templateParams: { code: '246810' } });
    await send('12345');
    await send(phone);
    await ask(`${own}/templates`, {
      name: '活动通知',
      kind: 'notice',
      content: `尊敬的客户，真人百家乐$\{text}`,
      relatedSignName: signName,
      remark: '演示',
      variables: { text: 'others' },
    });
    type Listed = { items: { id: string; state: string }[] };
    const messageId = await eventually('the message is delivered', async () => {
      const { items: messages } = await ask<Listed>(`${own}/messages`);
      return messages.find(({ state }) => state === 'delivered')?.id;
    });
    await ask('/sandbox/phone/replies', { to: await sender(ask), text: '退订' });
    rooms = roomsOf(tenantId, messageId);
  });
  afterAll(async () => {
    await operator?.close();
    await server?.stop();
    removeDataDir(dataDir);
  });

  // Two cores: both widths at a time.
  it.concurrent.for(WIDTHS)(
    'at %d px, in both languages, light and dark',
    TIMEOUT,
    async (width, context) => {
      for (const language of LANGUAGES) {
        const { found, errors } = await walk({ language, width });
        context.expect([language, found, errors]).toEqual([language, [], []]);
      }
    },
  );

  /** Looks at every room; what it finds is wrong. */
  async function walk(look: Inspected): Promise<{ found: string[]; errors: string[] }> {
    const { page, errors, close } = await openWindow(look);
    countRequests(page);
    const found: string[] = [];
    const inspect = async (room: string): Promise<void> => {
      const sideways = await page.evaluate<number>(SIDEWAYS);
      if (sideways > 0) found.push(`${room}: the page is ${sideways} px too wide`);
      for (const word of leftovers(await page.evaluate<string>(WORDS))) found.push(`${room}: «${word}»`);
      if (!isForAxe(look) && PICTURES === undefined) return;
      for (const scheme of ['light', 'dark'] as const) {
        await showIn(page, scheme);
        for (const violation of await page.evaluate<string[]>(AXE_RUNS[scheme])) {
          found.push(`${room}, ${scheme}: ${violation}`);
        }
        if (PICTURES === undefined) continue;
        const name = `${room}-${look.language}-${look.width}-${scheme}.png`;
        await page.screenshot({ path: join(PICTURES, name), fullPage: true });
      }
    };
    try {
      await page.goto(server.ready.url);
      await see(page.getByRole('heading', { level: 1 }));
      await page.evaluate(AXE);
      await inspect('sign-in');
      await typeSignIn(page, server.ready.consoleUser, PASSWORD);
      await see(page.getByRole('banner'));
      for (const [room, place] of Object.entries(rooms)) {
        await page.goto(`${server.ready.url}/#${place}`);
        await settled(page);
        await inspect(room);
      }
    } finally {
      await close();
    }
    return { found, errors };
  }
});

async function showIn(page: Page, scheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme });
  await eventually('the colours are there', async () => {
    const there = await page.evaluate('document.documentElement.style.colorScheme');
    return there === scheme || undefined;
  });
}

/** The room stands: its heading is there and nothing that was asked for is still on its way (live streams stay). */
async function settled(page: Page): Promise<void> {
  const waiting = waitingOf.get(page)!;
  await eventually('the room stands', async () => {
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    const loading = await page.getByText(/^(正在载入…|Loading…)$/).count();
    return waiting.size + loading === 0 ? true : undefined;
  });
  await see(page.getByRole('heading', { level: 1 }));
}

const waitingOf = new WeakMap<Page, Set<Request>>();

/** Keeps account of what a page asked for and did not get yet. */
function countRequests(page: Page): void {
  const waiting = new Set<Request>();
  waitingOf.set(page, waiting);
  page.on('request', (request) => {
    if (!request.url().endsWith('/live')) waiting.add(request);
  });
  page.on('requestfinished', (request) => waiting.delete(request));
  page.on('requestfailed', (request) => waiting.delete(request));
}

const requestOf = (body: unknown) =>
  body === undefined
    ? {}
    : {
        method: 'POST',
        headers: { 'x-signet-console': '1', 'content-type': 'application/json' },
        body: JSON.stringify(body),
      };

/** Whom the phone answers: the sender of the newest message. */
async function sender(ask: <T>(path: string) => Promise<T>): Promise<string> {
  const { messages } = await ask<{ messages: { direction: string; from: string }[] }>('/sandbox/phone');
  return messages.find(({ direction }) => direction === 'received')!.from;
}

/** Signs of a word that nobody wrote: a key of the table of words, a value that is none, a template unfilled. */
const leftovers = (text: string): string[] => [
  ...new Set(
    text.match(
      /\b(undefined|NaN|\[object Object\]|Invalid Date|(words|common|shell|rooms|codes)\.[a-z]\w*)\b/g,
    ),
  ),
];
