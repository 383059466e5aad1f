import { operations } from '@signet/contract';
import { App, Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { call } from '../../api/call.ts';
import { liveAddress } from '../../api/live.ts';
import type { Review } from '../../api/types.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { setFilters, usePlace, writePlace } from '../../location.ts';
import { ReasonDialog } from '../../parts/forms.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/notes.tsx';
import { Page, Tabs } from '../../parts/page.tsx';
import { StatusTag } from '../../parts/status-tag.tsx';
import { Countdown } from '../../parts/time.tsx';
import { useSpeech, useWords } from '../../words/use-words.ts';
import { useMay } from '../session/session.ts';
import { ReviewDetail } from './review-detail.tsx';
import { useShortcuts } from './use-shortcuts.ts';

const SUBJECTS: readonly Review['subject'][] = ['qualification', 'signature', 'template', 'message'];
/** While the live stream is down. */
const REFRESH_MS = 15_000;

export default function ReviewQueue() {
  const { words, language } = useSpeech();
  const may = useMay();
  const { path, query } = usePlace();
  const { message } = App.useApp();
  const r = words.reviews;
  const state = query.state === 'decided' ? 'decided' : 'open';
  const subject = SUBJECTS.find((known) => known === query.subject);
  const loaded = useAnswer(
    operations.listReviews,
    { query: { state, subject, cursor: query.cursor } },
    query.cursor === undefined ? { live: liveAddress('reviews'), everyMs: REFRESH_MS } : {},
  );
  const { answer, problem, loading, reload } = loaded;
  const [pickedId, setPickedId] = useState<string>();
  const [rejecting, setRejecting] = useState<Review>();
  const [busy, setBusy] = useState(false);

  const items = answer?.items ?? [];
  const found = items.findIndex(({ id }) => id === pickedId);
  const at = found < 0 ? 0 : found;
  const picked = items[at];
  const mayDecide = may(operations.decideReview) && picked?.state === 'open';

  const decide = async (review: Review, approve: boolean, reason: string) => {
    setBusy(true);
    const outcome = await call(operations.decideReview, {
      params: { id: review.id },
      body: { approve, reason },
    });
    setBusy(false);
    if (!outcome.ok) return outcome.problem;
    // The next item comes under the same hand, so that a queue is worked through without searching.
    const next = items[at + 1] ?? items[at - 1];
    setPickedId(next?.id);
    if (answer) {
      loaded.replace({
        ...answer,
        items: items.filter(({ id }) => id !== review.id),
        total: answer.total - 1,
      });
    }
    message.success(`${approve ? r.approved : r.rejected}${words.common.colon}${review.title}`);
    reload();
    return undefined;
  };
  const approve = async () => {
    if (!picked || !mayDecide || busy) return;
    const trouble = await decide(picked, true, '');
    if (trouble) message.error(trouble.detail || words.problem.codes[trouble.code]);
  };
  useShortcuts(rejecting === undefined, {
    j: () => setPickedId(items[Math.min(at + 1, items.length - 1)]?.id),
    k: () => setPickedId(items[Math.max(at - 1, 0)]?.id),
    ...(mayDecide ? { a: approve, r: () => setRejecting(picked) } : {}),
  });

  return (
    <Page title={r.title} acts={<Shortcuts mayDecide={may(operations.decideReview)} />}>
      <Tabs
        label={r.queue}
        tabs={[
          { href: writePlace(path, { subject }), label: r.open, current: state === 'open' },
          {
            href: writePlace(path, { subject, state: 'decided' }),
            label: r.decided,
            current: state === 'decided',
          },
        ]}
      />
      <div className="row row-spread" style={{ marginBottom: 12 }}>
        <select
          className="plain-select"
          aria-label={r.subject}
          value={subject ?? ''}
          onChange={({ target }) => setFilters({ subject: target.value })}
        >
          <option value="">{r.allSubjects}</option>
          {SUBJECTS.map((known) => (
            <option key={known} value={known}>
              {r.subjects[known]}
            </option>
          ))}
        </select>
        {picked ? (
          <span className="soft" role="status">
            {r.position(at + 1, (answer?.total ?? 0).toLocaleString(language))}
          </span>
        ) : null}
      </div>
      {problem ? <ProblemNote problem={problem} retry={reload} stale={answer !== undefined} /> : null}
      {answer === undefined ? (
        loading ? (
          <Loading />
        ) : null
      ) : items.length === 0 ? (
        <Empty>{state === 'open' ? r.empty : r.emptyDecided}</Empty>
      ) : (
        <div className="queue">
          <QueueList items={items} pickedId={picked?.id} onPick={setPickedId} next={answer.next} />
          {picked ? (
            <ReviewDetail
              review={picked}
              acts={
                mayDecide ? (
                  <>
                    <Button type="primary" loading={busy} onClick={approve} aria-keyshortcuts="a">
                      {r.approve}
                    </Button>
                    <Button danger onClick={() => setRejecting(picked)} aria-keyshortcuts="r">
                      {r.reject}
                    </Button>
                    <span className="soft small">{r.undoNone}</span>
                  </>
                ) : null
              }
            />
          ) : null}
        </div>
      )}
      <ReasonDialog
        title={r.rejectTitle(rejecting?.title ?? '')}
        lead={rejecting?.subject === 'message' ? r.rejectMessageLead : r.rejectLead}
        rule={r.reasonRule}
        actWord={r.reject}
        danger
        open={rejecting !== undefined}
        onClose={() => setRejecting(undefined)}
        act={async (reason) => (rejecting ? decide(rejecting, false, reason) : undefined)}
      />
    </Page>
  );
}

function QueueList({
  items,
  pickedId,
  onPick,
  next,
}: {
  items: readonly Review[];
  pickedId: string | undefined;
  onPick: (id: string) => void;
  next: string | null;
}) {
  const words = useWords();
  const { path, query } = usePlace();
  const list = useRef<HTMLUListElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list follows the picked item
  useEffect(() => {
    list.current?.querySelector('[aria-current=true]')?.scrollIntoView({ block: 'nearest' });
  }, [pickedId]);
  return (
    <ul className="queue-list" aria-label={words.reviews.queue} ref={list}>
      {items.map((review) => (
        <li key={review.id}>
          <button type="button" aria-current={review.id === pickedId} onClick={() => onPick(review.id)}>
            <span className="row row-spread">
              <strong>{words.reviews.subjects[review.subject]}</strong>
              {review.state === 'open' ? (
                <Countdown opened={review.openedAt} due={review.dueAt} />
              ) : (
                <StatusTag kind="review" state={review.state} />
              )}
            </span>
            <span className="breaks">{review.title}</span>
            <span className="soft small">{review.tenantName}</span>
          </button>
        </li>
      ))}
      {next === null ? null : (
        <li>
          <a href={writePlace(path, { ...query, cursor: next })}>{words.reviews.nextPage}</a>
        </li>
      )}
    </ul>
  );
}

function Shortcuts({ mayDecide }: { mayDecide: boolean }) {
  const words = useWords();
  const s = words.reviews.shortcuts;
  const rows: readonly (readonly [string, string])[] = [
    ['j', s.j],
    ['k', s.k],
    ...(mayDecide
      ? ([
          ['a', s.a],
          ['r', s.r],
        ] as const)
      : []),
  ];
  return (
    <ul className="row soft small only-wide" aria-label={words.common.keyboard}>
      {rows.map(([key, word]) => (
        <li key={key}>
          <kbd>{key}</kbd> {word}
        </li>
      ))}
    </ul>
  );
}
