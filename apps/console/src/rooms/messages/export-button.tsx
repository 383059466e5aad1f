import { DownloadOutlined } from '@ant-design/icons';
import { operations } from '@signet/contract';
import { App, Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { type Answer, ask, type Outcome } from '../../api/call.ts';
import { csvLine, downloadText } from '../../api/csv.ts';
import type { Message } from '../../api/types.ts';
import { absoluteText, readClock } from '../../parts/clock.ts';
import { stateWord } from '../../parts/status-tag.tsx';
import { useSpeech } from '../../words/use-words.ts';
import type { Words } from '../../words/zh-CN.ts';
import { useTenantId } from '../session/session.ts';
import type { MessageFilters } from './filters.ts';

const PAGE_ROWS = 200;

/** All that is filtered as one CSV file, page by page, with progress; numbers stay masked as in the list. */
export function ExportButton({ filters, disabled }: { filters: MessageFilters; disabled: boolean }) {
  const { words, language } = useSpeech();
  const tenantId = useTenantId();
  const { message } = App.useApp();
  const [progress, setProgress] = useState<string>();
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  const run = async () => {
    const abort = new AbortController();
    running.current = abort;
    const lines: string[] = [headLine(words)];
    let cursor: string | null = null;
    setProgress(words.records.exporting('0', '…'));
    try {
      do {
        const query: Record<string, unknown> = { ...filters, limit: PAGE_ROWS, cursor };
        const outcome: Outcome<Answer<'listMessages'>> = await ask(
          operations.listMessages,
          { params: { tenantId }, query },
          abort.signal,
        );
        if (!outcome.ok) {
          message.error(words.records.exportFailed);
          return;
        }
        for (const row of outcome.answer.items) lines.push(csvLine(cellsOf(words, row)));
        cursor = outcome.answer.next;
        setProgress(
          words.records.exporting(
            (lines.length - 1).toLocaleString(language),
            outcome.answer.total.toLocaleString(language),
          ),
        );
      } while (cursor !== null);
      downloadText(
        `${words.messages.csvName}-${absoluteText(readClock()).slice(0, 10)}.csv`,
        lines.join(''),
        'text/csv',
      );
    } catch (error) {
      if (!abort.signal.aborted) throw error;
    } finally {
      setProgress(undefined);
    }
  };

  if (progress !== undefined) {
    return (
      <span className="row">
        <span role="status">{progress}</span>
        <Button onClick={() => running.current?.abort()}>{words.records.stop}</Button>
      </span>
    );
  }
  return (
    <Button icon={<DownloadOutlined />} disabled={disabled} onClick={run}>
      {words.records.export}
    </Button>
  );
}

function headLine({ messages: m }: Words): string {
  return csvLine([
    m.id,
    m.bizId,
    m.phone,
    m.state,
    m.kind,
    m.sign,
    m.template,
    m.segments,
    m.errCode,
    m.acceptedAt,
    m.finalAt,
  ]);
}

function cellsOf(words: Words, row: Message): (string | number | null)[] {
  return [
    row.id,
    row.bizId,
    row.phone,
    stateWord(words, 'message', row.state),
    words.kind[row.kind],
    row.signName,
    row.templateCode,
    row.segments,
    row.errCode,
    row.acceptedAt,
    row.finalAt,
  ];
}
