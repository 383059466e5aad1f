import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { reasonOf, type Settings, StartFailure } from '../platform/settings/public.ts';
import { refuseReadyFile } from './ready-file.ts';

/** What would stop the start at its end, looked at before its beginning. Throws StartFailure. */
export async function preflight(settings: Settings): Promise<void> {
  if (settings.readyFile !== null) refuseReadyFile(settings.readyFile);
  readTls(settings);
  await refuseTakenPort(settings);
}

export type TlsFiles = { readonly cert: Buffer; readonly key: Buffer };

/** Null when TLS is off. Throws StartFailure when the files cannot be read or do not go together. */
export function readTls({ tlsCertFile, tlsKeyFile }: Settings): TlsFiles | null {
  if (tlsCertFile === null || tlsKeyFile === null) return null;
  try {
    const files = { cert: readFileSync(tlsCertFile), key: readFileSync(tlsKeyFile) };
    // Made and thrown away: it reads them.
    createTlsServer(files);
    return files;
  } catch (error) {
    throw new StartFailure(`SIGNET_TLS_CERT, SIGNET_TLS_KEY: cannot be used (${reasonOf(error)})`);
  }
}

/** The one line for a failed `listen`. */
export function listenFailure({ host, port }: Settings, error: unknown): StartFailure {
  const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  return new StartFailure(
    taken
      ? `SIGNET_PORT: port ${port} is taken; stop the other program or choose another with --port`
      : `SIGNET_HOST, SIGNET_PORT: cannot listen on ${host}:${port} (${reasonOf(error)})`,
  );
}

/** Takes the port for a moment: nobody should wait for a database only to hear that it is taken. */
async function refuseTakenPort(settings: Settings): Promise<void> {
  const { host, port } = settings;
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', (error) => reject(listenFailure(settings, error)));
    probe.listen({ host, port }, resolve);
  });
  await new Promise((resolve) => probe.close(resolve));
}
