import type { Tx } from '../../../../../platform/db.ts';
import { firstIdAt, timeOfId } from '../../../../../platform/ids.ts';
import { idRange, type MessageFilter, type Search } from '../model.ts';
import { MESSAGE_COLUMNS, REGISTRATION_JOINS, type SealedMessage } from './queries.ts';

/** Rows beyond are not counted: a total above is shown as «10,000 and more». */
export const COUNT_LIMIT = 10_000;
/** A list over millions of rows by a rare property ends here instead of keeping the store busy. */
const LIST_TIMEOUT_MS = 10_000;
// Ids of one call are made in one go, at most a few thousand, within milliseconds.
const CALL_SPAN_MS = 60_000;
const OPEN_END_MS = Date.UTC(2090, 0, 1);

const HANDED_OVER = `exists (select from segments g
  where g.tenant_id = m.tenant_id and g.message_id = m.id and g.state <> 'rejected')`;

type Condition = { sql: string[]; values: unknown[] };

export async function boundTime(tx: Tx): Promise<void> {
  await tx.query(`select set_config('statement_timeout', $1, true)`, [String(LIST_TIMEOUT_MS)]);
}

/** Messages of a tenant, newest first, below `cursor`; `numberKey` belongs to a search by number. */
export async function readList(
  tx: Tx,
  wanted: {
    tenantId: string;
    filter: MessageFilter;
    numberKey: Buffer | null;
    cursor: string | null;
    limit: number;
  },
): Promise<{ total: number; rows: (SealedMessage & { handedOver: boolean })[] }> {
  const { sql, values } = conditions(wanted.tenantId, wanted.filter, wanted.numberKey);
  const counted = await tx.query<{ total: number }>(
    `select count(*)::int as total from (select from messages m where ${sql.join(' and ')} limit ${COUNT_LIMIT}) as bounded`,
    values,
  );
  const page = [...values];
  const below = wanted.cursor === null ? '' : ` and m.id < ${place(page, wanted.cursor)}`;
  const { rows } = await tx.query<SealedMessage & { handedOver: boolean }>(
    `select ${MESSAGE_COLUMNS}, ${HANDED_OVER} as "handedOver" from messages m ${REGISTRATION_JOINS}
     where ${sql.join(' and ')}${below} order by m.id desc limit ${place(page, wanted.limit)}`,
    page,
  );
  return { total: counted.rows[0]!.total, rows };
}

function place(values: unknown[], value: unknown): string {
  values.push(value);
  return `$${values.length}`;
}

function conditions(tenantId: string, filter: MessageFilter, numberKey: Buffer | null): Condition {
  const values: unknown[] = [tenantId];
  const sql = ['m.tenant_id = $1'];
  const add = (text: (place: string) => string, value: unknown) => sql.push(text(place(values, value)));
  if (filter.search !== undefined) addSearch(filter.search, numberKey, add);
  if (filter.from !== undefined || filter.to !== undefined) {
    const range = idRange({ from: filter.from ?? 0, to: filter.to ?? OPEN_END_MS });
    add((p) => `m.id >= ${p}`, range.fromId);
    add((p) => `m.id < ${p}`, range.toId);
    add((p) => `m.accepted_at >= ${p}`, new Date(range.from));
    add((p) => `m.accepted_at < ${p}`, new Date(range.to));
  }
  if (filter.state !== undefined) {
    add((p) => `m.state = ${p}`, filter.state === 'submitted' ? 'accepted' : filter.state);
    if (filter.state === 'submitted') sql.push(HANDED_OVER);
    if (filter.state === 'accepted') sql.push(`not ${HANDED_OVER}`);
  }
  if (filter.kind !== undefined) add((p) => `m.kind = ${p}`, filter.kind);
  if (filter.templateCode !== undefined) add(ofTemplate, filter.templateCode);
  if (filter.signName !== undefined) {
    add(
      (p) => `m.signature_id in (select s.id from signatures s where s.tenant_id = $1 and s.name = ${p})`,
      filter.signName,
    );
  }
  return { sql, values };
}

const ofTemplate = (p: string): string =>
  `m.template_id in (select t.id from templates t where t.tenant_id = $1 and t.code = ${p})`;

function addSearch(
  search: Search,
  numberKey: Buffer | null,
  add: (text: (place: string) => string, value: unknown) => void,
): void {
  switch (search.by) {
    case 'message':
      add((p) => `m.id = ${p}`, search.id);
      return;
    case 'call':
      // The recipients of a call have the ids from its own on: the primary key finds them.
      add((p) => `m.id >= ${p}`, search.callId);
      add((p) => `m.id < ${p}`, firstIdAt(timeOfId(search.callId) + CALL_SPAN_MS));
      add((p) => `m.call_id = ${p}`, search.callId);
      return;
    case 'number':
      add((p) => `m.number_key = ${p}`, numberKey);
      return;
    case 'template':
      add(ofTemplate, search.code);
  }
}

export type RefusalRow = {
  id: string;
  at: Date;
  step: number;
  code: string;
  reason: string;
  requestId: string;
};

export async function readRefusals(
  tx: Tx,
  tenantId: string,
  cursor: string | null,
  limit: number,
): Promise<{ total: number; rows: RefusalRow[] }> {
  const counted = await tx.query<{ total: number }>(
    `select count(*)::int as total from (select from refusals where tenant_id = $1 limit ${COUNT_LIMIT}) as bounded`,
    [tenantId],
  );
  const { rows } = await tx.query<RefusalRow>(
    `select id, at, step, code, reason, request_id as "requestId" from refusals
     where tenant_id = $1 and ($2::bigint is null or id < $2) order by id desc limit $3`,
    [tenantId, cursor, limit],
  );
  return { total: counted.rows[0]!.total, rows };
}
