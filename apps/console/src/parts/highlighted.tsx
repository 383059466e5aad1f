import type { Evidence } from '../api/types.ts';
import { lookUp, useWords } from '../words/use-words.ts';
import { PlainTable } from './records.tsx';

export type Piece = { text: string; at: number; marks: readonly Evidence[] };

/** Cuts a text at the borders of its evidence; overlapping spans mark the same piece. Spans outside are ignored. */
export function cutAtEvidence(text: string, spans: readonly Evidence[]): Piece[] {
  const inside = spans.filter(({ start, end }) => start < end && start >= 0 && end <= text.length);
  const borders = [...new Set([0, text.length, ...inside.flatMap(({ start, end }) => [start, end])])].sort(
    (a, b) => a - b,
  );
  return borders.slice(0, -1).map((at, index) => {
    const end = borders[index + 1]!;
    return {
      text: text.slice(at, end),
      at,
      marks: inside.filter((span) => span.start <= at && span.end >= end),
    };
  });
}

/** A text with its evidence marked. */
export function Highlighted({ text, spans }: { text: string; spans: readonly Evidence[] }) {
  return (
    <p className="quote">
      {cutAtEvidence(text, spans).map(({ at, text: piece, marks }) =>
        marks.length === 0 ? (
          <span key={at}>{piece}</span>
        ) : (
          <mark key={at} title={marks.map(({ rule }) => rule).join(', ')}>
            {piece}
          </mark>
        ),
      )}
    </p>
  );
}

export function EvidenceTable({ spans }: { spans: readonly Evidence[] }) {
  const words = useWords();
  return (
    <PlainTable label={words.message.evidence}>
      <thead>
        <tr>
          <th scope="col">{words.message.rule}</th>
          <th scope="col">{words.message.labels}</th>
          <th scope="col">{words.message.restored}</th>
          <th scope="col">{words.message.position}</th>
        </tr>
      </thead>
      <tbody>
        {spans.map((span) => (
          <tr key={`${span.start}-${span.end}-${span.rule}`}>
            <td>
              <code className="breaks">{span.rule}</code>
            </td>
            <td>
              {span.label === null ? words.common.none : (lookUp(words.labels, span.label) ?? span.label)}
            </td>
            <td className="breaks">{span.restored}</td>
            <td className="nowrap">
              {span.start}–{span.end}
            </td>
          </tr>
        ))}
      </tbody>
    </PlainTable>
  );
}
