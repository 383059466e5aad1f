import { operations } from '@signet/contract';
import { Button } from 'antd';
import type { ReactNode } from 'react';
import type { Answer } from '../../api/call.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { writePlace } from '../../location.ts';
import { CopyButton } from '../../parts/copy.tsx';
import { DayChart } from '../../parts/day-chart.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/notes.tsx';
import { Page, Panel } from '../../parts/page.tsx';
import { PlainTable } from '../../parts/records.tsx';
import { StatusTag } from '../../parts/status-tag.tsx';
import { useSpeech, useWords } from '../../words/use-words.ts';
import { useMay, useSession, useTenantId } from '../session/session.ts';
import { sampleParams, sdkSnippet } from './snippet.ts';

type Overview = Answer<'overview'>;
const REFRESH_MS = 15_000;

export default function OverviewRoom() {
  const words = useWords();
  const tenantId = useTenantId();
  const { answer, problem, loading, reload } = useAnswer(
    operations.overview,
    { params: { tenantId } },
    { everyMs: REFRESH_MS },
  );
  return (
    <Page title={words.overview.title}>
      <div className="stack">
        {problem ? <ProblemNote problem={problem} retry={reload} stale={answer !== undefined} /> : null}
        {answer === undefined && loading ? <Loading /> : null}
        {answer ? (
          <>
            <Tiles overview={answer} />
            <div className="columns">
              <Days days={answer.days} />
              <Waiting overview={answer} />
            </div>
          </>
        ) : null}
        <FirstSteps />
      </div>
    </Page>
  );
}

function Tiles({ overview: { days, held, inReview } }: { overview: Overview }) {
  const { words, language } = useSpeech();
  const today = days.at(-1);
  const finished = (today?.delivered ?? 0) + (today?.failed ?? 0);
  const n = (value: number) => value.toLocaleString(language);
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 });
  return (
    <ul className="tiles">
      <Tile name={words.overview.today} value={n(today?.total ?? 0)} hint={today?.day ?? ''} />
      <Tile
        name={words.overview.delivered}
        value={n(today?.delivered ?? 0)}
        hint={
          finished === 0
            ? words.overview.noResult
            : words.overview.deliveredOf(percent.format((today?.delivered ?? 0) / finished), n(finished))
        }
      />
      <Tile name={words.overview.held} value={n(held)} hint={words.overview.heldHint} />
      <Tile name={words.overview.inReview} value={n(inReview)} hint={words.overview.inReviewHint} />
    </ul>
  );
}

function Tile({ name, value, hint }: { name: string; value: string; hint: string }) {
  return (
    <li className="panel tile">
      <span>{name}</span>
      <strong>{value}</strong>
      <span className="soft small">{hint}</span>
    </li>
  );
}

