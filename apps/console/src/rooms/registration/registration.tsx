import { operations } from '@signet/contract';
import { App, Button } from 'antd';
import { call } from '../../api/call.ts';
import { liveAddress } from '../../api/live.ts';
import type { Qualification, Signature, Template } from '../../api/types.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { usePlace, writePlace } from '../../location.ts';
import { Copyable } from '../../parts/copy.tsx';
import { DangerButton } from '../../parts/danger.tsx';
import { Empty } from '../../parts/notes.tsx';
import { Page, Tabs } from '../../parts/page.tsx';
import { AllRecords } from '../../parts/paged.tsx';
import type { Column } from '../../parts/records.tsx';
import { StatusTag } from '../../parts/status-tag.tsx';
import { Time } from '../../parts/time.tsx';
import { lookUp, useWords } from '../../words/use-words.ts';
import type { Words } from '../../words/zh-CN.ts';
import { useMay, useTenantId } from '../session/session.ts';

export default function RegistrationRoom() {
  const words = useWords();
  const may = useMay();
  const { path, query } = usePlace();
  const r = words.registration;
  const tab = query.tab ?? 'templates';
  const tabs = [
    { key: 'qualifications', label: r.qualifications, seen: may(operations.listQualifications) },
    { key: 'signatures', label: r.signatures, seen: may(operations.listSignatures) },
    { key: 'templates', label: r.templates, seen: true },
  ].filter(({ seen }) => seen);
  return (
    <Page title={r.title} lead={r.order}>
      <Tabs
        label={r.title}
        tabs={tabs.map(({ key, label }) => ({
          href: writePlace(path, { tab: key }),
          label,
          current: key === tab,
        }))}
      />
      {tab === 'qualifications' ? <Qualifications /> : tab === 'signatures' ? <Signatures /> : <Templates />}
    </Page>
  );
}

type Reviewed = Pick<Qualification, 'state' | 'reason' | 'createdAt' | 'decidedAt'>;

function reviewColumns<T extends Reviewed>(words: Words): Column<T>[] {
  const r = words.registration;
  return [
    {
      key: 'state',
      title: r.state,
      render: ({ state, reason }) => (
        <div className="state-and-reason">
          <StatusTag kind="approval" state={state} />
          {reason === null ? null : (
            <p className="small">
              <span className="soft">{r.reviewReason}</span> {reason}
            </p>
          )}
        </div>
      ),
    },
    { key: 'createdAt', title: r.createdAt, render: ({ createdAt }) => <Time at={createdAt} stacked /> },
    {
      key: 'decidedAt',
      title: r.decidedAt,
      render: ({ decidedAt }) =>
        decidedAt === null ? <span className="soft">–</span> : <Time at={decidedAt} stacked />,
    },
  ];
}

function NewButton({ kind, word }: { kind: string; word: string }) {
  const tenantId = useTenantId();
  return (
    <Button type="primary" href={writePlace(`/t/${tenantId}/registration/${kind}`)}>
      {word}
    </Button>
  );
}

function Qualifications() {
  const words = useWords();
  const may = useMay();
  const tenantId = useTenantId();
  const r = words.registration;
  const loaded = useAnswer(
    operations.listQualifications,
    { params: { tenantId } },
    {
      live: liveAddress('tenant', tenantId),
    },
  );
  const create = may(operations.createQualification) ? (
    <NewButton kind="qualification" word={r.newQualification} />
  ) : null;
  const columns: Column<Qualification>[] = [
    { key: 'name', title: r.name, render: ({ name }) => <strong>{name}</strong> },
    { key: 'company', title: r.company, render: ({ company }) => company },
    { key: 'creditCode', title: r.creditCode, render: ({ creditCode }) => <code>{creditCode}</code> },
    { key: 'ownUse', title: r.ownUse, render: ({ ownUse }) => (ownUse ? r.ownUseYes : r.ownUseNo) },
    ...reviewColumns<Qualification>(words),
  ];
  return (
    <div className="stack-tight">
      {(loaded.answer?.items.length ?? 0) > 0 ? <div>{create}</div> : null}
      <AllRecords
        label={r.qualifications}
        loaded={loaded}
        columns={columns}
        keyOf={({ id }) => id}
        empty={<Empty act={create}>{r.emptyQualifications}</Empty>}
      />
    </div>
  );
}

