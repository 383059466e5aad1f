import { crc32, deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OLDER_CLIENTS } from '../compat/clients.ts';
import { makeDataDir, type RunningServer, removeDataDir, startServer } from '../world/server.ts';
import {
  choose,
  chromiumIsHere,
  enterAsOperator,
  enterFirst,
  gone,
  openRoom,
  openWindow,
  rowWith,
  secretLine,
  see,
  type Window,
  watchStill,
} from './browser.ts';

const here = chromiumIsHere('a second tenant, its applications and the review queue in a browser');

/** Sends the fields of the wire as they are. */
const popCore = OLDER_CLIENTS.find(({ name }) => name.includes('pop-core'))!;

/** A grey picture of 8 by 8 (PNG 3rd edition: signature, IHDR, IDAT, IEND). */
function squarePng(): Buffer {
  const chunk = (type: string, contents: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), contents]);
    const around = Buffer.alloc(8);
    around.writeUInt32BE(contents.length, 0);
    around.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([around.subarray(0, 4), body, around.subarray(4)]);
  };
  const head = Buffer.from([0, 0, 0, 8, 0, 0, 0, 8, 8, 0, 0, 0, 0]);
  const rows = Buffer.concat(Array.from({ length: 8 }, () => Buffer.from([0, ...Array(8).fill(128)])));
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const TENANT = '青山科技';
const QUALIFICATION = '青山营业执照';
const SIGN = '青山生活';
const TEMPLATE = '活动通知';
const CREDIT_CODE = '91110000MA00ABCD1X';

