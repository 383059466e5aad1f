import { operations } from '@signet/contract';
import { App, Form, Input } from 'antd';
import { useState } from 'react';
import { type Answer, call } from '../../api/call.ts';
import type { Webhook } from '../../api/types.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Act } from '../../parts/danger.tsx';
import { Sheet, useDraft } from '../../parts/forms.tsx';
import { Loading, Note, ProblemNote } from '../../parts/notes.tsx';
import { Page, Panel } from '../../parts/page.tsx';
import { type Secret, SecretOnce } from '../../parts/secret-once.tsx';
import { StatusTag } from '../../parts/status-tag.tsx';
import { useSpeech, useWords } from '../../words/use-words.ts';
import { useMay, useTenantId } from '../session/session.ts';
import { Deliveries } from './deliveries.tsx';

const REFRESH_MS = 10_000;

export default function WebhookRoom() {
  const words = useWords();
  const may = useMay();
  const tenantId = useTenantId();
  const { answer, problem, loading, reload, replace } = useAnswer(
    operations.readWebhook,
    { params: { tenantId } },
    { everyMs: REFRESH_MS },
  );
  return (
    <Page title={words.webhook.title} lead={words.webhook.lead}>
      <div className="stack">
        {problem ? <ProblemNote problem={problem} retry={reload} stale={answer !== undefined} /> : null}
        {answer === undefined ? (
          loading ? (
            <Loading />
          ) : null
        ) : (
          <div className="columns">
            {may(operations.setWebhook) ? <Addresses webhook={answer} onSaved={replace} /> : null}
            <State webhook={answer} />
          </div>
        )}
        <Deliveries />
      </div>
    </Page>
  );
}

type Values = { reportUrl?: string; inboundUrl?: string };

function Addresses({ webhook, onSaved }: { webhook: Webhook; onSaved: (webhook: Webhook) => void }) {
  const words = useWords();
  const tenantId = useTenantId();
  const { message } = App.useApp();
  const [form] = Form.useForm<Values>();
  const draft = useDraft<Values>(`webhook.${tenantId}`);
  const [secret, setSecret] = useState<Secret>();
  const w = words.webhook;
  const save = async ({ reportUrl = '', inboundUrl = '' }: Values) => {
    const outcome = await call(operations.setWebhook, {
      params: { tenantId },
      body: { reportUrl: reportUrl.trim() || null, inboundUrl: inboundUrl.trim() || null },
    });
    if (!outcome.ok) return outcome.problem;
    message.success(w.saved);
    onSaved(outcome.answer.webhook);
    if (outcome.answer.secret !== null) {
      setSecret({
        title: w.secretTitle,
        lines: [{ name: w.secretName, value: outcome.answer.secret }],
        fileName: 'signet-webhook.txt',
      });
    }
    return undefined;
  };
  const rules = [{ pattern: /^\s*https?:\/\/[^\s/]+/i, message: w.urlBad }];
  return (
    <div className="panel">
      <Sheet<Values>
        form={form}
        label={w.title}
        initial={{ reportUrl: webhook.reportUrl ?? '', inboundUrl: webhook.inboundUrl ?? '' }}
        draft={draft}
        labels={{ reportUrl: w.reportUrl, inboundUrl: w.inboundUrl }}
        submitWord={words.common.save}
        onSubmit={save}
      >
        <Form.Item name="reportUrl" label={w.reportUrl} extra={w.urlRule} rules={rules}>
          <Input inputMode="url" maxLength={2000} className="mono" />
        </Form.Item>
        <Form.Item name="inboundUrl" label={w.inboundUrl} extra={w.urlRule} rules={rules}>
          <Input inputMode="url" maxLength={2000} className="mono" />
        </Form.Item>
      </Sheet>
      <SecretOnce secret={secret} onDone={() => setSecret(undefined)} />
    </div>
  );
}

type Tested = Answer<'testWebhook'>;

function State({ webhook }: { webhook: Webhook }) {
  const { words, language } = useSpeech();
  const may = useMay();
  const tenantId = useTenantId();
  const { message } = App.useApp();
  const [busy, setBusy] = useState<'report' | 'inbound'>();
  const [tested, setTested] = useState<Tested>();
  const w = words.webhook;
  const test = async (kind: 'report' | 'inbound') => {
    setBusy(kind);
    setTested(undefined);
    const outcome = await call(operations.testWebhook, { params: { tenantId }, body: { kind } });
    setBusy(undefined);
    if (outcome.ok) setTested(outcome.answer);
    else message.error(outcome.problem.detail || words.problem.codes[outcome.problem.code]);
  };
  const status = tested?.status === null || tested === undefined ? w.noStatus : String(tested.status);
  const elapsed = Math.round(tested?.elapsedMs ?? 0).toLocaleString(language);
  return (
    <Panel title={w.state} acts={<StatusTag kind="webhook" state={webhook.state} />}>
      <div className="stack">
        <dl className="facts">
          <dt>{w.waiting}</dt>
          <dd>{webhook.waiting.toLocaleString(language)}</dd>
          <dt>{w.deadLetters}</dt>
          <dd>{webhook.deadLetters.toLocaleString(language)}</dd>
          <dt>{w.lastError}</dt>
          <dd>{webhook.lastError ?? words.common.none}</dd>
        </dl>
        {may(operations.testWebhook) ? (
          <div className="row">
            <Act
              word={w.testReport}
              busy={busy === 'report'}
              blocked={webhook.reportUrl === null ? w.testNeedsUrl : undefined}
              onClick={() => test('report')}
            />
            <Act
              word={w.testInbound}
              busy={busy === 'inbound'}
              blocked={webhook.inboundUrl === null ? w.testNeedsUrl : undefined}
              onClick={() => test('inbound')}
            />
          </div>
        ) : null}
        {tested ? (
          <Note
            tone={tested.delivered ? 'good' : 'bad'}
            title={tested.delivered ? w.testDelivered(status, elapsed) : w.testFailed(status, elapsed)}
          >
            <p className="breaks">{tested.detail}</p>
          </Note>
        ) : null}
      </div>
    </Panel>
  );
}
