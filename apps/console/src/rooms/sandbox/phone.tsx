import { operations, PHONE_BEHAVIOURS } from '@signet/contract';
import { App, Button, Form, Input, Radio } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { call, type Trouble } from '../../api/call.ts';
import { liveAddress } from '../../api/live.ts';
import type { Phone, PhoneMessage } from '../../api/types.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { writePlace } from '../../location.ts';
import { Copyable } from '../../parts/copy.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/notes.tsx';
import { Page, Panel } from '../../parts/page.tsx';
import { Time } from '../../parts/time.tsx';
import { useWords } from '../../words/use-words.ts';
import { useMay, useSession } from '../session/session.ts';

/** While the live stream is down. */
const REFRESH_MS = 2_000;

export default function PhoneRoom() {
  const words = useWords();
  const loaded = useAnswer(operations.readPhone, {}, { live: liveAddress('phone'), everyMs: REFRESH_MS });
  const { answer, problem, loading, reload } = loaded;
  if (problem?.code === 'sandbox_off') {
    return (
      <Page title={words.phone.title}>
        <Empty>{words.phone.off}</Empty>
      </Page>
    );
  }
  return (
    <Page title={words.phone.title} lead={words.phone.lead}>
      {problem ? <ProblemNote problem={problem} retry={reload} stale={answer !== undefined} /> : null}
      {answer === undefined ? (
        loading ? (
          <Loading />
        ) : null
      ) : (
        <div className="phone-and-behaviour">
          <Handset phone={answer} onReplied={reload} />
          <Behaviour phone={answer} onSet={(behaviour) => loaded.replace({ ...answer, behaviour })} />
        </div>
      )}
    </Page>
  );
}

function Handset({ phone: { number, messages }, onReplied }: { phone: Phone; onReplied: () => void }) {
  const words = useWords();
  const may = useMay();
  const { tenantId } = useSession();
  const screen = useRef<HTMLDivElement>(null);
  const inOrder = [...messages].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const newest = inOrder.at(-1)?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the screen follows each new message
  useEffect(() => {
    // Newer browsers answer a promise here, which is no clean-up.
    screen.current?.scrollTo({ top: screen.current.scrollHeight });
  }, [newest]);
  return (
    <section className="handset stack-tight" aria-label={words.phone.title}>
      <div className="row row-spread">
        <span className="soft">{words.phone.number}</span>
        <Copyable text={number} what={words.phone.number} />
      </div>
      <div
        className="screen screen-tall"
        ref={screen}
        role="log"
        aria-label={words.phone.screen}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a log that scrolls must be reachable by keyboard (WCAG 2.1.1)
        tabIndex={0}
      >
        {inOrder.length === 0 ? (
          <div>
            <p>{words.phone.empty}</p>
            {tenantId !== null && may(operations.sendTest) ? (
              <a href={writePlace(`/t/${tenantId}/send`)}>{words.messages.sendFirst}</a>
            ) : null}
          </div>
        ) : (
          inOrder.map((message) => <Bubble key={message.id} message={message} />)
        )}
      </div>
      <ReplyForm senders={sendersOf(inOrder)} onReplied={onReplied} />
    </section>
  );
}

/** Numbers that have written to the phone, the last one first. */
function sendersOf(messages: readonly PhoneMessage[]): string[] {
  const received = messages.filter(({ direction }) => direction === 'received').map(({ from }) => from);
  return [...new Set(received.reverse())];
}

function Bubble({ message: { direction, from, to, text, segments, at } }: { message: PhoneMessage }) {
  const words = useWords();
  const own = direction === 'sent';
  return (
    <article
      className={own ? 'bubble bubble-own' : 'bubble'}
      aria-label={own ? `${words.phone.sent} ${to}` : `${words.phone.received} ${from}`}
    >
      <div className="small">
        {own ? `→ ${to}` : from} · {words.phone.segments(segments)}
      </div>
      <div>{text}</div>
      <div className="small">
        <Time at={at} />
      </div>
    </article>
  );
}

type Reply = { to: string; text: string };

function ReplyForm({ senders, onReplied }: { senders: readonly string[]; onReplied: () => void }) {
  const words = useWords();
  const { message } = App.useApp();
  const [form] = Form.useForm<Reply>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Trouble>();
  const [chosen, setChosen] = useState<string>();
  const to = chosen ?? senders[0];
  if (to === undefined) return <p className="soft">{words.phone.noSender}</p>;
  const reply = async ({ text }: Reply) => {
    setBusy(true);
    const outcome = await call(operations.replyFromPhone, { body: { to, text } });
    setBusy(false);
    setProblem(outcome.ok ? undefined : outcome.problem);
    if (!outcome.ok) return;
    form.resetFields();
    message.success(words.phone.replied);
    onReplied();
  };
  return (
    <Form form={form} layout="vertical" requiredMark={false} onFinish={reply}>
      {problem ? <ProblemNote problem={problem} /> : null}
      <div className="row" style={{ marginBottom: 8 }}>
        <label className="row">
          <span>{words.phone.replyTo}</span>
          <select className="plain-select" value={to} onChange={({ target }) => setChosen(target.value)}>
            {senders.map((sender) => (
              <option key={sender}>{sender}</option>
            ))}
          </select>
        </label>
      </div>
      <Form.Item
        name="text"
        label={words.phone.reply}
        extra={words.phone.replyRule}
        rules={[{ required: true, message: words.common.required }]}
        validateTrigger="onSubmit"
      >
        <Input maxLength={500} />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={busy}>
        {words.phone.send}
      </Button>
    </Form>
  );
}

function Behaviour({ phone, onSet }: { phone: Phone; onSet: (behaviour: Phone['behaviour']) => void }) {
  const words = useWords();
  const { message } = App.useApp();
  const p = words.phone;
  const set = async (behaviour: Phone['behaviour']) => {
    onSet(behaviour);
    const outcome = await call(operations.setPhoneBehaviour, { body: { behaviour } });
    if (!outcome.ok) {
      onSet(phone.behaviour);
      message.error(outcome.problem.detail || words.problem.codes[outcome.problem.code]);
      return;
    }
    message.success(p.behaviourSet);
  };
  return (
    <Panel title={p.behaviour}>
      <Radio.Group
        aria-label={p.behaviour}
        value={phone.behaviour}
        onChange={({ target }) => set(target.value as Phone['behaviour'])}
        style={{ display: 'grid', gap: 8 }}
        options={PHONE_BEHAVIOURS.map((value) => ({
          value,
          label: (
            <span>
              {p.behaviours[value]} <span className="soft small">{p.behaviourHint[value]}</span>
            </span>
          ),
        }))}
      />
    </Panel>
  );
}
