import { operations } from '@signet/contract';
import { App, Form, Input } from 'antd';
import { useState } from 'react';
import { type Answer, call } from '../../api/call.ts';
import type { AccessKey } from '../../api/types.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Copyable } from '../../parts/copy.tsx';
import { Act, DangerButton } from '../../parts/danger.tsx';
import { Sheet } from '../../parts/forms.tsx';
import { Empty } from '../../parts/notes.tsx';
import { Page, Panel } from '../../parts/page.tsx';
import { AllRecords } from '../../parts/paged.tsx';
import type { Column } from '../../parts/records.tsx';
import { type Secret, SecretOnce } from '../../parts/secret-once.tsx';
import { StatusTag } from '../../parts/status-tag.tsx';
import { Time } from '../../parts/time.tsx';
import { useWords } from '../../words/use-words.ts';
import { useMay, useTenantId } from '../session/session.ts';

export default function KeysRoom() {
  const words = useWords();
  const may = useMay();
  const tenantId = useTenantId();
  const { message } = App.useApp();
  const [form] = Form.useForm<{ remark: string }>();
  const [secret, setSecret] = useState<Secret>();
  const k = words.keys;
  const loaded = useAnswer(operations.listKeys, { params: { tenantId } });

  const show = (title: string, { key, secret: value }: Answer<'createKey'>) => {
    setSecret({
      title,
      lines: [
        { name: k.id, value: key.id },
        { name: k.secret, value },
      ],
      fileName: `signet-${key.id}.txt`,
    });
    loaded.reload();
  };
  const create = async ({ remark = '' }: { remark?: string }) => {
    const outcome = await call(operations.createKey, { params: { tenantId }, body: { remark } });
    if (!outcome.ok) return outcome.problem;
    form.resetFields();
    show(k.created, outcome.answer);
    return undefined;
  };
  const rotate = async (keyId: string) => {
    const outcome = await call(operations.rotateKey, { params: { tenantId, keyId } });
    if (!outcome.ok) return outcome.problem;
    show(k.rotated, outcome.answer);
    return undefined;
  };
  const setState = async (keyId: string, state: AccessKey['state']) => {
    const outcome = await call(operations.setKeyState, { params: { tenantId, keyId }, body: { state } });
    if (!outcome.ok) {
      message.error(outcome.problem.detail || words.problem.codes[outcome.problem.code]);
      return outcome.problem;
    }
    message.success(state === 'active' ? k.enabled : k.disabled);
    loaded.reload();
    return undefined;
  };

  const columns: Column<AccessKey>[] = [
    { key: 'id', title: k.id, render: ({ id }) => <Copyable text={id} what={k.id} /> },
    { key: 'state', title: k.state, render: ({ state }) => <StatusTag kind="key" state={state} /> },
    { key: 'remark', title: k.remark, render: ({ remark }) => remark || <span className="soft">–</span> },
    { key: 'createdAt', title: k.createdAt, render: ({ createdAt }) => <Time at={createdAt} /> },
    { key: 'lastUsedAt', title: k.lastUsedAt, render: ({ lastUsedAt }) => <Time at={lastUsedAt} /> },
  ];
  if (may(operations.setKeyState) || may(operations.rotateKey)) {
    columns.push({
      key: 'acts',
      acts: true,
      title: words.common.actions,
      render: ({ id, state }) => (
        <div className="row">
          {may(operations.rotateKey) ? (
            <DangerButton
              word={k.rotate}
              title={k.rotateTitle(id)}
              lead={k.rotateLead}
              blocked={state === 'inactive' ? k.rotateNeedsActive : undefined}
              act={() => rotate(id)}
            />
          ) : null}
          {!may(operations.setKeyState) ? null : state === 'active' ? (
            <DangerButton
              word={k.disable}
              title={k.disableTitle(id)}
              lead={k.disableLead}
              act={() => setState(id, 'inactive')}
            />
          ) : (
            <Act word={k.enable} name={id} onClick={() => setState(id, 'active')} />
          )}
        </div>
      ),
    });
  }
  return (
    <Page title={k.title} lead={k.lead}>
      <div className="stack">
        <AllRecords
          label={k.title}
          loaded={loaded}
          columns={columns}
          keyOf={({ id }) => id}
          empty={<Empty>{k.empty}</Empty>}
        />
        {may(operations.createKey) ? (
          <div style={{ maxWidth: 560 }}>
            <Panel title={k.create}>
              <Sheet<{ remark: string }>
                form={form}
                label={k.create}
                initial={{}}
                labels={{ remark: k.remark }}
                submitWord={k.create}
                onSubmit={create}
              >
                <Form.Item name="remark" label={k.remark} extra={k.remarkRule}>
                  <Input maxLength={64} />
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
