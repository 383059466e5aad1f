import { readVariableRules } from '@signet/sms-text';
import type { Template, TemplateDraft } from '../../../modules/sms/templates/public.ts';
import type { Action, ActionCall } from '../dispatch.ts';
import { businessError } from '../errors.ts';
import { type Params, param } from '../params.ts';
import type { DysmsDeps } from './deps.ts';
import { dysmsAction, resourceOf } from './dysms-action.ts';
import {
  demand,
  readInteger,
  readListPage,
  readMoreData,
  readRequiredInteger,
  readText,
} from './parameters.ts';
import {
  LISTED_TEMPLATE_TYPE,
  rejection,
  STATUS_NUMBER,
  TEMPLATE_AUDIT_STATUS,
  TEMPLATE_TYPE,
  templateKind,
  verdict,
  wireTime,
} from './wire-words.ts';

type TemplateDeps = Pick<DysmsDeps, 'templates'>;

const TEMPLATE_TYPES = [TEMPLATE_TYPE.code, TEMPLATE_TYPE.international] as const;
const INTL_TYPES = [0, 2] as const;
/** Beyond what any template may have; how long each may be is the module's rule. */
const MAX_TEXT_CHARACTERS = 2_000;
const MAX_RULE_CHARACTERS = 4_096;
const MAX_NAME_CHARACTERS = 64;
const MAX_SCENE_CHARACTERS = 500;

const resources = (call: ActionCall) => [resourceOf(call, 'template', param(call.params, 'TemplateCode'))];
const all = (call: ActionCall) => [resourceOf(call, 'template', '*')];

/** The eight actions on templates (模板), of the newer and of the older generation of names. */
export const templateActions = (deps: TemplateDeps): Action[] => [
  ...newerActions(deps),
  ...olderActions(deps),
];

function newerActions({ templates }: TemplateDeps): Action[] {
  const required = ['TemplateName', 'TemplateContent', 'TemplateType'];
  return [
    dysmsAction('CreateSmsTemplate', {
      required,
      resources: all,
      handle: async ({ params }, { tenantId, actor }) =>
        applied(await templates.create(tenantId, newerDraft(params), actor)),
    }),
    dysmsAction('UpdateSmsTemplate', {
      required: ['TemplateCode', ...required],
      resources,
      handle: async ({ params }, { tenantId, actor }) =>
        applied(await templates.update(tenantId, { code: readCode(params) }, newerDraft(params), actor)),
    }),
    dysmsAction('DeleteSmsTemplate', {
      required: ['TemplateCode'],
      resources,
      handle: async ({ params }, { tenantId, actor }) => {
        const code = readCode(params);
        await templates.remove(tenantId, { code }, actor);
        return { TemplateCode: code };
      },
    }),
    dysmsAction('GetSmsTemplate', {
      required: ['TemplateCode'],
      resources,
      handle: async ({ params }, { tenantId }) =>
        whole(await templates.get(tenantId, { code: readCode(params) })),
    }),
    dysmsAction('QuerySmsTemplateList', {
      required: [],
      resources: all,
      handle: async ({ params }, { tenantId }) => {
        const { page, pageSize, ...rows } = readListPage(params);
        const { items, total } = await templates.list(tenantId, rows);
        return {
          SmsTemplateList: items.map(listed),
          TotalCount: total,
          CurrentPage: page,
          PageSize: pageSize,
        };
      },
    }),
  ];
}

function olderActions({ templates }: TemplateDeps): Action[] {
  const required = ['TemplateName', 'TemplateContent', 'TemplateType', 'Remark'];
  return [
    dysmsAction('AddSmsTemplate', {
      required,
      resources: all,
      handle: async ({ params }, { tenantId, actor }) => {
        const { code } = await templates.create(tenantId, readDraft(params), actor);
        return { TemplateCode: code };
      },
    }),
    dysmsAction('ModifySmsTemplate', {
      required: ['TemplateCode', ...required],
      resources,
      handle: async ({ params }, { tenantId, actor }) => {
        const { code } = await templates.update(
          tenantId,
          { code: readCode(params) },
          readDraft(params),
          actor,
        );
        return { TemplateCode: code };
      },
    }),
    dysmsAction('QuerySmsTemplate', {
      required: ['TemplateCode'],
      resources,
      handle: async ({ params }, { tenantId }) =>
        older(await templates.get(tenantId, { code: readCode(params) })),
    }),
  ];
}

const readCode = (params: Params): string => readText(params, 'TemplateCode', MAX_NAME_CHARACTERS, '');

