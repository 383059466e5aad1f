import { ClockCircleOutlined, ExclamationCircleOutlined, WarningOutlined } from '@ant-design/icons';
import { useSpeech } from '../words/use-words.ts';
import { absoluteText, clockStage, clockText, relativeText, useNow, zoneText } from './clock.ts';
import { Tag } from './status-tag.tsx';

/** An instant in the user's zone, absolute and relative; the zone itself is named in the page's head and the title. */
export function Time({ at, stacked = false }: { at: string | null; stacked?: boolean }) {
  const { language, words } = useSpeech();
  const nowMs = useNow(30_000);
  if (at === null) return <span className="soft">{words.time.never}</span>;
  const atMs = Date.parse(at);
  return (
    <time dateTime={at} title={zoneText(language, atMs)} className="nowrap">
      {absoluteText(atMs)}
      {stacked ? <br /> : ' '}
      <span className="soft small">{relativeText(atMs, nowMs, language)}</span>
    </time>
  );
}

const STAGES = {
  fine: { tone: 'quiet', icon: <ClockCircleOutlined /> },
  half: { tone: 'busy', icon: <ClockCircleOutlined /> },
  near: { tone: 'warn', icon: <WarningOutlined /> },
  late: { tone: 'bad', icon: <ExclamationCircleOutlined /> },
} as const;

/** A running clock towards `due`: time left, icon and word by how much of it is used. */
export function Countdown({ opened, due }: { opened: string; due: string }) {
  const { words } = useSpeech();
  const nowMs = useNow(1_000);
  const dueMs = Date.parse(due);
  const stage = clockStage(Date.parse(opened), dueMs, nowMs);
  const text = clockText(dueMs - nowMs);
  return (
    <Tag {...STAGES[stage]}>
      {stage === 'late' ? words.time.over(text) : `${words.time.left(text)} · ${words.time[stage]}`}
    </Tag>
  );
}
