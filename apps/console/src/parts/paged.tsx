import { Button } from 'antd';
import type { ReactNode } from 'react';
import type { Loaded } from '../api/use-answer.ts';
import { go, usePlace } from '../location.ts';
import { useSpeech } from '../words/use-words.ts';
import { Loading, ProblemNote } from './notes.tsx';
import { type Column, Records } from './records.tsx';

type PageOf<T> = { items: T[]; total: number; next: string | null };

/** Count, records and paging of a list whose cursor is in the address, so that "back" is the page before. */
export function PagedRecords<T>({
  label,
  loaded,
  columns,
  keyOf,
  empty,
  cursorName = 'cursor',
}: {
  label: string;
  loaded: Loaded<PageOf<T>>;
  columns: readonly Column<T>[];
  keyOf: (row: T) => string;
  empty: ReactNode;
  cursorName?: string;
}) {
  const { words, language } = useSpeech();
  const { path, query } = usePlace();
  const { answer, problem, loading, reload } = loaded;
  const turn = (cursor: string | undefined) => go(path, { ...query, [cursorName]: cursor });
  return (
    <div className="stack-tight">
      {problem ? <ProblemNote problem={problem} retry={reload} stale={answer !== undefined} /> : null}
      {answer === undefined ? (
        loading ? (
          <Loading />
        ) : null
      ) : answer.items.length === 0 && query[cursorName] === undefined ? (
        empty
      ) : (
        <>
          <Records label={label} columns={columns} rows={answer.items} keyOf={keyOf} />
          <div className="row row-spread">
            <span className="soft" role="status">
              {words.common.total(answer.total.toLocaleString(language))}
            </span>
            <span className="row">
              <Button disabled={query[cursorName] === undefined} onClick={() => turn(undefined)}>
                {words.records.first}
              </Button>
              <Button disabled={answer.next === null} onClick={() => turn(answer.next ?? undefined)}>
                {words.records.next}
              </Button>
            </span>
          </div>
        </>
      )}
    </div>
  );
}

/** Records of an operation that answers all of them at once. */
export function AllRecords<T>({
  label,
  loaded,
  columns,
  keyOf,
  empty,
}: {
  label: string;
  loaded: Loaded<{ items: T[] }>;
  columns: readonly Column<T>[];
  keyOf: (row: T) => string;
  empty: ReactNode;
}) {
  const { answer, problem, loading, reload } = loaded;
  return (
    <div className="stack-tight">
      {problem ? <ProblemNote problem={problem} retry={reload} stale={answer !== undefined} /> : null}
      {answer === undefined ? (
        loading ? (
          <Loading />
        ) : null
      ) : answer.items.length === 0 ? (
        empty
      ) : (
        <Records label={label} columns={columns} rows={answer.items} keyOf={keyOf} />
      )}
    </div>
  );
}
