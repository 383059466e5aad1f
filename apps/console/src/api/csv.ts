/**
 * One CSV line by RFC 4180. A cell that a spreadsheet would run as a formula (= + - @, tab, return) gets an
 * apostrophe in front, unless it is a plain number (OWASP, CSV Injection).
 */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(cell: string | number | null): string {
  if (cell === null) return '';
  const text = String(cell);
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Offers text as a file; the mark at the start makes spreadsheets read UTF-8. */
export function downloadText(fileName: string, text: string, type: string): void {
  const mark = type === 'text/csv' ? '\ufeff' : '';
  const address = URL.createObjectURL(new Blob([mark, text], { type: `${type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = address;
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
