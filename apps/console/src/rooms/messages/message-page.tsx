import { operations } from '@signet/contract';
import { Button } from 'antd';
import { useState } from 'react';
import { type Answer, call } from '../../api/call.ts';
import { liveAddress } from '../../api/live.ts';
import type { MessageDetail } from '../../api/types.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { matchPath, usePlace, writePlace } from '../../location.ts';
import { CodeText, Copyable } from '../../parts/copy.tsx';
import { ReasonDialog } from '../../parts/forms.tsx';
import { EvidenceTable, Highlighted } from '../../parts/highlighted.tsx';
import { Loading, ProblemNote } from '../../parts/notes.tsx';
import { Page, Panel } from '../../parts/page.tsx';
import { Records } from '../../parts/records.tsx';
import { StatusTag } from '../../parts/status-tag.tsx';
import { Time } from '../../parts/time.tsx';
import { lookUp, useWords } from '../../words/use-words.ts';
import { useMay, useTenantId } from '../session/session.ts';
import { Life } from './life.tsx';

type Clear = Answer<'unmaskMessage'>;
/** While the live stream is down. */
const REFRESH_MS = 3_000;
/** For the outcome of a push, which no event tells. */
const PUSH_REFRESH_MS = 10_000;
const PUSH_STEP = 19;
const UNFINISHED: readonly MessageDetail['state'][] = ['held', 'accepted', 'submitted', 'in_doubt'];

type Phase = 'going' | 'pushing' | 'done';

/** What may still happen to a message that is shown. */
function phaseOf(detail: MessageDetail | undefined): Phase {
  if (detail === undefined || UNFINISHED.includes(detail.state)) return 'going';
  const waits = detail.steps.some(({ step, outcome }) => step === PUSH_STEP && outcome === 'waiting');
  return waits ? 'pushing' : 'done';
}

export default function MessagePage() {
  const words = useWords();
  const tenantId = useTenantId();
  const { path } = usePlace();
  const id = matchPath('/t/:tenantId/messages/:id', path)?.id ?? '';
  const [phase, setPhase] = useState<Phase>('going');
  const { answer, problem, loading, reload } = useAnswer(
    operations.readMessage,
    { params: { tenantId, id } },
    phase === 'going'
      ? { live: liveAddress('tenant', tenantId), everyMs: REFRESH_MS }
      : { everyMs: phase === 'pushing' ? PUSH_REFRESH_MS : undefined },
  );
  const [clear, setClear] = useState<Clear>();
  const next = phaseOf(answer);
  if (next !== phase) setPhase(next);
  return (
    <Page
      title={`${words.message.title} ${answer?.phone ?? ''}`}
      acts={<a href={writePlace(`/t/${tenantId}/messages`)}>{words.rooms.messages}</a>}
    >
      {problem ? <ProblemNote problem={problem} retry={reload} stale={answer !== undefined} /> : null}
      {answer === undefined ? (
        loading ? (
          <Loading />
        ) : null
      ) : (
        <div className="stack">
          <Head detail={answer} clear={clear} onClear={setClear} />
          <Attempts detail={answer} />
          <div className="columns">
            <Panel title={words.message.life}>
              <Life steps={answer.steps} />
            </Panel>
            <Screening detail={answer} content={clear?.content ?? answer.content} />
          </div>
        </div>
      )}
    </Page>
  );
}

