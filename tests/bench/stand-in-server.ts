/**
 * Stands in for the server in tests of the benchmark: takes its command line and environment, checks every
 * signature, submits by an independent SMPP peer and pushes reports. It stores and screens nothing.
 */

import { writeFileSync } from 'node:fs';
import http from 'node:http';
import { parseArgs } from 'node:util';
import { verifyAcs3 } from './signature-check.ts';
import { bindPeer } from './smpp-peer.ts';

const { values } = parseArgs({
  options: { data: { type: 'string' }, port: { type: 'string' }, 'ready-file': { type: 'string' } },
});
const accessKeySecret = 'stand-in-secret';
const peer = await bindPeer(Number(process.env.SIGNET_SANDBOX_SMSC?.split(':')[1]));
let webhookUrl = '';
let steps = 0;
let reports: { phone_number: string; biz_id: string; success: boolean }[] = [];

peer.on('deliver_sm', (pdu) => {
  peer.send(pdu.response());
  reports.push({
    phone_number: pdu.source_addr ?? '',
    biz_id: pdu.receipted_message_id ?? '',
    success: true,
  });
  if (reports.length === 1) setTimeout(pushReports, 5);
});

async function pushReports(): Promise<void> {
  const body = JSON.stringify(reports);
  reports = [];
  const headers = { 'content-type': 'application/json' };
  await (await fetch(webhookUrl, { method: 'POST', headers, body })).arrayBuffer();
}

function phonesOf(parameters: ReadonlyMap<string, string>): string[] {
  const batch = parameters.get('PhoneNumberJson');
  if (batch !== undefined) return JSON.parse(batch) as string[];
  return (parameters.get('PhoneNumbers') ?? '').split(',');
}

function answer(request: http.IncomingMessage, body: Buffer): [status: number, body: string] {
  const target = request.url ?? '/';
  if (target === '/metrics') return [200, `signet_step_seconds_sum{step="accept"} ${steps / 1e6}\n`];
  if (target === '/api/session' || target === '/api/session/password') return [200, '{}'];
  if (target === '/api/tenants') return [200, '{"items":[{"id":"1","sandbox":true}]}'];
  if (target === '/api/tenants/1/webhook') {
    webhookUrl = (JSON.parse(body.toString()) as { reportUrl: string }).reportUrl;
    return [200, '{}'];
  }
  try {
    const parameters = verifyAcs3(request.method ?? '', target, request.headers, body, accessKeySecret);
    for (const phone of phonesOf(parameters)) {
      steps += 1;
      const fields = { destination_addr: phone, short_message: '123456', registered_delivery: 1 };
      peer.submit_sm(fields, () => undefined);
    }
    return [200, '{"RequestId":"R","BizId":"1^0","Code":"OK","Message":"OK"}'];
  } catch (error) {
    return [400, JSON.stringify({ Code: 'SignatureDoesNotMatch', Message: String(error) })];
  }
}

const server = http.createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const [status, text] = answer(request, Buffer.concat(chunks));
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    });
    response.end(text);
  });
});
server.listen(Number(values.port), '127.0.0.1', () => {
  const ready = {
    url: `http://127.0.0.1:${values.port}`,
    accessKeyId: 'stand-in-key',
    accessKeySecret,
    qualificationId: '1',
    signName: '启明',
    templateCode: 'SMS_154950909',
    phone: '13800138000',
    consoleUser: 'operator',
    consolePassword: 'one-time',
    smscHost: '127.0.0.1',
    smscPort: 0,
  };
  writeFileSync(values['ready-file'] ?? '', JSON.stringify(ready), { mode: 0o600 });
});
process.on('SIGTERM', () => process.exit(0));
