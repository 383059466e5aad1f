import { operations } from '@signet/contract';
import { App, Button } from 'antd';
import { useState } from 'react';
import { type Answer, call } from '../../api/call.ts';
import { liveAddress } from '../../api/live.ts';
import type { Inbound, OptOut } from '../../api/types.ts';
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

/** While the live stream is down. */
const REFRESH_MS = 10_000;

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

type Clear = Answer<'unmaskInbound'>['items'][number];

function Replies({ cursor }: { cursor: string | undefined }) {
  const words = useWords();
  const may = useMay();
  const tenantId = useTenantId();
  const loaded = useAnswer(
    operations.listInbound,
    { params: { tenantId }, query: { cursor } },
    cursor === undefined ? { live: liveAddress('tenant', tenantId), everyMs: REFRESH_MS } : {},
  );
  const [asked, setAsked] = useState<readonly Inbound[]>([]);
  const [clear, setClear] = useState<ReadonlyMap<string, Clear>>(new Map());
  const i = words.inbound;
  const mayUnmask = may(operations.unmaskInbound);
  const hidden = (loaded.answer?.items ?? []).filter(({ id }) => !clear.has(id));
  const unmask = async (reason: string) => {
    const outcome = await call(operations.unmaskInbound, {
      params: { tenantId },
      body: { ids: asked.map(({ id }) => id), reason },
    });
    if (!outcome.ok) return outcome.problem;
    setClear(new Map([...clear, ...outcome.answer.items.map((item) => [item.id, item] as const)]));
    return undefined;
  };
  const columns: Column<Inbound>[] = [
    {
      key: 'phone',
      title: i.phone,
      render: ({ id, phone }) => <span className="mono nowrap">{clear.get(id)?.phone ?? phone}</span>,
    },
    {
      key: 'text',
      title: i.text,
      wide: true,
      render: ({ id }) => {
        const shown = clear.get(id);
        return shown === undefined ? (
          <span className="soft">{i.hidden}</span>
        ) : (
          <span className="quote">{shown.text}</span>
        );
      },
    },
    { key: 'at', title: i.at, render: ({ at }) => <Time at={at} stacked /> },
    { key: 'dest', title: i.dest, render: ({ destCode }) => <code>{destCode}</code> },
    {
      key: 'optOut',
      title: i.isOptOut,
      render: ({ optOut }) => (optOut ? words.common.yes : words.common.no),
    },
  ];
  if (mayUnmask) {
    columns.push({
      key: 'acts',
      acts: true,
      title: words.common.actions,
      render: (reply) =>
        clear.has(reply.id) ? null : (
          <Act word={words.mask.unmask} name={i.unmaskOne(reply.phone)} onClick={() => setAsked([reply])} />
        ),
    });
  }
  return (
    <div className="stack-tight">
      {mayUnmask && hidden.length > 1 ? (
        <div>
          <Button onClick={() => setAsked(hidden)}>{i.unmaskPage(hidden.length)}</Button>
        </div>
      ) : null}
      <PagedRecords
        label={i.replies}
        loaded={loaded}
        keyOf={({ id }) => id}
        empty={<Empty>{i.emptyReplies}</Empty>}
        columns={columns}
      />
      <ReasonDialog
        title={words.mask.title}
        lead={words.mask.lead}
        actWord={words.mask.show}
        open={asked.length > 0}
        onClose={() => setAsked([])}
        act={unmask}
      />
    </div>
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
