import { operations } from '@signet/contract';
import { useAnswer } from '../../api/use-answer.ts';
import { usePlace } from '../../location.ts';
import { CodeText, Copyable } from '../../parts/copy.tsx';
import { Empty } from '../../parts/notes.tsx';
import { Page } from '../../parts/page.tsx';
import { PagedRecords } from '../../parts/paged.tsx';
import { Time } from '../../parts/time.tsx';
import { lookUp, useWords } from '../../words/use-words.ts';
import { useTenantId } from '../session/session.ts';

export default function Refusals() {
  const words = useWords();
  const tenantId = useTenantId();
  const { cursor } = usePlace().query;
  const loaded = useAnswer(operations.listRefusals, { params: { tenantId }, query: { cursor } });
  const r = words.refusals;
  return (
    <Page title={r.title} lead={r.lead}>
      <PagedRecords
        label={r.title}
        loaded={loaded}
        keyOf={({ id }) => id}
        empty={<Empty>{r.empty}</Empty>}
        columns={[
          { key: 'at', title: r.at, render: ({ at }) => <Time at={at} stacked /> },
          { key: 'code', title: r.code, render: ({ code }) => <CodeText code={code} /> },
          {
            key: 'step',
            title: r.step,
            render: ({ step }) => `${step} ${lookUp(words.life.names, step) ?? ''}`,
          },
          { key: 'reason', title: r.reason, wide: true, render: ({ reason }) => reason },
          {
            key: 'requestId',
            title: r.requestId,
            render: ({ requestId }) => <Copyable text={requestId} what={r.requestId} />,
          },
        ]}
      />
    </Page>
  );
}