function Signatures() {
  const words = useWords();
  const may = useMay();
  const tenantId = useTenantId();
  const { message } = App.useApp();
  const r = words.registration;
  const loaded = useAnswer(
    operations.listSignatures,
    { params: { tenantId } },
    {
      live: liveAddress('tenant', tenantId),
    },
  );
  const create = may(operations.createSignature) ? (
    <NewButton kind="signature" word={r.newSignature} />
  ) : null;
  const columns: Column<Signature>[] = [
    { key: 'name', title: r.signName, render: ({ name }) => <strong>【{name}】</strong> },
    { key: 'source', title: r.signSource, render: ({ source }) => r.sources[source] ?? source },
    { key: 'scope', title: r.scope, render: ({ codeOnly }) => (codeOnly ? r.codeOnly : r.general) },
    ...reviewColumns<Signature>(words),
  ];
  if (may(operations.deleteSignature)) {
    columns.push({
      key: 'acts',
      acts: true,
      title: words.common.actions,
      render: ({ id, name }) => (
        <DangerButton
          word={words.common.delete}
          title={r.deleteSign(name)}
          lead={r.deleteSignLead}
          act={async () => {
            const outcome = await call(operations.deleteSignature, { params: { tenantId, id } });
            if (!outcome.ok) return outcome.problem;
            message.success(r.deleted);
            loaded.reload();
            return undefined;
          }}
        />
      ),
    });
  }
  return (
    <div className="stack-tight">
      {(loaded.answer?.items.length ?? 0) > 0 ? <div>{create}</div> : null}
      <AllRecords
        label={r.signatures}
        loaded={loaded}
        columns={columns}
        keyOf={({ id }) => id}
        empty={<Empty act={create}>{r.emptySignatures}</Empty>}
      />
    </div>
  );
}

function Templates() {
  const words = useWords();
  const may = useMay();
  const tenantId = useTenantId();
  const { message } = App.useApp();
  const r = words.registration;
  const loaded = useAnswer(
    operations.listTemplates,
    { params: { tenantId } },
    {
      live: liveAddress('tenant', tenantId),
    },
  );
  const create = may(operations.createTemplate) ? <NewButton kind="template" word={r.newTemplate} /> : null;
  const columns: Column<Template>[] = [
    { key: 'name', title: r.templateName, render: ({ name }) => <strong>{name}</strong> },
    {
      key: 'code',
      title: r.templateCode,
      render: ({ code }) => <Copyable text={code} what={r.templateCode} />,
    },
    { key: 'kind', title: r.kind, render: ({ kind }) => words.kind[kind] },
    {
      key: 'content',
      title: r.content,
      wide: true,
      render: ({ content }) => <span className="breaks">{content}</span>,
    },
    { key: 'variables', title: r.variables, render: ({ variables }) => <Variables variables={variables} /> },
    ...reviewColumns<Template>(words),
  ];
  if (may(operations.deleteTemplate) || may(operations.updateTemplate)) {
    columns.push({
      key: 'acts',
      acts: true,
      title: words.common.actions,
      render: (template) => (
        <div className="stack-tight">
          {may(operations.updateTemplate) ? <EditLink template={template} /> : null}
          {may(operations.deleteTemplate) ? (
            <DangerButton
              word={words.common.delete}
              title={r.deleteTemplateTitle(template.name)}
              lead={r.deleteTemplateLead}
              act={async () => {
                const outcome = await call(operations.deleteTemplate, {
                  params: { tenantId, id: template.id },
                });
                if (!outcome.ok) return outcome.problem;
                message.success(r.deleted);
                loaded.reload();
                return undefined;
              }}
            />
          ) : null}
        </div>
      ),
    });
  }
  return (
    <div className="stack-tight">
      {(loaded.answer?.items.length ?? 0) > 0 ? <div>{create}</div> : null}
      <AllRecords
        label={r.templates}
        loaded={loaded}
        columns={columns}
        keyOf={({ id }) => id}
        empty={<Empty act={create}>{r.emptyTemplates}</Empty>}
      />
    </div>
  );
}

function Variables({ variables }: { variables: Template['variables'] }) {
  const words = useWords();
  const entries = Object.entries(variables);
  if (entries.length === 0) return <span className="soft">–</span>;
  return (
    <ul>
      {entries.map(([name, type]) => (
        <li key={name}>
          <code>{name}</code> {lookUp(words.registration.types, type) ?? type}
        </li>
      ))}
    </ul>
  );
}

function EditLink({ template: { id, name, state } }: { template: Template }) {
  const words = useWords();
  const tenantId = useTenantId();
  if (state === 'approved' || state === 'in_review') {
    return (
      <span className="soft small" style={{ whiteSpace: 'normal' }}>
        {state === 'approved' ? words.registration.approvedLocked : words.registration.inReviewLocked}
      </span>
    );
  }
  return (
    <span>
      <Button
        size="small"
        href={writePlace(`/t/${tenantId}/registration/template`, { id })}
        aria-label={`${words.common.edit} ${name}`}
      >
        {words.common.edit}
      </Button>
    </span>
  );
}
