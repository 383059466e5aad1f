import { operations } from '@signet/contract';
import { Form, Input } from 'antd';
import { useState } from 'react';
import { call } from '../../api/call.ts';
import type { Tenant } from '../../api/types.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { writePlace } from '../../location.ts';
import { Copyable } from '../../parts/copy.tsx';
import { Sheet, useDraft } from '../../parts/forms.tsx';
import { Empty } from '../../parts/notes.tsx';
import { Page, Panel } from '../../parts/page.tsx';
import { AllRecords } from '../../parts/paged.tsx';
import type { Column } from '../../parts/records.tsx';
import { type Secret, SecretOnce } from '../../parts/secret-once.tsx';
import { StatusTag } from '../../parts/status-tag.tsx';
import { Time } from '../../parts/time.tsx';
import { useWords } from '../../words/use-words.ts';
import { useMay, useSession } from '../session/session.ts';

type Values = { name: string; userName: string };

export default function TenantsRoom() {
  const words = useWords();
  const may = useMay();
  const { reloadTenants } = useSession();
  const [form] = Form.useForm<Values>();
  const draft = useDraft<Values>('tenant');
  const [secret, setSecret] = useState<Secret>();
  const loaded = useAnswer(operations.listTenants, {});
  const t = words.tenants;
  const create = async (body: Values) => {
    const outcome = await call(operations.createTenant, { body });
    if (!outcome.ok) return outcome.problem;
    setSecret({
      title: t.created(body.name),
      lead: t.createdHint,
      lines: [
        { name: t.user, value: outcome.answer.userName },
        { name: t.oneTimePassword, value: outcome.answer.oneTimePassword },
      ],
      fileName: `signet-${outcome.answer.userName}.txt`,
    });
    form.setFieldsValue({ name: '', userName: '' });
    loaded.reload();
    reloadTenants();
    return undefined;
  };
  const columns: Column<Tenant>[] = [
    {
      key: 'name',
      title: t.name,
      render: ({ id, name }) => (
        <a href={writePlace(`/t/${id}/overview`)} aria-label={`${t.open} ${name}`}>
          {name}
        </a>
      ),
    },
    { key: 'state', title: t.state, render: ({ state }) => <StatusTag kind="tenant" state={state} /> },
    {
      key: 'sandbox',
      title: t.sandbox,
      render: ({ sandbox }) => (sandbox ? words.common.yes : words.common.no),
    },
    { key: 'createdAt', title: t.createdAt, render: ({ createdAt }) => <Time at={createdAt} /> },
    { key: 'id', title: t.id, render: ({ id }) => <Copyable text={id} what={t.id} /> },
  ];
  return (
    <Page title={t.title}>
      <div className="stack">
        <AllRecords
          label={t.title}
          loaded={loaded}
          columns={columns}
          keyOf={({ id }) => id}
          empty={<Empty>{t.empty}</Empty>}
        />
        {may(operations.createTenant) ? (
          <div style={{ maxWidth: 560 }}>
            <Panel title={t.create}>
              <Sheet<Values>
                form={form}
                label={t.create}
                initial={{}}
                draft={draft}
                labels={{ name: t.name, userName: t.userName }}
                submitWord={t.create}
                onSubmit={create}
              >
                <Form.Item
                  name="name"
                  label={t.name}
                  extra={t.nameRule}
                  rules={[
                    { required: true, whitespace: true, message: words.common.required },
                    { min: 2, max: 64, message: t.nameRule },
                  ]}
                >
                  <Input maxLength={64} />
                </Form.Item>
                <Form.Item
                  name="userName"
                  label={t.userName}
                  extra={t.userNameRule}
                  rules={[
                    { required: true, message: words.common.required },
                    { pattern: /^[a-z][a-z0-9._-]{1,63}$/, message: t.userNameBad },
                  ]}
                >
                  <Input maxLength={64} autoCapitalize="none" spellCheck={false} className="mono" />
                </Form.Item>
              </Sheet>
            </Panel>
          </div>
        ) : null}
      </div>
      <SecretOnce secret={secret} onDone={() => setSecret(undefined)} />
    </Page>
  );
}
