import type { ThemeConfig } from 'antd';

export type Mode = 'light' | 'dark';
export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'quiet';

type Colours = {
  page: string;
  surface: string;
  raised: string;
  line: string;
  text: string;
  soft: string;
  accent: string;
  onAccent: string;
  danger: string;
  mark: string;
} & { [T in Tone as `${T}Ink` | `${T}Fill`]: string };

/** Every pair of ink on fill, and text, soft and accent on page and surface, keeps 4.5 : 1 (WCAG 2.2, 1.4.3). */
export const COLOURS: Record<Mode, Colours> = {
  light: {
    page: '#f3f5f8',
    surface: '#ffffff',
    raised: '#f8f9fb',
    line: '#d5dae2',
    text: '#1b2430',
    soft: '#545f6e',
    accent: '#1a4f9c',
    onAccent: '#ffffff',
    danger: '#b3261e',
    mark: '#ffe08a',
    goodInk: '#17602f',
    goodFill: '#e2f4e7',
    busyInk: '#1a4f9c',
    busyFill: '#e4eefb',
    warnInk: '#7a4a00',
    warnFill: '#fdf0d5',
    badInk: '#a1211a',
    badFill: '#fce8e6',
    quietInk: '#4a5563',
    quietFill: '#e9ecf0',
  },
  dark: {
    page: '#12161c',
    surface: '#1a2029',
    raised: '#222a35',
    line: '#36404e',
    text: '#e6eaf0',
    soft: '#a7b1bf',
    accent: '#8ab4f8',
    onAccent: '#10202f',
    danger: '#f2a29c',
    mark: '#6b5300',
    goodInk: '#8fdba6',
    goodFill: '#163021',
    busyInk: '#a9c8fb',
    busyFill: '#1a2f4d',
    warnInk: '#f3cb83',
    warnFill: '#3a2c10',
    badInk: '#f5aea8',
    badFill: '#431d1b',
    quietInk: '#c0c8d3',
    quietFill: '#2c3541',
  },
};

const FONT =
  "system-ui, -apple-system, 'Segoe UI', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif";

/** antd tokens of a mode; the page's own parts read the same colours as `--page`, `--text` … (see {@link paint}). */
export function antdTheme(mode: Mode): ThemeConfig {
  const c = COLOURS[mode];
  return {
    token: {
      colorPrimary: c.accent,
      colorLink: c.accent,
      colorInfo: c.accent,
      colorError: c.danger,
      colorErrorText: c.danger,
      colorBgBase: c.surface,
      colorBgContainer: c.surface,
      colorBgElevated: mode === 'light' ? c.surface : c.raised,
      colorBgLayout: c.page,
      colorText: c.text,
      colorTextBase: c.text,
      colorTextHeading: c.text,
      colorTextSecondary: c.soft,
      colorTextTertiary: c.soft,
      colorTextDescription: c.soft,
      colorTextPlaceholder: c.soft,
      colorTextDisabled: c.soft,
      colorTextLightSolid: c.onAccent,
      colorBorder: mode === 'light' ? '#8a94a3' : '#6c7889',
      colorBorderSecondary: c.line,
      colorSplit: c.line,
      borderRadius: 4,
      fontSize: 14,
      fontFamily: FONT,
      motion: false,
      wireframe: false,
    },
    components: {
      Form: { verticalLabelPadding: '0 0 4px', itemMarginBottom: 16 },
      Modal: { contentBg: c.surface, headerBg: c.surface },
      Radio: { buttonSolidCheckedColor: c.onAccent },
    },
  };
}

/** Sets the colours as custom properties of the page, so that dialogs outside the application's element have them. */
export function paint(mode: Mode): void {
  const { style } = document.documentElement;
  for (const [name, value] of Object.entries(COLOURS[mode])) style.setProperty(`--${name}`, value);
  style.setProperty('--font', FONT);
  style.colorScheme = mode;
}
