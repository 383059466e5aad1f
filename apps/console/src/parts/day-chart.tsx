import { NARROW, useMedia } from '../preferences.ts';
import type { Tone } from '../theme.ts';

export type Bar = { label: string; parts: readonly { name: string; tone: Tone; value: number }[] };

const HEIGHT = 160;
/** Drawn at about its size on the screen, so that the letters are neither tiny nor huge. */
const WIDTH = { wide: 640, narrow: 340 };
const LEFT = 32;
const BOTTOM = 24;
const TOP = 8;

/** A round figure at or above the largest bar, so that the axis reads well. */
export function axisTop(largest: number): number {
  if (largest <= 4) return 4;
  const scale = 10 ** Math.floor(Math.log10(largest));
  return Math.ceil(largest / scale / 2) * 2 * scale;
}

/** Stacked bars per day. Colour alone tells nothing: its table stands below it. */
export function DayChart({
  bars,
  label,
  language,
}: {
  bars: readonly Bar[];
  label: string;
  language: string;
}) {
  const width = useMedia(NARROW) ? WIDTH.narrow : WIDTH.wide;
  const top = axisTop(
    Math.max(1, ...bars.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0))),
  );
  const plot = HEIGHT - BOTTOM - TOP;
  const pitch = (width - LEFT) / Math.max(bars.length, 1);
  const thick = Math.min(40, pitch * 0.6);
  const y = (value: number) => TOP + plot - (value / top) * plot;
  return (
    <figure>
      <svg
        viewBox={`0 0 ${width} ${HEIGHT}`}
        role="img"
        aria-label={label}
        style={{ width: '100%', maxHeight: 220 }}
      >
        {[0, top / 2, top].map((value) => (
          <g key={value}>
            <line x1={LEFT} x2={width} y1={y(value)} y2={y(value)} stroke="var(--line)" />
            <text x={LEFT - 6} y={y(value) + 4} textAnchor="end" fontSize="11" fill="var(--soft)">
              {value.toLocaleString(language)}
            </text>
          </g>
        ))}
        {bars.map(({ label: day, parts }, index) => {
          const x = LEFT + index * pitch + (pitch - thick) / 2;
          let below = 0;
          return (
            <g key={day}>
              {parts.map(({ name, tone, value }) => {
                const from = below;
                below += value;
                return (
                  <rect
                    key={name}
                    x={x}
                    width={thick}
                    y={y(below)}
                    height={y(from) - y(below)}
                    fill={`var(--${tone}Ink)`}
                    stroke="var(--surface)"
                  >
                    <title>{`${day} ${name} ${value.toLocaleString(language)}`}</title>
                  </rect>
                );
              })}
              <text x={x + thick / 2} y={HEIGHT - 8} textAnchor="middle" fontSize="11" fill="var(--soft)">
                {day.slice(5)}
              </text>
            </g>
          );
        })}
      </svg>
      <figcaption className="row small" style={{ paddingLeft: LEFT }}>
        {(bars[0]?.parts ?? []).map(({ name, tone }) => (
          <span key={name} className="row" style={{ gap: 4 }}>
            <svg width="10" height="10" aria-hidden="true">
              <rect width="10" height="10" fill={`var(--${tone}Ink)`} />
            </svg>
            {name}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}
