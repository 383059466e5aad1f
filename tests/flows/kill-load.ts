import { randomUUID } from 'node:crypto';
import net from 'node:net';
import { parseAnswer } from '../../benchmarks/http-connection.ts';
import { phoneOf, signedRequest } from '../../benchmarks/requests.ts';
import type { Sender } from './sending.ts';

/** The code in message `running`: with the number it tells each submit from every other. */
export const codeOf = (running: number): string => String(100_000 + running);

export type Load = {
  /** Running number → BizId, of what was answered OK. */
  readonly acknowledged: ReadonlyMap<number, string>;
  /** Sent, and the connection ended before the answer: may or may not be stored. */
  readonly unanswered: ReadonlySet<number>;
  readonly refused: readonly string[];
  /** Sends until all are out or the server is gone. Nothing is sent twice. */
  run(sender: Sender): Promise<void>;
  readonly left: () => number;
};

/** `total` messages to as many numbers, over `connections` that each wait for their answer. */
export function createLoad(
  { total, connections }: { total: number; connections: number },
  onAcknowledged: (count: number) => void,
): Load {
  const acknowledged = new Map<number, string>();
  const unanswered = new Set<number>();
  const refused: string[] = [];
  let next = 0;

  const request = (sender: Sender, running: number): Buffer =>
    signedRequest(sender, {
      host: new URL(sender.url).host,
      action: 'SendSms',
      query: {
        PhoneNumbers: phoneOf(running),
        SignName: sender.signName,
        TemplateCode: sender.templateCode,
        TemplateParam: JSON.stringify({ code: codeOf(running) }),
      },
      now: new Date(),
      nonce: randomUUID(),
    });

  const sendOver = (socket: net.Socket, sender: Sender): Promise<void> =>
    new Promise((resolve) => {
      let running = -1;
      let received = '';
      const sendNext = (): void => {
        if (next >= total) {
          socket.end();
          return;
        }
        running = next++;
        received = '';
        socket.write(request(sender, running));
      };
      socket.on('connect', sendNext);
      socket.on('data', (chunk) => {
        received += String(chunk);
        const answer = parseAnswer(received);
        if (answer === undefined) return;
        const bizId = /"BizId"\s*:\s*"([^"]+)"/.exec(answer.body)?.[1];
        if (/"Code"\s*:\s*"OK"/.test(answer.body) && bizId !== undefined) acknowledged.set(running, bizId);
        else refused.push(answer.body);
        running = -1;
        onAcknowledged(acknowledged.size);
        sendNext();
      });
      // A failed socket always reports `close` next.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        if (running >= 0) unanswered.add(running);
        resolve();
      });
    });

  return {
    acknowledged,
    unanswered,
    refused,
    left: () => total - next,
    async run(sender) {
      const port = Number(new URL(sender.url).port);
      const all = Array.from({ length: connections }, () => {
        const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
        socket.setEncoding('latin1');
        return sendOver(socket, sender);
      });
      await Promise.all(all);
    },
  };
}
