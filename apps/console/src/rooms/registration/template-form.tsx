import { MESSAGE_KINDS, operations } from '@signet/contract';
import { defaultVariableType, parseTemplate, VARIABLE_TYPES, type VariableTypeName } from '@signet/sms-text';
import { App, Form, Input, Radio, Select } from 'antd';
import { useState } from 'react';
import { call, type RequestOf } from '../../api/call.ts';
import type { MessageKind, Template } from '../../api/types.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { go, usePlace } from '../../location.ts';
import { Sheet, useDraft } from '../../parts/forms.tsx';
import { Loading, Note, ProblemNote } from '../../parts/notes.tsx';
import { Page } from '../../parts/page.tsx';
import { PhonePreview } from '../../parts/phone-preview.tsx';
import { useWords } from '../../words/use-words.ts';
import { useMay, useTenantId } from '../session/session.ts';

type Values = RequestOf<typeof operations.createTemplate>['body'];
const TYPE_NAMES = Object.keys(VARIABLE_TYPES) as VariableTypeName[];

export default function TemplateRoom() {
  const words = useWords();
  const may = useMay();
  const tenantId = useTenantId();
  const { id } = usePlace().query;
  const r = words.registration;
  const templates = useAnswer(
    operations.listTemplates,
    id === undefined ? undefined : { params: { tenantId } },
  );
  const signs = useAnswer(
    operations.listSignatures,
    may(operations.listSignatures) ? { params: { tenantId } } : undefined,
  );
  const edited = templates.answer?.items.find((template) => template.id === id);
  const problem = templates.problem ?? signs.problem;
  const ready = (id === undefined || templates.answer !== undefined) && !signs.loading;
  return (
    <Page title={id === undefined ? r.newTemplate : `${r.editTemplate} ${edited?.name ?? ''}`}>
      {problem ? (
        <ProblemNote
          problem={problem}
          retry={() => (templates.problem ? templates.reload() : signs.reload())}
        />
      ) : !ready ? (
        <Loading />
      ) : id !== undefined && edited === undefined ? (
        <Note tone="bad" title={words.problem.codes.not_found} />
      ) : (
        <TemplateForm
          edited={edited}
          signNames={(signs.answer?.items ?? [])
            .filter(({ state }) => state === 'approved')
            .map(({ name }) => name)}
        />
      )}
    </Page>
  );
}

/** Names of the variables as far as the text can be read while it is being written. */
function variablesOf(content: string): string[] {
  const outcome = parseTemplate(content);
  return outcome.ok ? [...new Set(outcome.template.variables)] : [];
}

function TemplateForm({ edited, signNames }: { edited: Template | undefined; signNames: readonly string[] }) {
  const words = useWords();
  const tenantId = useTenantId();
  const { message } = App.useApp();
  const [form] = Form.useForm<Values>();
  const draft = useDraft<Values>(`template.${tenantId}.${edited?.id ?? 'new'}`);
  const first: Partial<Values> = edited ?? {
    kind: 'code',
    content: '',
    variables: {},
    relatedSignName: signNames[0] ?? null,
    remark: '',
  };
  const [values, setValues] = useState<Partial<Values>>({ ...first, ...draft.initial });
  const r = words.registration;
  const content = values.content ?? '';
  const kind: MessageKind = values.kind ?? 'code';
  const names = variablesOf(content);

  const submit = async (typed: Values) => {
    const fallback = defaultVariableType(typed.kind).name;
    const variables = Object.fromEntries(
      variablesOf(typed.content).map((name) => [name, typed.variables?.[name] ?? fallback]),
    );
    const body: Values = {
      name: typed.name,
      kind: typed.kind,
      content: typed.content,
      relatedSignName: typed.relatedSignName ?? null,
      remark: typed.remark ?? '',
      variables,
    };
    const outcome = edited
      ? await call(operations.updateTemplate, { params: { tenantId, id: edited.id }, body })
      : await call(operations.createTemplate, { params: { tenantId }, body });
    if (!outcome.ok) return outcome.problem;
    message.success(r.submitted);
    go(`/t/${tenantId}/registration`, { tab: 'templates' });
    return undefined;
  };
  const checkContent = async (_: unknown, value: string | undefined) => {
    const outcome = parseTemplate(value ?? '');
    if (!outcome.ok) throw new Error(r.refusal[outcome.reason]);
  };

  return (
    <div className="form-and-preview">
      <div className="panel">
        <Sheet<Values>
          form={form}
          label={edited ? r.editTemplate : r.newTemplate}
          initial={pickFields(first)}
          draft={draft}
          labels={{ name: r.templateName, kind: r.kind, content: r.content, remark: r.remark }}
          submitWord={r.submit}
          onSubmit={submit}
          onValues={setValues}
        >
          <Form.Item
            name="name"
            label={r.templateName}
            extra={r.templateNameRule}
            rules={[{ required: true, whitespace: true, message: words.common.required }]}
          >
            <Input maxLength={30} />
          </Form.Item>
          <Form.Item name="kind" label={r.kind} extra={r.kindLocked} rules={[{ required: true }]}>
            <Radio.Group options={MESSAGE_KINDS.map((value) => ({ value, label: words.kind[value] }))} />
          </Form.Item>
          <Form.Item
            name="content"
            label={r.content}
            extra={`${r.contentRule} · ${words.common.characters(content.length, 500)}`}
            rules={[{ required: true, message: r.refusal.empty }, { validator: checkContent }]}
            validateFirst
          >
            <Input.TextArea rows={5} maxLength={500} />
          </Form.Item>
          {names.map((name) => (
            <VariableTypeField key={name} name={name} kind={kind} chosen={values.variables?.[name]} />
          ))}
          <Form.Item name="relatedSignName" label={r.relatedSign} extra={r.relatedSignRule}>
            <Select
              allowClear
              placeholder={r.noRelatedSign}
              options={signNames.map((name) => ({ value: name, label: `【${name}】` }))}
            />
          </Form.Item>
          <Form.Item name="remark" label={r.remark} extra={r.remarkRule}>
            <Input.TextArea rows={3} maxLength={200} />
          </Form.Item>
        </Sheet>
      </div>
      <div className="sticky-side">
        <PhonePreview
          signName={values.relatedSignName ?? ''}
          content={content}
          domestic={kind !== 'international'}
          variablesOpen={names.length > 0}
        />
      </div>
    </div>
  );
}

function pickFields({
  name,
  kind,
  content,
  variables,
  relatedSignName,
  remark,
}: Partial<Values>): Partial<Values> {
  return {
    ...(name === undefined ? {} : { name }),
    ...(kind === undefined ? {} : { kind }),
    content: content ?? '',
    variables: variables ?? {},
    relatedSignName: relatedSignName ?? null,
    remark: remark ?? '',
  };
}

function VariableTypeField({
  name,
  kind,
  chosen,
}: {
  name: string;
  kind: MessageKind;
  chosen: string | undefined;
}) {
  const words = useWords();
  const r = words.registration;
  const type =
    VARIABLE_TYPES[TYPE_NAMES.find((typeName) => typeName === chosen) ?? defaultVariableType(kind).name];
  return (
    <Form.Item
      name={['variables', name]}
      label={r.variableType(name)}
      extra={`${r.types[type.name]} · ${r.variableRule(type.minCharacters, type.maxCharacters)}`}
    >
      <Select
        showSearch={{ optionFilterProp: 'label' }}
        placeholder={r.types[defaultVariableType(kind).name]}
        options={TYPE_NAMES.map((value) => ({ value, label: r.types[value] }))}
      />
    </Form.Item>
  );
}
