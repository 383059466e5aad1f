import { type Answered, newest, recentDays } from '../compat/clients.ts';
import { eventually, type Ready } from '../world/server.ts';

export type Detail = { SendStatus: number; ErrCode: string; ReceiveDate?: string; Content: string };

/** The sandbox AccessKey; on later starts the secret of the first is needed, it is not told again. */
export type Sender = Pick<Ready, 'url' | 'accessKeyId' | 'accessKeySecret' | 'signName' | 'templateCode'>;

const account = (sender: Sender) => ({
  url: sender.url,
  keyId: sender.accessKeyId,
  secret: sender.accessKeySecret,
});

/** One SendSms through the unmodified official SDK. */
export function send(sender: Sender, phone: string, fields: Record<string, unknown> = {}): Promise<Answered> {
  return newest.call(account(sender), 'SendSms', {
    PhoneNumbers: phone,
    SignName: sender.signName,
    TemplateCode: sender.templateCode,
    TemplateParam: '{"code":"246810"}',
    ...fields,
  });
}

/** QuerySendDetails of one number: the rows of one call, or of the day. */
export async function details(sender: Sender, phone: string, bizId?: unknown): Promise<Detail[]> {
  const rows: Detail[] = [];
  for (const SendDate of recentDays()) {
    const answer = await newest.call(account(sender), 'QuerySendDetails', {
      PhoneNumber: phone,
      SendDate,
      PageSize: 50,
      CurrentPage: 1,
      ...(bizId === undefined ? {} : { BizId: bizId }),
    });
    if (answer.Code !== 'OK') throw new Error(`QuerySendDetails: ${answer.Code} ${answer.Message}`);
    rows.push(...(answer.SmsSendDetailDTOs as { SmsSendDetailDTO: Detail[] }).SmsSendDetailDTO);
  }
  return rows;
}

/** Waits until the message has its final state. */
export function settled(sender: Sender, phone: string, bizId: unknown, withinMs?: number): Promise<Detail> {
  return eventually(
    `the final state of ${String(bizId)}`,
    async () => (await details(sender, phone, bizId)).find((row) => row.SendStatus !== 1),
    withinMs,
  );
}
