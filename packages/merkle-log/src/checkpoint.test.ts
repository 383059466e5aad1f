import { createPrivateKey, createPublicKey } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCheckpoint, leafHash, openCheckpoint, signCheckpoint, verifierKey } from './public.ts';
import { openNote, signNote } from './signed-note.ts';

const PKCS8_ED25519 = '302e020100300506032b657004220420';
const keyFrom = (seed: number) => {
  const der = Buffer.concat([Buffer.from(PKCS8_ED25519, 'hex'), Buffer.alloc(32, seed)]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return { privateKey, publicKey: createPublicKey(privateKey) };
};

const ORIGIN = 'signet.example/audit';
const { privateKey, publicKey } = keyFrom(1);
const KEY = verifierKey(ORIGIN, publicKey);
const rootHash = leafHash(Buffer.from('entry'));
const NOTE = signCheckpoint({ origin: ORIGIN, size: 7, rootHash }, privateKey);

// The example of the signed-note specification (c2sp.org/signed-note).
const EXAMPLE_KEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const EXAMPLE_NOTE = `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`;

describe('signed note', () => {
  it("opens the specification's example and refuses it altered", () => {
    const text = 'This is an example message.\n';
    expect(openNote(EXAMPLE_NOTE, [EXAMPLE_KEY])).toEqual({ ok: true, text, keyName: 'example.com/foo' });
    const altered = EXAMPLE_NOTE.replace('example message', 'altered message');
    expect(openNote(altered, [EXAMPLE_KEY])).toEqual({ ok: false, reason: 'signature_wrong' });
  });

  it('ignores signatures of unknown keys, as witnesses add them', () => {
    const witness = signNote(
      NOTE.slice(0, NOTE.indexOf('\n\n') + 1),
      'witness.example',
      keyFrom(2).privateKey,
    );
    const both = NOTE + witness.slice(witness.indexOf('\u2014'));
    expect(openCheckpoint(both, KEY).ok).toBe(true);
    expect(openCheckpoint(witness, KEY)).toEqual({ ok: false, reason: 'signer_unknown' });
  });

  it('knows a key by its name and its id', () => {
    const renamed = NOTE.replace(`\u2014 ${ORIGIN}`, '\u2014 another.example');
    expect(openCheckpoint(renamed, KEY)).toEqual({ ok: false, reason: 'signer_unknown' });
  });

  it('refuses names and texts that would not open again', () => {
    for (const name of ['', 'two words', 'plus+sign', 'line\nbreak', '\ud800']) {
      expect(() => verifierKey(name, publicKey)).toThrow(RangeError);
    }
    for (const text of ['', '\n', 'no newline', 'bell\u0007\n', '\ud800\n']) {
      expect(() => signNote(text, ORIGIN, privateKey)).toThrow(RangeError);
    }
  });

  it('round-trips texts with empty lines', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z0-9 —é]{0,12}$/u), { minLength: 1, maxLength: 6 }),
        (lines) => {
          const text = `x${lines.join('\n')}\n`;
          expect(openNote(signNote(text, ORIGIN, privateKey), [KEY])).toEqual({
            ok: true,
            text,
            keyName: ORIGIN,
          });
        },
      ),
    );
  });
});

describe('checkpoint', () => {
  it('is origin, size and root on a line each, then the signature', () => {
    expect(formatCheckpoint({ origin: ORIGIN, size: 7, rootHash })).toBe(
      `${ORIGIN}\n7\n${Buffer.from(rootHash).toString('base64')}\n`,
    );
    expect(NOTE.split('\n')).toHaveLength(6);
    expect(NOTE).toContain(`\n\n\u2014 ${ORIGIN} `);
    expect(KEY.startsWith(`${ORIGIN}+`)).toBe(true);
  });

  it('opens with its key', () => {
    const opened = openCheckpoint(NOTE, KEY);
    expect(opened).toMatchObject({ ok: true, origin: ORIGIN, size: 7 });
    expect(opened.ok && Buffer.compare(opened.rootHash, rootHash)).toBe(0);
    expect(openCheckpoint(NOTE, [verifierKey(ORIGIN, keyFrom(3).publicKey), KEY]).ok).toBe(true);
  });

  it('does not open altered in any character', () => {
    fc.assert(
      fc.property(
        fc.nat(NOTE.length - 1),
        fc.constantFrom('\n', ' ', 'A', '7', '8', '=', '\u2014', '+'),
        (at, character) => {
          fc.pre(NOTE[at] !== character);
          expect(openCheckpoint(NOTE.slice(0, at) + character + NOTE.slice(at + 1), KEY).ok).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('says why it did not open', () => {
    const reasonOf = (text: string, name = ORIGIN) => {
      const opened = openCheckpoint(signNote(text, name, privateKey), verifierKey(name, publicKey));
      return opened.ok ? 'ok' : opened.reason;
    };
    const root = Buffer.from(rootHash).toString('base64');
    expect(reasonOf(`${ORIGIN}\n7\n${root}\nextension\n`)).toBe('ok');
    expect(reasonOf(`${ORIGIN}\n07\n${root}\n`)).toBe('checkpoint_malformed');
    expect(reasonOf(`${ORIGIN}\n9007199254740992\n${root}\n`)).toBe('checkpoint_malformed');
    expect(reasonOf(`${ORIGIN}\n7\n${root.slice(4)}\n`)).toBe('checkpoint_malformed');
    expect(reasonOf(`${ORIGIN}\n7\n`)).toBe('checkpoint_malformed');
    expect(reasonOf(`${ORIGIN}\n7\n${root}\n\nextension\n`)).toBe('checkpoint_malformed');
    expect(reasonOf(`${ORIGIN}\n7\n${root}\n`, 'another.example')).toBe('origin_differs');
    expect(openCheckpoint(NOTE, KEY.replace(/.$/u, '!'))).toEqual({
      ok: false,
      reason: 'verifier_key_malformed',
    });
    expect(openCheckpoint(NOTE.trimEnd(), KEY)).toEqual({ ok: false, reason: 'note_malformed' });
    expect(openCheckpoint(NOTE + NOTE.slice(NOTE.indexOf('\u2014')).repeat(100), KEY).ok).toBe(false);
  });

  it('refuses a size or root that is none', () => {
    expect(() => formatCheckpoint({ origin: ORIGIN, size: -1, rootHash })).toThrow(RangeError);
    expect(() => formatCheckpoint({ origin: ORIGIN, size: 1, rootHash: Buffer.of(1) })).toThrow(RangeError);
    expect(() => signCheckpoint({ origin: 'a\nb', size: 1, rootHash }, privateKey)).toThrow(RangeError);
  });

  it('takes arbitrary text without throwing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (note, key) => {
        expect(openCheckpoint(note, KEY).ok).toBe(false);
        expect(openCheckpoint(NOTE, key).ok).toBe(false);
      }),
    );
  });
});