function Days({ days }: { days: Overview['days'] }) {
  const { words, language } = useSpeech();
  const tenantId = useTenantId();
  const o = words.overview;
  if (days.every(({ total }) => total === 0)) {
    return (
      <Empty act={<Button href={writePlace(`/t/${tenantId}/send`)}>{words.messages.sendFirst}</Button>}>
        {o.empty}
      </Empty>
    );
  }
  return (
    <Panel title={o.days}>
      <DayChart
        label={o.chartLabel}
        language={language}
        bars={days.map(({ day, delivered, failed, waiting }) => ({
          label: day,
          parts: [
            { name: o.deliveredShort, tone: 'good', value: delivered },
            { name: o.failed, tone: 'bad', value: failed },
            { name: o.waiting, tone: 'warn', value: waiting },
          ],
        }))}
      />
      <PlainTable label={o.days}>
        <thead>
          <tr>
            <th scope="col">{o.day}</th>
            {[o.total, o.deliveredShort, o.failed, o.waiting].map((title) => (
              <th key={title} scope="col" className="number">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...days].reverse().map(({ day, total, delivered, failed, waiting }) => (
            <tr key={day}>
              <th scope="row" className="nowrap" style={{ fontWeight: 400 }}>
                {day}
              </th>
              <td className="number">{total.toLocaleString(language)}</td>
              <td className="number">{delivered.toLocaleString(language)}</td>
              <td className="number">{failed.toLocaleString(language)}</td>
              <td className="number">{waiting.toLocaleString(language)}</td>
            </tr>
          ))}
        </tbody>
      </PlainTable>
    </Panel>
  );
}

function Waiting({ overview: { held, inReview, webhook } }: { overview: Overview }) {
  const words = useWords();
  const may = useMay();
  const tenantId = useTenantId();
  const at = (room: string, query = {}) => writePlace(`/t/${tenantId}/${room}`, query);
  const lines: { key: string; text: ReactNode; href: string | undefined }[] = [];
  if (held > 0) {
    lines.push({
      key: 'held',
      text: `${words.overview.held}${words.common.colon}${held}`,
      href: at('messages', { state: 'held' }),
    });
  }
  if (inReview > 0) {
    lines.push({
      key: 'review',
      text: `${words.overview.inReview}${words.common.colon}${inReview}`,
      href: at('registration'),
    });
  }
  if (webhook !== 'healthy') {
    lines.push({
      key: 'webhook',
      text: webhook === 'unset' ? words.overview.webhookUnset : words.overview.webhookTrouble,
      href: may(operations.readWebhook) ? at('webhook') : undefined,
    });
  }
  return (
    <Panel
      title={words.overview.waits}
      acts={
        <span className="row">
          {words.overview.webhook} <StatusTag kind="webhook" state={webhook} />
        </span>
      }
    >
      {lines.length === 0 ? <p>{words.overview.nothingWaits}</p> : null}
      <ul className="stack-tight">
        {lines.map(({ key, text, href }) => (
          <li key={key}>{href === undefined ? text : <a href={href}>{text}</a>}</li>
        ))}
      </ul>
    </Panel>
  );
}

function FirstSteps() {
  const words = useWords();
  const may = useMay();
  const tenantId = useTenantId();
  const { tenants } = useSession();
  const sandbox = tenants.length === 0 || tenants.find(({ id }) => id === tenantId)?.sandbox === true;
  const phone = useAnswer(operations.readPhone, may(operations.readPhone) && sandbox ? {} : undefined).answer;
  const signs = useAnswer(operations.listSignatures, { params: { tenantId } }).answer?.items;
  const templates = useAnswer(operations.listTemplates, { params: { tenantId } }).answer?.items;
  const template = templates?.find(({ state }) => state === 'approved');
  const at = (room: string) => writePlace(`/t/${tenantId}/${room}`);
  const snippet = sdkSnippet({
    host: window.location.host,
    secure: window.location.protocol === 'https:',
    phone: phone?.number ?? '13800138000',
    signName: signs?.find(({ state }) => state === 'approved')?.name ?? words.registration.signName,
    templateCode: template?.code ?? 'SMS_0000000',
    params: sampleParams(template),
  });
  return (
    <Panel title={words.overview.firstSteps}>
      <ol className="stack-tight" style={{ listStyle: 'decimal', paddingLeft: 20 }}>
        <li>
          <a href={at('registration')}>{words.overview.step1}</a>
        </li>
        {may(operations.sendTest) ? (
          <li>
            <a href={at('send')}>{words.overview.step2}</a>
          </li>
        ) : null}
        {may(operations.listKeys) ? (
          <li>
            <a href={at('keys')}>{words.overview.step3}</a>
          </li>
        ) : null}
        {may(operations.readWebhook) ? (
          <li>
            <a href={at('webhook')}>{words.overview.step4}</a>
          </li>
        ) : null}
      </ol>
      <div className="row row-spread" style={{ margin: '16px 0 8px' }}>
        <h3>{words.overview.snippet}</h3>
        <CopyButton text={snippet} what={words.overview.snippet} labelled />
      </div>
      <p className="soft" style={{ marginBottom: 8 }}>
        {words.overview.snippetEnv} <code>SIGNET_ACCESS_KEY_ID</code> <code>SIGNET_ACCESS_KEY_SECRET</code>
      </p>
      <section aria-label={words.overview.snippet}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a block that scrolls must be reachable by keyboard (WCAG 2.1.1) */}
        <pre className="code-block" tabIndex={0}>
          <code>{snippet}</code>
        </pre>
      </section>
    </Panel>
  );
}
