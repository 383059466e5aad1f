import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newest } from '../compat/clients.ts';
import { makeDataDir, type RunningServer, removeDataDir, startServer } from '../world/server.ts';
import {
  choose,
  chromiumIsHere,
  enterAsOperator,
  gone,
  openRoom,
  openWindow,
  rowWith,
  see,
  type Window,
  watchStill,
} from './browser.ts';

const here = chromiumIsHere('sending, the life of a message and the sandbox phone in a browser');

describe.runIf(here)('a message and the sandbox phone', () => {
  let dataDir: string;
  let server: RunningServer;
  let window: Window;

  beforeAll(async () => {
    dataDir = makeDataDir('signet-messages-');
    server = await startServer({ dataDir });
    window = await openWindow();
    await enterAsOperator(window.page, server);
  });
  afterAll(async () => {
    await window?.close();
    await server?.stop();
    removeDataDir(dataDir);
  });

  /** Sends a code to the sandbox phone and opens the page of the message that came of it. */
  async function sendAndOpen(code: string): Promise<void> {
    const { page } = window;
    await openRoom(page, 'Send');
    await page.getByLabel('Phone number').fill(server.ready.phone);
    await page.getByLabel('code', { exact: true }).fill(code);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    const life = page.getByRole('link', { name: 'See its whole life' });
    await see(life);
    await life.click();
    await page.getByRole('link', { name: /View message/ }).click();
    await see(page.getByRole('heading', { name: /^Message / }));
  }

  it('is written under a live preview that counts its segments, wrong values marked beside their field', async () => {
    const { page } = window;
    await openRoom(page, 'Send');
    const preview = page.getByRole('region', { name: 'Message preview' });
    await expect.poll(() => page.getByLabel('Phone number').inputValue()).toBe(server.ready.phone);
    const code = page.getByLabel('code', { exact: true });
    await code.fill('246810');
    await see(preview.getByText(`【${server.ready.signName}】`));
    await see(preview.getByText(/246810/));
    await see(preview.getByText(/^1 segment, \d+ characters$/));

    await page.getByLabel('Phone number').fill('12ab');
    await code.fill('');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    const summary = page.getByRole('alert').filter({ hasText: 'Some fields need correcting' });
    await see(summary.getByRole('button', { name: 'Phone number: Digits only' }));
    await see(page.getByText('Fill in this variable', { exact: true }));
    expect(await page.getByLabel('Phone number').inputValue()).toBe('12ab');
    await summary.getByRole('button', { name: /^Phone number/ }).click();
    expect(await page.evaluate('document.activeElement.id')).toContain('phone');
    await page.getByRole('button', { name: 'Use the sandbox phone' }).click();
  });

  it('is refused in words and with its code when the number is none, and what was typed stays', async () => {
    const { page } = window;
    await page.getByLabel('Phone number').fill('12345');
    await page.getByLabel('code', { exact: true }).fill('246810');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await see(page.getByRole('alert').getByText('isv.MOBILE_NUMBER_ILLEGAL').first());
    expect(await page.getByLabel('Phone number').inputValue()).toBe('12345');
    await openRoom(page, 'Refused calls');
    await see(rowWith(page, 'Refused calls', 'isv.MOBILE_NUMBER_ILLEGAL'));
    await openRoom(page, 'Send');
    expect(await page.getByLabel('Phone number').inputValue()).toBe('12345');
  });

  it('is sent, listed, delivered, and told in twenty numbered steps', async () => {
    const { page } = window;
    await sendAndOpen('135790');
    const head = page.getByRole('region', { name: 'State', exact: true });
    await see(head.getByText('Delivered', { exact: true }));
    const life = page.getByRole('list', { name: 'The life of this message' });
    const steps = life.getByRole('listitem');
    expect(await steps.count()).toBe(20);
    for (const [index, name] of [
      [0, 'Authenticate'],
      [9, 'Commit once and answer'],
      [14, 'Submit'],
      [17, 'One final state'],
    ] as const) {
      const text = await steps.nth(index).innerText();
      expect(text).toMatch(new RegExp(`^${index + 1}\\s+${name}\\s+Done`));
    }
    await see(rowWith(page, 'Attempts', 'Delivered'));
    expect(await page.getByText(server.ready.phone, { exact: true }).count()).toBe(0);
    expect(await page.getByText(/135790/).count()).toBe(0);
  });

  it('shows number and text only for a reason, which the audit log keeps', async () => {
    const { page } = window;
    await page.getByRole('button', { name: 'Show in full' }).click();
    const dialog = page.getByRole('dialog', { name: 'Show number and text in full' });
    await dialog.getByLabel('Reason').fill('x');
    await dialog.getByRole('button', { name: 'Show', exact: true }).click();
    await see(dialog.getByText('Give a reason of at least 2 characters'));
    await dialog.getByLabel('Reason').fill('The customer asked where the code is');
    await dialog.getByRole('button', { name: 'Show', exact: true }).click();
    await gone(dialog);
    const head = page.getByRole('region', { name: 'State', exact: true });
    await see(head.getByText(new RegExp(`${server.ready.phone}$`)));
    await see(head.getByText(/135790/));
    await openRoom(page, 'Audit');
    await see(rowWith(page, 'Audit', 'message.unmasked').getByText(/The customer asked where the code is/));
  });

  it('is found by its number, its state and its template, and by the address alone', async () => {
    const { page } = window;
    await openRoom(page, 'Messages');
    const links = page.getByRole('link', { name: /View message/ });
    await page.getByLabel('Search').last().fill(server.ready.phone);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toContain(server.ready.phone);
    await see(links.first());
    await choose(page, 'State', 'Undelivered');
    await see(page.getByText('No message fits these filters.'));
    await page.goBack();
    await see(links.first());
    await page.reload();
    await see(links.first());
    expect(await page.getByLabel('Search').last().inputValue()).toBe(server.ready.phone);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export CSV' }).click();
    expect((await download).suggestedFilename()).toMatch(/^messages-\d{4}-\d\d-\d\d\.csv$/);
  });

  it('arrives on the sandbox phone, whose 退订 opts the number out, masked everywhere', async () => {
    const { page } = window;
    await openRoom(page, 'Sandbox phone');
    const screen = page.getByRole('log');
    await see(screen.getByText(/135790/));
    await page.getByRole('button', { name: 'Reply', exact: true }).click();
    await see(page.getByText('This field is required'));
    await page.getByLabel('Reply text').fill('退订');
    await page.getByRole('button', { name: 'Reply', exact: true }).click();
    await see(screen.getByText('退订'));

    const masked = /138\*{4}8000/;
    await openRoom(page, 'Replies and opt-outs');
    await see(rowWith(page, 'Replies', masked));
    expect(await rowWith(page, 'Replies', masked).count()).toBe(1);
    expect(await page.getByText('退订', { exact: true }).count()).toBe(0);
    await page.getByRole('link', { name: 'Opt-outs', exact: true }).click();
    await see(rowWith(page, 'Opt-outs', masked));
    expect(await page.getByText(server.ready.phone).count()).toBe(0);

    await page.getByRole('button', { name: /^Lift/ }).click();
    const dialog = page.getByRole('dialog', { name: /^Lift the opt-out of/ });
    await dialog.getByLabel('Reason').fill('consented anew by letter');
    await dialog.getByRole('button', { name: 'Lift opt-out' }).click();
    await see(page.getByText(/^No number has opted out/));
  });

  it('shows a reply in full only for a reason, which the audit log keeps', async () => {
    const { page } = window;
    await page.getByRole('link', { name: 'Replies', exact: true }).click();
    await page.getByRole('button', { name: /^Show in full the reply of 138/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Show number and text in full' });
    await dialog.getByLabel('Reason').fill('The customer says no opt-out was sent');
    await dialog.getByRole('button', { name: 'Show', exact: true }).click();
    await gone(dialog);
    const row = rowWith(page, 'Replies', server.ready.phone);
    await see(row.getByText('退订', { exact: true }));
    await openRoom(page, 'Audit');
    await see(rowWith(page, 'Audit', 'inbound.unmasked').getByText(/The customer says no opt-out was sent/));
  });

  describe('while it is looked at', () => {
    const send = (code: string) => {
      const { url, accessKeyId, accessKeySecret, phone, signName, templateCode } = server.ready;
      return newest.call({ url, keyId: accessKeyId, secret: accessKeySecret }, 'SendSms', {
        PhoneNumbers: phone,
        SignName: signName,
        TemplateCode: templateCode,
        TemplateParam: JSON.stringify({ code }),
      });
    };
    const roomAt = async (name: string): Promise<string> => {
      await openRoom(window.page, name);
      await see(window.page.getByRole('heading', { name, level: 1 }));
      return window.page.url();
    };

    it('comes to the open list and to the phone by itself, no timer running', async () => {
      const list = await watchStill(window, await roomAt('Messages'));
      const phone = await watchStill(window, await roomAt('Sandbox phone'));
      try {
        const rows = list.page.getByRole('link', { name: /View message/ });
        const before = await rows.count();
        expect(await send('864209')).toMatchObject({ Code: 'OK' });
        await see(phone.page.getByRole('log').getByText(/864209/));
        await expect.poll(() => rows.count()).toBe(before + 1);
        await see(list.page.getByRole('row').nth(1).getByText('Delivered', { exact: true }));
        expect([...list.errors, ...phone.errors]).toEqual([]);
      } finally {
        await Promise.all([list.close(), phone.close()]);
      }
    });

    it('comes to the list by asking now and then while the live stream is refused', async () => {
      const list = await openWindow({ of: window });
      const { page } = list;
      try {
        await page.route('**/live', (route) => route.fulfill({ status: 503 }));
        await page.clock.install();
        await page.goto(await roomAt('Messages'));
        const rows = page.getByRole('link', { name: /View message/ });
        await see(rows.first());
        await page.clock.pauseAt(new Date(Date.now() + 3_600_000));
        const before = await rows.count();
        let asked = 0;
        page.on('request', (request) => {
          if (/\/messages(\?|$)/.test(request.url())) asked += 1;
        });
        expect(await send('975310')).toMatchObject({ Code: 'OK' });
        expect([await rows.count(), asked]).toEqual([before, 0]);
        const afterTenSeconds = async () => {
          await page.clock.runFor(10_000);
          return rows.count();
        };
        await expect.poll(afterTenSeconds).toBe(before + 1);
        expect(asked).toBeGreaterThan(0);
      } finally {
        await list.close();
      }
    });
  });

  it('fails in sight with the carrier’s code when the phone refuses, and arrives again afterwards', async () => {
    const { page } = window;
    await openRoom(page, 'Sandbox phone');
    await page.getByRole('radio', { name: /^Undeliverable/ }).check();
    await see(page.getByText('Changed, for messages from now on').last());
    await sendAndOpen('111222');
    const head = page.getByRole('region', { name: 'State', exact: true });
    await see(head.getByText('Undelivered', { exact: true }));
    await see(head.getByText('UNDELIV', { exact: true }));

    await openRoom(page, 'Sandbox phone');
    await page.getByRole('radio', { name: /^Reject/ }).check();
    await sendAndOpen('333444');
    await see(head.getByText(/^(Refused|Undelivered)$/));
    await see(head.locator('code').first());

    await openRoom(page, 'Sandbox phone');
    await page.getByRole('radio', { name: /^Deliver / }).check();
    await sendAndOpen('555666');
    await see(head.getByText('Delivered', { exact: true }));
    expect(window.errors).toEqual([]);
  });
});