function readDraft(params: Params): TemplateDraft {
  // Each number of the range is a kind.
  const kind = templateKind(readRequiredInteger(params, 'TemplateType', TEMPLATE_TYPES))!;
  return {
    name: readText(params, 'TemplateName', MAX_TEXT_CHARACTERS, ''),
    kind,
    content: readText(params, 'TemplateContent', MAX_TEXT_CHARACTERS, ''),
    variables: readRule(readText(params, 'TemplateRule', MAX_RULE_CHARACTERS, ''), kind),
    relatedSignName: readText(params, 'RelatedSignName', MAX_NAME_CHARACTERS, null),
    remark: readText(params, 'Remark', MAX_TEXT_CHARACTERS, ''),
  };
}

function newerDraft(params: Params): TemplateDraft {
  const draft = readDraft(params);
  const intlType = readInteger(params, 'IntlType', INTL_TYPES, null);
  demand(
    intlType === null || draft.kind === 'international',
    'IntlType',
    'left out unless TemplateType is 3',
  );
  return {
    ...draft,
    supplement: {
      applyScene: readText(params, 'ApplySceneContent', MAX_SCENE_CHARACTERS, ''),
      moreData: readMoreData(params),
      trafficDriving: readText(params, 'TrafficDriving', MAX_SCENE_CHARACTERS, ''),
      intlType,
    },
  };
}

/** TemplateRule, such as `{"code":"numberCaptcha"}`. Throws isv.INVALID_JSON_PARAM, isv.INVALID_PARAMETERS. */
function readRule(json: string, kind: TemplateDraft['kind']): TemplateDraft['variables'] {
  const read = readVariableRules(json, kind);
  if (read.ok) return Object.fromEntries([...read.rules.byName].map(([name, type]) => [name, type.name]));
  if (read.reason === 'not_json' || read.reason === 'not_an_object') {
    throw businessError(
      'isv.INVALID_JSON_PARAM',
      '参数 TemplateRule 不是合法的 JSON (TemplateRule must be a JSON object)',
    );
  }
  const place = read.variable === undefined ? '' : ` at ${read.variable.slice(0, MAX_NAME_CHARACTERS)}`;
  throw businessError('isv.INVALID_PARAMETERS', `参数 TemplateRule 格式不正确 (${read.reason}${place})`);
}

const applied = (template: Template) => ({
  OrderId: template.orderId,
  TemplateCode: template.code,
  TemplateName: template.name,
});

/** GetSmsTemplate types TemplateStatus and TemplateType as text. Papers are names: their files are not kept here. */
const whole = (template: Template) => ({
  TemplateCode: template.code,
  TemplateName: template.name,
  TemplateContent: template.content,
  TemplateType: String(TEMPLATE_TYPE[template.kind]),
  TemplateStatus: String(STATUS_NUMBER[template.state]),
  AuditInfo: verdict(template),
  ApplyScene: template.supplement.applyScene,
  ...(template.supplement.intlType === null ? {} : { IntlType: template.supplement.intlType }),
  RelatedSignName: template.relatedSignName ?? '',
  SignList: { SignList: template.relatedSignName === null ? [] : [template.relatedSignName] },
  VariableAttribute: JSON.stringify(template.variables),
  Remark: template.remark,
  OrderId: template.orderId,
  CreateDate: wireTime(template.createdAt.getTime()),
  FileUrlList: { FileUrl: [] },
  MoreDataFileUrlList: { MoreDataFileUrl: template.supplement.moreData },
});

const older = (template: Template) => ({
  TemplateCode: template.code,
  TemplateName: template.name,
  TemplateContent: template.content,
  TemplateType: TEMPLATE_TYPE[template.kind],
  TemplateStatus: STATUS_NUMBER[template.state],
  Reason: template.reason ?? '',
  CreateDate: wireTime(template.createdAt.getTime()),
});

const listed = (template: Template) => ({
  TemplateCode: template.code,
  TemplateName: template.name,
  TemplateContent: template.content,
  TemplateType: LISTED_TEMPLATE_TYPE[template.kind],
  OuterTemplateType: TEMPLATE_TYPE[template.kind],
  AuditStatus: TEMPLATE_AUDIT_STATUS[template.state],
  Reason: rejection(template),
  TrafficDriving: template.supplement.trafficDriving,
  SignatureName: template.relatedSignName ?? '',
  OrderId: template.orderId,
  CreateDate: wireTime(template.createdAt.getTime()),
});
