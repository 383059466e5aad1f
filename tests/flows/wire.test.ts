import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { notProven } from '../world/not-proven.ts';
import { eventually, makeDataDir, type RunningServer, removeDataDir, startServer } from '../world/server.ts';
import { type Carrier, startCarrier } from './carrier.ts';
import { send, settled } from './sending.ts';

/** Reading needs tshark; capturing needs the right to it (root, or a dumpcap with capabilities). */
const canCapture = spawnSync('tshark', ['-i', 'lo', '-a', 'duration:0', '-w', '/dev/null']).status === 0;

const BIND_TRANSCEIVER = '0x00000009';
const SUBMIT_SM = '0x00000004';
const DELIVER_SM = '0x00000005';
const RESPONSE = 0x80000000;

let dir: string;
let carrier: Carrier;
let capture: { child: ChildProcess; file: string; ended: Promise<unknown> };
let server: RunningServer;

/** Resolves once it captures: what comes before would be lost. */
async function startCapture(port: number, file: string): Promise<typeof capture> {
  const child = spawn('tshark', ['-i', 'lo', '-f', `tcp port ${port}`, '-w', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  await eventually('the capture', async () => (said.includes('Capturing on') ? true : undefined));
  return { child, file, ended };
}

/** What tshark, an implementation that is not ours, reads in the capture. */
function decode(filter: string, fields: readonly string[]): string[][] {
  const { stdout, status } = spawnSync(
    'tshark',
    [
      '-r',
      capture.file,
      '-d',
      `tcp.port==${carrier.port},smpp`,
      '-2',
      '-Y',
      filter,
      '-T',
      'fields',
      '-E',
      'separator=|',
      '-E',
      'aggregator=;',
      ...fields.flatMap((field) => ['-e', field]),
    ],
    { encoding: 'utf8' },
  );
  expect(status).toBe(0);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('|'));
}

describe.skipIf(!canCapture)('the SMPP on the wire, as tshark reads it', () => {
  const PHONE = '13900000701';

  beforeAll(async () => {
    dir = makeDataDir('signet-wire-');
    carrier = await startCarrier();
    capture = await startCapture(carrier.port, join(dir, 'wire.pcapng'));
    server = await startServer({ dataDir: dir, env: { SIGNET_SANDBOX_SMSC: `127.0.0.1:${carrier.port}` } });
    const { Code, BizId } = await send(server.ready, PHONE, { TemplateParam: '{"code":"864201"}' });
    expect(Code).toBe('OK');
    expect(await settled(server.ready, PHONE, BizId)).toMatchObject({ SendStatus: 3 });
    expect(await server.stop()).toBe(0);
    await eventually('the end of the link in the file', async () =>
      decode('smpp.command_id == 0x00000006', ['frame.number']).length > 0 ? true : undefined,
    );
    capture.child.kill('SIGINT');
    await capture.ended;
  });

  afterAll(async () => {
    capture?.child.kill('SIGKILL');
    await server?.stop();
    await carrier?.close();
    removeDataDir(dir);
  });

  it('binds as a transceiver of version 3.4', () => {
    const [bind] = decode(`smpp.command_id == ${BIND_TRANSCEIVER}`, [
      'smpp.system_id',
      'smpp.interface_version',
    ]);
    expect(bind).toEqual(['sandbox', expect.stringMatching(/^(0x34|3\.4|52)$/)]);
  });

  it('submits the message in UCS-2 to the number, and asks for a receipt', () => {
    const submits = decode(`smpp.command_id == ${SUBMIT_SM}`, [
      'smpp.destination_addr',
      'smpp.source_addr',
      'smpp.data_coding',
      'smpp.message',
      'smpp.regdel.receipt',
    ]);
    expect(submits).toHaveLength(1);
    const [number, source, coding, message, receipt] = submits[0]!;
    expect([number, source]).toEqual([`86${PHONE}`, '10690000']);
    expect(Number(coding)).toBe(8);
    expect(Number(receipt)).toBe(1);
    const text = `【${server.ready.signName}】您的验证码为864201，5分钟内有效，请勿告诉他人。`;
    const ucs2 = Buffer.from(text, 'utf16le').swap16().toString('hex');
    // Versions differ in whether they show the octets or the text.
    expect([text, ucs2]).toContain(message!.replaceAll(':', ''));
  });

  it('takes the receipt, and every request has its answer', () => {
    const receipts = decode(`smpp.command_id == ${DELIVER_SM}`, [
      'smpp.source_addr',
      'smpp.receipted_message_id',
    ]);
    expect(receipts).toEqual([[`86${PHONE}`, carrier.submits[0]!.order.toString()]]);
    const pdus = decode('smpp', [
      'smpp.command_id',
      'smpp.sequence_number',
      'smpp.command_status',
      'tcp.srcport',
    ]);
    const seen = { requests: [] as string[], responses: [] as string[] };
    const own = String(carrier.port);
    for (const [commands, sequences, statuses, source] of pdus) {
      for (const status of (statuses ?? '').split(';').filter(Boolean)) expect(Number(status)).toBe(0);
      const order = sequences!.split(';');
      for (const [at, command] of commands!.split(';').entries()) {
        const fromCarrier = source === own;
        const id = Number(command);
        const isResponse = id >= RESPONSE;
        seen[isResponse ? 'responses' : 'requests'].push(
          `${isResponse !== fromCarrier ? 'carrier' : 'server'} asks ${isResponse ? id - RESPONSE : id} #${order[at]}`,
        );
      }
    }
    expect(seen.requests.length).toBeGreaterThanOrEqual(4);
    expect(seen.responses.sort()).toEqual(seen.requests.sort());
  });

  it('holds no malformed frame', () => {
    expect(decode('_ws.malformed || _ws.expert.severity == "Error"', ['frame.number'])).toEqual([]);
  });
});

it.skipIf(canCapture)('the SMPP on the wire is read by tshark', () => {
  notProven(
    'tshark with the right to capture',
    'the SMPP on the wire, read by an implementation that is not ours',
  );
});
