import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, makeDataDir, type RunningServer, removeDataDir, startServer } from '../world/server.ts';
import { chromiumIsHere, enterAsOperator, openWindow, PASSWORD, see, typeSignIn } from './browser.ts';

const here = chromiumIsHere('every room of the console: width, accessibility, words');

/** A folder for screenshots to be looked at; without it none are taken. */
const PICTURES = process.env.CONSOLE_PICTURES;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
// Of all that axe knows: the rules of WCAG 2.2 AA and its best practices.
const AXE_RUN = `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
  violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 160)).join(' | ')))`;
/** Text of the page, and what is only read aloud. */
const WORDS = `document.body.innerText + ' ' +
  [...document.querySelectorAll('[aria-label], [title], [placeholder]')].map((element) =>
    ['aria-label', 'title', 'placeholder'].map((name) => element.getAttribute(name) ?? '').join(' ')).join(' ')`;
const SIDEWAYS = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

const LOOKS = (['zh-CN', 'en'] as const).flatMap((language) =>
  ([1280, 390] as const).map((width) => ({ language, width })),
);

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

  beforeAll(async () => {
    dataDir = makeDataDir('signet-rooms-');
    server = await startServer({ dataDir });
    const { page, close } = await openWindow();
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
    await close();
  });
  afterAll(async () => {
    await server?.stop();
    removeDataDir(dataDir);
  });

  it.each(LOOKS)(
    'in $language at $width px, light and dark: fits, is accessible, has its words',
    async (look) => {
      const { page, errors, close } = await openWindow(look);
      const found: string[] = [];
      try {
        await page.goto(server.ready.url);
        await see(page.getByRole('heading', { level: 1 }));
        await page.evaluate(AXE);
        const inspect = async (room: string) => {
          const sideways = await page.evaluate<number>(SIDEWAYS);
          if (sideways > 0) found.push(`${room}: the page is ${sideways} px too wide`);
          for (const word of leftovers(await page.evaluate<string>(WORDS))) found.push(`${room}: «${word}»`);
          for (const colorScheme of ['light', 'dark'] as const) {
            await page.emulateMedia({ colorScheme });
            await expect
              .poll(() => page.evaluate('document.documentElement.style.colorScheme'))
              .toBe(colorScheme);
            for (const violation of await page.evaluate<string[]>(AXE_RUN)) {
              found.push(`${room}, ${colorScheme}: ${violation}`);
            }
            if (PICTURES === undefined) continue;
            const name = `${room}-${look.language}-${look.width}-${colorScheme}.png`;
            await page.screenshot({ path: join(PICTURES, name), fullPage: true });
          }
        };
        await inspect('sign-in');
        await typeSignIn(page, server.ready.consoleUser, PASSWORD);
        await see(page.getByRole('banner'));
        for (const [room, place] of Object.entries(rooms)) {
          await page.goto(`${server.ready.url}/#${place}`);
          await see(page.getByRole('heading', { level: 1 }));
          await page.waitForLoadState('networkidle');
          await expect
            .poll(() => page.getByText(/^(正在载入…|Loading…)$/).count(), { timeout: 20_000 })
            .toBe(0);
          await inspect(room);
        }
      } finally {
        await close();
      }
      expect(found).toEqual([]);
      expect(errors).toEqual([]);
    },
    180_000,
  );
});

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
