import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { startSmsc } from '@signet/simulators/smsc';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newest } from '../compat/clients.ts';
import { makeDataDir, type RunningServer, removeDataDir, startServer } from '../world/server.ts';
import {
  chromiumIsHere,
  enterAsOperator,
  gone,
  openRoom,
  openWindow,
  rowWith,
  secretLine,
  see,
  type Window,
} from './browser.ts';

const here = chromiumIsHere('keys, webhook and carriers in a browser');

/** A port on which nobody listens: it was free a moment ago. */
async function silentPort(): Promise<number> {
  const server = createSocketServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe.runIf(here)('connections', () => {
  let dataDir: string;
  let server: RunningServer;
  let window: Window;
  let endpoint: Server;
  let pushed: string[];
  let smsc: Awaited<ReturnType<typeof startSmsc>>;

  beforeAll(async () => {
    dataDir = makeDataDir('signet-connections-');
    pushed = [];
    endpoint = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on('end', () => {
        pushed.push(body);
        response.setHeader('content-type', 'application/json');
        response.end('{"code":0,"msg":"ok"}');
      });
    });
    await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
    smsc = await startSmsc(
      { host: '127.0.0.1', port: 0, systemId: 'acme', password: 'secret1' },
      { now: Date.now },
    );
    server = await startServer({ dataDir, env: { SIGNET_WEBHOOK_ALLOWED_HOSTS: '127.0.0.1' } });
    window = await openWindow();
    await enterAsOperator(window.page, server);
  });
  afterAll(async () => {
    await window?.close();
    await server?.stop();
    await smsc?.close();
    endpoint?.close();
    removeDataDir(dataDir);
  });

  describe('access keys', () => {
    let keyId: string;
    let secret: string;

    const sent = (keySecret: string) => {
      const { url, phone, signName, templateCode } = server.ready;
      return newest.call({ url, keyId, secret: keySecret }, 'SendSms', {
        PhoneNumbers: phone,
        SignName: signName,
        TemplateCode: templateCode,
        TemplateParam: '{"code":"246810"}',
      });
    };
    /** Presses a button of the key's row and confirms in the dialog that names the key. */
    async function act(word: string): Promise<void> {
      const { page } = window;
      await page.getByRole('button', { name: `${word} key ${keyId}` }).click();
      const dialog = page.getByRole('dialog', { name: `${word} key ${keyId}` });
      await dialog.getByRole('button', { name: word, exact: true }).click();
      await gone(dialog);
    }

    it('are created with a secret that is shown once, copied, and then gone', async () => {
      const { page } = window;
      await openRoom(page, 'Access keys');
      await page.getByLabel('Remark').fill('order service');
      await page.getByRole('button', { name: 'Create key' }).click();
      const box = page.getByRole('dialog', { name: 'Key created' });
      await see(box);
      keyId = await secretLine(page, 'AccessKey ID');
      secret = await secretLine(page, 'AccessKey Secret');
      await page.keyboard.press('Escape');
      await see(box);
      await box.getByRole('button', { name: 'Copy AccessKey Secret' }).click();
      await see(box.getByRole('button', { name: 'Copied AccessKey Secret' }));
      const download = page.waitForEvent('download');
      await box.getByRole('button', { name: 'Download' }).click();
      expect((await download).suggestedFilename()).toBe(`signet-${keyId}.txt`);
      await box.getByRole('button', { name: 'I have saved it' }).click();
      await gone(box);
      await see(rowWith(page, 'Access keys', keyId).getByText('order service'));
      expect(await page.evaluate<string>('document.documentElement.outerHTML')).not.toContain(secret);
      expect(await sent(secret)).toMatchObject({ Code: 'OK' });
    });

    it('stop at once when rotated, for the old secret only', async () => {
      const { page } = window;
      await act('Rotate');
      const box = page.getByRole('dialog', { name: 'Key rotated' });
      await see(box);
      const next = await secretLine(page, 'AccessKey Secret');
      await box.getByRole('button', { name: 'I have saved it' }).click();
      await gone(box);
      expect(await sent(secret)).toMatchObject({ Code: 'SignatureDoesNotMatch' });
      expect(await sent(next)).toMatchObject({ Code: 'OK' });
      secret = next;
    });

    it('do nothing while disabled, and work again when enabled', async () => {
      const { page } = window;
      await act('Disable');
      const row = rowWith(page, 'Access keys', keyId);
      await see(row.getByText('Disabled', { exact: true }));
      await see(row.getByText('Enable the key before rotating it'));
      expect((await sent(secret)).Code).toMatch(/^InvalidAccessKeyId\.Inactive$/);
      await row.getByRole('button', { name: `Enable ${keyId}` }).click();
      await see(row.getByText('Active', { exact: true }));
      expect(await sent(secret)).toMatchObject({ Code: 'OK' });
    });
  });

  describe('the webhook', () => {
    const field = () => window.page.getByLabel('Address for reports');

    it('refuses what is no address and a private one, each with its sentence', async () => {
      const { page } = window;
      await openRoom(page, 'Webhook');
      await see(page.getByText('Save this address first, then test').first());
      await field().fill('example.com/reports');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await see(page.getByText('Must be a whole address starting with http:// or https://').last());
      await field().fill('http://10.0.0.8/reports');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      const alert = page.getByRole('alert').filter({ hasText: 'Pushing to this address is not allowed.' });
      await see(alert);
      expect(await alert.innerText()).toContain('endpoint_refused');
      expect(await field().inputValue()).toBe('http://10.0.0.8/reports');
    });

    it('is saved, its signing secret shown once, and a test shows what the endpoint said', async () => {
      const { page } = window;
      await field().fill(`http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/reports`);
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      const box = page.getByRole('dialog', { name: 'Signing secret of the webhook' });
      await see(box);
      expect((await secretLine(page, 'Signing secret')).length).toBeGreaterThan(20);
      await box.getByRole('button', { name: 'I have saved it' }).click();
      await gone(box);
      const before = pushed.length;
      await page.getByRole('button', { name: 'Test a report' }).click();
      await see(page.getByText(/^Accepted by the endpoint \(HTTP 200, /));
      expect(pushed.length).toBeGreaterThan(before);
    });

    it('tells in words when nobody answers at the address', async () => {
      const { page } = window;
      await field().fill(`http://127.0.0.1:${await silentPort()}/reports`);
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await see(page.getByText('Addresses saved').last());
      const dialog = page.getByRole('dialog');
      if ((await dialog.count()) > 0) await dialog.getByRole('button', { name: 'I have saved it' }).click();
      await page.getByRole('button', { name: 'Test a report' }).click();
      await see(page.getByText(/^Not accepted by the endpoint \(no answer, /));
    });
  });

  describe('a carrier', () => {
    const fill = async (port: number, password: string) => {
      const { page } = window;
      await page.getByLabel('Name', { exact: true }).fill('Acme SMPP');
      await page.getByLabel('Host').fill('127.0.0.1');
      await page.getByLabel('Port').fill(String(port));
      await page.getByLabel('system_id').fill('acme');
      await page.getByLabel('password', { exact: true }).fill(password);
      await page.getByLabel('Source address').fill('1069000001');
    };
    const test = () => window.page.getByRole('button', { name: 'Test connection' }).click();
    /** The note under the form, after its title. */
    const reason = (title: RegExp) => window.page.getByRole('alert').filter({ hasText: title });

    it('is not tested while a field is wrong', async () => {
      const { page } = window;
      await openRoom(page, 'Carriers');
      await page.getByRole('link', { name: 'Add carrier' }).click();
      await fill(2775, 'secret1');
      await page.getByLabel('Source address').fill('ACME');
      await page.getByLabel('Port').fill('70000');
      await page.getByRole('button', { name: 'Save and enable' }).click();
      const summary = page.getByRole('alert').filter({ hasText: 'Some fields need correcting' });
      await see(summary.getByRole('button', { name: 'Port: 1–65535' }));
      await see(summary.getByRole('button', { name: 'Source address: Must be 1–12 digits' }));
    });

    it('tells why a test fails: nobody listens, a wrong password', async () => {
      await fill(await silentPort(), 'secret1');
      await test();
      await see(reason(/Could not bind/));
      expect(await reason(/Could not bind/).innerText()).toMatch(/refused/i);
      await fill(smsc.port, 'wrong');
      await test();
      await see(reason(/Could not bind.*(password|ESME_RINVPASWD|ESME_RBINDFAIL|bind)/is));
      expect((await smsc.stats()).bound).toBe(0);
    });

    it('is added and bound, and paused with a warning that names it', async () => {
      const { page } = window;
      await fill(smsc.port, 'secret1');
      await test();
      await see(page.getByText(/^Bound \(\d+ ms\) and unbound again$/));
      await page.getByRole('button', { name: 'Save and enable' }).click();
      const row = rowWith(page, 'Carriers', 'Acme SMPP');
      await see(row.getByText('Bound', { exact: true }));
      expect((await smsc.stats()).bound).toBeGreaterThan(0);
      expect(await page.evaluate<string>('document.documentElement.outerHTML')).not.toContain('secret1');

      await row.getByRole('button', { name: 'Pause carrier “Acme SMPP”' }).click();
      const dialog = page.getByRole('dialog', { name: 'Pause carrier “Acme SMPP”' });
      await dialog.getByRole('button', { name: 'Pause', exact: true }).click();
      await gone(dialog);
      await see(row.getByText('Paused', { exact: true }));
      await row.getByRole('button', { name: 'Resume Acme SMPP' }).click();
      await see(row.getByText('Enabled', { exact: true }));
      expect(window.errors).toEqual([]);
    });
  });
});
