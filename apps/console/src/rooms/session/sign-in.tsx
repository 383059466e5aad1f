import { operations } from '@signet/contract';
import { Button, Form, Input } from 'antd';
import { useEffect, useState } from 'react';
import { call, type Trouble } from '../../api/call.ts';
import type { User } from '../../api/types.ts';
import { Choices } from '../../parts/choices.tsx';
import { ProblemNote } from '../../parts/notes.tsx';
import { useWords } from '../../words/use-words.ts';

export function SignIn({ onSignedIn }: { onSignedIn: (user: User) => void }) {
  const words = useWords();
  const [form] = Form.useForm<{ name: string; password: string }>();
  const [problem, setProblem] = useState<Trouble>();
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    document.title = `${words.session.title} · ${words.product}`;
  }, [words]);

  const signIn = async (body: { name: string; password: string }) => {
    setBusy(true);
    const outcome = await call(operations.signIn, { body });
    setBusy(false);
    if (outcome.ok) return onSignedIn(outcome.answer);
    setProblem(outcome.problem);
    form.resetFields(['password']);
  };

  return (
    <div className="sign-in">
      <main className="panel sign-in-box stack">
        <div>
          <p className="brand">Signet</p>
          <h1>{words.session.lead}</h1>
        </div>
        {problem ? <ProblemNote problem={problem} /> : null}
        <Form
          form={form}
          layout="vertical"
          aria-label={words.session.title}
          requiredMark={false}
          validateTrigger="onBlur"
          onFinish={signIn}
        >
          <Form.Item
            name="name"
            label={words.session.name}
            rules={[
              {
                required: true,
                whitespace: true,
                message: words.common.required,
                validateTrigger: 'onSubmit',
              },
            ]}
          >
            <Input
              autoComplete="username"
              autoFocus
              autoCapitalize="none"
              spellCheck={false}
              maxLength={64}
            />
          </Form.Item>
          <Form.Item
            name="password"
            label={words.session.password}
            rules={[{ required: true, message: words.common.required, validateTrigger: 'onSubmit' }]}
          >
            <Input.Password autoComplete="current-password" maxLength={256} />
          </Form.Item>
          <Button type="primary" htmlType="submit" block loading={busy}>
            {words.session.submit}
          </Button>
        </Form>
        <p className="soft small">
          {words.session.firstTime} <code className="nowrap">npm run signet -- reset-password</code>
        </p>
      </main>
      <footer style={{ paddingTop: 16 }}>
        <Choices />
      </footer>
    </div>
  );
}
