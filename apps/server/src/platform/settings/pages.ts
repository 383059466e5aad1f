import { type SettingRow, settingNames, settingsTable } from './table.ts';

const rows: readonly SettingRow<unknown>[] = settingNames.map((name) => settingsTable[name]);

/** The text of `--help`: usage, then per setting its flag, variable, purpose, default and danger. */
export function helpText(): string {
  const blocks = rows.map((row) => {
    const names = row.flag === null ? row.env : `${row.flag} ${row.shape}  (${row.env})`;
    const lines = [`  ${names}`, `      ${row.purpose.en}`, `      Default: ${row.fallbackText}.`];
    if (row.danger !== null) lines.push(`      Danger: ${row.danger.en}`);
    return lines.join('\n');
  });
  return `Signet: self-hosted SMS platform.\n\nUsage: npm start -- [settings]\n\n${blocks.join('\n')}\n  --help\n      This text.\n`;
}

/** The whole of `docs/settings.md`. */
export function settingsPage(): string {
  return [
    '# Settings · 设置',
    '',
    'Generated from `apps/server/src/platform/settings/table.ts` by `node scripts/generate-settings-page.ts`; do not edit.',
    'A flag wins over its variable. Unknown flags, unknown `SIGNET_*` variables and bad values stop the start with one line.',
    '',
    '| Flag | Variable | Default | What it does · 作用 | Danger · 风险 |',
    '|---|---|---|---|---|',
    ...rows.map(pageRow),
    '',
  ].join('\n');
}

function pageRow(row: SettingRow<unknown>): string {
  const cells = [
    row.flag === null ? '–' : `\`${row.flag} ${row.shape}\``,
    `\`${row.env}\``,
    row.fallbackText,
    `${row.purpose.en}<br>${row.purpose.zh}`,
    row.danger === null ? '–' : `${row.danger.en}<br>${row.danger.zh}`,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