describe.runIf(here)('a second tenant', () => {
  let dataDir: string;
  let server: RunningServer;
  let operator: Window;
  let tenant: Window;

  beforeAll(async () => {
    dataDir = makeDataDir('signet-registration-');
    server = await startServer({ dataDir });
    [operator, tenant] = await Promise.all([openWindow(), openWindow({ language: 'zh-CN' })]);
    await enterAsOperator(operator.page, server);
  });
  afterAll(async () => {
    await Promise.all([operator?.close(), tenant?.close()]);
    await server?.stop();
    removeDataDir(dataDir);
  });

  /** Opens the queue and waits until the item with this heading stands in front. */
  async function openReview(title: string): Promise<void> {
    const { page } = operator;
    await openRoom(page, 'Reviews');
    const queue = page.getByRole('list', { name: 'Review queue' });
    await queue.getByRole('button').filter({ hasText: title }).click();
    await see(page.getByRole('article', { name: title }));
    // Keys act while no field has the focus.
    await page.getByRole('heading', { name: 'Reviews', level: 1 }).click();
  }

  const openTab = async (name: string) => {
    const { page } = tenant;
    await openRoom(page, '签名与模板');
    await page.getByRole('navigation', { name: '签名与模板' }).getByRole('link', { name }).click();
  };

  it('is created by the operator; wrong names are refused beside their field', async () => {
    const { page } = operator;
    await openRoom(page, 'Tenants');
    await page.getByLabel('Tenant name').fill(TENANT);
    await page.getByLabel('User name of the first user').fill('Qing Shan');
    await page.getByRole('button', { name: 'Create tenant' }).click();
    await see(page.getByText('Must start with a small letter', { exact: false }).last());
    expect(await page.getByLabel('Tenant name').inputValue()).toBe(TENANT);
    await page.getByLabel('User name of the first user').fill('qingshan');
    await page.getByRole('button', { name: 'Create tenant' }).click();
    const box = page.getByRole('dialog', { name: `Tenant “${TENANT}” created` });
    await see(box);
    const name = await secretLine(page, 'User name');
    const oneTime = await secretLine(page, 'One-time password');
    await page.keyboard.press('Escape');
    await see(box);
    await box.getByRole('button', { name: 'I have saved it' }).click();
    await gone(box);
    await see(rowWith(page, 'Tenants', TENANT));

    await enterFirst(tenant.page, server.ready.url, { name, oneTime, next: '一句没有人能猜到的很长的话' });
  });

  it('has a user who sees its own rooms and no other tenant', async () => {
    const { page } = tenant;
    await see(page.getByRole('heading', { name: '概览', level: 1 }));
    const nav = page.getByRole('navigation', { name: '主导航' });
    for (const absent of ['审核', '租户', '通道', '审计']) {
      expect(await nav.getByRole('link', { name: absent, exact: true }).count()).toBe(0);
    }
    expect(await page.getByLabel('租户').count()).toBe(0);
    const ids = await operator.page.evaluate<string[]>(
      `fetch('/api/tenants').then((r) => r.json()).then(({ items }) => items.map(({ id }) => id))`,
    );
    const own = /\/t\/(\d+)\//.exec(page.url())?.[1];
    const other = ids.find((id) => id !== own);
    expect(ids).toContain(own);
    await page.goto(`${server.ready.url}/#/t/${other}/messages`);
    await see(page.getByRole('heading', { name: '没有这一页' }));
    const statuses = await page.evaluate(
      `Promise.all(['messages', 'keys', 'templates', 'overview']
        .map((part) => fetch('/api/tenants/${other}/' + part).then((r) => r.status)))`,
    );
    expect(statuses).toEqual([403, 403, 403, 403]);
    expect(await page.evaluate(`fetch('/api/tenants').then((r) => r.status)`)).toBe(403);
    expect(await page.evaluate(`fetch('/api/reviews').then((r) => r.status)`)).toBe(403);
  });

  it('applies for a qualification; a wrong credit code is marked and nothing typed is lost', async () => {
    const { page } = tenant;
    await openTab('资质');
    await page.getByRole('link', { name: '申请资质' }).click();
    await page.getByLabel('资质名称').fill(QUALIFICATION);
    await page.getByLabel('企业名称').fill('青山科技有限公司');
    await page.getByLabel('统一社会信用代码').fill('12345');
    await page.getByLabel('法定代表人').fill('张三');
    await page.getByLabel('联系人', { exact: true }).fill('李四');
    await page.getByLabel('联系电话').fill('13800138000');
    await page.getByRole('button', { name: '提交审核' }).click();
    await see(page.getByRole('alert').getByRole('button', { name: /^统一社会信用代码：/ }));
    expect(await page.getByLabel('统一社会信用代码').getAttribute('aria-invalid')).toBe('true');
    await page.reload();
    expect(await page.getByLabel('企业名称').inputValue()).toBe('青山科技有限公司');
    await page.getByLabel('统一社会信用代码').fill(CREDIT_CODE);
    await page.getByRole('button', { name: '提交审核' }).click();
    await see(rowWith(page, '资质', QUALIFICATION).getByText('审核中', { exact: true }));
  });

  it('gets it approved from the queue with one key', async () => {
    const { page } = operator;
    await openReview(QUALIFICATION);
    await see(page.getByText(CREDIT_CODE));
    await page.keyboard.press('a');
    await see(page.getByText(`Approved: ${QUALIFICATION}`));
    // The tenant's page stands open at the list all the while.
    await see(rowWith(tenant.page, '资质', QUALIFICATION).getByText('已通过', { exact: true }));
  });

  it('applies for a signature, without brackets', async () => {
    const { page } = tenant;
    await openTab('签名');
    await page.getByRole('link', { name: '申请签名' }).click();
    await page.getByLabel('签名', { exact: true }).fill(`【${SIGN}】`);
    await page.getByRole('button', { name: '提交审核' }).click();
    await see(page.getByRole('alert').getByText(/^签名：不要写【】/));
    await page.getByLabel('签名', { exact: true }).fill(SIGN);
    await see(page.getByRole('region', { name: '短信预览' }).getByText(`【${SIGN}】`));
    await page.getByRole('button', { name: '提交审核' }).click();
    await see(rowWith(page, '签名', SIGN).getByText('审核中', { exact: true }));
    await openReview(SIGN);
    await operator.page.keyboard.press('a');
    await see(operator.page.getByText(new RegExp(`^Approved: .*${SIGN}`)));
  });

  it('applies for a template; unpaired braces are told while the text is written', async () => {
    const { page } = tenant;
    await openTab('模板');
    await page.getByRole('link', { name: '申请模板' }).click();
    await page.getByLabel('模板名称').fill(TEMPLATE);
    await page.getByRole('radio', { name: '通知' }).check();
    const content = page.getByLabel('模板正文');
    // The placeholder of a template variable, not of a template literal.
    await content.fill(`尊敬的客户，$\{text`);
    await page.getByRole('button', { name: '提交审核' }).click();
    await see(page.getByRole('alert').getByRole('button', { name: /^模板正文：/ }));
    expect(await page.getByLabel('模板名称').inputValue()).toBe(TEMPLATE);
    await content.fill(`尊敬的客户，$\{text}`);
    await choose(page, '变量 text 的类型', '其他文字');
    await see(page.getByRole('region', { name: '短信预览' }).getByText(/尊敬的客户/));
    await page.getByRole('button', { name: '提交审核' }).click();
    await see(rowWith(page, '模板', TEMPLATE).getByText('审核中', { exact: true }));
  });

  it('is told why the template is rejected, edits it and gets it approved', async () => {
    const { page } = operator;
    await openReview(TEMPLATE);
    await page.keyboard.press('r');
    const dialog = page.getByRole('dialog', { name: `Reject “${TEMPLATE}”` });
    await dialog.getByRole('button', { name: 'Reject' }).click();
    await see(dialog.getByText('Give a reason of at least 2 characters'));
    await dialog.getByLabel('Reason').fill('请写明活动内容');
    await dialog.getByRole('button', { name: 'Reject' }).click();
    await gone(dialog);

    const row = rowWith(tenant.page, '模板', TEMPLATE);
    await see(row.getByText('请写明活动内容'));
    await row.getByRole('link', { name: `修改 ${TEMPLATE}` }).click();
    await tenant.page.getByLabel('模板正文').fill(`尊敬的客户，您报名的活动：$\{text}`);
    await tenant.page.getByRole('button', { name: '提交审核' }).click();
    await see(rowWith(tenant.page, '模板', TEMPLATE).getByText('审核中', { exact: true }));

    await openReview(TEMPLATE);
    await page.keyboard.press('a');
    await see(page.getByText(`Approved: ${TEMPLATE}`));
    await page.getByRole('link', { name: 'Decided' }).click();
    await see(page.getByRole('list', { name: 'Review queue' }).getByText(TEMPLATE).first());
  });

  it('shows the reviewer the files of a signature, each look audited', async () => {
    const { accessKeyId, accessKeySecret, url } = server.ready;
    const files = [squarePng(), Buffer.from('%PDF-1.7')].flatMap((contents, at) => [
      [`SignFileList.${at + 1}.FileContents`, contents.toString('base64')],
      [`SignFileList.${at + 1}.FileSuffix`, 'png'],
    ]);
    const added = await popCore.call({ url, keyId: accessKeyId, secret: accessKeySecret }, 'AddSmsSign', {
      SignName: '有图为证',
      SignSource: 3,
      Remark: '演示',
      ...Object.fromEntries(files),
    });
    expect(added).toMatchObject({ Code: 'OK' });
    await openReview('有图为证');
    const { page } = operator;
    await see(page.getByText('Official account or mini program'));
    const shown = page.getByRole('region', { name: 'Files' });
    await shown.getByRole('button', { name: 'Show 2 files' }).click();
    const picture = shown.getByRole('img', { name: 'File 1 of the application' });
    await see(picture);
    await expect
      .poll(() => picture.evaluate((image: unknown) => (image as { naturalWidth: number }).naturalWidth))
      .toBe(8);
    await see(shown.getByText('File 2 is not a picture and cannot be shown here.'));
    const download = page.waitForEvent('download');
    await shown.getByRole('link', { name: 'Save file 2' }).click();
    expect((await download).suggestedFilename()).toMatch(/^signature-\d+-2\.pdf$/);
    await openRoom(page, 'Audit');
    await see(rowWith(page, 'Audit', 'signature.file.viewed').first());
    await openReview('有图为证');
    await page.keyboard.press('a');
    await see(page.getByText(/^Approved: .*有图为证/));
  });

  it('sends a text that the screening holds; the reviewer sees the evidence and lets it go', async () => {
    const { page } = tenant;
    await openRoom(page, '发送');
    await page.getByLabel('手机号码').fill(server.ready.phone);
    await page.getByLabel('text', { exact: true }).fill('百家乐');
    await page.getByRole('button', { name: '发送', exact: true }).click();
    await page.getByRole('link', { name: '查看它的全过程' }).click();
    await page.getByRole('link', { name: /查看消息/ }).click();
    const head = page.getByRole('region', { name: '状态', exact: true });
    await see(head.getByText('待审核', { exact: true }));
    const watching = await watchStill(tenant, page.url());
    const watchedHead = watching.page.getByRole('region', { name: 'State', exact: true });
    await see(watchedHead.getByText('Held for review'));

    const { page: desk } = operator;
    await openRoom(desk, 'Reviews');
    await desk.getByLabel('Subject').selectOption({ label: 'Message' });
    const queue = desk.getByRole('list', { name: 'Review queue' });
    await queue.getByRole('button').first().click();
    await see(desk.getByRole('table', { name: 'Evidence' }).getByText('百家乐').first());
    await desk.getByRole('heading', { name: 'Reviews', level: 1 }).click();
    await desk.keyboard.press('a');
    await see(desk.getByText(/^Approved: /));
    await see(head.getByText('已送达', { exact: true }));
    await see(watchedHead.getByText('Delivered', { exact: true }));
    await watching.close();
    expect(tenant.errors).toEqual([]);
    expect(operator.errors).toEqual([]);
  });
});
