import { operations } from '@signet/contract';
import { App, Button, Form, Input, Radio, Select } from 'antd';
import { useState } from 'react';
import { call, type RequestOf } from '../../api/call.ts';
import type { Qualification } from '../../api/types.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { go, writePlace } from '../../location.ts';
import { Sheet, useDraft } from '../../parts/forms.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/notes.tsx';
import { Page } from '../../parts/page.tsx';
import { PhonePreview } from '../../parts/phone-preview.tsx';
import { useWords } from '../../words/use-words.ts';
import { useTenantId } from '../session/session.ts';

type Values = RequestOf<typeof operations.createSignature>['body'];

export default function SignatureRoom() {
  const words = useWords();
  const tenantId = useTenantId();
  const r = words.registration;
  const { answer, problem, reload } = useAnswer(operations.listQualifications, { params: { tenantId } });
  const approved = answer?.items.filter(({ state }) => state === 'approved');
  return (
    <Page title={r.newSignature}>
      {problem ? (
        <ProblemNote problem={problem} retry={reload} />
      ) : approved === undefined ? (
        <Loading />
      ) : approved.length === 0 ? (
        <Empty
          act={
            <Button href={writePlace(`/t/${tenantId}/registration/qualification`)}>
              {r.newQualification}
            </Button>
          }
        >
          {r.needQualification}
        </Empty>
      ) : (
        <SignatureForm qualifications={approved} />
      )}
    </Page>
  );
}

function SignatureForm({ qualifications }: { qualifications: readonly Qualification[] }) {
  const words = useWords();
  const tenantId = useTenantId();
  const { message } = App.useApp();
  const [form] = Form.useForm<Values>();
  const draft = useDraft<Values>(`signature.${tenantId}`);
  const [name, setName] = useState(draft.initial.name ?? '');
  const r = words.registration;
  const submit = async (body: Values) => {
    const outcome = await call(operations.createSignature, { params: { tenantId }, body });
    if (!outcome.ok) return outcome.problem;
    message.success(r.submitted);
    go(`/t/${tenantId}/registration`, { tab: 'signatures' });
    return undefined;
  };
  return (
    <div className="form-and-preview">
      <div className="panel">
        <Sheet<Values>
          form={form}
          label={r.newSignature}
          initial={{ source: 0, codeOnly: false, qualificationId: qualifications[0]?.id ?? '', remark: '' }}
          draft={draft}
          labels={{
            name: r.signName,
            source: r.signSource,
            qualificationId: r.qualification,
            remark: r.remark,
          }}
          submitWord={r.submit}
          onSubmit={submit}
          onValues={(values) => setName(values.name ?? '')}
        >
          <Form.Item
            name="name"
            label={r.signName}
            extra={r.signNameRule}
            rules={[
              { required: true, whitespace: true, message: words.common.required },
              { pattern: /^[^【】]*$/, message: r.signBrackets },
              { min: 2, max: 18, message: r.signNameRule },
            ]}
          >
            <Input maxLength={18} />
          </Form.Item>
          <Form.Item name="source" label={r.signSource} rules={[{ required: true }]}>
            <Select options={r.sources.map((label, value) => ({ value, label }))} />
          </Form.Item>
          <Form.Item name="codeOnly" label={r.scope} rules={[{ required: true }]}>
            <Radio.Group
              options={[
                { value: false, label: r.general },
                { value: true, label: r.codeOnly },
              ]}
            />
          </Form.Item>
          <Form.Item
            name="qualificationId"
            label={r.qualification}
            extra={r.qualificationRule}
            rules={[{ required: true }]}
          >
            <Select options={qualifications.map(({ id, name: label }) => ({ value: id, label }))} />
          </Form.Item>
          <Form.Item name="remark" label={r.remark} extra={r.remarkRule}>
            <Input.TextArea rows={3} maxLength={200} />
          </Form.Item>
        </Sheet>
      </div>
      <div className="sticky-side">
        <PhonePreview signName={name.trim() || r.signName} content="……" domestic />
      </div>
    </div>
  );
}
