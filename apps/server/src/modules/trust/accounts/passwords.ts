import { hash, type Options, verify } from '@node-rs/argon2';

/** OWASP Password Storage: argon2id (the library's default), 19 MiB, 2 passes, 1 lane. */
const WORK: Options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Well-formed, of the same work, and the hash of no known password. */
const NOBODY = `$argon2id$v=19$m=19456,t=2,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`;

export const hashPassword = (password: string): Promise<string> => hash(password, WORK);

/** Takes as long for a user that does not exist (undefined) as for one that does. */
export async function isPassword(stored: string | undefined, password: string): Promise<boolean> {
  const right = await verify(stored ?? NOBODY, password);
  return right && stored !== undefined;
}