function Head({
  detail,
  clear,
  onClear,
}: {
  detail: MessageDetail;
  clear: Clear | undefined;
  onClear: (clear: Clear) => void;
}) {
  const words = useWords();
  const may = useMay();
  const tenantId = useTenantId();
  const [asking, setAsking] = useState(false);
  const m = words.messages;
  const unmask = async (reason: string) => {
    const outcome = await call(operations.unmaskMessage, {
      params: { tenantId, id: detail.id },
      body: { reason },
    });
    if (!outcome.ok) return outcome.problem;
    onClear(outcome.answer);
    return undefined;
  };
  const content = clear?.content ?? detail.content;
  return (
    <section className="panel stack" aria-label={m.state}>
      <div className="row">
        <StatusTag kind="message" state={detail.state} />
        {detail.errCode === null ? null : <CodeText code={detail.errCode} />}
      </div>
      <p>
        <strong>{words.message.next}</strong> · {words.message.nextBy[detail.state]}
        {words.common.colon}
        {words.message.nextByState[detail.state]}
      </p>
      <div className="columns">
        <dl className="facts">
          <dt>{m.phone}</dt>
          <dd className="row">
            <span className="mono">{clear?.phone ?? detail.phone}</span>
            {clear === undefined && may(operations.unmaskMessage) ? (
              <Button size="small" onClick={() => setAsking(true)}>
                {words.mask.unmask}
              </Button>
            ) : null}
          </dd>
          <dt>{words.message.content}</dt>
          <dd>
            {content === null ? (
              <span className="soft">{words.mask.hidden}</span>
            ) : (
              <span className="quote">{content}</span>
            )}
          </dd>
          <dt>{m.sign}</dt>
          <dd>{detail.signName}</dd>
          <dt>{m.template}</dt>
          <dd>
            <code>{detail.templateCode}</code> · {words.kind[detail.kind]}
          </dd>
        </dl>
        <dl className="facts">
          <dt>{m.segments}</dt>
          <dd>{detail.segments}</dd>
          <dt>{m.acceptedAt}</dt>
          <dd>
            <Time at={detail.acceptedAt} />
          </dd>
          <dt>{m.finalAt}</dt>
          <dd>{detail.finalAt === null ? <span className="soft">–</span> : <Time at={detail.finalAt} />}</dd>
          <dt>{m.bizId}</dt>
          <dd>
            <Copyable text={detail.bizId} what={m.bizId} />
          </dd>
          <dt>{m.id}</dt>
          <dd>
            <Copyable text={detail.id} what={m.id} />
          </dd>
          {detail.auditIndex === null ? null : (
            <>
              <dt>{words.message.audit}</dt>
              <dd>
                <Copyable text={detail.auditIndex} what={words.message.audit} />
              </dd>
            </>
          )}
        </dl>
      </div>
      <ReasonDialog
        title={words.mask.title}
        lead={words.mask.lead}
        actWord={words.mask.show}
        open={asking}
        onClose={() => setAsking(false)}
        act={unmask}
      />
    </section>
  );
}

function Attempts({ detail: { attempts } }: { detail: MessageDetail }) {
  const words = useWords();
  const m = words.message;
  return (
    <Panel title={m.attempts}>
      {attempts.length === 0 ? (
        <p className="soft">{m.noAttempts}</p>
      ) : (
        <Records
          label={m.attempts}
          rows={attempts}
          keyOf={({ segment, at, carrier }) => `${segment} ${at} ${carrier}`}
          columns={[
            { key: 'segment', title: m.segment, render: ({ segment }) => segment },
            {
              key: 'state',
              title: words.messages.state,
              render: ({ state }) => <StatusTag kind="attempt" state={state} />,
            },
            { key: 'carrier', title: m.carrier, render: ({ carrier }) => carrier },
            {
              key: 'status',
              title: m.status,
              render: ({ status }) => (status === null ? '–' : <CodeText code={status} />),
            },
            {
              key: 'carrierMessageId',
              title: m.carrierId,
              render: ({ carrierMessageId: id }) =>
                id === null ? '–' : <Copyable text={id} what={m.carrierId} />,
            },
            { key: 'at', title: m.at, render: ({ at }) => <Time at={at} /> },
            {
              key: 'receiptAt',
              title: m.receiptAt,
              render: ({ receiptAt }) => (receiptAt === null ? '–' : <Time at={receiptAt} />),
            },
          ]}
        />
      )}
    </Panel>
  );
}

function Screening({ detail: { screening }, content }: { detail: MessageDetail; content: string | null }) {
  const words = useWords();
  const m = words.message;
  return (
    <Panel
      title={m.screening}
      acts={screening ? <StatusTag kind="verdict" state={screening.verdict} /> : null}
    >
      {screening === null ? (
        <p className="soft">{m.noScreening}</p>
      ) : (
        <div className="stack-tight">
          <p>
            {m.labels}
            {words.common.colon}
            {screening.labels.length === 0
              ? words.common.none
              : screening.labels
                  .map((label) => lookUp(words.labels, label) ?? label)
                  .join(words.common.separator)}
          </p>
          {screening.spans.length === 0 ? null : (
            <>
              {content === null ? (
                <p className="soft">{m.evidenceMasked}</p>
              ) : (
                <Highlighted text={content} spans={screening.spans} />
              )}
              <EvidenceTable spans={screening.spans} />
            </>
          )}
        </div>
      )}
    </Panel>
  );
}
