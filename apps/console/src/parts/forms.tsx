import type { FormInstance } from 'antd';
import { Button, Form, Input, Modal } from 'antd';
import { type ReactNode, useCallback, useEffect, useState } from 'react';
import type { Trouble } from '../api/call.ts';
import { useWords } from '../words/use-words.ts';
import { Note, ProblemNote } from './notes.tsx';

const DRAFTS = 'signet.draft.';

/** What was typed into a form, kept for this tab under a name until {@link Draft.forget}; passwords never go in. */
export type Draft<T> = { initial: Partial<T>; keep: (values: Partial<T>) => void; forget: () => void };

export function useDraft<T>(name: string): Draft<T> {
  const key = DRAFTS + name;
  const [initial] = useState<Partial<T>>(() => readDraft<T>(sessionStorage.getItem(key)));
  const keep = useCallback(
    (values: Partial<T>) => sessionStorage.setItem(key, JSON.stringify(values)),
    [key],
  );
  const forget = useCallback(() => sessionStorage.removeItem(key), [key]);
  return { initial, keep, forget };
}

function readDraft<T>(stored: string | null): Partial<T> {
  try {
    const value: unknown = JSON.parse(stored ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Partial<T>) : {};
  } catch {
    return {};
  }
}

/** Called on sign-out: a draft may hold a phone number. */
export function forgetDrafts(): void {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(DRAFTS)) sessionStorage.removeItem(key);
}

/** Puts the problem's words beside the fields they belong to; what names no field of the form stays for the summary. */
export function showFieldProblems<T>(form: FormInstance<T>, problem: Trouble): void {
  const known = new Set(Object.keys(form.getFieldsValue(true) as object));
  const fields = (problem.fields ?? [])
    .map(({ path, detail }) => ({
      name: path.replace(/^\/?(body[./])?/, '').split(/[./]/),
      errors: [detail],
    }))
    .filter(({ name }) => known.has(name[0] ?? ''));
  form.setFields(fields as unknown as Parameters<typeof form.setFields>[0]);
}

/**
 * For the `onMouseDown` of a button that submits: pressing it would leave the field, whose check may add a line that
 * moves the button away from under the pointer, and the click would be lost.
 */
export function stayInField(event: { preventDefault(): void }): void {
  event.preventDefault();
}

export type FieldError = { name: readonly (string | number)[]; label: string; error: string };

/** What is wrong in the form, above it, each line leading to its field. */
export function ErrorSummary({
  errors,
  onPick,
}: {
  errors: readonly FieldError[];
  onPick: (e: FieldError) => void;
}) {
  const words = useWords();
  if (errors.length === 0) return null;
  return (
    <Note tone="bad" title={words.common.formHasErrors}>
      <ul>
        {errors.map((error) => (
          <li key={error.name.join('.')}>
            <Button
              type="link"
              size="small"
              style={{ padding: 0, color: 'inherit' }}
              onClick={() => onPick(error)}
            >
              <span style={{ textDecoration: 'underline' }}>
                {error.label}
                {words.common.colon}
                {error.error}
              </span>
            </Button>
          </li>
        ))}
      </ul>
    </Note>
  );
}

type SheetProps<T extends object> = {
  form: FormInstance<T>;
  /** Names the form for assistive technology. */
  label: string;
  initial: Partial<T>;
  draft?: Draft<T>;
  /** Never written into the draft. */
  secretFields?: readonly (keyof T & string)[];
  labels: Readonly<Record<string, string>>;
  submitWord: string;
  /** Why submitting is not possible now; undefined when it is. */
  blocked?: string | undefined;
  onSubmit: (values: T) => Promise<Trouble | 'not yet' | undefined>;
  onValues?: (values: T) => void;
  beside?: ReactNode;
  children: ReactNode;
};

/**
 * One-column form: labels above, rules under the field, each field checked on leaving it, errors beside their field and
 * summarised on top, the draft kept. `onSubmit` answers the problem, `not yet` when it told the problem itself, or
 * undefined when done.
 */
