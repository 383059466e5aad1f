import { operations } from '@signet/contract';
import { App } from 'antd';
import { useState } from 'react';
import { call } from '../../api/call.ts';
import type { OptOut } from '../../api/types.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { usePlace, writePlace } from '../../location.ts';
import { Act } from '../../parts/danger.tsx';
import { ReasonDialog } from '../../parts/forms.tsx';
import { Empty } from '../../parts/notes.tsx';
import { Page, Tabs } from '../../parts/page.tsx';
import { PagedRecords } from '../../parts/paged.tsx';
import type { Column } from '../../parts/records.tsx';
import { Time } from '../../parts/time.tsx';
import { useWords } from '../../words/use-words.ts';
import { useMay, useTenantId } from '../session/session.ts';

export default function InboundRoom() {
  const words = useWords();
  const may = useMay();
  const { path, query } = usePlace();
  const optOuts = query.tab === 'opt-outs' && may(operations.listOptOuts);
  return (
    <Page title={words.inbound.title}>
      <Tabs
        label={words.inbound.title}
        tabs={[
          { href: writePlace(path), label: words.inbound.replies, current: !optOuts },
          ...(may(operations.listOptOuts)
            ? [
                {
                  href: writePlace(path, { tab: 'opt-outs' }),
                  label: words.inbound.optOuts,
                  current: optOuts,
                },
              ]
            : []),
        ]}
      />
      {optOuts ? <OptOuts cursor={query.cursor} /> : <Replies cursor={query.cursor} />}
    </Page>
  );
}

function Replies({ cursor }: { cursor: string | undefined }) {
  const words = useWords();
  const tenantId = useTenantId();
  const loaded = useAnswer(operations.listInbound, { params: { tenantId }, query: { cursor } });
  const i = words.inbound;
  return (
    <PagedRecords
      label={i.replies}
      loaded={loaded}
      keyOf={({ id }) => id}
      empty={<Empty>{i.emptyReplies}</Empty>}
      columns={[
        { key: 'phone', title: i.phone, render: ({ phone }) => <span className="mono">{phone}</span> },
        { key: 'at', title: i.at, render: ({ at }) => <Time at={at} /> },
        { key: 'dest', title: i.dest, render: ({ destCode }) => <code>{destCode}</code> },
        {
          key: 'optOut',
          title: i.isOptOut,
          render: ({ optOut }) => (optOut ? words.common.yes : words.common.no),
        },
      ]}
    />
  );
}

function OptOuts({ cursor }: { cursor: string | undefined }) {
  const words = useWords();
  const may = useMay();
  const tenantId = useTenantId();
  const { message } = App.useApp();
  const loaded = useAnswer(operations.listOptOuts, { params: { tenantId }, query: { cursor } });
  const [lifting, setLifting] = useState<OptOut>();
  const i = words.inbound;
  const lift = async (reason: string) => {
    const outcome = await call(operations.removeOptOut, {
      params: { tenantId, id: lifting?.id ?? '' },
      body: { reason },
    });
    if (!outcome.ok) return outcome.problem;
    message.success(i.lifted);
    loaded.reload();
    return undefined;
  };
  const columns: Column<OptOut>[] = [
    { key: 'phone', title: i.phone, render: ({ phone }) => <span className="mono">{phone}</span> },
    { key: 'sign', title: i.sign, render: ({ signName }) => signName ?? i.allSigns },
    { key: 'source', title: i.source, render: ({ source }) => i.bySource[source] },
    { key: 'at', title: i.at, render: ({ at }) => <Time at={at} /> },
  ];
  if (may(operations.removeOptOut)) {
    columns.push({
      key: 'acts',
      acts: true,
      title: words.common.actions,
      render: (row) => <Act word={i.lift} name={i.liftTitle(row.phone)} onClick={() => setLifting(row)} />,
    });
  }
  return (
    <>
      <PagedRecords
        label={i.optOuts}
        loaded={loaded}
        keyOf={({ id }) => id}
        empty={<Empty>{i.emptyOptOuts}</Empty>}
        columns={columns}
      />
      <ReasonDialog
        title={i.liftTitle(lifting?.phone ?? '')}
        lead={i.liftLead}
        actWord={i.lift}
        danger
        open={lifting !== undefined}
        onClose={() => setLifting(undefined)}
        act={lift}
      />
    </>
  );
}
