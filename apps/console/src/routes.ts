import {
  ApiOutlined,
  AuditOutlined,
  ClusterOutlined,
  DashboardOutlined,
  FileProtectOutlined,
  KeyOutlined,
  MailOutlined,
  MessageOutlined,
  MobileOutlined,
  SafetyCertificateOutlined,
  SendOutlined,
  StopOutlined,
  TeamOutlined,
} from '@ant-design/icons';
import { type OperationName, type Operations, operations } from '@signet/contract';
import { type ComponentType, lazy } from 'react';
import type { Words } from './words/zh-CN.ts';

export type Group = keyof Words['shell']['groups'];

export type Route = {
  /** Pattern of the address; those with `:tenantId` belong to a tenant. */
  pattern: string;
  /** Operation without which the room would be empty: who may not call it does not see the room. */
  needs: Operations[OperationName] | null;
  room: ComponentType;
  nav?: { group: Group; word: keyof Words['rooms']; icon: ComponentType };
  /** Room in whose place the navigation stands for a page below it. */
  under?: string;
};

/** Every page of the console, in the order of the navigation. */
export const ROUTES: readonly Route[] = [
  {
    pattern: '/t/:tenantId/overview',
    needs: operations.overview,
    room: lazy(() => import('./rooms/overview/overview.tsx')),
    nav: { group: 'work', word: 'overview', icon: DashboardOutlined },
  },
  {
    pattern: '/t/:tenantId/send',
    needs: operations.sendTest,
    room: lazy(() => import('./rooms/send/send.tsx')),
    nav: { group: 'work', word: 'send', icon: SendOutlined },
  },
  {
    pattern: '/t/:tenantId/messages',
    needs: operations.listMessages,
    room: lazy(() => import('./rooms/messages/message-list.tsx')),
    nav: { group: 'work', word: 'messages', icon: MessageOutlined },
  },
  {
    pattern: '/t/:tenantId/messages/:id',
    needs: operations.readMessage,
    room: lazy(() => import('./rooms/messages/message-page.tsx')),
    under: '/t/:tenantId/messages',
  },
  {
    pattern: '/t/:tenantId/refusals',
    needs: operations.listRefusals,
    room: lazy(() => import('./rooms/messages/refusals.tsx')),
    nav: { group: 'work', word: 'refusals', icon: StopOutlined },
  },
  {
    pattern: '/t/:tenantId/inbound',
    needs: operations.listInbound,
    room: lazy(() => import('./rooms/inbound/inbound.tsx')),
    nav: { group: 'work', word: 'inbound', icon: MailOutlined },
  },
  {
    pattern: '/t/:tenantId/registration',
    needs: operations.listTemplates,
    room: lazy(() => import('./rooms/registration/registration.tsx')),
    nav: { group: 'work', word: 'registration', icon: FileProtectOutlined },
  },
  {
    pattern: '/t/:tenantId/registration/qualification',
    needs: operations.createQualification,
    room: lazy(() => import('./rooms/registration/qualification-form.tsx')),
    under: '/t/:tenantId/registration',
  },
  {
    pattern: '/t/:tenantId/registration/signature',
    needs: operations.createSignature,
    room: lazy(() => import('./rooms/registration/signature-form.tsx')),
    under: '/t/:tenantId/registration',
  },
  {
    pattern: '/t/:tenantId/registration/template',
    needs: operations.createTemplate,
    room: lazy(() => import('./rooms/registration/template-form.tsx')),
    under: '/t/:tenantId/registration',
  },
  {
    pattern: '/t/:tenantId/keys',
    needs: operations.listKeys,
    room: lazy(() => import('./rooms/keys/keys.tsx')),
    nav: { group: 'connect', word: 'keys', icon: KeyOutlined },
  },
  {
    pattern: '/t/:tenantId/webhook',
    needs: operations.readWebhook,
    room: lazy(() => import('./rooms/webhook/webhook.tsx')),
    nav: { group: 'connect', word: 'webhook', icon: ApiOutlined },
  },
  {
    pattern: '/phone',
    needs: operations.readPhone,
    room: lazy(() => import('./rooms/sandbox/phone.tsx')),
    nav: { group: 'connect', word: 'phone', icon: MobileOutlined },
  },
  {
    pattern: '/reviews',
    needs: operations.listReviews,
    room: lazy(() => import('./rooms/reviews/queue.tsx')),
    nav: { group: 'operate', word: 'reviews', icon: SafetyCertificateOutlined },
  },
  {
    pattern: '/tenants',
    needs: operations.listTenants,
    room: lazy(() => import('./rooms/tenants/tenants.tsx')),
    nav: { group: 'operate', word: 'tenants', icon: TeamOutlined },
  },
  {
    pattern: '/carriers',
    needs: operations.listCarriers,
    room: lazy(() => import('./rooms/carriers/carriers.tsx')),
    nav: { group: 'operate', word: 'carriers', icon: ClusterOutlined },
  },
  {
    pattern: '/carriers/new',
    needs: operations.createCarrier,
    room: lazy(() => import('./rooms/carriers/carrier-form.tsx')),
    under: '/carriers',
  },
  {
    pattern: '/audit',
    needs: operations.readAudit,
    room: lazy(() => import('./rooms/audit/audit.tsx')),
    nav: { group: 'operate', word: 'audit', icon: AuditOutlined },
  },
  { pattern: '/account', needs: null, room: lazy(() => import('./rooms/session/account.tsx')) },
];
