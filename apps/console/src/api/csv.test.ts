import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvLine } from './csv.ts';

/** Reads one line of RFC 4180 as a spreadsheet does. */
function readLine(line: string): string[] {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < line.length - 2; at++) {
    const c = line[at]!;
    if (quoted) {
      if (c !== '"') cell += c;
      else if (line[at + 1] === '"') cell += line[++at]!;
      else quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === ',') {
      cells.push(cell);
      cell = '';
    } else cell += c;
  }
  return [...cells, cell];
}

describe('csvLine', () => {
  it('is read back cell by cell', () => {
    const harmless = fc.string().filter((text) => !/^[=+\-@\t\r]/.test(text));
    fc.assert(
      fc.property(fc.array(harmless, { minLength: 1, maxLength: 6 }), (cells) => {
        expect(readLine(csvLine(cells))).toEqual(cells);
      }),
    );
  });

  it('quotes commas, quotes and line breaks', () => {
    expect(csvLine(['a,b', 'say "hi"', 'two\nlines', 7, null])).toBe(
      '"a,b","say ""hi""","two\nlines",7,\r\n',
    );
  });

  it('takes the force out of formulas and leaves negative numbers', () => {
    expect(csvLine(['=HYPERLINK("x")', '+86', '@SUM', '-1+2', -5])).toBe(
      '"\'=HYPERLINK(""x"")",\'+86,\'@SUM,\'-1+2,-5\r\n',
    );
  });
});
