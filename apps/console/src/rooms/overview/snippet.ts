import { defaultVariableType, parseTemplate, VARIABLE_TYPES, type VariableTypeName } from '@signet/sms-text';
import type { Template } from '../../api/types.ts';

/** A value of each type that the platform accepts, so that the example runs as it is copied. */
export const SAMPLES: Readonly<Record<VariableTypeName, string>> = {
  numberCaptcha: '482913',
  characterWithNumber: '482913',
  characterWithNumber2: '4829ab',
  verifyTime: '5',
  phone_number: '13800138000',
  phone_number2: '13800138000',
  mobile_phone: '13800138000',
  other_number: 'A20260001',
  other_number2: 'A20260001',
  money: '19.90',
  time: '10:00',
  name: '张三',
  user_nick: '小明',
  unit_name: '示例公司',
  address: '示例路1号',
  license_plate_number: '京A12345',
  tracking_number: '7700000001',
  pick_up_code: '12-3456',
  link_param: 'a1b2c3',
  email_address: 'user@example.com',
  others: '示例',
};

/** Sample values for the variables of a template; for a code when there is no template yet. */
export function sampleParams(
  template: Pick<Template, 'content' | 'kind' | 'variables'> | undefined,
): Record<string, string> {
  if (template === undefined) return { code: SAMPLES.numberCaptcha };
  const outcome = parseTemplate(template.content);
  const names = outcome.ok ? outcome.template.variables : [];
  const types = Object.keys(VARIABLE_TYPES) as VariableTypeName[];
  return Object.fromEntries(
    names.map((name) => {
      const chosen = types.find((type) => type === template.variables[name]);
      return [name, SAMPLES[chosen ?? defaultVariableType(template.kind).name]];
    }),
  );
}

/** A program with the official SDK that sends through this platform; only endpoint and keys differ from Alibaba's. */
export function sdkSnippet({ host, secure, phone, signName, templateCode, params }: Snippet): string {
  return `import Dysmsapi, { SendSmsRequest } from '@alicloud/dysmsapi20170525';
import { Config } from '@alicloud/openapi-client';

const client = new Dysmsapi.default(new Config({
  endpoint: ${quoted(host)},
  protocol: ${quoted(secure ? 'HTTPS' : 'HTTP')},
  accessKeyId: process.env.SIGNET_ACCESS_KEY_ID,
  accessKeySecret: process.env.SIGNET_ACCESS_KEY_SECRET,
}));
const answer = await client.sendSms(new SendSmsRequest({
  phoneNumbers: ${quoted(phone)},
  signName: ${quoted(signName)},
  templateCode: ${quoted(templateCode)},
  templateParam: JSON.stringify(${JSON.stringify(params)}),
}));
console.log(answer.body);
`;
}

export type Snippet = {
  host: string;
  secure: boolean;
  phone: string;
  signName: string;
  templateCode: string;
  params: Record<string, string>;
};

/** A string literal; names come from users and may hold quotes. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, (c) => `\\${c}`).replace(/[\n\r\u2028\u2029]/g, ' ')}'`;
}