export function Sheet<T extends object>({
  form,
  label,
  initial,
  draft,
  secretFields = [],
  labels,
  submitWord,
  blocked,
  onSubmit,
  onValues,
  beside,
  children,
}: SheetProps<T>) {
  const words = useWords();
  const [errors, setErrors] = useState<readonly FieldError[]>([]);
  const [problem, setProblem] = useState<Trouble>();
  const [busy, setBusy] = useState(false);
  const submit = async (values: T) => {
    setErrors([]);
    setProblem(undefined);
    setBusy(true);
    const trouble = await onSubmit(values);
    setBusy(false);
    if (trouble === 'not yet') return;
    if (trouble) {
      setProblem(trouble);
      showFieldProblems(form, trouble);
    } else draft?.forget();
  };
  return (
    <Form<T>
      form={form}
      name={label}
      aria-label={label}
      layout="vertical"
      requiredMark={(text, { required }) =>
        required ? (
          text
        ) : (
          <span>
            {text} <span className="soft small">({words.common.optional})</span>
          </span>
        )
      }
      validateTrigger="onBlur"
      initialValues={{ ...initial, ...draft?.initial }}
      onValuesChange={(_, values) => {
        const kept = { ...values };
        for (const name of secretFields) delete kept[name];
        draft?.keep(kept);
        onValues?.(values);
      }}
      onFinish={submit}
      onFinishFailed={({ errorFields }) =>
        setErrors(
          errorFields.map(({ name, errors: [error = ''] }) => ({
            name,
            label:
              labels[String(name[0])] === undefined ? String(name.at(-1)) : (labels[String(name[0])] ?? ''),
            error,
          })),
        )
      }
      autoComplete="off"
    >
      <div className="stack">
        <ErrorSummary errors={errors} onPick={({ name }) => form.getFieldInstance([...name])?.focus?.()} />
        {problem ? <ProblemNote problem={problem} /> : null}
        <div>{children}</div>
        <div className="stack-tight">
          <div className="row">
            <Button
              type="primary"
              htmlType="submit"
              loading={busy}
              disabled={blocked !== undefined}
              onMouseDown={stayInField}
            >
              {submitWord}
            </Button>
            {beside}
          </div>
          {blocked === undefined ? null : <p className="soft">{blocked}</p>}
          {draft ? <p className="soft small">{words.common.draftKept}</p> : null}
        </div>
      </div>
    </Form>
  );
}

/** Asks before an act that needs a reason; `act` answers the problem, or undefined when done. */
export function ReasonDialog({
  title,
  lead,
  rule,
  actWord,
  danger = false,
  open,
  onClose,
  act,
}: {
  title: string;
  lead: string;
  rule?: string;
  actWord: string;
  danger?: boolean;
  open: boolean;
  onClose: () => void;
  act: (reason: string) => Promise<Trouble | undefined>;
}) {
  const words = useWords();
  const [form] = Form.useForm<{ reason: string }>();
  const [problem, setProblem] = useState<Trouble>();
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    if (open) setProblem(undefined);
  }, [open]);
  const submit = async ({ reason }: { reason: string }) => {
    setBusy(true);
    const trouble = await act(reason.trim());
    setBusy(false);
    setProblem(trouble);
    if (!trouble) {
      form.resetFields();
      onClose();
    }
  };
  return (
    <Modal
      open={open}
      title={title}
      onCancel={onClose}
      okText={actWord}
      cancelText={words.common.cancel}
      okButtonProps={{ danger, loading: busy, onMouseDown: stayInField }}
      onOk={() => form.submit()}
      destroyOnHidden
    >
      <div className="stack">
        <p>{lead}</p>
        {problem ? <ProblemNote problem={problem} /> : null}
        <Form form={form} layout="vertical" onFinish={submit} validateTrigger="onBlur" requiredMark={false}>
          <Form.Item
            name="reason"
            label={words.common.reason}
            extra={rule ?? words.common.reasonRule}
            rules={[{ required: true, whitespace: true, min: 2, message: words.common.reasonShort }]}
          >
            <Input.TextArea rows={3} maxLength={500} autoFocus />
          </Form.Item>
        </Form>
      </div>
    </Modal>
  );
}
