import { operations } from '@signet/contract';
import { App } from 'antd';
import { call } from '../../api/call.ts';
import type { Delivery } from '../../api/types.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { setFilters, usePlace } from '../../location.ts';
import { Copyable } from '../../parts/copy.tsx';
import { Act } from '../../parts/danger.tsx';
import { Empty } from '../../parts/notes.tsx';
import { Panel } from '../../parts/page.tsx';
import { PagedRecords } from '../../parts/paged.tsx';
import type { Column } from '../../parts/records.tsx';
import { StatusTag, stateWord } from '../../parts/status-tag.tsx';
import { Time } from '../../parts/time.tsx';
import { useWords } from '../../words/use-words.ts';
import { useMay, useTenantId } from '../session/session.ts';

const STATES: readonly Delivery['state'][] = ['waiting', 'delivered', 'dead'];
const REFRESH_MS = 10_000;

export function Deliveries() {
  const words = useWords();
  const may = useMay();
  const tenantId = useTenantId();
  const { message } = App.useApp();
  const { query } = usePlace();
  const state = STATES.find((known) => known === query.state);
  const loaded = useAnswer(
    operations.listDeliveries,
    { params: { tenantId }, query: { state, cursor: query.cursor } },
    { everyMs: query.cursor === undefined ? REFRESH_MS : undefined },
  );
  const w = words.webhook;
  const replay = async (id: string) => {
    const outcome = await call(operations.replayDelivery, { params: { tenantId, id } });
    if (outcome.ok) message.success(w.replayed);
    else message.error(outcome.problem.detail || words.problem.codes[outcome.problem.code]);
    loaded.reload();
  };
  const columns: Column<Delivery>[] = [
    {
      key: 'id',
      title: words.messages.id,
      render: ({ id }) => <Copyable text={id} what={words.messages.id} />,
    },
    {
      key: 'state',
      title: words.messages.state,
      render: (row) => <StatusTag kind="delivery" state={row.state} />,
    },
    { key: 'kind', title: w.kind, render: ({ kind }) => w.kinds[kind] },
    { key: 'events', title: w.events, number: true, render: ({ events }) => events },
    { key: 'attempts', title: w.attempts, number: true, render: ({ attempts }) => attempts },
    {
      key: 'lastStatus',
      title: w.lastStatus,
      render: ({ lastStatus }) => lastStatus ?? <span className="soft">–</span>,
    },
    { key: 'createdAt', title: w.createdAt, render: ({ createdAt }) => <Time at={createdAt} /> },
    {
      key: 'nextAt',
      title: w.nextAt,
      render: ({ nextAt }) => (nextAt === null ? <span className="soft">–</span> : <Time at={nextAt} />),
    },
  ];
  if (may(operations.replayDelivery)) {
    columns.push({
      key: 'acts',
      acts: true,
      title: words.common.actions,
      render: (row) => (
        <Act
          word={w.replay}
          name={row.id}
          blocked={row.state === 'waiting' ? w.replayWaiting : undefined}
          onClick={() => replay(row.id)}
        />
      ),
    });
  }
  return (
    <Panel
      title={w.deliveries}
      acts={
        <select
          className="plain-select"
          aria-label={words.messages.state}
          value={state ?? ''}
          onChange={({ target }) => setFilters({ state: target.value })}
        >
          <option value="">{w.all}</option>
          {STATES.map((known) => (
            <option key={known} value={known}>
              {stateWord(words, 'delivery', known)}
            </option>
          ))}
        </select>
      }
    >
      <PagedRecords
        label={w.deliveries}
        loaded={loaded}
        columns={columns}
        keyOf={({ id }) => id}
        empty={<Empty>{w.empty}</Empty>}
      />
    </Panel>
  );
}
