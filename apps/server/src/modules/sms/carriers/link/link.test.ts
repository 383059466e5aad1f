import type { PeerPdu } from 'smpp';
import { describe, expect, it } from 'vitest';
import { type Link, reconnectDelayMs } from './model.ts';
import { boundLink, cleanAfterEach, message, open, peer, SETTINGS } from './peer.testing.ts';

cleanAfterEach();

describe('a link to an independent SMSC (npm smpp)', () => {
  it('submits a batch; each answer is its token’s outcome', async () => {
    const statusOf: Record<string, number> = { '8613900000002': 0x14, '8613900000003': 0x0b };
    const { port } = await peer((pdu, session) => {
      const command_status = statusOf[pdu.destination_addr as string] ?? 0;
      session.send(pdu.response({ command_status, message_id: `id-${pdu.destination_addr}` }));
    });
    const { link, next } = await boundLink(port);
    await next('ready');
    link.submit([message(1), message(2), message(3)]);
    const outcomes: unknown[] = [];
    while (outcomes.length < 3) outcomes.push(...((await next('outcomes')) as unknown[]));
    expect(outcomes).toEqual([
      { token: 1, outcome: { kind: 'accepted', carrierMessageId: 'id-8613900000001' } },
      { token: 2, outcome: { kind: 'rejected', status: 0x14, retryable: true } },
      { token: 3, outcome: { kind: 'rejected', status: 0x0b, retryable: false } },
    ]);
    expect(link.capacity()).toBe(10);
  });

  it('sends what the peer reads as the same message', async () => {
    const { promise, resolve } = Promise.withResolvers<PeerPdu>();
    const { port } = await peer((pdu, session) => {
      session.send(pdu.response({ message_id: '1' }));
      resolve(pdu);
    });
    const { link } = await boundLink(port);
    link.submit([
      { ...message(1), dataCoding: 8, shortMessage: Buffer.from('60a85834', 'hex'), validitySeconds: 300 },
    ]);
    const pdu = await promise;
    expect(pdu.destination_addr).toBe('8613900000001');
    expect(pdu.source_addr).toBe('10690001');
    expect(pdu.registered_delivery).toBe(1);
    expect((pdu.short_message as { message: string }).message).toBe('\u60a8\u5834');
  });

  it('calls unanswered messages unknown: by timeout, then late', async () => {
    const held: (() => void)[] = [];
    const { port } = await peer((pdu, session) =>
      held.push(() => session.send(pdu.response({ message_id: 'late-1' }))),
    );
    const { link, next } = await boundLink(port, { responseTimeoutMs: 50 });
    link.submit([message(1)]);
    expect(await next('outcomes')).toEqual([{ token: 1, outcome: { kind: 'unknown', reason: 'timeout' } }]);
    held[0]?.();
    expect(await next('late')).toEqual([
      { token: 1, outcome: { kind: 'accepted', carrierMessageId: 'late-1' } },
    ]);
    expect(link.counters.late).toBe(1);
  });

  it('calls them unknown when the link drops, and binds again', async () => {
    const { port } = await peer((_, session) => session.destroy());
    const { link, next } = await boundLink(port);
    link.submit([message(1), message(2)]);
    expect(await next('outcomes')).toEqual([
      { token: 1, outcome: { kind: 'unknown', reason: 'link_lost' } },
      { token: 2, outcome: { kind: 'unknown', reason: 'link_lost' } },
    ]);
    expect(await next('connecting')).toEqual({ kind: 'link_lost' });
    await next('bound');
    expect(link.counters.binds).toBe(2);
    expect(link.capacity()).toBe(10);
  });

  it('never has more in flight than the window, and says when there is room', async () => {
    const held: (() => void)[] = [];
    let { promise, resolve } = Promise.withResolvers<void>();
    const { port } = await peer((pdu, session) => {
      held.push(() => session.send(pdu.response({ message_id: '1' })));
      if (held.length === 2) resolve();
    });
    const { link, next } = await boundLink(port, { window: 2 });
    await next('ready');
    link.submit([message(1), message(2)]);
    expect(link.capacity()).toBe(0);
    expect(() => link.submit([message(3)])).toThrow(RangeError);
    await promise;
    ({ promise, resolve } = Promise.withResolvers<void>());
    held[0]?.();
    await next('ready');
    expect(link.capacity()).toBe(1);
    held[1]?.();
    await next('outcomes');
  });

  it('pauses as a whole when throttled, and comes back slower', async () => {
    let seen = 0;
    const { port } = await peer((pdu, session) => {
      seen += 1;
      session.send(pdu.response({ command_status: seen === 1 ? 0x58 : 0, message_id: '1' }));
    });
    const { link, next } = await boundLink(port, { perSecond: 100 });
    await next('ready');
    link.submit([message(1)]);
    expect(await next('throttled')).toMatchObject({ kind: 'throttled' });
    expect(link.state).toBe('throttled');
    expect(link.capacity()).toBe(0);
    await next('ready');
    expect(link.state).toBe('bound');
    link.submit([message(2)]);
    await next('outcomes');
    expect(await next('outcomes')).toMatchObject([{ token: 2, outcome: { kind: 'accepted' } }]);
  });
});

describe('close', () => {
  it('waits for what is in flight, unbinds, and takes nothing more', async () => {
    const held: (() => void)[] = [];
    const { promise: arrived, resolve } = Promise.withResolvers<void>();
    const { port, bound } = await peer((pdu, session) => {
      held.push(() => session.send(pdu.response({ message_id: '9' })));
      resolve();
    });
    const { link, next } = await boundLink(port);
    const unbound = new Promise((seen) => void bound.then((session) => session.on('unbind', seen)));
    link.submit([message(1)]);
    await arrived;
    const closed = link.close();
    expect(link.state).toBe('closing');
    expect(link.capacity()).toBe(0);
    held[0]?.();
    expect(await next('outcomes')).toMatchObject([{ outcome: { kind: 'accepted' } }]);
    await unbound;
    await closed;
    expect(link.state).toBe('closed');
  });

  it('gives up on a mute carrier after the response timeout', async () => {
    const { port } = await peer(() => {});
    const { link, next } = await boundLink(port, { responseTimeoutMs: 40 });
    link.submit([message(1)]);
    await link.close();
    expect(await next('outcomes')).toMatchObject([{ outcome: { kind: 'unknown' } }]);
  });
});

describe('settings and back-off', () => {
  it('refuses credentials that no bind can carry, without saying them', () => {
    const make = (link: () => { link: Link }) => link;
    expect(make(() => open({ ...SETTINGS, password: 'longerthan8' }))).toThrow(
      /^password: longer than 8 octets$/,
    );
  });

  it('doubles to a minute, jitters over all of it, and is patient with a refused password', () => {
    const lost = { kind: 'link_lost' } as const;
    const top = 0.999999;
    expect([1, 2, 3, 6, 7, 99].map((n) => Math.round(reconnectDelayMs(n, lost, top)))).toEqual([
      1_000, 2_000, 4_000, 32_000, 60_000, 60_000,
    ]);
    expect(reconnectDelayMs(5, lost, 0)).toBe(100);
    expect(reconnectDelayMs(1, { kind: 'wrong_credentials', status: 14 }, 0)).toBe(30_000);
  });
});
