import { operations } from '@signet/contract';
import {
  defaultVariableType,
  type ParsedTemplate,
  parseTemplate,
  renderTemplate,
  VARIABLE_TYPES,
  type VariableRules,
} from '@signet/sms-text';
import { Button, Form, Input, Select } from 'antd';
import { useState } from 'react';
import { type Answer, call } from '../../api/call.ts';
import type { Signature, Template } from '../../api/types.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { writePlace } from '../../location.ts';
import { CodeText, Copyable } from '../../parts/copy.tsx';
import { Sheet, useDraft } from '../../parts/forms.tsx';
import { Empty, Loading, Note, ProblemNote } from '../../parts/notes.tsx';
import { Page } from '../../parts/page.tsx';
import { PhonePreview } from '../../parts/phone-preview.tsx';
import { lookUp, useWords } from '../../words/use-words.ts';
import { useMay, useTenantId } from '../session/session.ts';

type Draft = {
  phone: string;
  signName: string;
  templateCode: string;
  templateParams: Record<string, string>;
  outId?: string;
};
type Sent = Answer<'sendTest'>;

export default function SendRoom() {
  const words = useWords();
  const may = useMay();
  const tenantId = useTenantId();
  const phone = useAnswer(operations.readPhone, may(operations.readPhone) ? {} : undefined);
  const signs = useAnswer(operations.listSignatures, { params: { tenantId } });
  const templates = useAnswer(operations.listTemplates, { params: { tenantId } });
  const problem = signs.problem ?? templates.problem;
  const approvedSigns = signs.answer?.items.filter(({ state }) => state === 'approved');
  const approvedTemplates = templates.answer?.items.filter(({ state }) => state === 'approved');
  const act = <Button href={writePlace(`/t/${tenantId}/registration`)}>{words.send.toRegistration}</Button>;
  return (
    <Page title={words.send.title} lead={words.send.lead}>
      {problem ? (
        <ProblemNote
          problem={problem}
          retry={() => {
            signs.reload();
            templates.reload();
          }}
        />
      ) : !approvedSigns || !approvedTemplates || phone.loading ? (
        <Loading />
      ) : approvedSigns.length === 0 ? (
        <Empty act={act}>{words.send.noSigns}</Empty>
      ) : approvedTemplates.length === 0 ? (
        <Empty act={act}>{words.send.noTemplates}</Empty>
      ) : (
        <SendForm signs={approvedSigns} templates={approvedTemplates} sandbox={phone.answer?.number} />
      )}
    </Page>
  );
}

/** Types of a template's variables as the platform reads them. */
function rulesOf(template: Template): VariableRules {
  const byName = new Map(
    Object.entries(template.variables).flatMap(([name, typeName]) => {
      const type = lookUp(VARIABLE_TYPES, typeName);
      return type ? [[name, type] as const] : [];
    }),
  );
  return { byName, otherwise: defaultVariableType(template.kind) };
}

function parsed(template: Template | undefined): ParsedTemplate {
  const outcome = parseTemplate(template?.content ?? '');
  return outcome.ok ? outcome.template : { literals: [template?.content ?? ''], variables: [] };
}

