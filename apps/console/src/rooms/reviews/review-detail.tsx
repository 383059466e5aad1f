import type { ReactNode } from 'react';
import type { Review } from '../../api/types.ts';
import { Copyable } from '../../parts/copy.tsx';
import { factName, factValue } from '../../parts/fact-words.ts';
import { EvidenceTable, Highlighted } from '../../parts/highlighted.tsx';
import { StatusTag } from '../../parts/status-tag.tsx';
import { Countdown, Time } from '../../parts/time.tsx';
import { useWords } from '../../words/use-words.ts';

export function ReviewDetail({ review, acts }: { review: Review; acts: ReactNode }) {
  const words = useWords();
  const r = words.reviews;
  const facts = Object.entries(review.facts).filter(([, value]) => value !== '');
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
          {facts.map(([name, value]) => (
            <div key={name} style={{ display: 'contents' }}>
              <dt>{factName(words, name) ?? <code>{name}</code>}</dt>
              <dd>
                <FactValue name={name} value={value} />
              </dd>
            </div>
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

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

function FactValue({ name, value }: { name: string; value: string }) {
  const words = useWords();
  return INSTANT.test(value) ? <Time at={value} /> : (factValue(words, name, value) ?? value);
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
