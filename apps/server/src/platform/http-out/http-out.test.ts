import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { literalAddress, mayReach, readAllowedHosts } from './addresses.ts';
import { createHttpOut, MAX_ANSWER_OCTETS, type Resolve } from './http-out.ts';

const closings: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

async function listen(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closings.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A name server of our own: names to addresses. */
const names =
  (table: Record<string, string[]>): Resolve =>
  (host, done) => {
    const found = table[host];
    if (found === undefined) done(Object.assign(new Error('none'), { code: 'ENOTFOUND' }), []);
    else
      done(
        null,
        found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
  };

function open(allowedPrivateHosts: string[] = [], resolve?: Resolve, timeoutMs = 5_000) {
  const http = createHttpOut({
    allowedPrivateHosts,
    timeoutMs,
    connectionsPerOrigin: 4,
    ...(resolve === undefined ? {} : { resolve }),
  });
  closings.push(() => http.close());
  return http;
}

const refused = { kind: 'failed', failure: 'address_refused', code: '' };

describe('what a tenant may not reach', () => {
  it.each([
    ['loopback', '127.0.0.1'],
    ['loopback, short', '127.1'],
    ['loopback with the root’s dot', '127.0.0.1.'],
    ['decimal', '2130706433'],
    ['hex', '0x7f000001'],
    ['hex by octet', '0x7f.0.0.0x1'],
    ['octal', '0177.0.0.01'],
    ['full width digits', '１２７.０.０.１'],
    ['this host', '0.0.0.0'],
    ['zero', '0'],
    ['link-local, cloud metadata', '169.254.169.254'],
    ['private 10', '10.1.2.3'],
    ['private 172.16', '172.16.0.1'],
    ['private 192.168', '192.168.1.1'],
    ['carrier NAT', '100.64.0.1'],
    ['cloud metadata in carrier NAT', '100.100.100.200'],
    ['broadcast', '255.255.255.255'],
    ['multicast', '224.0.0.1'],
    ['IPv6 loopback', '[::1]'],
    ['IPv6 unspecified', '[::]'],
    ['IPv4-mapped', '[::ffff:127.0.0.1]'],
    ['IPv4-mapped, hex', '[::ffff:7f00:1]'],
    ['IPv4-compatible', '[::127.0.0.1]'],
    ['IPv4-translated', '[::ffff:0:127.0.0.1]'],
    ['NAT64', '[64:ff9b::7f00:1]'],
    ['6to4 of loopback', '[2002:7f00:1::]'],
    ['unique local', '[fd00::1]'],
    ['IPv6 link-local', '[fe80::1]'],
    ['site local', '[fec0::1]'],
  ])('%s: %s', async (_, host) => {
    let asked = 0;
    const port = await listen((_request, response) => {
      asked++;
      response.end('{"code":0}');
    });
    const http = open();
    expect(await http.check(`http://${host}:${port}/`)).toBe('address_refused');
    expect(await http.post(`http://${host}:${port}/`, '[]', {})).toEqual(refused);
    expect(asked).toBe(0);
  });

  it.each([
    'ftp://example.com/',
    'file:///etc/passwd',
    'http://user:secret@example.com/',
    'http://user@example.com/',
    'gopher://example.com/',
    'http://[fe80::1%25eth0]/',
    'nonsense',
  ])('a URL that is none of ours: %s', async (url) => {
    const http = open();
    expect(await http.check(url)).toBe('url_refused');
    expect(await http.post(url, '[]', {})).toMatchObject({ failure: 'url_refused' });
  });

  it('a name that resolves to private space, even once among public addresses or with a dot', async () => {
    const port = await listen((_request, response) => response.end('{"code":0}'));
    const table = {
      'inside.example': ['127.0.0.1'],
      'inside.example.': ['127.0.0.1'],
      'mixed.example': ['93.184.215.14', '10.0.0.1'],
      'mapped.example': ['::ffff:127.0.0.1'],
    };
    const http = open([], names(table));
    for (const host of Object.keys(table)) {
      expect([host, await http.check(`http://${host}:${port}/`)]).toEqual([host, 'address_refused']);
      expect([host, await http.post(`http://${host}:${port}/`, '[]', {})]).toEqual([host, refused]);
    }
    expect(await http.check('https://nowhere.example/')).toBe('unresolved');
    expect(await http.post('https://nowhere.example/', '[]', {})).toMatchObject({ failure: 'unresolved' });
  });

  it('a name that was public when it was checked and is private when it is called', async () => {
    const port = await listen((_request, response) => response.end('{"code":0}'));
    let calls = 0;
    const http = open([], (host, done) =>
      names({ 'rebind.example': [calls++ === 0 ? '93.184.215.14' : '127.0.0.1'] })(host, done),
    );
    expect(await http.check(`http://rebind.example:${port}/`)).toBeNull();
    expect(await http.post(`http://rebind.example:${port}/`, '[]', {})).toEqual(refused);
  });

  it('the real localhost, by the system’s resolver', async () => {
    const port = await listen((_request, response) => response.end('{"code":0}'));
    const http = open();
    expect(await http.post(`http://localhost:${port}/`, '[]', {})).toEqual(refused);
    expect(await http.check(`http://localhost.:${port}/`)).not.toBeNull();
  });

  it('a redirect into private space: the 302 is the answer', async () => {
    let inside = 0;
    const secret = await listen((_request, response) => {
      inside++;
      response.end();
    });
    const port = await listen((_request, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${secret}/` }).end();
    });
    const http = open(['hook.example'], names({ 'hook.example': ['127.0.0.1'] }));
    expect(await http.post(`http://hook.example:${port}/`, '[]', {})).toMatchObject({ status: 302 });
    expect(inside).toBe(0);
  });

  it('no IPv4 address of a private network, however it is wrapped into IPv6 or URL', () => {
    const privateIpv4 = fc.oneof(
      fc.tuple(fc.constant(10), fc.nat(255), fc.nat(255), fc.nat(255)),
      fc.tuple(fc.constant(127), fc.nat(255), fc.nat(255), fc.nat(255)),
      fc.tuple(fc.constant(192), fc.constant(168), fc.nat(255), fc.nat(255)),
      fc.tuple(fc.constant(169), fc.constant(254), fc.nat(255), fc.nat(255)),
    );
    const none = readAllowedHosts([]);
    fc.assert(
      fc.property(privateIpv4, ([a, b, c, d]) => {
        const number = ((a * 256 + b) * 256 + c) * 256 + d;
        const forms = [
          String(number),
          `0x${number.toString(16)}`,
          `0${a.toString(8)}.${b}.${c * 256 + d}`,
          `[::ffff:${a}.${b}.${c}.${d}]`,
          `[::${a}.${b}.${c}.${d}]`,
        ];
        for (const form of forms) {
          const literal = literalAddress(new URL(`http://${form}/`).hostname);
          expect(literal).toBeDefined();
          expect(mayReach(literal!, none)).toBe(false);
        }
      }),
    );
  });
});

describe('what the operator allows', () => {
  it('by address, by network or by name, and nothing beside it', async () => {
    const port = await listen((request, response) => response.end(request.headers['x-mark']));
    for (const allowed of ['127.0.0.1', '127.0.0.0/8', '::ffff:127.0.0.1']) {
      const http = open([allowed]);
      const answer = await http.post(`http://127.0.0.1:${port}/x`, '[]', { 'x-mark': allowed });
      expect(answer).toEqual({ kind: 'answered', status: 200, body: Buffer.from(allowed) });
      expect(await http.check('http://10.0.0.1/')).toBe('address_refused');
      expect(await http.check('http://[::1]/')).toBe('address_refused');
    }
    const byName = open(['Hook.Example'], names({ 'hook.example': ['127.0.0.1'] }));
    expect(await byName.check(`http://hook.example:${port}/`)).toBeNull();
    expect(await byName.post(`http://hook.example:${port}/`, '[]', {})).toMatchObject({ status: 200 });
    expect(await byName.check(`http://127.0.0.1:${port}/`)).toBe('address_refused');
  });

  it('public addresses need no leave', () => {
    const none = readAllowedHosts([]);
    for (const address of [
      '93.184.215.14',
      '2606:2800:21f:cb07:6820:80da:af6b:8b2c',
      '::ffff:93.184.215.14',
    ]) {
      expect([address, mayReach(address, none)]).toEqual([address, true]);
    }
  });
});

describe('an answer is bounded', () => {
  it('in time, whether nothing or only a trickle comes', async () => {
    const port = await listen((request, response) => {
      if (request.url === '/trickle') response.writeHead(200).write('{"co');
    });
    const http = open(['127.0.0.1'], undefined, 100);
    for (const path of ['silent', 'trickle']) {
      const outcome = await http.post(`http://127.0.0.1:${port}/${path}`, '[]', {});
      expect([path, outcome]).toEqual([path, { kind: 'failed', failure: 'timeout', code: '' }]);
    }
  });

  it('in octets: an endless answer is cut and its connection ended', async () => {
    const ended = Promise.withResolvers<void>();
    const port = await listen((_request, response) => {
      const piece = Buffer.alloc(16 * 1024, 'a');
      const pour = (): void => {
        if (!response.destroyed) response.write(piece, pour);
      };
      response.once('close', () => ended.resolve());
      pour();
    });
    const outcome = await open(['127.0.0.1']).post(`http://127.0.0.1:${port}/`, '[]', {});
    expect(outcome).toMatchObject({ kind: 'answered', status: 200 });
    expect(outcome.kind === 'answered' && outcome.body.length).toBe(MAX_ANSWER_OCTETS);
    await ended.promise;
  });

  it('and what goes wrong has a name', async () => {
    const sockets: Socket[] = [];
    const server = createTcpServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.once('data', () => socket.destroy());
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const http = open(['127.0.0.1']);
    expect(await http.post(`http://127.0.0.1:${port}/`, '[]', {})).toMatchObject({
      failure: 'connection_lost',
    });
    expect(await http.post(`https://127.0.0.1:${port}/`, '[]', {})).toMatchObject({ kind: 'failed' });
    await new Promise((done) => server.close(done));
    expect(await http.post(`http://127.0.0.1:${port}/`, '[]', {})).toEqual({
      kind: 'failed',
      failure: 'connection_refused',
      code: 'ECONNREFUSED',
    });
  });
});
