import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDataDir, type RunningServer, removeDataDir, startServer } from '../world/server.ts';
import { chromiumIsHere, gone, openWindow, PASSWORD, see, typeSignIn, type Window } from './browser.ts';

const here = chromiumIsHere('signing in to the console in a browser');

describe.runIf(here)('signing in', () => {
  let dataDir: string;
  let server: RunningServer;
  let window: Window;

  beforeAll(async () => {
    dataDir = makeDataDir('signet-sessions-');
    server = await startServer({ dataDir });
    window = await openWindow({ language: 'zh-CN' });
    await window.page.goto(server.ready.url);
  });
  afterAll(async () => {
    await window?.close();
    await server?.stop();
    removeDataDir(dataDir);
  });

  it('refuses a wrong password in words and keeps the name', async () => {
    const { page } = window;
    await page.getByRole('button', { name: '登录' }).click();
    await see(page.getByText('此项必填').first());
    await typeSignIn(page, server.ready.consoleUser, 'not the password');
    await see(page.getByRole('alert').getByText('用户名或密码不正确').first());
    expect(await page.getByLabel('用户名').inputValue()).toBe(server.ready.consoleUser);
  });

  it('lets nobody past the one-time password without a new one', async () => {
    const { page } = window;
    await typeSignIn(page, server.ready.consoleUser, server.ready.consolePassword);
    await see(page.getByRole('heading', { name: '设置新密码' }));
    await page.goto(`${server.ready.url}/#/tenants`);
    await see(page.getByRole('heading', { name: '设置新密码' }));
    expect(await page.getByRole('navigation').count()).toBe(0);

    const oneTime = page.getByLabel('一次性密码', { exact: true });
    const next = page.getByLabel('新密码', { exact: true });
    const again = page.getByLabel('再输入一次新密码', { exact: true });
    await oneTime.fill(server.ready.consolePassword);
    await next.fill('too short');
    await again.fill('another thing');
    await page.getByRole('button', { name: '保存新密码' }).click();
    await see(page.getByText('新密码至少 10 个字符'));
    await see(page.getByText('两次输入的新密码不一致'));
    expect(await next.getAttribute('aria-invalid')).toBe('true');

    await next.fill(server.ready.consolePassword);
    await again.fill(server.ready.consolePassword);
    await page.getByRole('button', { name: '保存新密码' }).click();
    await see(page.getByText('新密码不能与当前密码相同'));

    await next.fill(PASSWORD);
    await again.fill(PASSWORD);
    await page.getByRole('button', { name: '保存新密码' }).click();
    await see(page.getByRole('navigation', { name: '主导航' }));
  });

  it('opens the overview, in Chinese and in English', async () => {
    const { page } = window;
    await page.goto(`${server.ready.url}/#/`);
    await see(page.getByRole('heading', { name: '概览', level: 1 }));
    await page.getByLabel('语言').selectOption('en');
    await see(page.getByRole('heading', { name: 'Overview', level: 1 }));
    await see(page.getByText('Submitted today'));
    expect(await page.evaluate('document.documentElement.lang')).toBe('en');
    await page.reload();
    await see(page.getByRole('heading', { name: 'Overview', level: 1 }));
    await page.getByLabel('Language').selectOption('zh-CN');
    await see(page.getByRole('heading', { name: '概览', level: 1 }));
  });

  it('signs out, forgets what it knew and takes the new password only', async () => {
    const { page } = window;
    await page.getByRole('button', { name: '退出登录' }).click();
    await see(page.getByRole('heading', { name: '登录 Signet 控制台' }));
    await typeSignIn(page, server.ready.consoleUser, server.ready.consolePassword);
    await see(page.getByRole('alert').getByText('用户名或密码不正确').first());
    await typeSignIn(page, server.ready.consoleUser, PASSWORD);
    await see(page.getByRole('heading', { name: '概览', level: 1 }));
    await gone(page.getByRole('alert'));
    expect(window.errors).toEqual([]);
  });
});
