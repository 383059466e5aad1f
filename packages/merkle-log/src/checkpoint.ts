import type { KeyObject } from 'node:crypto';
import { isCount, isHash } from './hashing.ts';
import { decodeBase64, type NoteFailure, openNote, signNote } from './signed-note.ts';

/** A commitment to the first `size` entries of the log named `origin` (c2sp.org/tlog-checkpoint). */
export type Checkpoint = { readonly origin: string; readonly size: number; readonly rootHash: Uint8Array };

export type CheckpointFailure = NoteFailure | 'checkpoint_malformed' | 'origin_differs';

export type OpenedCheckpoint =
  | { readonly ok: true; readonly origin: string; readonly size: number; readonly rootHash: Uint8Array }
  | { readonly ok: false; readonly reason: CheckpointFailure };

/**
 * The text that is signed: origin, size in decimal, root in base64, each on its line. Throws RangeError when the size
 * is not a safe integer from 0 or the root not 32 octets.
 */
export function formatCheckpoint({ origin, size, rootHash }: Checkpoint): string {
  if (!isCount(size) || !isHash(rootHash))
    throw new RangeError('a checkpoint has a size and a root of 32 octets');
  return `${origin}\n${size}\n${Buffer.from(rootHash).toString('base64')}\n`;
}

/**
 * The checkpoint as a signed note. The key signs under the origin as its name, so the origin is not empty and has no
 * space, plus sign or line break; RangeError otherwise. The private key is Ed25519.
 */
export function signCheckpoint(checkpoint: Checkpoint, privateKey: KeyObject): string {
  return signNote(formatCheckpoint(checkpoint), checkpoint.origin, privateKey);
}

/**
 * Opens a checkpoint that one of the keys, in the text form of `verifierKey`, signed. Several keys stand for one log
 * whose key was replaced. Extension lines are allowed and ignored. Hostile input: never throws.
 */
export function openCheckpoint(note: string, verifierKeys: string | readonly string[]): OpenedCheckpoint {
  const opened = openNote(note, typeof verifierKeys === 'string' ? [verifierKeys] : verifierKeys);
  if (!opened.ok) return opened;
  const [origin, sizeText, rootText, ...extensions] = opened.text.slice(0, -1).split('\n');
  const rootHash = decodeBase64(rootText ?? '');
  // No leading zeros: one checkpoint has one text.
  if (
    !origin ||
    !/^(?:0|[1-9][0-9]{0,15})$/u.test(sizeText ?? '') ||
    !isHash(rootHash) ||
    extensions.includes('')
  ) {
    return { ok: false, reason: 'checkpoint_malformed' };
  }
  const size = Number(sizeText);
  if (!isCount(size)) return { ok: false, reason: 'checkpoint_malformed' };
  if (origin !== opened.keyName) return { ok: false, reason: 'origin_differs' };
  return { ok: true, origin, size, rootHash };
}
