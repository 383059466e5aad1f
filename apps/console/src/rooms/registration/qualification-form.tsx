import { operations } from '@signet/contract';
import { App, Form, Input, Radio } from 'antd';
import { call, type RequestOf } from '../../api/call.ts';
import { go } from '../../location.ts';
import { Sheet, useDraft } from '../../parts/forms.tsx';
import { Page } from '../../parts/page.tsx';
import { useWords } from '../../words/use-words.ts';
import { useTenantId } from '../session/session.ts';

type Values = RequestOf<typeof operations.createQualification>['body'];

export default function QualificationForm() {
  const words = useWords();
  const tenantId = useTenantId();
  const { message } = App.useApp();
  const [form] = Form.useForm<Values>();
  const draft = useDraft<Values>(`qualification.${tenantId}`);
  const r = words.registration;
  const submit = async (body: Values) => {
    const outcome = await call(operations.createQualification, { params: { tenantId }, body });
    if (!outcome.ok) return outcome.problem;
    message.success(r.submitted);
    go(`/t/${tenantId}/registration`, { tab: 'qualifications' });
    return undefined;
  };
  const text = (min: number, max: number, rule: string) => [
    { required: true, whitespace: true, message: words.common.required },
    { min, max, message: rule },
  ];
  return (
    <Page title={r.newQualification}>
      <div className="panel" style={{ maxWidth: 560 }}>
        <Sheet<Values>
          form={form}
          label={r.newQualification}
          initial={{ ownUse: true }}
          draft={draft}
          labels={{
            name: r.qualificationName,
            company: r.company,
            creditCode: r.creditCode,
            legalPerson: r.legalPerson,
            contactName: r.contactName,
            contactPhone: r.contactPhone,
          }}
          submitWord={r.submit}
          onSubmit={submit}
        >
          <Form.Item
            name="name"
            label={r.qualificationName}
            extra={r.qualificationNameRule}
            rules={text(2, 64, r.qualificationNameRule)}
          >
            <Input maxLength={64} />
          </Form.Item>
          <Form.Item
            name="company"
            label={r.company}
            extra={r.companyRule}
            rules={text(2, 150, r.companyRule)}
          >
            <Input maxLength={150} />
          </Form.Item>
          <Form.Item
            name="creditCode"
            label={r.creditCode}
            extra={r.creditCodeRule}
            normalize={(value: string) => value.trim().toUpperCase()}
            rules={[
              { required: true, message: words.common.required },
              { pattern: /^[0-9A-HJ-NPQRTUWXY]{18}$/, message: r.creditCodeBad },
            ]}
          >
            <Input maxLength={18} className="mono" />
          </Form.Item>
          <Form.Item
            name="legalPerson"
            label={r.legalPerson}
            extra={r.nameRule264}
            rules={text(2, 64, r.nameRule264)}
          >
            <Input maxLength={64} />
          </Form.Item>
          <Form.Item
            name="contactName"
            label={r.contactName}
            extra={r.nameRule264}
            rules={text(2, 64, r.nameRule264)}
          >
            <Input maxLength={64} />
          </Form.Item>
          <Form.Item
            name="contactPhone"
            label={r.contactPhone}
            extra={r.phoneRule}
            rules={text(5, 32, r.phoneRule)}
          >
            <Input maxLength={32} inputMode="tel" />
          </Form.Item>
          <Form.Item name="ownUse" label={r.ownUse} rules={[{ required: true }]}>
            <Radio.Group
              options={[
                { value: true, label: r.ownUseYes },
                { value: false, label: r.ownUseNo },
              ]}
            />
          </Form.Item>
        </Sheet>
      </div>
    </Page>
  );
}
