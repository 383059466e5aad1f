import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

// Signed note of C2SP (c2sp.org/signed-note): text lines, an empty line, signature lines.
const SIGNATURE_TYPE_ED25519 = 0x01;
const KEY_ID_OCTETS = 4;
const PUBLIC_KEY_OCTETS = 32;
const SIGNATURE_PREFIX = '\u2014 ';
const MAX_NOTE_CHARACTERS = 65_536;
const MAX_SIGNATURES = 100;

/** A public key with the name it signs under. */
type NamedKey = { readonly name: string; readonly keyId: Buffer; readonly publicKey: KeyObject };

export type NoteFailure = 'verifier_key_malformed' | 'note_malformed' | 'signer_unknown' | 'signature_wrong';

export type OpenedNote =
  | { readonly ok: true; readonly text: string; readonly keyName: string }
  | { readonly ok: false; readonly reason: NoteFailure };

/**
 * The text form of a public key, `name+hex key id+base64(0x01 || key)`. Throws RangeError when the name is empty or
 * holds a space or a plus sign, or the key is not Ed25519.
 */
export function verifierKey(name: string, publicKey: KeyObject): string {
  const key = namedKey(name, publicKey);
  const typed = Buffer.concat([Buffer.of(SIGNATURE_TYPE_ED25519), rawKey(publicKey)]);
  return `${name}+${key.keyId.toString('hex')}+${typed.toString('base64')}`;
}

/** Signs a text, whose lines all end in a newline, under a key name. The private key is Ed25519. Throws as `verifierKey`. */
export function signNote(text: string, keyName: string, privateKey: KeyObject): string {
  if (!isNoteText(text))
    throw new RangeError('a note is lines of well-formed Unicode without control characters');
  const { keyId } = namedKey(keyName, createPublicKey(privateKey));
  const signature = Buffer.concat([keyId, sign(null, Buffer.from(text), privateKey)]);
  return `${text}\n${SIGNATURE_PREFIX}${keyName} ${signature.toString('base64')}\n`;
}

/**
 * Opens a note signed by at least one of the keys, given in their text form. Signatures of unknown keys are ignored; a
 * wrong signature of a known key refuses the note. Hostile input: never throws; 64 Ki characters and 100 signatures at most.
 */
export function openNote(note: string, verifierKeys: readonly string[]): OpenedNote {
  const keys = verifierKeys.map(parseVerifierKey);
  if (!keys.every((key) => key !== undefined)) return { ok: false, reason: 'verifier_key_malformed' };
  const parts = splitNote(note);
  if (parts === undefined) return { ok: false, reason: 'note_malformed' };
  let keyName: string | undefined;
  for (const { name, keyId, signature } of parts.signatures) {
    const key = keys.find((known) => known.name === name && known.keyId.equals(keyId));
    if (key === undefined) continue;
    if (!verify(null, Buffer.from(parts.text), key.publicKey, signature))
      return { ok: false, reason: 'signature_wrong' };
    keyName ??= name;
  }
  return keyName === undefined
    ? { ok: false, reason: 'signer_unknown' }
    : { ok: true, text: parts.text, keyName };
}

type SignatureLine = { readonly name: string; readonly keyId: Buffer; readonly signature: Buffer };

function splitNote(note: string): { text: string; signatures: SignatureLine[] } | undefined {
  if (typeof note !== 'string' || note.length > MAX_NOTE_CHARACTERS || !note.endsWith('\n')) return undefined;
  const gap = note.lastIndexOf('\n\n');
  if (gap < 0) return undefined;
  const text = note.slice(0, gap + 1);
  const lines = note.slice(gap + 2, -1).split('\n');
  if (!isNoteText(text) || lines.length > MAX_SIGNATURES) return undefined;
  const signatures = lines.map(parseSignatureLine);
  return signatures.every((line) => line !== undefined) ? { text, signatures } : undefined;
}

function parseSignatureLine(line: string): SignatureLine | undefined {
  if (!line.startsWith(SIGNATURE_PREFIX)) return undefined;
  const [name, encoded, ...rest] = line.slice(SIGNATURE_PREFIX.length).split(' ');
  if (name === undefined || encoded === undefined || rest.length > 0 || !isKeyName(name)) return undefined;
  const bytes = decodeBase64(encoded);
  if (bytes === undefined || bytes.length <= KEY_ID_OCTETS) return undefined;
  return { name, keyId: bytes.subarray(0, KEY_ID_OCTETS), signature: bytes.subarray(KEY_ID_OCTETS) };
}

function parseVerifierKey(text: string): NamedKey | undefined {
  // The base64 part may itself hold plus signs; name and key id cannot.
  const [, name, keyIdHex, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(text) ?? [];
  if (name === undefined || keyIdHex === undefined || encoded === undefined || !isKeyName(name))
    return undefined;
  const typed = decodeBase64(encoded);
  if (typed === undefined || typed.length !== 1 + PUBLIC_KEY_OCTETS || typed[0] !== SIGNATURE_TYPE_ED25519)
    return undefined;
  const raw = typed.subarray(1);
  if (keyIdOf(name, raw).toString('hex') !== keyIdHex) return undefined;
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') };
  return { name, keyId: keyIdOf(name, raw), publicKey: createPublicKey({ key: jwk, format: 'jwk' }) };
}

function namedKey(name: string, publicKey: KeyObject): NamedKey {
  if (!isKeyName(name)) throw new RangeError('a key name is not empty and has no space and no plus sign');
  return { name, keyId: keyIdOf(name, rawKey(publicKey)), publicKey };
}

function rawKey(publicKey: KeyObject): Buffer {
  const { crv, x } = publicKey.export({ format: 'jwk' });
  if (crv !== 'Ed25519' || x === undefined) throw new RangeError('a note is signed with an Ed25519 key');
  return Buffer.from(x, 'base64url');
}

// First four octets of SHA-256(name || newline || type || key), as the specification recommends.
function keyIdOf(name: string, raw: Uint8Array): Buffer {
  const digest = createHash('sha256')
    .update(`${name}\n`)
    .update(Buffer.of(SIGNATURE_TYPE_ED25519))
    .update(raw)
    .digest();
  return digest.subarray(0, KEY_ID_OCTETS);
}

function isKeyName(name: string): boolean {
  return name.length > 0 && name.isWellFormed() && !/[\s+\p{Cc}]/u.test(name);
}

function isNoteText(text: string): boolean {
  return text.length > 1 && text.endsWith('\n') && text.isWellFormed() && !/[\p{Cc}--\n]/v.test(text);
}

/** Decodes base64 of exactly the standard alphabet with its padding; undefined for any other text. */
export function decodeBase64(encoded: string): Buffer | undefined {
  const bytes = Buffer.from(encoded, 'base64');
  return bytes.toString('base64') === encoded ? bytes : undefined;
}
