import { operations } from '@signet/contract';
import { App, Button } from 'antd';
import { useState } from 'react';
import { type Answer, call } from '../../api/call.ts';
import { downloadText } from '../../api/csv.ts';
import type { AuditEntry } from '../../api/types.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { usePlace } from '../../location.ts';
import { CopyButton } from '../../parts/copy.tsx';
import { Empty, Note } from '../../parts/notes.tsx';
import { Page } from '../../parts/page.tsx';
import { PagedRecords } from '../../parts/paged.tsx';
import type { Column } from '../../parts/records.tsx';
import { Time } from '../../parts/time.tsx';
import { useSpeech } from '../../words/use-words.ts';

type Checkpoint = Answer<'exportCheckpoint'>;

export default function AuditRoom() {
  const { words, language } = useSpeech();
  const { message } = App.useApp();
  const { cursor } = usePlace().query;
  const loaded = useAnswer(operations.readAudit, { query: { cursor } });
  const [checkpoint, setCheckpoint] = useState<Checkpoint>();
  const [busy, setBusy] = useState(false);
  const a = words.audit;
  const sign = async () => {
    setBusy(true);
    const outcome = await call(operations.exportCheckpoint);
    setBusy(false);
    if (outcome.ok) setCheckpoint(outcome.answer);
    else message.error(outcome.problem.detail || words.problem.codes[outcome.problem.code]);
  };
  const columns: Column<AuditEntry>[] = [
    { key: 'index', title: a.index, render: ({ index }) => <code>{index}</code> },
    { key: 'at', title: a.at, render: ({ at }) => <Time at={at} stacked /> },
    { key: 'action', title: a.action, render: ({ action }) => <code>{action}</code> },
    {
      key: 'actor',
      title: `${a.actor} · ${a.subject}`,
      render: ({ actor, subject }) => (
        <span className="stack-tight" style={{ gap: 0 }}>
          <code>{actor}</code>
          <code className="soft">{subject}</code>
        </span>
      ),
    },
    {
      key: 'facts',
      title: a.facts,
      wide: true,
      render: ({ facts }) => <code className="breaks">{facts}</code>,
    },
    { key: 'tenant', title: a.tenant, render: ({ tenantId }) => tenantId ?? <span className="soft">–</span> },
  ];
  return (
    <Page
      title={a.title}
      lead={a.lead}
      acts={
        <>
          <Button onClick={loaded.reload}>{words.common.reload}</Button>
          <Button type="primary" loading={busy} onClick={sign}>
            {a.sign}
          </Button>
        </>
      }
    >
      <div className="stack">
        {checkpoint ? (
          <Signed checkpoint={checkpoint} size={Number(checkpoint.size).toLocaleString(language)} />
        ) : null}
        <PagedRecords
          label={a.title}
          loaded={loaded}
          columns={columns}
          keyOf={({ index }) => index}
          empty={<Empty>{a.empty}</Empty>}
        />
      </div>
    </Page>
  );
}

function Signed({
  checkpoint: { checkpoint, verifierKey, size: raw },
  size,
}: {
  checkpoint: Checkpoint;
  size: string;
}) {
  const { words } = useSpeech();
  const a = words.audit;
  return (
    <Note tone="good" title={a.signed}>
      <div className="stack-tight">
        <p>{a.signedLead(size)}</p>
        <h2 className="unseen">{a.checkpoint}</h2>
        <pre
          className="code-block"
          style={{ color: 'var(--text)', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}
        >
          {checkpoint}
        </pre>
        <p>
          {a.verifierKey} <code className="breaks">{verifierKey}</code>
          <CopyButton text={verifierKey} what={a.verifierKey} />
        </p>
        <p>
          {a.verifyWith} <code>npm run signet -- audit verify</code>
        </p>
        <div className="row">
          <Button onClick={() => downloadText(`checkpoint-${raw}.txt`, checkpoint, 'text/plain')}>
            {words.common.download} {a.checkpoint}
          </Button>
          <CopyButton text={checkpoint} what={a.checkpoint} labelled />
        </div>
      </div>
    </Note>
  );
}
