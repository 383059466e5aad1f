import type {
  Signature,
  SignatureDraft,
  SignatureSupplement,
} from '../../../modules/sms/signatures/public.ts';
import type { Action, ActionCall } from '../dispatch.ts';
import { type Params, param } from '../params.ts';
import type { DysmsDeps } from './deps.ts';
import { dysmsAction, resourceOf } from './dysms-action.ts';
import {
  readBoolean,
  readInteger,
  readListPage,
  readMoreData,
  readNumericId,
  readRequiredInteger,
  readText,
} from './parameters.ts';
import { readSignFiles } from './sign-files.ts';
import {
  CODE_ONLY_SIGN_TYPE,
  rejection,
  SIGN_AUDIT_STATUS,
  STATUS_NUMBER,
  verdict,
  wireTime,
} from './wire-words.ts';

type SignDeps = Pick<DysmsDeps, 'signatures' | 'registration'>;

/** SignSource and SignType, reference §7; a signature is for general use unless it says otherwise. */
const SIGN_SOURCES = [0, 5] as const;
const GENERAL_SIGN_TYPE = 1;
const SIGN_TYPES = [CODE_ONLY_SIGN_TYPE, GENERAL_SIGN_TYPE] as const;
/** Beyond what any signature or id may have; how long each may be is the module's rule. */
const MAX_TEXT_CHARACTERS = 500;
const MAX_ID_CHARACTERS = 19;

const resources = (call: ActionCall) => [resourceOf(call, 'sign', param(call.params, 'SignName'))];
const all = (call: ActionCall) => [resourceOf(call, 'sign', '*')];

/** The eight actions on signatures (签名), of the newer and of the older generation of names. */
export const signActions = (deps: SignDeps): Action[] => [...newerActions(deps), ...olderActions(deps)];

function newerActions({ signatures, registration }: SignDeps): Action[] {
  const required = ['SignName', 'SignSource', 'QualificationId'];
  return [
    dysmsAction('CreateSmsSign', {
      required,
      resources,
      handle: async ({ params }, { tenantId, actor }) =>
        applied(await signatures.create(tenantId, newerDraft(params), actor)),
    }),
    dysmsAction('UpdateSmsSign', {
      required,
      resources,
      handle: async ({ params }, { tenantId, actor }) =>
        applied(await signatures.update(tenantId, newerDraft(params), actor)),
    }),
    dysmsAction('DeleteSmsSign', {
      required: ['SignName'],
      resources,
      handle: async ({ params }, { tenantId, actor }) => {
        const name = readName(params);
        await signatures.remove(tenantId, { name }, actor);
        return { SignName: name };
      },
    }),
    dysmsAction('GetSmsSign', {
      required: ['SignName'],
      resources,
      handle: async ({ params }, { tenantId }) => {
        const sign = await signatures.get(tenantId, { name: readName(params) });
        const { ownUse } = await registration.get(tenantId, sign.qualificationId);
        return whole(sign, ownUse);
      },
    }),
    dysmsAction('QuerySmsSignList', {
      required: [],
      resources: all,
      handle: async ({ params }, { tenantId }) => {
        const { page, pageSize, ...rows } = readListPage(params);
        const { items, total } = await signatures.list(tenantId, rows);
        return { SmsSignList: items.map(listed), TotalCount: total, CurrentPage: page, PageSize: pageSize };
      },
    }),
  ];
}

function olderActions({ signatures }: SignDeps): Action[] {
  const required = ['SignName', 'SignSource', 'Remark', 'SignFileList.N'];
  return [
    dysmsAction('AddSmsSign', {
      required,
      resources,
      handle: async ({ params }, { tenantId, actor }) => {
        const { name } = await signatures.create(tenantId, olderDraft(params), actor);
        return { SignName: name };
      },
    }),
    dysmsAction('ModifySmsSign', {
      required,
      resources,
      handle: async ({ params }, { tenantId, actor }) => {
        const { name } = await signatures.update(tenantId, olderDraft(params), actor);
        return { SignName: name };
      },
    }),
    dysmsAction('QuerySmsSign', {
      required: ['SignName'],
      resources,
      handle: async ({ params }, { tenantId }) => {
        const sign = await signatures.get(tenantId, { name: readName(params) });
        return {
          SignName: sign.name,
          SignStatus: STATUS_NUMBER[sign.state],
          Reason: sign.reason ?? '',
          CreateDate: wireTime(sign.createdAt.getTime()),
        };
      },
    }),
  ];
}

const readName = (params: Params): string => readText(params, 'SignName', MAX_TEXT_CHARACTERS, '');

const readForm = (params: Params): Omit<SignatureDraft, 'qualificationId'> => ({
  name: readName(params),
  source: readRequiredInteger(params, 'SignSource', SIGN_SOURCES),
  codeOnly: readInteger(params, 'SignType', SIGN_TYPES, GENERAL_SIGN_TYPE) === CODE_ONLY_SIGN_TYPE,
  remark: readText(params, 'Remark', MAX_TEXT_CHARACTERS, ''),
});

const newerDraft = (params: Params): SignatureDraft => ({
  ...readForm(params),
  qualificationId: readText(params, 'QualificationId', MAX_ID_CHARACTERS, null),
  supplement: {
    thirdParty: readBoolean(params, 'ThirdParty'),
    applyScene: readText(params, 'ApplySceneContent', MAX_TEXT_CHARACTERS, ''),
    moreData: readMoreData(params),
    authorizationLetterId: readNumericId(params, 'AuthorizationLetterId'),
    trademarkId: readNumericId(params, 'TrademarkId'),
    appIcpRecordId: readNumericId(params, 'AppIcpRecordId'),
  },
});

const olderDraft = (params: Params): SignatureDraft => ({
  ...readForm(params),
  qualificationId: null,
  files: readSignFiles(params),
});

const applied = (sign: Signature) => ({ OrderId: sign.orderId, SignName: sign.name });

/** The ids that the caller gave, as the numbers that the SDKs type them as; what was not given stays out. */
const papers = ({ authorizationLetterId, trademarkId, appIcpRecordId }: SignatureSupplement) => ({
  ...(authorizationLetterId === null ? {} : { AuthorizationLetterId: Number(authorizationLetterId) }),
  ...(trademarkId === null ? {} : { TrademarkId: Number(trademarkId) }),
  ...(appIcpRecordId === null ? {} : { AppIcpRecordId: Number(appIcpRecordId) }),
});

/** Filings with the operators are not kept here, nor what became of letters, trademarks and app records. */
const whole = (sign: Signature, ownUse: boolean) => ({
  SignName: sign.name,
  SignCode: `SIGN_${sign.id}`,
  SignStatus: STATUS_NUMBER[sign.state],
  AuditInfo: verdict(sign),
  // The SDKs type it as a number; registration keeps it below 2^53.
  QualificationId: Number(sign.qualificationId),
  ThirdParty: sign.supplement.thirdParty ?? !ownUse,
  ApplyScene: sign.supplement.applyScene,
  ...papers(sign.supplement),
  Remark: sign.remark,
  OrderId: sign.orderId,
  CreateDate: wireTime(sign.createdAt.getTime()),
  FileUrlList: sign.supplement.moreData,
  SignIspRegisterDetailList: [],
});

const listed = (sign: Signature) => ({
  SignName: sign.name,
  AuditStatus: SIGN_AUDIT_STATUS[sign.state],
  BusinessType: sign.codeOnly ? '验证码类型' : '通用类型',
  Reason: rejection(sign),
  ...papers(sign.supplement),
  OrderId: sign.orderId,
  CreateDate: wireTime(sign.createdAt.getTime()),
});
