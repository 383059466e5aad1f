const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
/** XML 1.0 §2.2 Char, negated: these cannot be written in a document at all, not even as references. */
const NOT_A_CHARACTER = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;
const NOT_IN_A_NAME = /[^A-Za-z0-9_.-]/g;

/**
 * A document of one root element: objects become nested elements, a list repeats its element (an empty one leaves it
 * out), null and undefined are left out, everything else becomes escaped text. What XML cannot hold turns to U+FFFD.
 */
export function xmlDocument(root: string, fields: Readonly<Record<string, unknown>>): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${element(root, fields)}`;
}

function element(name: string, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map((item: unknown) => element(name, item)).join('');
  const tag = elementName(name);
  if (typeof value === 'object') {
    let inside = '';
    for (const [key, item] of Object.entries(value)) inside += element(key, item);
    return `<${tag}>${inside}</${tag}>`;
  }
  return `<${tag}>${escapeText(String(value))}</${tag}>`;
}

function elementName(name: string): string {
  const tame = name.replace(NOT_IN_A_NAME, '_');
  return /^[A-Za-z_]/.test(tame) ? tame : `_${tame}`;
}

function escapeText(text: string): string {
  return text
    .toWellFormed()
    .replace(NOT_A_CHARACTER, '\u{fffd}')
    .replace(/[&<>"']/g, (character) => ESCAPES[character] as string)
    .replaceAll('\r', '&#13;');
}
