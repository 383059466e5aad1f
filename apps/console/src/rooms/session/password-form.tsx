import { operations } from '@signet/contract';
import { Button, Form, Input } from 'antd';
import { useEffect, useState } from 'react';
import { call, type Trouble } from '../../api/call.ts';
import type { User } from '../../api/types.ts';
import { Choices } from '../../parts/choices.tsx';
import { stayInField } from '../../parts/forms.tsx';
import { ProblemNote } from '../../parts/notes.tsx';
import { useWords } from '../../words/use-words.ts';

type Passwords = { current: string; next: string; again: string };
const MIN_PASSWORD_CHARACTERS = 10;

export function PasswordForm({
  oneTime,
  user,
  onChanged,
}: {
  oneTime: boolean;
  user: User;
  onChanged: (user: User) => void;
}) {
  const words = useWords();
  const [form] = Form.useForm<Passwords>();
  const [problem, setProblem] = useState<Trouble>();
  const [busy, setBusy] = useState(false);
  const change = async ({ current, next }: Passwords) => {
    setBusy(true);
    setProblem(undefined);
    const outcome = await call(operations.changePassword, { body: { current, next } });
    setBusy(false);
    if (outcome.ok) {
      form.resetFields();
      return onChanged(outcome.answer);
    }
    setProblem(outcome.problem);
  };
  return (
    <div className="stack">
      {problem ? <ProblemNote problem={problem} /> : null}
      <Form
        form={form}
        layout="vertical"
        aria-label={words.session.changeTitle}
        requiredMark={false}
        validateTrigger="onBlur"
        onFinish={change}
      >
        {/* Password managers store the new password under this name. */}
        <input type="text" autoComplete="username" value={user.name} readOnly hidden />
        <Form.Item
          name="current"
          label={oneTime ? words.session.currentOneTime : words.session.current}
          rules={[{ required: true, message: words.common.required }]}
        >
          <Input.Password autoComplete="current-password" maxLength={256} />
        </Form.Item>
        <Form.Item
          name="next"
          label={words.session.next}
          extra={words.session.nextRule}
          dependencies={['current']}
          rules={[
            { required: true, message: words.common.required },
            { min: MIN_PASSWORD_CHARACTERS, message: words.session.tooShort },
            ({ getFieldValue }) => ({
              validator: async (_, value) => {
                if (value && value === getFieldValue('current')) throw new Error(words.session.same);
                if (value?.toLowerCase().includes(user.name.toLowerCase())) {
                  throw new Error(words.session.hasName);
                }
              },
            }),
          ]}
        >
          <Input.Password autoComplete="new-password" maxLength={256} />
        </Form.Item>
        <Form.Item
          name="again"
          label={words.session.again}
          dependencies={['next']}
          rules={[
            { required: true, message: words.common.required },
            ({ getFieldValue }) => ({
              validator: async (_, value) => {
                if (value && value !== getFieldValue('next')) throw new Error(words.session.mismatch);
              },
            }),
          ]}
        >
          <Input.Password autoComplete="new-password" maxLength={256} />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={busy} onMouseDown={stayInField}>
          {words.session.change}
        </Button>
      </Form>
    </div>
  );
}

export function ForcedChange({
  user,
  onChanged,
  onLeave,
}: {
  user: User;
  onChanged: (user: User) => void;
  onLeave: () => void;
}) {
  const words = useWords();
  useEffect(() => {
    document.title = `${words.session.changeTitle} · ${words.product}`;
  }, [words]);
  const leave = async () => {
    await call(operations.signOut);
    onLeave();
  };
  return (
    <div className="sign-in">
      <main className="panel sign-in-box stack">
        <div>
          <p className="brand">Signet</p>
          <h1>{words.session.changeTitle}</h1>
          <p className="soft">{words.session.changeLead}</p>
        </div>
        <PasswordForm oneTime user={user} onChanged={onChanged} />
      </main>
      <footer className="row" style={{ paddingTop: 16 }}>
        <Choices />
        <Button type="link" onClick={leave}>
          {words.shell.signOut}
        </Button>
      </footer>
    </div>
  );
}
