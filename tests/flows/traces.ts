import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** The forms in which a text may stand in clear, by the name of the form. */
export type Form = { readonly name: string; readonly octets: Buffer };

/** A digit string or a word as octets, in every coding that our parts or a database would write. */
export function formsOf(text: string): Form[] {
  const utf8 = Buffer.from(text, 'utf8');
  const wide = Buffer.from(text, 'utf16le');
  const big = Buffer.from(wide).swap16();
  const forms: [string, Buffer][] = [
    ['UTF-8', utf8],
    ['UTF-16LE', wide],
    ['UTF-16BE', big],
    ...[utf8, big].flatMap((octets): [string, Buffer][] => [
      ['hex', Buffer.from(octets.toString('hex'))],
      ['HEX', Buffer.from(octets.toString('hex').toUpperCase())],
    ]),
    ['URL', Buffer.from(encodeURIComponent(text))],
    [
      'JSON',
      Buffer.from(
        JSON.stringify(text)
          .slice(1, -1)
          .replace(/[^ -~]/g, escaped),
      ),
    ],
    // Base64 has three phases; the first and last characters depend on the neighbours.
    ...[0, 1, 2].map((phase): [string, Buffer] => [
      `base64+${phase}`,
      Buffer.from(middleOfBase64(utf8, phase)),
    ]),
  ];
  const seen = new Set<string>();
  return forms.flatMap(([name, octets]) => {
    const key = octets.toString('hex');
    if (seen.has(key)) return [];
    seen.add(key);
    return [{ name: `${text} in ${name}`, octets }];
  });
}

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

function middleOfBase64(octets: Buffer, phase: number): string {
  const base64 = Buffer.concat([Buffer.alloc(phase), octets])
    .toString('base64')
    .replace(/=+$/, '');
  return base64.slice(phase === 0 ? 0 : phase + 1, octets.length % 3 === 0 && phase === 0 ? undefined : -1);
}

export const found = (place: string, content: Buffer, forms: readonly Form[]): string[] =>
  forms.filter(({ octets }) => content.includes(octets)).map(({ name }) => `${place}: ${name}`);

const CHUNK_OCTETS = 4 * 2 ** 20;
/** Longer than any form: a hit across two chunks is seen in the second. */
const OVERLAP_OCTETS = 4_096;

/** Looks through every regular file below a folder. */
export function foundBelow(folder: string, forms: readonly Form[], skip: readonly string[] = []): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    return entry.isFile() && !skip.includes(path) ? foundInFile(path, forms) : [];
  });
}

function foundInFile(path: string, forms: readonly Form[]): string[] {
  const file = openSync(path, 'r');
  const hits = new Set<string>();
  try {
    const chunk = Buffer.alloc(OVERLAP_OCTETS + CHUNK_OCTETS);
    let kept = 0;
    for (;;) {
      const read = readSync(file, chunk, kept, CHUNK_OCTETS, null);
      if (read === 0) return [...hits];
      const content = chunk.subarray(0, kept + read);
      for (const hit of found(path, content, forms)) hits.add(hit);
      kept = Math.min(OVERLAP_OCTETS, content.length);
      chunk.copy(chunk, 0, content.length - kept, content.length);
    }
  } finally {
    closeSync(file);
  }
}
