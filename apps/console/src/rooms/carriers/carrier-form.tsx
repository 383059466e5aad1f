import { operations } from '@signet/contract';
import { App, Button, Checkbox, Form, Input, InputNumber } from 'antd';
import { useState } from 'react';
import { type Answer, call, type RequestOf, type Trouble } from '../../api/call.ts';
import { go } from '../../location.ts';
import { Sheet, stayInField, useDraft } from '../../parts/forms.tsx';
import { Note, ProblemNote } from '../../parts/notes.tsx';
import { Page } from '../../parts/page.tsx';
import { useSpeech } from '../../words/use-words.ts';

type Values = RequestOf<typeof operations.createCarrier>['body'];
type Tested = Answer<'testCarrier'>;

export default function CarrierForm() {
  const { words, language } = useSpeech();
  const { message } = App.useApp();
  const [form] = Form.useForm<Values>();
  const draft = useDraft<Values>('carrier');
  const [busy, setBusy] = useState(false);
  const [tested, setTested] = useState<Tested>();
  const [problem, setProblem] = useState<Trouble>();
  const c = words.carriers;

  const save = async (body: Values) => {
    const outcome = await call(operations.createCarrier, { body });
    if (!outcome.ok) return outcome.problem;
    message.success(c.saved(body.name));
    go('/carriers');
    return undefined;
  };
  const test = async () => {
    setTested(undefined);
    setProblem(undefined);
    const checked = await form.validateFields().catch(() => undefined);
    if (!checked) return;
    setBusy(true);
    const outcome = await call(operations.testCarrier, { body: checked });
    setBusy(false);
    if (outcome.ok) setTested(outcome.answer);
    else setProblem(outcome.problem);
  };
  const required = { required: true, message: words.common.required };
  const elapsed = Math.round(tested?.elapsedMs ?? 0).toLocaleString(language);
  return (
    <Page title={c.addTitle}>
      <div className="panel stack" style={{ maxWidth: 560 }}>
        <Sheet<Values>
          form={form}
          label={c.addTitle}
          initial={{ port: 2775, tls: false, window: 32, perSecond: 0 }}
          draft={draft}
          secretFields={['password']}
          labels={{
            name: c.name,
            host: c.host,
            port: c.port,
            systemId: c.systemId,
            password: c.password,
            sourceAddress: c.source,
            window: c.window,
            perSecond: c.rate,
          }}
          submitWord={c.save}
          onSubmit={save}
          onValues={() => setTested(undefined)}
          beside={
            <Button onClick={test} loading={busy} onMouseDown={stayInField}>
              {busy ? c.testing : c.test}
            </Button>
          }
        >
          <Form.Item
            name="name"
            label={c.name}
            extra={c.nameRule}
            rules={[{ ...required, whitespace: true }]}
          >
            <Input maxLength={64} />
          </Form.Item>
          <Form.Item
            name="host"
            label={c.host}
            extra={c.hostRule}
            rules={[{ ...required, whitespace: true }]}
          >
            <Input maxLength={253} className="mono" autoCapitalize="none" spellCheck={false} />
          </Form.Item>
          <Form.Item
            name="port"
            label={c.port}
            extra={c.portBad}
            rules={[required, { type: 'integer', min: 1, max: 65535, message: c.portBad }]}
          >
            <InputNumber controls={false} style={{ width: 160 }} />
          </Form.Item>
          <Form.Item name="tls" label={c.tls} valuePropName="checked">
            <Checkbox>{c.tlsOn}</Checkbox>
          </Form.Item>
          <Form.Item
            name="systemId"
            label={c.systemId}
            extra={c.systemIdRule}
            rules={[required, { max: 15, message: c.systemIdRule }]}
          >
            <Input
              maxLength={15}
              className="mono"
              autoCapitalize="none"
              spellCheck={false}
              autoComplete="off"
            />
          </Form.Item>
          <Form.Item
            name="password"
            label={c.password}
            extra={`${c.passwordRule} · ${c.secretNotKept}`}
            rules={[required, { max: 8, message: c.passwordRule }]}
          >
            <Input.Password maxLength={8} autoComplete="new-password" />
          </Form.Item>
          <Form.Item
            name="sourceAddress"
            label={c.source}
            extra={c.sourceRule}
            rules={[required, { pattern: /^\d{1,12}$/, message: c.sourceBad }]}
          >
            <Input maxLength={12} inputMode="numeric" className="mono" />
          </Form.Item>
          <Form.Item
            name="window"
            label={c.window}
            extra={c.windowRule}
            rules={[required, { type: 'integer', min: 1, max: 1000, message: c.windowBad }]}
          >
            <InputNumber controls={false} style={{ width: 160 }} />
          </Form.Item>
          <Form.Item
            name="perSecond"
            label={c.rate}
            extra={c.rateRule}
            rules={[required, { type: 'integer', min: 0, max: 10_000, message: c.rateBad }]}
          >
            <InputNumber controls={false} style={{ width: 160 }} />
          </Form.Item>
        </Sheet>
        {problem ? <ProblemNote problem={problem} /> : null}
        {tested ? (
          <Note
            tone={tested.bound ? 'good' : 'bad'}
            title={tested.bound ? c.bound(elapsed) : c.notBound(elapsed)}
          >
            <p className="breaks">{tested.detail}</p>
          </Note>
        ) : null}
      </div>
    </Page>
  );
}
