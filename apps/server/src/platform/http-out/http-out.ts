import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent, buildConnector, request } from 'undici';
import { type AllowedHosts, literalAddress, mayReach, plainName, readAllowedHosts } from './addresses.ts';

/** Why no answer came. `address_refused`, `url_refused`: we did not even ask. */
export type SendFailure =
  | 'url_refused'
  | 'address_refused'
  | 'unresolved'
  | 'timeout'
  | 'connection_refused'
  | 'unreachable'
  | 'tls_failed'
  | 'connection_lost';

/** `body` is cut at {@link MAX_ANSWER_OCTETS}. `code` is the system's word (ECONNREFUSED …), for the operator. */
export type SendOutcome =
  | { kind: 'answered'; status: number; body: Buffer }
  | { kind: 'failed'; failure: SendFailure; code: string };

export type HttpOut = {
  /** One POST to a URL of a tenant's choice. Follows no redirect: a 3xx is an answer. Never rejects. */
  post(url: string, body: string, headers: Readonly<Record<string, string>>): Promise<SendOutcome>;
  /** Whether `post` would ask this URL: form, scheme and every address of its host. Null when it would. */
  check(url: string): Promise<SendFailure | null>;
  /** Lets what is in flight end. */
  close(): Promise<void>;
};

/** All addresses of a name. */
export type Resolve = (
  host: string,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export const MAX_ANSWER_OCTETS = 64 * 1024;
const MAX_HEADER_OCTETS = 16 * 1024;
const IDLE_CONNECTION_MS = 10_000;

export function createHttpOut(deps: {
  /** Names, addresses or networks (`10.0.0.0/8`) that may be private. */
  allowedPrivateHosts: readonly string[];
  /** From the call to the last octet of the answer, connecting included. */
  timeoutMs: number;
  /** Not fewer than the caller has pushes in flight: a push that waits for a connection spends its own time. */
  connectionsPerOrigin: number;
  /** The system's resolver unless given. */
  resolve?: Resolve;
  /** PEM of an authority besides the system's, for endpoints with a private certificate. */
  extraCa?: string;
}): HttpOut {
  const allowed = readAllowedHosts(deps.allowedPrivateHosts);
  const resolve = deps.resolve ?? systemResolve;
  const connect = buildConnector({
    timeout: deps.timeoutMs,
    lookup: checkedLookup(allowed, resolve),
    ...(deps.extraCa === undefined ? {} : { ca: deps.extraCa }),
  });
  const agent = new Agent({
    connect(options, callback) {
      // A literal never comes to the look-up.
      const literal = literalAddress(options.hostname);
      if (literal !== undefined && !mayReach(literal, allowed)) callback(new AddressRefused(), null);
      else connect(options, callback);
    },
    connections: deps.connectionsPerOrigin,
    pipelining: 1,
    keepAliveTimeout: IDLE_CONNECTION_MS,
    maxHeaderSize: MAX_HEADER_OCTETS,
    // The signal bounds the whole; these would only be second clocks.
    headersTimeout: 0,
    bodyTimeout: 0,
  });

  return {
    async post(url, body, headers) {
      const target = readTarget(url);
      if (target === undefined) return { kind: 'failed', failure: 'url_refused', code: '' };
      const literal = literalAddress(target.hostname);
      if (literal !== undefined && !mayReach(literal, allowed)) {
        return { kind: 'failed', failure: 'address_refused', code: '' };
      }
      const signal = AbortSignal.timeout(deps.timeoutMs);
      try {
        const answer = await request(target, { method: 'POST', dispatcher: agent, headers, body, signal });
        return { kind: 'answered', status: answer.statusCode, body: await readBounded(answer.body) };
      } catch (error) {
        return signal.aborted ? { kind: 'failed', failure: 'timeout', code: '' } : failureOf(error);
      }
    },
    async check(url) {
      const target = readTarget(url);
      if (target === undefined) return 'url_refused';
      const literal = literalAddress(target.hostname);
      if (literal !== undefined) return mayReach(literal, allowed) ? null : 'address_refused';
      return new Promise((verdict) => {
        resolve(target.hostname, (error, addresses) => {
          if (error !== null || addresses.length === 0) verdict('unresolved');
          else verdict(hostMayBeReached(target.hostname, addresses, allowed) ? null : 'address_refused');
        });
      });
    },
    close: () => agent.close(),
  };
}

/** Thrown inside the connection only, where the library wants an error; `failureOf` turns it into a value. */
class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

function readTarget(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const known = url.protocol === 'http:' || url.protocol === 'https:';
  return known && url.username === '' && url.password === '' && url.hostname !== '' ? url : undefined;
}

const systemResolve: Resolve = (host, done) =>
  lookup(host, { all: true }, (error, addresses) => done(error, addresses));

function hostMayBeReached(host: string, addresses: readonly LookupAddress[], allowed: AllowedHosts): boolean {
  return allowed.names.has(plainName(host)) || addresses.every(({ address }) => mayReach(address, allowed));
}

function checkedLookup(allowed: AllowedHosts, resolve: Resolve): LookupFunction {
  return (host, options, callback) => {
    resolve(host, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null || first === undefined) callback(error ?? notFound(), '');
      else if (!hostMayBeReached(host, addresses, allowed)) callback(new AddressRefused(), '');
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

const notFound = (): NodeJS.ErrnoException => Object.assign(new Error('no address'), { code: 'ENOTFOUND' });

/** Reads at most MAX_ANSWER_OCTETS; leaving the loop destroys the stream, and the connection of a longer answer with it. */
async function readBounded(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let octets = 0;
  for await (const piece of stream) {
    pieces.push(piece);
    octets += piece.length;
    if (octets >= MAX_ANSWER_OCTETS) break;
  }
  return Buffer.concat(pieces).subarray(0, MAX_ANSWER_OCTETS);
}

const FAILURE_OF_CODE: Readonly<Record<string, SendFailure>> = {
  ENOTFOUND: 'unresolved',
  EAI_AGAIN: 'unresolved',
  ECONNREFUSED: 'connection_refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
};

function failureOf(error: unknown): SendOutcome {
  const refused = causesOf(error).some((cause) => cause instanceof AddressRefused);
  if (refused) return { kind: 'failed', failure: 'address_refused', code: '' };
  const code = causesOf(error)
    .map((cause) => (cause as NodeJS.ErrnoException).code)
    .find((known) => typeof known === 'string');
  if (code === undefined) return { kind: 'failed', failure: 'connection_lost', code: '' };
  const tls = /^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(code);
  return { kind: 'failed', failure: FAILURE_OF_CODE[code] ?? (tls ? 'tls_failed' : 'connection_lost'), code };
}

/** The error, its causes, and the errors that several addresses of one name gave. */
function causesOf(error: unknown): unknown[] {
  const found: unknown[] = [];
  for (let at: unknown = error; at instanceof Error && found.length < 5; at = at.cause) {
    found.push(at, ...(at instanceof AggregateError ? at.errors : []));
  }
  return found;
}
