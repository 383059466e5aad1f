import {
  CheckCircleOutlined,
  ClockCircleOutlined,
  CloseCircleOutlined,
  DisconnectOutlined,
  EyeOutlined,
  HourglassOutlined,
  LinkOutlined,
  LoadingOutlined,
  MinusCircleOutlined,
  PauseCircleOutlined,
  QuestionCircleOutlined,
  SendOutlined,
  StopOutlined,
  ThunderboltOutlined,
  UndoOutlined,
  WarningOutlined,
} from '@ant-design/icons';
import type { ComponentType, ReactNode } from 'react';
import type {
  AccessKey,
  Attempt,
  Carrier,
  Delivery,
  Message,
  Qualification,
  Review,
  Step,
  Tenant,
  Verdict,
  Webhook,
} from '../api/types.ts';
import type { Tone } from '../theme.ts';
import { useWords } from '../words/use-words.ts';
import type { Words } from '../words/zh-CN.ts';

type Look = { tone: Tone; icon: ComponentType };

/** The states of each kind of thing that has one, as the contract names them. */
export type States = {
  message: Message['state'];
  approval: Qualification['state'];
  attempt: Attempt['state'];
  step: Step['outcome'];
  verdict: Verdict;
  key: AccessKey['state'];
  review: Review['state'];
  link: Carrier['link'];
  webhook: Webhook['state'];
  delivery: Delivery['state'];
  tenant: Tenant['state'];
  enabled: 'on' | 'off';
};

/** The one table of looks: a state that the contract adds and this table lacks does not compile. */
export const LOOKS: { [K in keyof States]: Record<States[K], Look> } = {
  message: {
    held: { tone: 'warn', icon: EyeOutlined },
    accepted: { tone: 'busy', icon: ClockCircleOutlined },
    submitted: { tone: 'busy', icon: SendOutlined },
    in_doubt: { tone: 'warn', icon: QuestionCircleOutlined },
    delivered: { tone: 'good', icon: CheckCircleOutlined },
    undelivered: { tone: 'bad', icon: CloseCircleOutlined },
    refused: { tone: 'bad', icon: StopOutlined },
    expired: { tone: 'bad', icon: HourglassOutlined },
  },
  approval: {
    in_review: { tone: 'busy', icon: ClockCircleOutlined },
    approved: { tone: 'good', icon: CheckCircleOutlined },
    rejected: { tone: 'bad', icon: CloseCircleOutlined },
    withdrawn: { tone: 'quiet', icon: UndoOutlined },
  },
  attempt: {
    intended: { tone: 'quiet', icon: ClockCircleOutlined },
    accepted: { tone: 'busy', icon: SendOutlined },
    rejected: { tone: 'bad', icon: StopOutlined },
    unknown: { tone: 'warn', icon: QuestionCircleOutlined },
    delivered: { tone: 'good', icon: CheckCircleOutlined },
    undelivered: { tone: 'bad', icon: CloseCircleOutlined },
    expired: { tone: 'bad', icon: HourglassOutlined },
  },
  step: {
    done: { tone: 'good', icon: CheckCircleOutlined },
    waiting: { tone: 'busy', icon: ClockCircleOutlined },
    refused: { tone: 'bad', icon: StopOutlined },
    skipped: { tone: 'quiet', icon: MinusCircleOutlined },
  },
  verdict: {
    pass: { tone: 'good', icon: CheckCircleOutlined },
    review: { tone: 'warn', icon: EyeOutlined },
    block: { tone: 'bad', icon: StopOutlined },
  },
  key: {
    active: { tone: 'good', icon: CheckCircleOutlined },
    inactive: { tone: 'quiet', icon: PauseCircleOutlined },
  },
  review: {
    open: { tone: 'busy', icon: ClockCircleOutlined },
    approved: { tone: 'good', icon: CheckCircleOutlined },
    rejected: { tone: 'bad', icon: CloseCircleOutlined },
    lapsed: { tone: 'quiet', icon: HourglassOutlined },
  },
  link: {
    connecting: { tone: 'busy', icon: LoadingOutlined },
    bound: { tone: 'good', icon: LinkOutlined },
    throttled: { tone: 'warn', icon: ThunderboltOutlined },
    closing: { tone: 'quiet', icon: DisconnectOutlined },
    closed: { tone: 'bad', icon: DisconnectOutlined },
  },
  webhook: {
    healthy: { tone: 'good', icon: CheckCircleOutlined },
    retrying: { tone: 'warn', icon: WarningOutlined },
    failing: { tone: 'bad', icon: CloseCircleOutlined },
    unset: { tone: 'quiet', icon: MinusCircleOutlined },
  },
  delivery: {
    waiting: { tone: 'busy', icon: ClockCircleOutlined },
    delivered: { tone: 'good', icon: CheckCircleOutlined },
    dead: { tone: 'bad', icon: CloseCircleOutlined },
  },
  tenant: {
    active: { tone: 'good', icon: CheckCircleOutlined },
    frozen: { tone: 'bad', icon: StopOutlined },
  },
  enabled: {
    on: { tone: 'good', icon: CheckCircleOutlined },
    off: { tone: 'quiet', icon: PauseCircleOutlined },
  },
};

/** Words of a state; the type ties the table of words to the table of looks. */
export function stateWord<K extends keyof States>(words: Words, kind: K, state: States[K]): string {
  const tables: { [T in keyof States]: Record<States[T], string> } = words.status;
  return tables[kind][state];
}

export function StatusTag<K extends keyof States>({ kind, state }: { kind: K; state: States[K] }) {
  const words = useWords();
  const { tone, icon: Icon } = LOOKS[kind][state];
  return (
    <Tag tone={tone} icon={<Icon />}>
      {stateWord(words, kind, state)}
    </Tag>
  );
}

export function Tag({ tone, icon, children }: { tone: Tone; icon: ReactNode; children: ReactNode }) {
  return (
    <span className={`tag tone-${tone}`}>
      <span aria-hidden="true">{icon}</span>
      <span>{children}</span>
    </span>
  );
}
