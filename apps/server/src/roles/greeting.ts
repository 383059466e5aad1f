import type { Settings } from '../platform/settings/public.ts';
import type { Welcome } from './first-run.ts';
import type { Sandbox } from './sandbox.ts';

/** The machine's form of the greeting, for `--ready-file`. */
export function readyText(url: string, told: Welcome, sandbox: Sandbox | null): string {
  return `${JSON.stringify({ url, ...told, smscHost: sandbox?.host ?? null, smscPort: sandbox?.port ?? null }, null, 2)}\n`;
}

/**
 * What `npm start` prints once everything answers: what to open, what to copy, what to keep.
 *
 * @param newKeyFile the operator has not been told of the key file yet
 */
export function greeting(settings: Settings, url: string, told: Welcome, newKeyFile: boolean): string {
  const lines = ['', `Signet is ready · 控制台 Console: ${url}`];
  if (told.consolePassword !== null) {
    lines.push(
      `  user 用户名          ${told.consoleUser}`,
      `  one-time password   ${told.consolePassword}   (shown once; you set your own at the first sign-in · 只显示一次)`,
    );
  } else {
    lines.push(
      `  user 用户名          ${told.consoleUser}   (password lost? npm run signet -- reset-password ${told.consoleUser})`,
    );
  }
  if (told.accessKeyId !== null) lines.push(...sandboxLines(url, told));
  if (newKeyFile) {
    lines.push(
      '',
      'Back up the key file APART from the data · 请将密钥文件与数据分开备份:',
      `  cp '${settings.keyFile}' /somewhere/else/`,
      '  Without it nothing sealed can be read again; whoever holds it together with the data can read everything.',
    );
  }
  lines.push('', 'Ctrl-C stops it. Settings: npm start -- --help', '');
  return `${lines.join('\n')}\n`;
}

function sandboxLines(url: string, told: Welcome): string[] {
  const { host, protocol } = new URL(url);
  const secret = told.accessKeySecret ?? '<the secret shown on the first start · 首次启动时显示的密钥>';
  return [
    '',
    'Sandbox tenant · 沙箱租户',
    `  AccessKeyId         ${told.accessKeyId}`,
    `  AccessKeySecret     ${secret}${told.accessKeySecret === null ? '' : '   (shown once · 只显示一次)'}`,
    `  signature 签名       ${told.signName}`,
    `  template 模板        ${told.templateCode}`,
    `  phone 沙箱手机        ${told.phone}`,
    '',
    'Send a code with the official SDK · 用官方 SDK 发送 (npm i @alicloud/dysmsapi20170525 in a folder of yours, save as send.mjs):',
    '',
    "  import Dysms from '@alicloud/dysmsapi20170525';",
    "  import { $OpenApiUtil } from '@alicloud/openapi-core';",
    '  const client = new Dysms.default(new $OpenApiUtil.Config({',
    `    accessKeyId: '${told.accessKeyId}', accessKeySecret: '${secret}',`,
    `    endpoint: '${host}', protocol: '${protocol === 'https:' ? 'HTTPS' : 'HTTP'}' }));`,
    '  const answer = await client.sendSms(new Dysms.SendSmsRequest({',
    `    phoneNumbers: '${told.phone}', signName: '${told.signName}', templateCode: '${told.templateCode}',`,
    '    templateParam: JSON.stringify({ code: String(Math.random()).slice(2, 8) }) }));',
    '  console.log(answer.body);',
  ];
}
