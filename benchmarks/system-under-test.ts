import net from 'node:net';
import type { Tree } from './accounting.ts';
import type { MessageRange, RequestPlan } from './requests.ts';

export type CaseName = 'sendSms' | 'sendBatchSms' | 'receipts';

/** Seconds and calls spent so far in each step of the accept and dispatch path. */
export type StepTotals = ReadonlyMap<string, { readonly seconds: number; readonly calls: number }>;

/** A running gateway: takes messages by HTTP, submits them to the sink, reports receipts to a webhook. */
export interface SystemUnderTest {
  readonly name: 'signet' | 'kannel';
  readonly httpPort: number;
  readonly trees: readonly Tree[];
  /** What makes an accepted message durable, as far as it shows from outside. */
  readonly durability: string;
  plan(name: CaseName, range: MessageRange): RequestPlan;
  /** Undefined when the system does not tell. */
  steps(): Promise<StepTotals | undefined>;
  stop(): Promise<void>;
}

export interface StartOptions {
  /** An empty folder of its own, removed by the caller. */
  readonly folder: string;
  readonly sinkPort: number;
  /** Where reports of receipts go; absent: no reports asked for. */
  readonly webhookUrl: string | undefined;
}

/** A TCP port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Whether something listens on a port of 127.0.0.1. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
