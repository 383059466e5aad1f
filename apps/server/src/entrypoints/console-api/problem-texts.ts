// table: the words of every problem code, in both languages
import type { ErrorCode } from '@signet/contract';
import type { Texts } from './language.ts';

export type ProblemText = {
  /** HTTP status where no module says another. */
  readonly status: number;
  readonly title: Texts;
  /** What to do next, where the module that refused says nothing more exact. */
  readonly detail: Texts;
};

export const PROBLEM_TEXTS: Readonly<Record<ErrorCode, ProblemText>> = {
  not_signed_in: {
    status: 401,
    title: { en: 'Not signed in', zh: '尚未登录' },
    detail: {
      en: 'Sign in and try again; a session ends after 12 hours.',
      zh: '请登录后重试；登录状态在 12 小时后失效。',
    },
  },
  wrong_credentials: {
    status: 401,
    title: { en: 'Wrong name or password', zh: '用户名或密码不正确' },
    detail: { en: 'Check name and password and try again.', zh: '请核对用户名和密码后重试。' },
  },
  too_many_attempts: {
    status: 429,
    title: { en: 'Too many attempts', zh: '尝试次数过多' },
    detail: { en: 'Wait a few minutes before you try again.', zh: '请等待几分钟后再试。' },
  },
  password_change_required: {
    status: 403,
    title: { en: 'The password must be changed first', zh: '请先修改密码' },
    detail: {
      en: 'This password was given for one use: set your own, then everything else opens.',
      zh: '当前为一次性密码，设置新密码后才能使用其他功能。',
    },
  },
  password_too_weak: {
    status: 400,
    title: { en: 'The password is too weak', zh: '密码强度不够' },
    detail: {
      en: 'Take at least 10 characters, another password than before, without your name in it.',
      zh: '密码至少 10 个字符，不得与旧密码相同，也不得包含用户名。',
    },
  },
  forbidden: {
    status: 403,
    title: { en: 'Not allowed', zh: '没有权限' },
    detail: {
      en: 'No policy allows you this. Ask the operator.',
      zh: '没有策略允许此操作，请联系平台管理员。',
    },
  },
  cross_site: {
    status: 403,
    title: { en: 'Refused: it came from another site', zh: '已拒绝：请求来自其他网站' },
    detail: {
      en: 'Changes are taken from the console itself only, with header x-signet-console: 1.',
      zh: '修改类请求只能由控制台页面发出，且须带有请求头 x-signet-console: 1。',
    },
  },
  invalid_request: {
    status: 400,
    title: { en: 'The request cannot be read', zh: '请求内容有误' },
    detail: { en: 'Mend what is named here and send it again.', zh: '请修改下列内容后重新提交。' },
  },
  not_found: {
    status: 404,
    title: { en: 'Not found', zh: '未找到' },
    detail: {
      en: 'It is not here, or not any more; look at the list again.',
      zh: '该内容不存在或已被删除，请刷新列表后重试。',
    },
  },
  conflict: {
    status: 409,
    title: { en: 'In conflict with what is there', zh: '与现有内容冲突' },
    detail: {
      en: 'Somebody was faster, or the name is taken; look again.',
      zh: '内容已被他人修改或名称已被占用，请刷新后重试。',
    },
  },
  reason_required: {
    status: 400,
    title: { en: 'A reason is needed', zh: '必须填写理由' },
    detail: { en: 'State the reason; it is kept in the audit log.', zh: '请填写理由，理由会写入审计日志。' },
  },
  limit_reached: {
    status: 400,
    title: { en: 'The limit is reached', zh: '已达上限' },
    detail: {
      en: 'Give up one that is there, or wait, then try again.',
      zh: '请先移除已有的一项或稍候，然后重试。',
    },
  },
  refused: {
    status: 400,
    title: { en: 'Refused by the rules', zh: '不符合规则' },
    detail: { en: 'Change what is named here and apply again.', zh: '请按提示修改后重新提交。' },
  },
  sandbox_off: {
    status: 409,
    title: { en: 'There is no sandbox phone', zh: '没有沙箱手机' },
    detail: {
      en: 'Start Signet with --sandbox on and its own sandbox carrier to use the phone.',
      zh: '请以 --sandbox on 启动 Signet，并使用内置的沙箱通道。',
    },
  },
  carrier_unreachable: {
    status: 409,
    title: { en: 'The carrier cannot be reached', zh: '无法连接通道' },
    detail: {
      en: 'Look at the link under Carriers and try again once it is bound.',
      zh: '请在“通道”页查看连接状态，绑定成功后重试。',
    },
  },
  endpoint_refused: {
    status: 400,
    title: { en: 'This address is refused', zh: '地址被拒绝' },
    detail: {
      en: 'Use a public http or https address, or ask the operator to allow this host.',
      zh: '请使用公网 http 或 https 地址，或请平台管理员放行该主机。',
    },
  },
  internal: {
    status: 500,
    title: { en: 'It failed on our side', zh: '服务器内部错误' },
    detail: {
      en: 'Nothing of what you sent is at fault. Try again; if it stays, tell the operator this id.',
      zh: '问题不在您提交的内容。请稍后重试；若仍失败，请将编号告知平台管理员。',
    },
  },
  unavailable: {
    status: 503,
    title: { en: 'Not available right now', zh: '暂时不可用' },
    detail: {
      en: 'The store could not be reached, so it is not known whether this was done: look before you try again.',
      zh: '暂时无法访问数据库，操作是否完成未知；重试前请先查看结果。',
    },
  },
};
