import { MESSAGE_KINDS, MESSAGE_STATES, operations } from '@signet/contract';
import { Button, Checkbox, Select } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { liveAddress } from '../../api/live.ts';
import type { Message } from '../../api/types.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { setFilters, usePlace, writePlace } from '../../location.ts';
import { CodeText, Copyable } from '../../parts/copy.tsx';
import { Empty } from '../../parts/notes.tsx';
import { Page } from '../../parts/page.tsx';
import { PagedRecords } from '../../parts/paged.tsx';
import { type Column, useColumns } from '../../parts/records.tsx';
import { StatusTag, stateWord } from '../../parts/status-tag.tsx';
import { Time } from '../../parts/time.tsx';
import { useWords } from '../../words/use-words.ts';
import type { Words } from '../../words/zh-CN.ts';
import { useMay, useTenantId } from '../session/session.ts';
import { ExportButton } from './export-button.tsx';
import { filtersOf, type MessageFilters } from './filters.ts';

/** While the live stream is down. */
const REFRESH_MS = 10_000;

export default function MessageList() {
  const words = useWords();
  const may = useMay();
  const tenantId = useTenantId();
  const { query } = usePlace();
  const filters = filtersOf(query);
  const [live, setLive] = useState(true);
  const refreshes = live && query.cursor === undefined;
  const loaded = useAnswer(
    operations.listMessages,
    { params: { tenantId }, query: { ...filters, cursor: query.cursor } },
    refreshes ? { live: liveAddress('tenant', tenantId), everyMs: REFRESH_MS } : {},
  );
  const { shown, chooser } = useColumns('messages', messageColumns(words, tenantId));
  const filtered = Object.values(filters).some((value) => value !== undefined);
  return (
    <Page
      title={words.messages.title}
      acts={
        <>
          <Checkbox checked={live} onChange={({ target }) => setLive(target.checked)}>
            {words.messages.autoRefresh}
          </Checkbox>
          <Button onClick={loaded.reload} loading={loaded.loading && loaded.answer === undefined}>
            {words.common.reload}
          </Button>
          {chooser}
          <ExportButton filters={filters} disabled={(loaded.answer?.total ?? 0) === 0} />
        </>
      }
    >
      <Filters filters={filters} filtered={filtered} />
      <PagedRecords
        label={words.messages.title}
        loaded={loaded}
        columns={shown}
        keyOf={({ id }) => id}
        empty={
          filtered ? (
            <Empty act={<Button href={writePlace(`/t/${tenantId}/messages`)}>{words.common.clear}</Button>}>
              {words.messages.emptyFiltered}
            </Empty>
          ) : (
            <Empty
              act={
                may(operations.sendTest) ? (
                  <Button type="primary" href={writePlace(`/t/${tenantId}/send`)}>
                    {words.messages.sendFirst}
                  </Button>
                ) : undefined
              }
            >
              {words.messages.empty}
            </Empty>
          )
        }
      />
    </Page>
  );
}

function messageColumns(words: Words, tenantId: string): Column<Message>[] {
  const m = words.messages;
  return [
    {
      key: 'phone',
      title: m.phone,
      render: ({ id, phone }) => (
        <a
          className="mono"
          href={writePlace(`/t/${tenantId}/messages/${id}`)}
          aria-label={`${phone} ${m.openMessage(id)}`}
        >
          {phone}
        </a>
      ),
    },
    { key: 'state', title: m.state, render: ({ state }) => <StatusTag kind="message" state={state} /> },
    { key: 'acceptedAt', title: m.acceptedAt, render: ({ acceptedAt }) => <Time at={acceptedAt} stacked /> },
    { key: 'signName', title: m.sign, render: ({ signName }) => signName },
    { key: 'templateCode', title: m.template, render: ({ templateCode }) => <code>{templateCode}</code> },
    { key: 'kind', title: m.kind, render: ({ kind }) => words.kind[kind] },
    { key: 'segments', title: m.segments, number: true, render: ({ segments }) => segments },
    {
      key: 'errCode',
      title: m.errCode,
      render: ({ errCode }) =>
        errCode === null ? <span className="soft">–</span> : <CodeText code={errCode} />,
    },
    {
      key: 'finalAt',
      title: m.finalAt,
      extra: true,
      render: ({ finalAt }) => (finalAt === null ? <span className="soft">–</span> : <Time at={finalAt} />),
    },
    { key: 'bizId', title: m.bizId, render: ({ bizId }) => <Copyable text={bizId} what={m.bizId} /> },
    { key: 'id', title: m.id, extra: true, render: ({ id }) => <Copyable text={id} what={m.id} /> },
  ];
}