function SendForm({
  signs,
  templates,
  sandbox,
}: {
  signs: readonly Signature[];
  templates: readonly Template[];
  /** Number of the sandbox phone; known before the form is shown, so that it never arrives under someone's typing. */
  sandbox: string | undefined;
}) {
  const words = useWords();
  const tenantId = useTenantId();
  const draft = useDraft<Draft>(`send.${tenantId}`);
  const [form] = Form.useForm<Draft>();
  const first: Partial<Draft> = {
    signName: signs[0]?.name ?? '',
    templateCode: templates[0]?.code ?? '',
    templateParams: {},
    ...(sandbox === undefined ? {} : { phone: sandbox }),
  };
  const [values, setValues] = useState<Partial<Draft>>({ ...first, ...draft.initial });
  const [sent, setSent] = useState<Sent>();

  const template = templates.find(({ code }) => code === values.templateCode);
  const { literals, variables } = parsed(template);
  const names = [...new Set(variables)];
  const params = values.templateParams ?? {};
  const text = literals
    .map((literal, index) => {
      const name = variables[index];
      return literal + (name === undefined ? '' : params[name] || `\${${name}}`);
    })
    .join('');
  const open = names.some((name) => !params[name]);

  const check = (name: string) => async (_: unknown, value: string | undefined) => {
    if (!template) return;
    const alone = { literals: ['', ''], variables: [name] };
    const outcome = renderTemplate(alone, { [name]: value ?? '' }, rulesOf(template));
    if (!outcome.ok) throw new Error(words.send.problem[outcome.problem]);
  };

  const submit = async ({ phone, signName, templateCode, templateParams = {}, outId }: Draft) => {
    setSent(undefined);
    const wanted = Object.fromEntries(names.map((name) => [name, templateParams[name] ?? '']));
    const outcome = await call(operations.sendTest, {
      params: { tenantId },
      body: {
        phone: phone.trim(),
        signName,
        templateCode,
        templateParams: wanted,
        ...(outId ? { outId } : {}),
      },
    });
    if (!outcome.ok) return outcome.problem;
    setSent(outcome.answer);
    return outcome.answer.code === 'OK' ? undefined : 'not yet';
  };

  return (
    <div className="form-and-preview">
      <div className="stack">
        {sent ? <SentNote sent={sent} /> : null}
        <div className="panel">
          <Sheet<Draft>
            form={form}
            label={words.send.title}
            initial={first}
            draft={draft}
            labels={{
              phone: words.send.phone,
              signName: words.send.sign,
              templateCode: words.send.template,
              outId: words.send.outId,
            }}
            submitWord={words.send.submit}
            onSubmit={submit}
            onValues={setValues}
          >
            <Form.Item
              name="phone"
              label={words.send.phone}
              extra={
                <>
                  {words.send.phoneRule}
                  {sandbox !== undefined && values.phone !== sandbox ? (
                    <button
                      type="button"
                      className="plain-button"
                      onClick={() => {
                        form.setFieldValue('phone', sandbox);
                        setValues({ ...values, phone: sandbox });
                      }}
                    >
                      {words.send.useSandbox}
                    </button>
                  ) : null}
                </>
              }
              rules={[
                { required: true, message: words.common.required },
                { pattern: /^\s*\+?\d{3,20}\s*$/, message: words.send.phoneBad },
              ]}
            >
              <Input inputMode="tel" maxLength={32} className="mono" />
            </Form.Item>
            <Form.Item
              name="signName"
              label={words.send.sign}
              extra={words.send.signRule}
              rules={[{ required: true, message: words.common.required }]}
            >
              <Select showSearch options={signs.map(({ name }) => ({ value: name, label: `【${name}】` }))} />
            </Form.Item>
            <Form.Item
              name="templateCode"
              label={words.send.template}
              extra={words.send.templateRule}
              rules={[{ required: true, message: words.common.required }]}
            >
              <Select
                showSearch={{ optionFilterProp: 'label' }}
                options={templates.map(({ code, name, kind }) => ({
                  value: code,
                  label: `${name} · ${words.kind[kind]} · ${code}`,
                }))}
              />
            </Form.Item>
            {names.length === 0 ? (
              <p className="soft" style={{ marginBottom: 16 }}>
                {words.send.noVariables}
              </p>
            ) : (
              <fieldset style={{ border: 0, padding: 0, margin: 0, minWidth: 0 }}>
                <legend className="soft">{words.send.variables}</legend>
                {names.map((name) => (
                  <VariableField
                    key={name}
                    name={name}
                    rules={template ? rulesOf(template) : undefined}
                    check={check(name)}
                  />
                ))}
              </fieldset>
            )}
            <Form.Item name="outId" label={words.send.outId} extra={words.send.outIdRule}>
              <Input maxLength={256} />
            </Form.Item>
          </Sheet>
        </div>
      </div>
      <div className="sticky-side">
        <PhonePreview
          signName={values.signName ?? ''}
          content={text}
          domestic={template?.kind !== 'international'}
          variablesOpen={open}
        />
      </div>
    </div>
  );
}

function VariableField({
  name,
  rules,
  check,
}: {
  name: string;
  rules: VariableRules | undefined;
  check: (_: unknown, value: string | undefined) => Promise<void>;
}) {
  const words = useWords();
  const type = rules?.byName.get(name) ?? rules?.otherwise;
  return (
    <Form.Item
      name={['templateParams', name]}
      label={<code>{name}</code>}
      extra={
        type
          ? `${words.registration.types[type.name]} · ${words.registration.variableRule(type.minCharacters, type.maxCharacters)}`
          : undefined
      }
      rules={[{ required: true, message: words.send.problem.missing }, { validator: check }]}
      validateFirst
    >
      <Input maxLength={500} />
    </Form.Item>
  );
}

function SentNote({ sent }: { sent: Sent }) {
  const words = useWords();
  const tenantId = useTenantId();
  if (sent.code === 'OK' && sent.bizId !== null) {
    return (
      <Note tone="good" title={words.send.accepted}>
        <p>{words.send.acceptedHint}</p>
        <div className="row">
          <Copyable text={sent.bizId} what={words.messages.bizId} />
          <a href={writePlace(`/t/${tenantId}/messages`, { search: sent.bizId })}>{words.send.seeLife}</a>
        </div>
      </Note>
    );
  }
  return (
    <Note tone="bad" title={words.send.refusedTitle}>
      <p>
        <CodeText code={sent.code} />
      </p>
      <p>{sent.message}</p>
      <p>
        <a href={writePlace(`/t/${tenantId}/refusals`)}>{words.send.refusedHint}</a>
      </p>
    </Note>
  );
}
