import {
  CheckCircleOutlined,
  ExclamationCircleOutlined,
  InboxOutlined,
  InfoCircleOutlined,
} from '@ant-design/icons';
import { Button } from 'antd';
import { type ReactNode, useEffect, useRef } from 'react';
import type { Trouble } from '../api/call.ts';
import type { Tone } from '../theme.ts';
import { lookUp, useWords } from '../words/use-words.ts';
import { CopyButton } from './copy.tsx';

const ICONS: Record<Tone, ReactNode> = {
  good: <CheckCircleOutlined />,
  busy: <InfoCircleOutlined />,
  warn: <ExclamationCircleOutlined />,
  bad: <ExclamationCircleOutlined />,
  quiet: <InfoCircleOutlined />,
};

/** A remark in the flow of the page; `bad` and `warn` interrupt a screen reader, the others wait. */
export function Note({ tone, title, children }: { tone: Tone; title: ReactNode; children?: ReactNode }) {
  const here = useRef<HTMLDivElement>(null);
  // A note answers what was just done, perhaps at the foot of a long form: it comes into sight.
  useEffect(() => {
    here.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <div ref={here} className={`note tone-${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      <span aria-hidden="true">{ICONS[tone]}</span>
      <div>
        <strong>{title}</strong>
        {children ? <div>{children}</div> : null}
      </div>
    </div>
  );
}

/** Says what happened, what is safe, what to do, and the id to quote. */
export function ProblemNote({
  problem,
  retry,
  stale,
}: {
  problem: Trouble;
  retry?: () => void;
  stale?: boolean;
}) {
  const words = useWords();
  const sentence = lookUp(words.problem.codes, problem.code);
  return (
    <Note
      tone="bad"
      title={problem.code === 'unreachable' ? words.problem.title : (sentence ?? words.problem.title)}
    >
      <p>{problem.code === 'unreachable' ? words.problem.unreachable : problem.detail}</p>
      {stale ? <p>{words.problem.stale}</p> : null}
      <div className="row small">
        <code>{problem.code}</code>
        {problem.id === '' ? null : (
          <span className="row">
            {words.problem.id} <code className="breaks">{problem.id}</code>
            <CopyButton text={problem.id} what={words.problem.id} />
          </span>
        )}
        {retry ? (
          <Button size="small" onClick={retry}>
            {words.common.retry}
          </Button>
        ) : null}
      </div>
    </Note>
  );
}

/** Says what belongs here and offers the first act. */
export function Empty({ children, act }: { children: ReactNode; act?: ReactNode }) {
  return (
    <div className="panel" style={{ textAlign: 'center', padding: '40px 16px' }}>
      <div aria-hidden="true" className="soft" style={{ fontSize: 32 }}>
        <InboxOutlined />
      </div>
      <p style={{ maxWidth: 480, margin: '8px auto' }}>{children}</p>
      {act}
    </div>
  );
}

export function Loading() {
  const words = useWords();
  return (
    <p role="status" className="soft" style={{ padding: 24 }}>
      {words.common.loading}
    </p>
  );
}
