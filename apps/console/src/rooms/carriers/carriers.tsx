import { operations } from '@signet/contract';
import { App, Button } from 'antd';
import { call } from '../../api/call.ts';
import type { Carrier } from '../../api/types.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { writePlace } from '../../location.ts';
import { Act, DangerButton } from '../../parts/danger.tsx';
import { Empty } from '../../parts/notes.tsx';
import { Page } from '../../parts/page.tsx';
import { AllRecords } from '../../parts/paged.tsx';
import type { Column } from '../../parts/records.tsx';
import { StatusTag } from '../../parts/status-tag.tsx';
import { useSpeech } from '../../words/use-words.ts';
import { useMay } from '../session/session.ts';

const REFRESH_MS = 5_000;

export default function CarriersRoom() {
  const { words, language } = useSpeech();
  const may = useMay();
  const { message } = App.useApp();
  const loaded = useAnswer(operations.listCarriers, {}, { everyMs: REFRESH_MS });
  const c = words.carriers;
  const set = async (id: string, enabled: boolean) => {
    const outcome = await call(operations.setCarrier, { params: { id }, body: { enabled } });
    if (!outcome.ok) {
      message.error(outcome.problem.detail || words.problem.codes[outcome.problem.code]);
      return outcome.problem;
    }
    message.success(enabled ? c.resumed : c.paused);
    loaded.reload();
    return undefined;
  };
  const columns: Column<Carrier>[] = [
    {
      key: 'name',
      title: c.name,
      render: ({ name, sandbox }) => (
        <span>
          <strong>{name}</strong>
          {sandbox ? <span className="soft small"> {c.sandbox}</span> : null}
        </span>
      ),
    },
    {
      key: 'link',
      title: c.link,
      render: ({ link, linkReason }) => (
        <div className="state-and-reason">
          <StatusTag kind="link" state={link} />
          {linkReason === null ? null : <p className="small">{linkReason}</p>}
        </div>
      ),
    },
    {
      key: 'enabled',
      title: c.enabled,
      render: ({ enabled }) => <StatusTag kind="enabled" state={enabled ? 'on' : 'off'} />,
    },
    { key: 'queued', title: c.queued, number: true, render: ({ queued }) => queued.toLocaleString(language) },
    {
      key: 'address',
      title: c.address,
      render: ({ host, port, tls }) => (
        <span>
          <code>
            {host}:{port}
          </code>
          {tls ? ' TLS' : ''}
        </span>
      ),
    },
    { key: 'systemId', title: c.systemId, render: ({ systemId }) => <code>{systemId}</code> },
    { key: 'source', title: c.source, render: ({ sourceAddress }) => <code>{sourceAddress}</code> },
    { key: 'window', title: c.window, number: true, render: ({ window }) => window },
    {
      key: 'rate',
      title: c.perSecond,
      number: true,
      render: ({ perSecond }) => (perSecond === 0 ? c.unlimited : perSecond),
    },
  ];
  if (may(operations.setCarrier)) {
    columns.push({
      key: 'acts',
      acts: true,
      title: words.common.actions,
      render: ({ id, name, enabled }) =>
        enabled ? (
          <DangerButton
            word={c.pause}
            title={c.pauseTitle(name)}
            lead={c.pauseLead}
            act={() => set(id, false)}
          />
        ) : (
          <Act word={c.resume} name={name} onClick={() => set(id, true)} />
        ),
    });
  }
  const add = may(operations.createCarrier) ? (
    <Button type="primary" href={writePlace('/carriers/new')}>
      {c.add}
    </Button>
  ) : null;
  return (
    <Page title={c.title} acts={add}>
      <AllRecords
        label={c.title}
        loaded={loaded}
        columns={columns}
        keyOf={({ id }) => id}
        empty={<Empty act={add}>{c.empty}</Empty>}
      />
    </Page>
  );
}
