import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { boundLink, cleanAfterEach, message, onCleanup, open, peer, SETTINGS } from './peer.testing.ts';

cleanAfterEach();

describe('TLS', () => {
  const certificate = () => {
    const folder = mkdtempSync(join(tmpdir(), 'signet-link-'));
    onCleanup(() => rmSync(folder, { recursive: true }));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ].concat([
        '-keyout',
        key,
        '-out',
        cert,
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=IP:127.0.0.1',
      ]),
      { stdio: 'ignore' },
    );
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  };

  it('trusts the given authority, and only it', async () => {
    const { key, cert } = certificate();
    const { port } = await peer((pdu, session) => session.send(pdu.response({ message_id: 'tls-1' })), {
      key,
      cert,
    });
    const { link, next } = await boundLink(port, { tls: true, tlsCa: cert });
    link.submit([message(1)]);
    expect(await next('outcomes')).toMatchObject([{ outcome: { carrierMessageId: 'tls-1' } }]);
    const untrusting = open({ ...SETTINGS, port, tls: true });
    expect(await untrusting.next('connecting')).toEqual({
      kind: 'tls_failed',
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
  });

  it('a peer without TLS is tls_failed, not unreachable', async () => {
    const { port } = await peer(() => {});
    const { next } = open({ ...SETTINGS, port, tls: true });
    expect(await next('connecting')).toMatchObject({ kind: 'tls_failed' });
  });
});