function Filters({ filters, filtered }: { filters: MessageFilters; filtered: boolean }) {
  const words = useWords();
  const tenantId = useTenantId();
  const m = words.messages;
  const search = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof HTMLElement && event.target.closest('input, textarea, select, [role=dialog]');
      if (event.key !== '/' || typing) return;
      event.preventDefault();
      search.current?.focus();
    };
    document.addEventListener('keydown', focus);
    return () => document.removeEventListener('keydown', focus);
  }, []);
  return (
    <search className="filters" aria-label={words.common.search}>
      <span style={{ flexGrow: 2 }}>
        <label htmlFor="filter-search">{m.search}</label>
        <TextFilter name="search" value={filters.search} hint={m.searchRule} inputRef={search} />
      </span>
      <span>
        <label htmlFor="filter-state">{m.state}</label>
        <Select
          id="filter-state"
          allowClear
          placeholder={words.common.all}
          value={filters.state ?? null}
          onChange={(state) => setFilters({ state: state ?? undefined })}
          options={MESSAGE_STATES.map((state) => ({
            value: state,
            label: stateWord(words, 'message', state),
          }))}
        />
      </span>
      <span>
        <label htmlFor="filter-kind">{m.kind}</label>
        <Select
          id="filter-kind"
          allowClear
          placeholder={words.common.all}
          value={filters.kind ?? null}
          onChange={(kind) => setFilters({ kind: kind ?? undefined })}
          options={MESSAGE_KINDS.map((kind) => ({ value: kind, label: words.kind[kind] }))}
        />
      </span>
      <span>
        <label htmlFor="filter-templateCode">{m.template}</label>
        <TextFilter name="templateCode" value={filters.templateCode} />
      </span>
      <span>
        <label htmlFor="filter-signName">{m.sign}</label>
        <TextFilter name="signName" value={filters.signName} />
      </span>
      <span className="filter-instant">
        <label htmlFor="filter-from">{m.from}</label>
        <InstantFilter name="from" value={filters.from} />
      </span>
      <span className="filter-instant">
        <label htmlFor="filter-to">{m.to}</label>
        <InstantFilter name="to" value={filters.to} />
      </span>
      {filtered ? <Button href={writePlace(`/t/${tenantId}/messages`)}>{words.common.clear}</Button> : null}
    </search>
  );
}

/** Takes effect on Enter or on leaving the field, so that the history has one entry per search and not per letter. */
function TextFilter({
  name,
  value,
  hint,
  inputRef,
}: {
  name: string;
  value: string | undefined;
  hint?: string;
  inputRef?: React.RefObject<HTMLInputElement | null>;
}) {
  const [typed, setTyped] = useState(value ?? '');
  useEffect(() => setTyped(value ?? ''), [value]);
  const apply = () => {
    if (typed.trim() !== (value ?? '')) setFilters({ [name]: typed.trim() });
  };
  return (
    <input
      id={`filter-${name}`}
      ref={inputRef}
      className="plain-select"
      type="search"
      maxLength={64}
      title={hint}
      placeholder={hint}
      value={typed}
      onChange={({ target }) => setTyped(target.value)}
      onBlur={apply}
      onKeyDown={(event) => {
        if (event.key === 'Enter') apply();
      }}
    />
  );
}

/** A time in the browser's zone; the address and the server have it in UTC. */
function InstantFilter({ name, value }: { name: string; value: string | undefined }) {
  return (
    <input
      id={`filter-${name}`}
      className="plain-select"
      type="datetime-local"
      value={value === undefined ? '' : localInput(value)}
      onChange={({ target }) =>
        setFilters({ [name]: target.value === '' ? undefined : new Date(target.value).toISOString() })
      }
    />
  );
}

function localInput(instant: string): string {
  const at = new Date(instant);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
