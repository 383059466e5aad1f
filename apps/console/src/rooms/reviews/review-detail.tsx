import type { ReactNode } from 'react';
import type { Review, ReviewFacts } from '../../api/types.ts';
import { Copyable } from '../../parts/copy.tsx';
import { reviewFactName, reviewFactText } from '../../parts/fact-words.ts';
import { EvidenceTable, Highlighted } from '../../parts/highlighted.tsx';
import { StatusTag } from '../../parts/status-tag.tsx';
import { Countdown, Time } from '../../parts/time.tsx';
import { useWords } from '../../words/use-words.ts';
import { ReviewFiles } from './review-files.tsx';

export function ReviewDetail({ review, acts }: { review: Review; acts: ReactNode }) {
  const words = useWords();
  const r = words.reviews;
  const names = Object.keys(review.facts) as (keyof ReviewFacts)[];
  return (
    <article className="panel stack" aria-label={review.title}>
      <div className="row row-spread">
        <h2 className="breaks">
          {r.subjects[review.subject]} · {review.title}
        </h2>
        <span className="row">
          <StatusTag kind="review" state={review.state} />
          {review.state === 'open' ? <Countdown opened={review.openedAt} due={review.dueAt} /> : null}
        </span>
      </div>
      {acts ? <div className="row">{acts}</div> : <Decision review={review} />}
      {review.text === null ? null : (
        <div>
          <h3>{r.text}</h3>
          <Highlighted text={review.text} spans={review.spans} />
        </div>
      )}
      <ReviewFiles key={review.id} review={review} />
      {review.spans.length === 0 ? null : (
        <div>
          <h3>{r.evidence}</h3>
          <EvidenceTable spans={review.spans} />
        </div>
      )}
      <div>
        <h3>{r.facts}</h3>
        <dl className="facts">
          <dt>{r.tenant}</dt>
          <dd>{review.tenantName}</dd>
          {names.map((name) => (
            <Fact key={name} facts={review.facts} name={name} />
          ))}
          <dt>{r.openedAt}</dt>
          <dd>
            <Time at={review.openedAt} />
          </dd>
          <dt>{r.due}</dt>
          <dd>
            <Time at={review.dueAt} />
          </dd>
          <dt>{words.messages.id}</dt>
          <dd>
            <Copyable text={review.subjectId} what={words.messages.id} />
          </dd>
        </dl>
      </div>
    </article>
  );
}

function Fact({ facts, name }: { facts: ReviewFacts; name: keyof ReviewFacts }) {
  const words = useWords();
  const value = facts[name];
  if (value === undefined) return null;
  const text = reviewFactText(words, name, value);
  if (text === '') return null;
  return (
    <>
      <dt>{reviewFactName(words, name)}</dt>
      <dd>{name === 'acceptedAt' || name === 'expiresAt' ? <Time at={text} /> : text}</dd>
    </>
  );
}

function Decision({ review: { state, decidedAt, decidedBy, reason } }: { review: Review }) {
  const words = useWords();
  if (state === 'open') return null;
  return (
    <div>
      <p className="row">
        {state === 'lapsed'
          ? words.reviews.lapsed
          : decidedBy === null
            ? null
            : words.reviews.decidedBy(decidedBy)}
        {decidedAt === null ? null : <Time at={decidedAt} />}
      </p>
      {reason ? (
        <p>
          {words.reviews.reason}
          {words.common.colon}
          {reason}
        </p>
      ) : null}
    </div>
  );
}
